"""Every derived table can be built from the journal alone, and one that is not what the journal says is named.

Random histories: random people say and tap random things in an office that runs whole, then time passes.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tortoise.models import Model

from bot import roster
from bot.app import Service
from bot.bench import office as bench
from bot.bench.office import Crowd
from bot.database.models import MODEL_MODULES
from bot.database.open import open_database
from bot.proofs.rebuild import building, comparing, office, tables
from cards.model import Card
from connectors.events import ButtonPressed, TextReceived
from connectors.refs import MessageRef, PersonRef
from handlers.audit.facts import Origin
from handlers.calendar import resources
from handlers.calendar import settings as calendar_settings
from handlers.context import Context
from handlers.mailroom import letters

SAYINGS = (
    "年假 5月6日到8日 回家", "年假 5月12日 上午", "事假 5月13日 家里有事", "补假 4月20日 病假", "我的假期", "提交",
    "同意 {n}", "不同意 {n} 人手不够", "退回 {n} 写清楚", "撤回 {n}", "撤销", "催办 {n}", "转交 {n} 孙立新",
    "同意 {n} 请尽快", "评论 {n} 已看", "加签 {n} 孙立新",
    "订三楼会议室 明天下午3点到5点 10人 例会", "订三楼会议室 明天下午4点到6点", "候补 三楼会议室 4月28日 16:00-18:00",
    "取消预订 {n}", "我的预订", "日程 周三上午10点 接待调研组", "取消日程 {n}", "改日程 {n} 5月8日下午3点", "撤销日程",
    "共享日程 李四 全部", "给李四记日程 周三下午3点 听取汇报",
    "外出授权 王五 4月27日到28日", "取消授权",
    "每周五下午四点 提醒我交周报", "我的提醒", "停止提醒 {n}",
    "通知 办公室：请报送值班表。", "收到 {n}", "报修 三楼打印机坏了", "代理 {n} 王五", "不参加 {n} 出差",
)  # fmt: skip
PEOPLE = {
    "zhangsan": bench.DINGTALK, "zhoumin": bench.DINGTALK, "zhaoliu": bench.DINGTALK, "lisi": bench.WECOM,
    "wangwu": bench.WECOM, "chenjing": bench.WECOM, "sunlixin": bench.WECOM,
}  # fmt: skip

SAY = st.tuples(st.just("say"), st.sampled_from(tuple(PEOPLE)), st.sampled_from(SAYINGS), st.integers(1, 4))
TAP = st.tuples(st.just("tap"), st.sampled_from((0, 0, 0, 1, 2, 5, 9)), st.sampled_from((0, 0, 0, 1, 2, 3)))
WAIT = st.tuples(st.just("wait"), st.sampled_from((1, 30, 600, 3000)))


def models():
    for name in MODEL_MODULES:
        for one in vars(importlib.import_module(name)).values():
            if isinstance(one, type) and issubclass(one, Model) and one is not Model:
                yield one._meta.db_table, set(one._meta.fields_db_projection)


def test_every_table_is_derived_or_says_why_not():
    derived = {
        table.name: set(building.columns_of(table)) - ({"place"} if table.placed else set()) for table in tables.TABLES
    }
    for name, columns in models():
        if name in derived:
            assert derived[name] == columns, name
        else:
            assert name in tables.NOT_DERIVED or name in tables.JOURNAL, name
    assert not derived.keys() & tables.NOT_DERIVED.keys()
    assert {*derived, *tables.NOT_DERIVED, *tables.JOURNAL} == {name for name, _ in models()}


def test_the_readme_says_the_same():
    text = Path(tables.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert [line for line in tables.described() if line not in text] == []


class Life:
    """A service on a copy of a migrated database, with the sample's staff and nothing running by itself."""

    def __init__(self, service):
        self.service = service
        self.keys = itertools.count()

    @classmethod
    async def begin(cls, folder, template):
        path = folder / "office.db"
        shutil.copyfile(template, path)
        bench.furnish(folder, Crowd(people=0, leaders=0), url=f"sqlite://{path}")
        configuration = bench.configuration(folder)
        service = Service(configuration, clock=bench.clock(folder))
        now = service.clock.now()
        await service.database.write(lambda tx: roster.bring_in(tx, configuration, now=now))

        async def things(tx):
            ctx = Context(tx=tx, now=now, trace="", origin=Origin(door="import"), office=service.office)
            await resources.bring_in(ctx, calendar_settings.of(ctx).things)

        await service.database.write(things)
        await service.watcher.begin()
        return cls(service)

    async def act(self, what, *rest):
        await getattr(self, what)(*rest)

    async def say(self, who, text, number):
        await self._admit(
            TextReceived(account=PEOPLE[who], key=self._key(), at=self.service.clock.now(),
                         sender=PersonRef(PEOPLE[who], who), text=text.replace("{n}", str(number)))
        )  # fmt: skip

    async def tap(self, back, place):
        """A button of one of the last cards, by whoever has it on the phone."""
        rows = await self.rows(
            "SELECT account, recipient, ref, message FROM outbox WHERE message_kind = 'Card' AND message <> ''"
            " ORDER BY id DESC"
        )
        if not rows:
            return
        row = rows[back % len(rows)]
        card = letters.load("Card", row["message"])
        assert isinstance(card, Card)
        if not card.buttons:
            return
        await self._admit(
            ButtonPressed(account=row["account"], key=self._key(), at=self.service.clock.now(),
                          sender=PersonRef(row["account"], row["recipient"]),
                          message=MessageRef(row["account"], row["ref"]),
                          payload=card.buttons[place % len(card.buttons)].payload)
        )  # fmt: skip

    async def press(self, text):
        """The button with these words on the last card that has it."""
        rows = await self.rows("SELECT message FROM outbox WHERE message_kind = 'Card' ORDER BY id DESC")
        for back, row in enumerate(rows):
            texts = [button.text for button in letters.load("Card", row["message"]).buttons]
            if text in texts:
                await self.tap(back, texts.index(text))
                return
        raise AssertionError(text)

    async def wait(self, minutes):
        self.service.clock.forward(timedelta(minutes=minutes))
        await self.service.runner.tick()

    async def rows(self, sql, *values):
        return await self.service.database.read(lambda tx: tx.fetch(sql, *values))

    async def _admit(self, event):
        await self.service.dispatcher.admit([event], door="test")
        await bench.catch_up(self.service)

    def _key(self):
        return f"k{next(self.keys)}"


