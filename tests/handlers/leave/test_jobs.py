"""Expiries that are written by night, and the reminder of a missing calendar; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import jobs, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Cause
from handlers.leave.law.counting import DAY
from handlers.mailroom.due import Due
from tests.handlers.leave.books import packaged_calendar, stamp, year_lot

PEOPLE = ("anna", "bo", "chen")


def context(tx, now, *, calendar=None):
    office = Office(calendar=calendar or packaged_calendar())
    return Context(tx=tx, now=now, trace="", origin=Origin(), office=office)


def row(kind, **payload):
    now, payload = datetime(2026, 1, 1, tzinfo=UTC), {"planned": "x", **payload}
    return Due(id=1, key=f"cron/{kind}", kind=kind, due=now, payload=payload, attempts=1, owner="", fence=1)


@pytest.fixture
async def books(database):
    """Ten days of 2025 for three people; bo has taken all of them."""

    async def unit(tx):
        ctx = context(tx, datetime(2025, 1, 2, tzinfo=UTC))
        for person in PEOPLE:
            given = ledger.grant([], year_lot(2025), 10 * DAY, stamp=stamp("2025-01-02"))
            if person == "bo":
                given += ledger.adjust(given, year_lot(2025), -10 * DAY, stamp=stamp("2025-06-02"))
            await store.append(ctx, person, given)

    await database.write(unit)
    return database


async def expire(database, now, **payload):
    async def unit(tx):
        await jobs.on_expire(row(jobs.EXPIRE, **payload), context(tx, now))
        return {person: await store.load(tx, person) for person in PEOPLE}

    return await database.write(unit)


def expired(entries):
    return [(entry.minutes, entry.effective) for entry in entries if entry.cause is Cause.EXPIRE]


async def test_what_has_ended_is_written_once_however_often_the_job_runs(books):
    for _ in range(3):
        found = await expire(books, datetime(2026, 1, 3, 17, 10, tzinfo=UTC))
    assert expired(found["anna"]) == expired(found["chen"]) == [(10 * DAY, date(2026, 1, 1))]
    assert expired(found["bo"]) == []


async def test_before_the_year_has_ended_in_the_office_nothing_expires(books):
    found = await expire(books, datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    assert not any(map(expired, found.values()))
    found = await expire(books, datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    assert expired(found["anna"])


async def test_many_people_are_done_in_parts_and_nobody_is_left_out(books, monkeypatch):
    monkeypatch.setattr(jobs, "_AT_ONCE", 2)
    now = datetime(2026, 1, 3, tzinfo=UTC)
    found = await expire(books, now)
    assert (expired(found["anna"]) != [], expired(found["chen"])) == (True, [])
    (waiting,) = await books.read(lambda tx: tx.fetch("SELECT kind, payload FROM due WHERE state = 'waiting'"))
    assert waiting["kind"] == jobs.EXPIRE
    found = await expire(books, now, after="bo")
    assert expired(found["chen"]) == [(10 * DAY, date(2026, 1, 1))]


@pytest.mark.parametrize(
    ("day", "years", "letters"),
    [
        ((2026, 10, 26), (), 0),
        ((2026, 11, 2), (), 1),
        ((2026, 12, 28), (), 1),
        ((2026, 11, 2), (2027,), 0),
    ],
)
async def test_administrators_are_told_from_november_on_while_the_notice_is_missing(database, day, years, letters):
    found = await told(database, jobs.on_warn, jobs.WARN, day, years)
    assert len(found) == letters
    assert all("2027年的放假安排" in one["message"] for one in found)


@pytest.mark.parametrize(
    ("day", "years", "letters"), [((2026, 12, 31), (), 0), ((2027, 1, 1), (), 1), ((2027, 1, 1), (2027,), 0)]
)
async def test_in_the_year_itself_they_are_told_every_day(database, day, years, letters):
    found = await told(database, jobs.on_gap, jobs.GAP, day, years)
    assert len(found) == letters
    assert all("已经是2027年了" in one["message"] for one in found)


async def told(database, job, kind, day, years):
    """What the one administrator is written by two runs of the same row."""
    calendar = packaged_calendar()
    calendar = replace(calendar, years=calendar.years | set(years))

    async def unit(tx):
        await tx.execute(
            "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile, category,"
            " joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
            " VALUES ('a', '陈静', '', '', '', '', '', '', '', '', '', '', '', 1, 0, '', '')"
        )
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('admin', 'a')")
        await tx.execute(
            "INSERT INTO person_account (account, platform_id, person, union_id) VALUES ('wecom-main', 'c', 'a', '')"
        )
        ctx = context(tx, datetime(*day, 1, tzinfo=UTC), calendar=calendar)
        for _ in range(2):
            await job(row(kind), ctx)
        return await tx.fetch("SELECT message FROM outbox")

    return await database.write(unit)
