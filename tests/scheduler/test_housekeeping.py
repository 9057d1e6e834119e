from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from connectors.clock import MovableClock
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers.context import Office
from handlers.mailroom import copies, due, inbox
from scheduler import housekeeping
from scheduler.jobs import Jobs
from scheduler.runner import Runner

START = datetime(2026, 4, 27, 1, tzinfo=UTC)


async def test_old_texts_go_and_their_keys_stay(database):
    clock = MovableClock(START)
    event = TextReceived(account="dd", key="k", at=START, sender=PersonRef("dd", "li"), text="家里有事")
    await database.write(lambda tx: inbox.admit(tx, event, trace="t", door="app", now=START))
    await database.write(
        lambda tx: inbox.admit_failed(
            tx,
            TextReceived(account="dd", key="f", at=START, sender=PersonRef("dd", "li"), text="失败"),
            LookupError(),
            trace="t",
            door="app",
            now=START,
        )
    )
    runner = Runner(
        database, Jobs(rules=(housekeeping.RULE,), jobs={housekeeping.KIND: housekeeping.on_tidy}), Office, clock
    )
    clock.forward(timedelta(days=40))
    await runner.tick()
    rows = await database.read(lambda tx: tx.fetch("SELECT key, body FROM inbox ORDER BY id"))
    assert [(row["key"], bool(row["body"])) for row in rows] == [("k", False), ("f", True)]
    assert not await database.write(lambda tx: inbox.admit(tx, event, trace="t", door="app", now=clock.now()))


async def test_finished_rows_go_after_three_months_and_waiting_ones_never(database):
    clock = MovableClock(START)
    runner = Runner(
        database, Jobs(rules=(housekeeping.RULE,), jobs={housekeeping.KIND: housekeeping.on_tidy}), Office, clock
    )
    await database.write(lambda tx: due.at(tx, "later", "other", START + timedelta(days=900), {}, now=START))
    await runner.tick()
    for _ in range(2):
        clock.forward(timedelta(days=100))
        await runner.tick()
    rows = await database.read(lambda tx: tx.fetch("SELECT key FROM due ORDER BY id"))
    assert [row["key"].partition("/")[0] for row in rows] == ["later", "cron"]


async def test_rights_to_change_a_card_go_after_a_week(database):
    clock = MovableClock(START)
    runner = Runner(
        database, Jobs(rules=(housekeeping.RULE,), jobs={housekeeping.KIND: housekeeping.on_tidy}), Office, clock
    )
    for days, code in ((0, "old"), (4, "new")):
        clock.forward(timedelta(days=days))
        await database.write(partial(copies.tapped, copy="c-1", code=code, now=clock.now()))
    clock.forward(timedelta(days=4))
    await runner.tick()
    rows = await database.read(lambda tx: tx.fetch("SELECT code FROM tap_code"))
    assert [row["code"] for row in rows] == ["new"]