async def wrong(database):
    """What differs, as (code, table, column)."""
    built = await building.build(database, ":memory:")
    try:
        return [
            (one.code, table, one.about.get("column"))
            async for table, one in comparing.findings(database, built)
            if one is not None
        ]
    finally:
        built.close()


async def lived(acts, template):
    with tempfile.TemporaryDirectory() as folder:
        life = await Life.begin(Path(folder), template)
        try:
            for act in acts:
                await life.act(*act)
            kinds = {row["kind"] for row in await life.rows("SELECT DISTINCT kind FROM journal")}
            return await wrong(life.service.database), kinds
        finally:
            await life.service.stop()


@settings(max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(acts=st.lists(SAY | TAP | WAIT, min_size=10, max_size=20))
def test_what_is_rebuilt_equals_the_tables_whatever_happened(acts, sqlite_template):
    found, _ = asyncio.run(lived(acts, sqlite_template))
    assert found == []


@pytest.fixture
async def life(tmp_path, sqlite_template):
    """An office in which somebody asked for leave and booked a room."""
    found = await Life.begin(tmp_path, sqlite_template)
    await found.say("zhangsan", SAYINGS[0], 1)
    await found.press("提交")
    await found.say("lisi", "日程 周三上午10点 接待调研组", 1)
    yield found
    await found.service.stop()


TAMPERED = {
    ("row_differs", "person", "mobile"): "UPDATE person SET mobile = '13800000000' WHERE name = '张三'",
    ("row_differs", "item", "fields_json"): "UPDATE item SET fields_json = '{\"days\":1}' WHERE number = 1",
    ("row_differs", "decision", "person"): "UPDATE decision SET person = 'x'",
    ("row_gone", "agenda_entry", None): "DELETE FROM agenda_entry",
    ("row_extra", "person_role", None): "INSERT INTO person_role (role, person) VALUES ('admin', 'x')",
    ("row_gone", "waiting", None): "DELETE FROM waiting WHERE principal = ''",
    ("row_differs", "resource", "seats"): "UPDATE resource SET seats = 99 WHERE kind = 'room' AND name LIKE '三楼%'",
    ("row_differs", "form_release", "version"): "UPDATE form_release SET version = '' WHERE form = 'leave'",
    ("row_differs", "form_version", "text"): "UPDATE form_version SET text = '{}'",
}


async def test_whatever_was_changed_beside_the_journal_is_named_by_table_row_and_column(life):
    assert await wrong(life.service.database) == []
    for expected, sql in TAMPERED.items():
        with closing(sqlite3.connect(bench_path(life))) as aside, closing(sqlite3.connect(":memory:")) as before:
            aside.backup(before)
            assert aside.execute(sql).rowcount > 0, sql
            aside.commit()
            assert expected in await wrong(life.service.database)
            before.backup(aside)


async def test_a_new_database_out_of_the_journal_is_the_same_office(life, tmp_path, sqlite_template, monkeypatch):
    async def migrated(url):  # a copy takes a fraction of it
        shutil.copyfile(sqlite_template, url.removeprefix("sqlite://"))

    monkeypatch.setattr(office.schema, "migrate", migrated)
    counts = await office.rebuild(life.service.database, tmp_path / "new.db")
    assert counts["item"] == 1
    assert sorted(path.name for path in tmp_path.glob("new.db*")) == ["new.db"]
    with pytest.raises(FileExistsError):
        await office.rebuild(life.service.database, tmp_path / "new.db")
    again = open_database(f"sqlite://{tmp_path / 'new.db'}")
    try:
        assert await wrong(again) == []
        same = "SELECT name, active FROM person ORDER BY id"
        rows = await again.read(lambda tx: tx.fetch(same))
        assert [dict(row) for row in rows] == [dict(row) for row in await life.rows(same)]
        row = await again.read(lambda tx: tx.first("SELECT value FROM counter WHERE name = 'item'"))
        assert row["value"] == 1  # no number is given out twice
    finally:
        await again.close()


def bench_path(life):
    return life.service.url.removeprefix("sqlite://")
