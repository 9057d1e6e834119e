from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.audit import facts, log, salted
from handlers.audit.facts import PERSONAL, Fact, Origin

NOW = datetime(2026, 4, 27, 1, tzinfo=UTC)
BY = Origin(person="p-li", account="dd", door="card", trace="t1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rested(Fact):
    KIND = "test.rested"

    item: str
    minutes: int
    day: date
    reason: str = field(default="", metadata=PERSONAL)


FACT = Rested(item="i1", minutes=480, day=date(2026, 5, 6), reason="看病")


async def record(database, fact=FACT, **options):
    """Its number."""
    await database.write(lambda tx: log.record(tx, fact, origin=BY, **{"now": NOW} | options))
    row = await database.read(lambda tx: tx.first("SELECT MAX(id) AS id FROM journal"))
    return row["id"]


async def test_a_fact_is_read_back_whole(database):
    number = await record(database, effective=date(2026, 5, 6))
    (row,) = await database.read(lambda tx: log.read(tx, "i1"))
    assert (row.id, row.kind, row.origin, row.recorded) == (number, "test.rested", BY, NOW)
    assert row.effective == datetime(2026, 5, 6, tzinfo=UTC)
    assert facts.restore(Rested, row.data) == FACT


async def test_personal_values_stand_in_the_body_as_salted_hashes_only(database):
    await record(database)
    row = await database.read(lambda tx: tx.first("SELECT body FROM journal"))
    hidden = await database.read(lambda tx: tx.first("SELECT salt, value FROM journal_personal"))
    body = json.loads(row["body"])
    assert "看病" not in row["body"]
    assert body["reason"] == {"sha256": salted.digest(hidden["salt"], hidden["value"])}
    assert body["minutes"] == 480


async def test_all_personal_values_of_a_fact_come_back(database):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Told(Rested):
        KIND = "test.told"
        words: tuple[str, ...] = field(default=(), metadata=PERSONAL)
        more: dict[str, int] = field(default_factory=dict, metadata=PERSONAL)

    told = Told(item="i1", minutes=1, day=date(2026, 5, 6), reason="看病", words=("二", ""), more={"a": 1})
    assert await record(database, told) == 1
    assert await record(database) == 2
    first, second = await database.read(lambda tx: log.read(tx, "i1"))
    assert (first.data["reason"], first.data["words"], first.data["more"]) == ("看病", ["二", ""], {"a": 1})
    assert (second.data["reason"], second.erased) == ("看病", frozenset())


async def test_the_same_value_has_another_hash_each_time(database):
    await record(database)
    await record(database)
    rows = await database.read(lambda tx: tx.fetch("SELECT body FROM journal"))
    assert len({json.loads(row["body"])["reason"]["sha256"] for row in rows}) == 2


async def test_an_erased_value_is_gone_and_the_body_stays(database):
    await record(database)
    before = await database.read(lambda tx: tx.first("SELECT body FROM journal"))
    await database.write(lambda tx: tx.execute("DELETE FROM journal_personal"))
    (row,) = await database.read(lambda tx: log.read(tx, "i1"))
    assert (row.data["reason"], row.erased) == (None, {"reason"})
    assert await database.read(lambda tx: tx.first("SELECT body FROM journal")) == before


async def test_recorded_time_never_falls_when_the_clock_does(database):
    await record(database)
    await record(database, now=NOW - timedelta(hours=1))
    rows = await database.read(lambda tx: log.read(tx, "i1"))
    assert [row.recorded for row in rows] == [NOW, NOW]
    assert rows[1].effective == NOW - timedelta(hours=1)


async def test_numbers_of_facts_that_were_taken_away_are_not_given_again(database):
    async def cut_off(tx):
        """As somebody with the file in their hands could."""
        if tx.dialect == "sqlite":
            for row in await tx.fetch("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'"):
                await tx.execute(f"DROP TRIGGER {row['name']}")
        else:
            await tx.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        await tx.execute("DELETE FROM journal_personal")
        await tx.execute("DELETE FROM journal")
        tx.journal_end = None  # what another process changes is asked for anew

    first = await record(database)
    await database.write(cut_off)
    assert await record(database) > first


def test_canonical_text_has_one_form():
    assert facts.canonical({"b": [1, "二"], "a": None}) == '{"a":null,"b":[1,"二"]}'


@pytest.mark.parametrize("value", [0.5, {"a": [1.0]}])
def test_floats_have_no_place_in_a_fact(value):
    with pytest.raises(TypeError, match="no floats"):
        facts.canonical(value)
