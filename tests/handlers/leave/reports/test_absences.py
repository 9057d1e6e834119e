"""Who is on leave between two days, from the table: on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import store
from handlers.leave.book.entries import Lot
from handlers.leave.reports import absences
from tests.handlers.leave.books import Book, leave, packaged_calendar

LOT = Lot("annual", "annual-2026", date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def book():
    book = Book(packaged_calendar())
    book.grant(LOT, 10, "2026-01-01")
    return book


async def kept(database, now, person, book):
    async def unit(tx):
        ctx = Context(tx=tx, now=now, trace="", origin=Origin(), office=Office())
        await store.append(ctx, person, book.entries)

    await database.write(unit)


async def found(database, first, last, **more):
    days = date.fromisoformat(first), date.fromisoformat(last)
    away = await database.read(lambda tx: absences.between(tx, *days, **more))
    return [(one.person, one.ref, one.waits, str(one.about.last.day), one.about.last.half.value) for one in away]


async def test_only_what_still_stands_and_touches_the_days_is_found(database, now, book):
    book.request("taken", leave("2026-05-06", "2026-05-08"), "2026-04-01")
    book.approve("taken", "2026-04-02")
    book.request("waits", leave("2026-05-20 pm", "2026-05-20 pm"), "2026-04-01")
    book.request("gone", leave("2026-05-21", "2026-05-21"), "2026-04-01")
    book.reject("gone", "2026-04-02")
    book.request("april", leave("2026-04-28", "2026-04-28"), "2026-04-01")
    await kept(database, now, "p1", book)
    assert await found(database, "2026-05-01", "2026-05-31") == [
        ("p1", "taken", False, "2026-05-08", "pm"), ("p1", "waits", True, "2026-05-20", "pm"),
    ]  # fmt: skip
    assert [one[1] for one in await found(database, "2026-05-08", "2026-05-08")] == ["taken"]
    assert await found(database, "2026-05-09", "2026-05-19") == []


async def test_who_came_back_early_is_there_again(database, now, book):
    book.request("short", leave("2026-05-06", "2026-05-08"), "2026-04-01")
    book.approve("short", "2026-04-02")
    book.back("short", "2026-05-07 pm", "2026-05-07")
    await kept(database, now, "p1", book)
    assert await found(database, "2026-05-07", "2026-05-07") == [("p1", "short", False, "2026-05-07", "am")]
    assert await found(database, "2026-05-08", "2026-05-08") == []


async def test_a_leave_over_the_new_year_belongs_to_both_months_and_one_that_is_over_to_neither(database, now, book):
    book.request("sick", leave("2025-12-28", "2026-01-05"), "2025-12-01", kind="sick", limited=False)
    await kept(database, now, "p1", book)
    assert len(await found(database, "2025-12-01", "2025-12-31")) == 1
    assert len(await found(database, "2026-01-01", "2026-01-31")) == 1
    assert await found(database, "2026-02-01", "2026-02-28") == []


async def test_people_are_kept_apart(database, now, book):
    book.request("one", leave("2026-05-06", "2026-05-06"), "2026-04-01")
    await kept(database, now, "p1", book)
    await kept(database, now, "p2", book)
    assert [one[0] for one in await found(database, "2026-05-01", "2026-05-31")] == ["p1", "p2"]
    assert [one[0] for one in await found(database, "2026-05-01", "2026-05-31", people={"p2"})] == ["p2"]
