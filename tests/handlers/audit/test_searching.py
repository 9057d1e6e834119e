"""Searching the journal: page by page, every fact once, whatever the conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from handlers.audit import by_kind, log, searching
from handlers.audit.facts import Fact, Origin
from handlers.audit.searching import Query
from handlers.transaction import to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Fact):
    KIND = "test.seen"
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Seen):
    KIND = "test.heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Seen):
    KIND = by_kind.DAILY[-1]


@pytest.fixture
async def filled(database, now):
    async def unit(tx):
        for number in range(30):
            kind = (Heard, Seen, Moved)[number % 3]
            origin = Origin(person=f"p{number % 2}", door="page" if number % 5 else "card")
            await log.record(tx, kind(item=f"i{number % 4}"), origin=origin, now=now + timedelta(hours=number))

    await database.write(unit)
    return database


async def everything(database, query, limit=4):
    """The rows of all pages."""
    rows = []
    while True:
        found = await database.read(partial(searching.page, query=query, limit=limit))
        assert len(found.rows) <= limit
        rows += found.rows
        if not found.next:
            return rows
        query = searching.after(query, found)


CASES = {
    "all": (Query(), lambda row: True),
    "actor": (Query(actor="p1"), lambda row: row["actor"] == "p1"),
    "subject and kind": (
        Query(subject="i0", kinds=("test.heard",)), lambda row: (row["subject"], row["kind"]) == ("i0", "test.heard")
    ),
    "kind": (Query(kinds=("test.heard",)), lambda row: row["kind"] == "test.heard"),
    "kind of every day": (Query(kinds=("leave.moved",)), lambda row: row["kind"] == "leave.moved"),
    "kinds, also of every day": (
        Query(kinds=("test.heard", "leave.moved")), lambda row: row["kind"] in ("test.heard", "leave.moved")
    ),
    "door": (Query(door="card"), lambda row: row["door"] == "card"),
    "nobody": (Query(actor="p9"), lambda row: False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_every_page_together_are_all_that_fit_the_newest_first(filled, case, monkeypatch):
    monkeypatch.setattr(searching, "_WINDOW", 7)
    monkeypatch.setattr(searching, "_BUDGET", 14)
    query, fits = CASES[case]
    rows = await filled.read(lambda tx: tx.fetch("SELECT * FROM journal ORDER BY id DESC"))
    assert [row["id"] for row in await everything(filled, query)] == [row["id"] for row in rows if fits(row)]


async def test_a_span_is_found_by_halving(filled, now):
    query = Query(begin_ms=to_ms(now + timedelta(hours=5)), end_ms=to_ms(now + timedelta(hours=9)))
    assert [row["recorded_ms"] for row in await everything(filled, query)] == [
        to_ms(now + timedelta(hours=hour)) for hour in (8, 7, 6, 5)
    ]
