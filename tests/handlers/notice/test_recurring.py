"""Reminders that come again: each once, at its time, through a year of pauses and restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from connectors.refs import ChatRef
from handlers import errors
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.days import workdays
from handlers.days.phrases import recurring as rules_in_words
from handlers.mailroom import counters
from handlers.mailroom.due import Due
from handlers.notice import recurring
from handlers.notice.rules import Expiry, Notices, Repeated

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ROW = Due(id=1, key="k", kind="notice.minute", due=BEGIN, payload={}, attempts=1, owner="", fence=0)


@pytest.fixture(scope="module")
def calendar():
    paths = sorted((Path(__file__).parents[3] / "config" / "calendars").glob("*.yaml"))
    return workdays.from_data(yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths)


def repeated(said: str, text: str = "交周报") -> Repeated:
    found = rules_in_words.read(said, today=date(2026, 1, 1))
    assert found is not None
    return Repeated(key="c0", said=said, rule=replace(found.rule, first=date(2026, 1, 1)), text=text, group="all")


def office(calendar, *what: Repeated, dates: tuple[Expiry, ...] = ()) -> Office:
    area = Notices(repeated=what, dates=dates)
    return Office(groups={"all": ChatRef("wecom-main", "g")}, calendar=calendar, areas={Notices: area})


async def pass_time(database, office, moments) -> list[tuple[datetime, bool, int]]:
    """(planned, late, missed) of each reminder that was sent while the job ran at these moments."""
    for now in moments:

        async def unit(tx, now=now):
            ctx = Context(tx=tx, now=now, trace="t", origin=Origin(), office=office)
            await recurring.on_minute(replace(ROW, due=now), ctx)

        await database.write(unit)

    async def look(tx):
        return await tx.fetch("SELECT body FROM journal WHERE kind = 'notice.reminder_sent' ORDER BY id")

    sent = []
    for row in await database.read(look):
        body = yaml.safe_load(row["body"])
        sent.append((datetime.fromtimestamp(body["planned_ms"] / 1000, UTC), body["late"], body["missed"]))
    return sent


async def test_through_a_year_of_ticks_each_comes_once_at_its_time(database, calendar):
    hours = [BEGIN + timedelta(hours=hour) for hour in range(0, 365 * 24, 8)]
    sent = await pass_time(database, office(calendar, repeated("每周五下午四点")), hours)
    assert [at for at, _, _ in sent] == sorted({at for at, _, _ in sent})
    assert len(sent) == 52
    assert all(at.weekday() == 4 and at.hour == 8 and at.minute == 0 for at, _, _ in sent)
    assert not any(late or missed for _, late, missed in sent)


async def test_a_clock_that_stands_still_or_goes_back_rings_nothing_twice(database, calendar):
    friday = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
    minute = timedelta(minutes=1)
    moments = [friday - minute, friday, friday, friday - 180 * minute, friday + minute]
    assert len(await pass_time(database, office(calendar, repeated("每周五下午四点")), moments)) == 1


async def test_after_a_pause_the_last_one_comes_marked_with_how_many_were_missed(database, calendar):
    moments = [BEGIN, BEGIN + timedelta(days=22)]
    sent = await pass_time(database, office(calendar, repeated("每周五下午四点")), moments)
    assert sent == [(datetime(2026, 1, 16, 8, 0, tzinfo=UTC), True, 2)]


async def test_the_last_working_day_of_a_month_is_the_calendar_s(database, calendar):
    days = [BEGIN + timedelta(hours=2, days=day) for day in range(-1, 90)]
    sent = await pass_time(database, office(calendar, repeated("每月最后一个工作日 9点")), days)
    assert [at.date() for at, _, _ in sent] == [date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 31)]


async def test_a_date_is_announced_on_the_working_day_before_and_to_the_end(database, calendar):
    contract = Expiry(key="x", name="食堂承包合同", category="合同", on=date(2026, 5, 3), days=(30, 0))
    days = [datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=day) for day in range(70)]
    sent = await pass_time(database, office(calendar, dates=(contract,)), days)
    assert [at.date() for at, _, _ in sent] == [date(2026, 4, 3), date(2026, 4, 30)]


async def test_one_s_own_is_set_up_listed_rung_and_stopped(database, calendar):
    one = office(calendar)

    async def unit(tx):
        ctx = Context(tx=tx, now=BEGIN, trace="t", origin=Origin(), office=one)
        said = await recurring.set_up(ctx, "zhang", "每周五下午四点 交周报", group="")
        (found,) = await recurring.all_of(ctx)
        with pytest.raises(errors.NotFound):
            await recurring.stop(ctx, "li", 1)
        stopped = await recurring.stop(ctx, "zhang", 1)
        return said, found, stopped, await recurring.all_of(ctx)

    said, found, stopped, rest = await database.write(unit)
    assert "每周五下午四点" in said
    assert "1月2日" in said
    assert (found.text, found.person) == ("交周报", "zhang")
    assert "已取消" in stopped
    assert rest == []


@pytest.mark.parametrize(
    ("said", "group", "code"),
    [
        ("有空的时候 交周报", "", "reminder_rule"),
        ("每周五下午四点", "", "reminder_text"),
        ("每周五下午四点 交周报", "没有的", "reminder_group"),
    ],
)
async def test_what_is_not_understood_is_refused_with_how_to_write_it(database, calendar, said, group, code):
    async def unit(tx):
        ctx = Context(tx=tx, now=BEGIN, trace="t", origin=Origin(), office=office(calendar))
        await recurring.set_up(ctx, "zhang", said, group=group)

    with pytest.raises(errors.BadRequest, match=code):
        await database.write(unit)


async def test_what_was_put_is_there_and_the_newest_counts(database):
    async def unit(tx):
        before = await counters.look(tx, "x")
        await counters.put(tx, "x", 5)
        await counters.put(tx, "x", 3)
        return before, await counters.look(tx, "x")

    assert await database.write(unit) == (None, 3)
