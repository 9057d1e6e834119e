"""The kinds of every day are in no index; all others are found by it, on both databases."""

from __future__ import annotations

from handlers.approval import facts as approval_facts
from handlers.audit import by_kind
from handlers.calendar import facts as calendar_facts
from handlers.leave import facts as leave_facts


def test_the_kinds_of_every_day_are_those_of_a_tap():
    tap = {approval_facts.StepDecided.KIND, calendar_facts.EntryKept.KIND, leave_facts.LeaveMoved.KIND}
    assert set(by_kind.DAILY) == tap


async def test_the_index_leads_to_all_others(database):
    assert "journal_kind" in await database.write(lambda tx: plan(tx, ["test.seen"]))
    assert "journal_kind" in await database.write(lambda tx: plan(tx, ["test.seen", "test.heard"]))
    assert "journal_kind" not in await database.write(lambda tx: plan(tx, ["test.seen", "leave.moved"]))


async def plan(tx, kinds):
    sql = f"SELECT id FROM journal WHERE {by_kind.among(kinds)}"
    if tx.dialect == "sqlite":
        return str(await tx.fetch(f"EXPLAIN QUERY PLAN {sql}", *kinds))
    await tx.execute("SET LOCAL enable_seqscan = off")  # an empty table is not worth an index
    return str(await tx.fetch(f"EXPLAIN {sql}", *kinds))
