"""`officebot handover --item`: one item gets somebody, by its number."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bot import __main__, roster
from bot.database.open import open_database
from bot.demo import world
from config import loader
from handlers.approval import engine, store


@pytest.fixture
async def office(tmp_path, sqlite_template, monkeypatch):
    """`await office(*arguments)`: the command in the sample office, whose item 7 of 张三 stands with nobody."""
    made = world.credentials() | world.PLACES | {"DEMO_PUBLIC_URL": "http://127.0.0.1:8080"}
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    world.unpack(tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "demo.db")
    now = datetime(2026, 4, 27, 1, tzinfo=UTC)
    configuration = loader.load(tmp_path / "office.yaml", env=made, today=now.date())
    database = open_database(configuration.settings.database.url.get_secret_value())

    async def unit(tx):
        await roster.bring_in(tx, configuration, now=now)
        row = await tx.first("SELECT id FROM person WHERE name = ?", "张三")
        stands = engine.Step(name="accept", title="验收", after=(), status=engine.Status.OPEN, since=now)
        request = engine.Request(id="i1", applicant=row["id"], state=engine.State.PENDING, steps=(stands,))
        fields = {"thing": "打印机", "place": "三楼"}
        await store.add(
            tx, store.Item(request=request, form="repair", number=7, fields=fields, created=now, changed=now)
        )

    await database.write(unit)
    await database.close()

    async def command(*arguments):
        config = ("--config", str(tmp_path / "office.yaml"))
        return await asyncio.to_thread(__main__.run, ["handover", *arguments, *config])

    return command


async def test_a_step_that_stands_with_nobody_gets_somebody_first_shown_then_done(office, capsys):
    assert await office("--item", "7", "--to", "李四", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == ["7号：正在等他办理", "将交接 1 件。"]
    assert await office("--item", "7", "--to", "李四") == 0
    assert capsys.readouterr().out.splitlines() == ["7号：正在等他办理", "已交接 1 件。"]
    assert await office("李四", "--item", "7", "--to", "王五") == 0
    assert await office("李四", "--item", "7", "--to", "王五") == 1
    assert "没有交接：对方在这件事项里没有待办的步骤" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "李四"), "请写明谁离职"),
        (("--item", "9", "--to", "李四"), "没有 9 号事项"),
        (("--item", "7", "--to", "无名氏"), "没有找到「无名氏」"),
    ],
)
async def test_a_slip_is_said_and_changes_nothing(office, capsys, arguments, said):
    assert await office(*arguments) != 0
    assert said in capsys.readouterr().err


async def test_who_has_left_is_not_called_unknown(office, capsys, tmp_path):
    with closing(sqlite3.connect(tmp_path / "data" / "demo.db")) as file, file:
        assert file.execute("UPDATE person SET active = 0 WHERE name = '李四'").rowcount == 1
    assert await office("--item", "7", "--to", "李四") == 1
    assert "「李四」已经离职，不能接手" in capsys.readouterr().err


async def test_nobody_gets_an_own_request_by_it(office, capsys):
    assert await office("--item", "7", "--to", "张三") == 1
    assert "不能审批自己的申请" in capsys.readouterr().out
