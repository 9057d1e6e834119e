"""Several requests of one person at one time, in tasks of their own, on both databases: nothing is spent twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from handlers import errors
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import store
from handlers.leave.book import ledger, submission
from handlers.leave.book.submission import Terms
from handlers.leave.law.counting import DAY, CountRules
from tests.handlers.leave.books import leave, packaged_calendar, stamp, year_lot

NOW = datetime(2026, 1, 5, tzinfo=UTC)
TERMS = Terms(kind="annual", rules=CountRules(), calendar=packaged_calendar())
WEEKS = [("03-02", "03-04"), ("03-09", "03-11"), ("03-16", "03-18"), ("03-23", "03-25"), ("03-02", "03-03")]


def context(tx):
    return Context(tx=tx, now=NOW, trace="", origin=Origin(), office=Office())


@pytest.fixture
async def five_days(database):
    async def unit(tx):
        await tx.execute(
            "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile, category,"
            " joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
            " VALUES ('anna', 'anna', '', '', '', '', '', '', '', '', '', '', '', 1, 0, '', '')"
        )
        await store.append(context(tx), "anna", ledger.grant([], year_lot(2026), 5 * DAY, stamp=stamp("2026-01-05")))

    await database.write(unit)
    return database


async def test_of_requests_at_once_only_those_succeed_that_there_is_leave_for(five_days):
    async def ask(number, first, last):
        async def unit(tx):
            entries = await store.lock(tx, "anna")
            asked = leave(f"2026-{first}", f"2026-{last}")
            accepted = submission.submit(entries, f"r{number}", asked, terms=TERMS, stamp=stamp("2026-01-05"))
            await store.append(context(tx), "anna", accepted.entries)

        try:
            await five_days.write(unit)
        except errors.RuleError as refused:
            return refused.code
        return "held"

    outcomes = await asyncio.gather(*(ask(number, *week) for number, week in enumerate(WEEKS)))
    entries = await five_days.read(lambda tx: store.load(tx, "anna"))
    found = ledger.balance(entries, on=date(2026, 6, 30))
    assert outcomes.count("held") in (1, 2)
    assert set(outcomes) <= {"held", "insufficient_balance", "overlap"}
    assert found.available >= 0
    assert found.available + found.held == 5 * DAY
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
