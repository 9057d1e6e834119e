"""A year of reminders with the clock jumping and the service restarting: each once, none at night, none late unsaid."""

from __future__ import annotations

import importlib.util
import json
import random
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connectors.clock import MovableClock
from handlers.calendar import agenda, reminding, rules
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Period
from handlers.transaction import from_ms
from scheduler.jobs import Jobs
from scheduler.runner import Runner

_SPEC = importlib.util.spec_from_file_location("calendar_office", Path(__file__).with_name("conftest.py"))
office = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(office)
QUIET = (time(21, 30), time(7, 30))
ZONE = ZoneInfo("Asia/Shanghai")
ENTRIES = 150


def entry(owner, begin, *, title="会", minutes=15, all_day=False):
    period = Period(begin, begin + timedelta(days=1) if all_day else begin + timedelta(hours=1))
    uid = agenda.new_uid(office.MONDAY)
    return Entry(uid=uid, owner=owner, period=period, title=title, remind=minutes, all_day=all_day)


async def test_a_year_of_reminders_each_once_at_its_time_none_lost_none_late_unsaid(database, people):
    dice = random.Random(20260427)
    begins = [office.MONDAY + timedelta(minutes=dice.randrange(60, 365 * 24 * 60)) for _ in range(ENTRIES)]

    async def fill(tx):
        ctx = office.context(tx)
        return [await agenda.enter(ctx, entry(people["张三"], begin, title=f"会{n}")) for n, begin in enumerate(begins)]

    entries = {one.uid: one for one in await database.write(fill)}
    clock = MovableClock(office.MONDAY)
    table = Jobs(jobs={agenda.REMIND: reminding.on_remind})
    runner = Runner(database, table, office.office, clock)
    while clock.now() < office.MONDAY + timedelta(days=370):
        clock.forward(timedelta(minutes=dice.choice([3, 30, 600, 2000, 6000])))
        if dice.random() < 0.1:  # killed and started again
            runner = Runner(database, table, office.office, clock)
        while await runner.tick():
            pass
    letters = await database.read(lambda tx: tx.fetch("SELECT key, message, created_ms FROM outbox"))
    told = {row["key"].split("/")[1]: row for row in letters}
    assert len(letters) == len(told)
    unasked = {uid for uid, one in entries.items() if _planned(one) <= office.MONDAY}
    assert told.keys() == entries.keys() - unasked
    for uid, row in told.items():
        at = from_ms(row["created_ms"])
        assert not rules.is_quiet(at, quiet=QUIET, zone=ZONE)
        late = at - _planned(entries[uid]) > timedelta(minutes=5)
        assert ("晚到" in json.loads(row["message"])["content"]) == late
        assert at >= _planned(entries[uid])


def _planned(one):
    return rules.reminder_at(one.period.begin, one.remind, quiet=QUIET, zone=ZONE)


async def test_a_moved_entry_rings_once_at_its_new_time_and_a_cancelled_one_never(database, people):
    clock = MovableClock(office.MONDAY)
    runner = Runner(database, Jobs(jobs={agenda.REMIND: reminding.on_remind}), office.office, clock)
    ten = datetime(2026, 4, 28, 2, 0, tzinfo=UTC)

    async def fill(tx):
        ctx = office.context(tx)
        moved = await agenda.enter(ctx, entry(people["张三"], ten))
        moved = await agenda.change(ctx, moved, entry(people["张三"], ten + timedelta(hours=5)))
        gone = await agenda.enter(ctx, entry(people["李四"], ten))
        await agenda.cancel(ctx, gone)
        back = await agenda.cancel(ctx, await agenda.enter(ctx, entry(people["王五"], ten)))
        await agenda.undo(ctx, back)

    await database.write(fill)
    heard = []
    for _ in range(40):
        clock.forward(timedelta(hours=1))
        await runner.tick()
        rows = await database.read(lambda tx: tx.fetch("SELECT recipient FROM outbox ORDER BY id"))
        heard = [row["recipient"] for row in rows]
    assert heard == ["u4", "u2"]


@given(st.integers(0, 365 * 1440), st.integers(0, 1440))
def test_nobody_is_reminded_at_night_nor_after_the_beginning(minute, minutes):
    begin = office.MONDAY + timedelta(minutes=minute)
    when = rules.reminder_at(begin, minutes, quiet=QUIET, zone=ZONE)
    assert not rules.is_quiet(when, quiet=QUIET, zone=ZONE)
    assert when <= begin
    assert begin - when <= timedelta(minutes=minutes) + timedelta(hours=10, minutes=1)
