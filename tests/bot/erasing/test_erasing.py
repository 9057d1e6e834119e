"""Personal data goes for good: out of the journal, out of the tables; every proof and every comparison stays sound."""

from __future__ import annotations

import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.erasing import erasure, plan, retention
from bot.erasing.retention import Periods
from bot.pages.attachments import Cabinet
from bot.proofs import projections
from handlers.approval import store, views
from handlers.audit import log
from handlers.audit.erasing import Warrant
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.people import changes, directory
from handlers.people import facts as people_facts
from handlers.people.plan import Plan

# The harness of random histories is beside the proofs (test folders are no packages).
_PATH = Path(__file__).parents[1] / "proofs" / "test_rebuild.py"
_SPEC = importlib.util.spec_from_file_location("lives", _PATH)
lives = importlib.util.module_from_spec(_SPEC)
sys.modules["lives"] = lives
_SPEC.loader.exec_module(lives)

WARRANT = Warrant(reason="本人申请", by="p1", second="p2")
BY = Origin(door="command")
LATER = datetime(2026, 6, 1, tzinfo=UTC)
"""The leave is over."""

QUEUES = ("inbox", "outbox")
"""Their texts are emptied some days after they were worked off."""


@pytest.fixture
async def life(tmp_path, sqlite_template):
    """Zhang San's leave is approved with a word."""
    found = await lives.Life.begin(tmp_path, sqlite_template)
    await found.say("zhangsan", "年假 5月6日到8日 看望奶奶", 1)
    await found.press("提交")
    await found.say("lisi", "同意 1 早去早回", 1)
    await found.wait(1)
    yield found
    await found.service.stop()


async def unsound(life, tmp_path):
    _, found = await projections.findings(life.service.database, Cabinet(tmp_path / "attachments"))
    return found


async def everywhere(life, word):
    """The tables that still have it, queues left out."""
    tables = await life.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    found = []
    for name in sorted({row["name"] for row in tables} - set(QUEUES)):
        rows = await life.rows(f"SELECT * FROM {name}")
        found += [name for row in rows if any(word in str(value) for value in dict(row).values())][:1]
    return found


async def carried_out(life, found):
    unit = partial(erasure.carry_out, plan=found, warrant=WARRANT, origin=BY, now=life.service.clock.now())
    return await life.service.database.write(unit)


async def the_item(life):
    (row,) = await life.rows("SELECT id FROM item WHERE number = 1")
    return row["id"]


async def test_a_finished_item_loses_its_words_and_everything_stays_sound(life, tmp_path):
    assert await unsound(life, tmp_path) == []
    assert {"item", "journal_personal"} <= set(await everywhere(life, "看望奶奶"))
    found = await life.service.database.read(partial(plan.of_item, item=await the_item(life), now=LATER))
    assert await carried_out(life, found) == len(found.values) > 2
    assert set(await everywhere(life, "看望奶奶")) <= {"leave_entry", "journal_personal"}  # the ledger's own period
    assert await everywhere(life, "早去早回") == []
    assert await unsound(life, tmp_path) == []

    async def shown(tx):
        ctx = Context(tx=tx, now=life.service.clock.now(), trace="", origin=BY, office=life.service.office)
        item = await store.load(tx, found.about)
        return await views.item_view(ctx, item, reader=item.request.applicant, kind=views.MINE)

    view = await life.service.database.read(shown)
    assert view.title == "请休假（内容已按规定删除）"
    await life.say("zhangsan", "取消 1", 1)
    assert await unsound(life, tmp_path) == []
    told = await life.service.database.read(partial(log.read, subject=found.about))
    fact = next(one for one in told if one.kind == "audit.personal_erased")
    assert (fact.data["by"], fact.data["second"], fact.data["reason"]) == ("p1", "p2", "本人申请")


async def test_an_open_item_is_not_touched(tmp_path, sqlite_template):
    life = await lives.Life.begin(tmp_path, sqlite_template)
    await life.say("zhangsan", "年假 5月6日到8日 看望奶奶", 1)
    await life.press("提交")
    found = await life.service.database.read(partial(plan.of_item, item=await the_item(life), now=LATER))
    assert (found.values, found.kept) == ((), {"open_items": 1})
    await life.service.stop()


async def left(tx, *, name, now):
    (person,) = await directory.named(tx, name)
    await changes.apply(tx, Plan(left=(person,), left_by="csv"), now=now, origin=BY)
    return person.id


async def test_somebody_who_left_is_nobody_any_more_and_a_fresh_log_stays(life, tmp_path):
    now = life.service.clock.now()
    person = await life.service.database.write(partial(left, name="张三", now=now))
    refused = people_facts.LinkRefused(person=person, account="wecom-main", why="wrong", platform_id="somebody")
    await life.service.database.write(partial(log.record, fact=refused, origin=BY, now=now))
    ahead = await life.service.database.read(partial(plan.of_person, person=person, now=now))
    assert ahead.kept["open_items"] == 1  # approved, and not over
    found = await life.service.database.read(partial(plan.of_person, person=person, now=LATER))
    assert found.kept["fresh_log"] == 1
    assert set(found.items.values()) == {1}
    assert await carried_out(life, found) == len(found.values)
    assert await everywhere(life, "13800000004") == []
    assert await unsound(life, tmp_path) == []
    later = now + timedelta(days=190)
    again = await life.service.database.read(partial(plan.of_person, person=person, now=later))
    assert [name for _, name in again.values] == ["platform_id"]  # the log's time is over now


async def test_a_plan_is_another_one_when_something_was_added(life):
    one = await life.service.database.read(partial(plan.of_item, item=await the_item(life), now=LATER))
    await life.say("zhangsan", "评论 1 谢谢", 1)
    await life.say("lisi", "评论 1 不客气", 1)
    other = await life.service.database.read(partial(plan.of_item, item=await the_item(life), now=LATER))
    assert (one.code == other.code) == (one.values == other.values)


async def test_what_is_past_its_time_goes_at_night_and_nothing_younger(life, tmp_path):
    database, now = life.service.database, life.service.clock.now()
    refused = people_facts.SignInRefused(person="", account="wecom-main", why="stranger", platform_id="somebody")
    await database.write(partial(log.record, fact=refused, origin=BY, now=now))
    periods = Periods(log=6, items=12)
    assert await retention.expire(database, periods, now=retention.before(now, -6)) == {"values": 0, "items": 0}
    assert await retention.expire(database, periods, now=retention.before(now, -7)) == {"values": 1, "items": 0}
    assert await retention.expire(database, Periods(log=6, items=0), now=now + timedelta(days=5000)) == {
        "values": 0, "items": 0,
    }  # fmt: skip
    assert await retention.expire(database, periods, now=retention.before(now, -13)) == {"values": 0, "items": 1}
    assert await everywhere(life, "早去早回") == []
    assert await unsound(life, tmp_path) == []


@pytest.mark.parametrize(
    ("months", "then"),
    [
        (6, datetime(2026, 5, 22, tzinfo=UTC)), (11, datetime(2025, 12, 22, tzinfo=UTC)),
        (12, datetime(2025, 11, 22, tzinfo=UTC)),
    ],
)
def test_months_go_back_by_the_calendar(months, then):
    assert retention.before(datetime(2026, 11, 22, tzinfo=UTC), months) == then
    assert retention.before(datetime(2026, 8, 31, tzinfo=UTC), 6) == datetime(2026, 2, 28, tzinfo=UTC)
