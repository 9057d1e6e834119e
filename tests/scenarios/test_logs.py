"""A morning with everything that goes wrong, and a log that names nobody."""

from __future__ import annotations

import gc
import io
import json
import logging

import pytest
import structlog
from pydantic import SecretStr
from town import IDS, STAFF, staff

from bot import logs
from connectors.transport import TokenCache


@pytest.fixture
def written():
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    file = io.StringIO()
    logs.set_up(level=logging.DEBUG, file=file, keep=False)
    yield file
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = handlers, level


def secrets_in(value):
    """Every secret of the configuration, wherever it stands."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, dict):
        for one in value.values():
            yield from secrets_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from secrets_in(one)
    elif hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
async def test_no_name_no_number_no_word_and_no_token(open_town, written, monkeypatch):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.asked("dingtalk", "wecom", "年假 5月6日到8日 回老家看望母亲")
    card = await town.open_card("wecom", "lisi", "张三的年假3天")
    await town.tap("wecom", "lisi", card, "同意")
    await town.settled()
    await town.say("wecom", "chenjing", "我的身份证是440106199001011234")
    await town.say("wecom", "wangwu", "你好")
    await town.post("/callback/wecom-main/app", data=b"<xml>forged by zhangsan</xml>")
    await town.post("/callback/dd-main/robot", json={"text": "forged"})

    async def broken(event, ctx):
        raise KeyError(f"{event.sender.id} 李四 13800000003 {event.text}")

    monkeypatch.setattr(town.service.dispatcher, "_router", type("R", (), {"handle": staticmethod(broken)})())
    await town.say("wecom", "lisi", "请看一下这份绝密材料之外的东西")
    await town.until(lambda: town.rows("SELECT id FROM inbox WHERE state = 'failed'"), "the handler breaks")
    await town.until(lambda: '"event.failed"' in written.getvalue(), "and the log says so")

    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"event", "event.failed", "delivery.rejected"} <= {line["event"] for line in lines}
    assert all(line["trace"] for line in lines if line["event"] in ("event", "event.failed", "due"))

    people = await town.rows("SELECT id, name, mobile FROM person")
    forbidden = {one for person in people for one in person.values() if one} | {*IDS.values()}
    forbidden |= {cell for row in STAFF.splitlines()[1:] for cell in row.split(",") if cell.startswith("138")}
    forbidden |= {"回老家", "身份证", "440106", "你好", "forged", "材料"}
    forbidden |= {one for one in secrets_in(town.configuration.settings) if len(one) > 5}
    caches = [one for one in gc.get_objects() if isinstance(one, TokenCache)]
    tokens = {one._token.value for one in caches if one._token is not None}
    assert tokens, "somebody has called a platform"
    forbidden |= tokens
    assert {one for one in forbidden if one in text} == set()
