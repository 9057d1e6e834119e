"""Facts that a unit gathers: the same journal as if each were written at once, and none lost, whatever comes."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database.sqlite import SqliteTransaction
from bot.database.units import drive
from handlers import chance
from handlers.audit import log, searching
from handlers.audit.facts import PERSONAL, Fact, Origin
from handlers.errors import DatabaseBusy

NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)
BY = Origin(person="p-li", account="dd", door="card", trace="t1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Fact):
    KIND = "test.said"

    item: str
    words: str = field(default="", metadata=PERSONAL)
    more: dict[str, int] = field(default_factory=dict, metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Fact):
    KIND = "test.seen"

    item: str


async def record(tx, fact, now=NOW):
    await log.record(tx, fact, origin=BY, now=now)


async def numbers(tx, where=""):
    return [row["id"] for row in await tx.fetch(f"SELECT id FROM journal {where} ORDER BY id")]


async def three(tx, item="i1"):
    log.gather(tx)
    for fact in (Said(item=item, words="一", more={"a": 1}), Seen(item=item), Said(item=item, words="三")):
        await record(tx, fact)


async def test_gathered_facts_are_in_the_journal_when_their_unit_has_ended(database):
    await database.write(three)
    rows = await database.read(lambda tx: log.read(tx, "i1"))
    assert [row.id for row in rows] == [1, 2, 3]
    assert [row.data.get("words") for row in rows] == ["一", None, "三"]
    assert [row.recorded for row in rows] == [NOW] * 3
    assert rows[0].data["more"] == {"a": 1}


async def test_who_gathers_reads_their_own_facts(database):
    async def unit(tx):
        await three(tx)
        one = [row.data.get("words") for row in await log.read(tx, "i1")]
        await three(tx, "i2")
        assert await numbers(tx) == [1, 2, 3, 4, 5, 6]
        await record(tx, Seen(item="i3"))
        found = await searching.page(tx, searching.Query(subject="i3"), limit=5)
        await record(tx, Said(item="i4", words="四"))
        erased = await tx.execute("delete from JOURNAL_PERSONAL where value = ?", '"四"')
        return one, [row["subject"] for row in found.rows], erased

    assert await database.write(unit) == (["一", None, "三"], ["i3"], 1)
    assert len(await database.read(numbers)) == 8


async def test_a_unit_gathers_more_facts_than_fit_into_a_statement(database):
    async def unit(tx):
        log.gather(tx)
        for n in range(250):
            await record(tx, Said(item="i1", words=str(n)))

    await database.write(unit)
    rows = await database.read(lambda tx: log.read(tx, "i1"))
    assert [(row.id, row.data["words"]) for row in rows] == [(n + 1, str(n)) for n in range(250)]


async def test_of_a_unit_that_raises_nothing_is_left(database):
    async def breaks(tx, *, reads):
        await three(tx)
        if reads:
            assert len(await log.read(tx, "i1")) == 3
        raise LookupError("mine")

    for reads in (False, True):
        with pytest.raises(LookupError, match="mine"):
            await database.write(partial(breaks, reads=reads))
    await database.write(three)
    given = await database.read(numbers)
    assert len(given) == 3
    hidden = await database.read(lambda tx: tx.fetch("SELECT journal FROM journal_personal"))
    assert {row["journal"] for row in hidden} == {given[0], given[2]}


async def test_a_failed_unit_of_a_batch_takes_no_numbers(sqlite_database):
    begun = threading.Event()

    async def first(tx):
        begun.wait(60)  # until the others stand behind it: these are the next batch

    async def breaks(tx):
        await three(tx, "broken")
        raise LookupError("mine")

    units = [first, breaks, three, breaks, partial(three, item="i2")]
    tasks = [asyncio.ensure_future(sqlite_database.write(unit)) for unit in units]
    await asyncio.sleep(0)
    begun.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, LookupError) for one in results] == [False, True, False, True, False]
    assert await sqlite_database.read(numbers) == [1, 2, 3, 4, 5, 6]
    assert [row.id for row in await sqlite_database.read(lambda tx: log.read(tx, "i2"))] == [4, 5, 6]
    assert await sqlite_database.read(lambda tx: log.read(tx, "broken")) == []


async def test_a_unit_cannot_end_well_without_what_it_gathered(sqlite_database):
    async def unit(tx):
        await three(tx)
        (into, rows), *_ = tx.gathered.items()
        rows.append((None, *rows[0][1:-1], 9))  # a fact that was recorded at no time
        with pytest.raises(sqlite3.IntegrityError):
            await log.read(tx, "i1")
        return into

    with pytest.raises(sqlite3.IntegrityError):
        await sqlite_database.write(unit)
    assert await sqlite_database.read(numbers) == []
    await sqlite_database.write(three)
    assert await sqlite_database.read(numbers) == [1, 2, 3]


async def test_a_reader_that_gathers_is_refused_like_one_that_writes(sqlite_database):
    with pytest.raises(DatabaseBusy, match="readonly"):
        await sqlite_database.read(three)


ITEMS = st.sampled_from(("i1", "i2"))
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=4)
FACTS = st.builds(Seen, item=ITEMS) | st.builds(
    Said, item=ITEMS, words=WORDS, more=st.dictionaries(WORDS, st.integers(-9, 9), max_size=3)
)
RECORDS = st.tuples(st.just("record"), FACTS, st.integers(-2, 2))
ACTS = st.lists(RECORDS | st.tuples(st.sampled_from(("read", "erase")), ITEMS))


@settings(max_examples=60, deadline=None)
@given(units=st.lists(ACTS, max_size=3))
def test_gathered_or_written_at_once_the_journal_is_the_same(sqlite_template, units):
    assert _journal(sqlite_template, units, gathers=True) == _journal(sqlite_template, units, gathers=False)


def _journal(template, units, *, gathers):
    """What the units see in between and what is in the tables afterwards, byte by byte."""
    salts = itertools.count()
    with closing(sqlite3.connect(template)) as empty, closing(sqlite3.connect(":memory:")) as database:
        empty.backup(database)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(chance, "token_hex", lambda length: f"{next(salts):0{2 * length}x}")
            seen = [_done(database, acts, gathers=gathers) for acts in units]
        tables = ("journal", "journal_personal", "sqlite_sequence")
        return seen, [database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]


def _done(database, acts, *, gathers):
    async def unit(tx):
        if gathers:
            log.gather(tx)
        return [await _act(tx, *act) for act in acts]

    tx = SqliteTransaction(database)
    seen = drive(unit, tx)
    tx.settle()
    return seen


async def _act(tx, verb, about, later=0):
    if verb == "record":
        return await record(tx, about, NOW + timedelta(seconds=later))
    if verb == "read":
        return await log.read(tx, about)
    return await tx.execute(
        "DELETE FROM journal_personal WHERE journal IN (SELECT id FROM journal WHERE subject = ?)", about
    )
