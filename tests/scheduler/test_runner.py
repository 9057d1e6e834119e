from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.database.open import OpenDatabase, open_database
from connectors.clock import MovableClock
from handlers import errors
from handlers.context import Context, Office
from handlers.mailroom import counters, due
from handlers.mailroom.due import Due
from scheduler import jobs
from scheduler.jobs import Jobs, Rule
from scheduler.runner import Runner

CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 4, 27, 0, 30, tzinfo=UTC)  # 08:30 in China
DIGEST = Rule(name="digest", cron="0 9 * * mon", kind="digest")


async def digest(row: Due, ctx: Context) -> None:
    await counters.take(ctx.tx, "digests")


async def remind(row: Due, ctx: Context) -> None:
    await counters.take(ctx.tx, f"reminded/{row.payload['item']}")
    if row.payload["item"] == "broken":
        raise LookupError


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MONDAY)


def runner(database: OpenDatabase, clock: MovableClock) -> Runner:
    return Runner(database, Jobs(rules=(DIGEST,), jobs={"digest": digest, "remind": remind}), Office, clock)


async def counted(database: OpenDatabase, name: str) -> int:
    row = await database.read(lambda tx: tx.first("SELECT value FROM counter WHERE name = ?", name))
    return row["value"] if row else 0


async def ask(database: OpenDatabase, clock: MovableClock, item: str, **after: float) -> None:
    when = clock.now() + timedelta(**after)
    await database.write(lambda tx: due.at(tx, f"remind/{item}", "remind", when, {"item": item}, now=clock.now()))


async def test_a_due_row_runs_once_when_its_time_has_come(database, clock):
    await ask(database, clock, "i1", hours=4)
    one = runner(database, clock)
    assert await one.tick() == 0
    clock.forward(timedelta(hours=4))
    assert await one.tick() >= 1
    await one.tick()
    assert await counted(database, "reminded/i1") == 1


async def test_moving_a_row_moves_its_time(database, clock):
    await ask(database, clock, "i1", hours=4)
    await ask(database, clock, "i1", hours=48)
    clock.forward(timedelta(hours=5))
    await runner(database, clock).tick()
    assert await counted(database, "reminded/i1") == 0


async def test_a_cancelled_row_never_runs(database, clock):
    await ask(database, clock, "i1", hours=4)
    await database.write(lambda tx: due.cancel(tx, "remind/i1"))
    clock.forward(timedelta(hours=5))
    await runner(database, clock).tick()
    assert await counted(database, "reminded/i1") == 0


async def test_a_broken_job_undoes_its_work_is_tried_again_and_then_shown(database, clock):
    await ask(database, clock, "broken", hours=0)
    await ask(database, clock, "fine", hours=0)
    one = runner(database, clock)
    await one.tick()
    assert (await counted(database, "reminded/broken"), await counted(database, "reminded/fine")) == (0, 1)
    for _ in range(12):
        clock.forward(timedelta(minutes=20))
        await one.tick()
    (dead,) = await database.read(due.dead)
    assert (dead["kind"], dead["error"]) == ("remind", "LookupError")


async def test_a_rule_runs_once_per_planned_time_whoever_ticks(database, database_url, clock):
    other = open_database(database_url)
    both = runner(database, clock), runner(other, clock)
    for _ in range(3):
        for one in both:
            await one.tick()
    assert await counted(database, "digests") == 0
    clock.forward(timedelta(hours=1))
    for one in (*both, runner(database, clock)):  # the third is a restart
        await one.tick()
    await other.close()
    assert await counted(database, "digests") == 1


async def test_of_missed_runs_only_the_last_is_made_up_for_and_only_within_its_grace(database, clock):
    clock.forward(timedelta(days=28, hours=1))
    await runner(database, clock).tick()
    assert await counted(database, "digests") == 1
    clock.forward(timedelta(days=7, hours=12))
    await runner(database, clock).tick()
    assert await counted(database, "digests") == 1


async def test_a_job_taken_over_by_another_changes_nothing(database, clock):
    await ask(database, clock, "i1", hours=0)
    claim = partial(due.claim, owner="slow", now=clock.now(), limit=5)
    (late,) = await database.write(claim)
    clock.forward(timedelta(minutes=2))
    await runner(database, clock).tick()
    assert not await database.write(lambda tx: due.finish(tx, late))
    assert await counted(database, "reminded/i1") == 1


async def test_ticks_by_itself_once_started(sqlite_database, clock):
    done = asyncio.Event()
    one = Runner(sqlite_database, Jobs(jobs={"remind": remind}), Office, clock, count=lambda kind, outcome: done.set())
    await ask(sqlite_database, clock, "i1", hours=0)
    one.start()
    async with asyncio.timeout(20):
        await done.wait()
    await one.stop()
    assert await counted(sqlite_database, "reminded/i1") == 1


class Gate:
    """A database whose reads of a tick wait until the test lets them through."""

    def __init__(self, database):
        self.database, self.write = database, database.write
        self.inside, self.open = asyncio.Event(), asyncio.Event()

    async def read(self, unit):
        self.inside.set()
        await self.open.wait()
        return await self.database.read(unit)


async def test_stopped_in_the_middle_of_a_tick_the_tick_ends_and_nothing_is_an_error(sqlite_database, clock, caplog):
    gate = Gate(sqlite_database)
    one = Runner(gate, Jobs(jobs={"remind": remind}), Office, clock)
    await ask(sqlite_database, clock, "i1", hours=0)
    one.start()
    async with asyncio.timeout(20):
        await gate.inside.wait()
    stopping = asyncio.create_task(one.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    gate.open.set()
    await stopping
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_what_waits_for_a_network_is_given_back_at_the_stop(database, clock, monkeypatch):
    monkeypatch.setattr("scheduler.runner._GRACE_S", 0.0)
    begun = asyncio.Event()

    async def hangs(row):
        begun.set()
        await asyncio.Event().wait()

    table = Jobs(outside={"fetch": hangs})
    one, other = Runner(database, table, Office, clock), Runner(database, table, Office, clock)
    await database.write(lambda tx: due.at(tx, "f1", "fetch", clock.now(), {}, now=clock.now()))
    await one.tick()
    await begun.wait()
    await one.stop()
    assert await other.tick() == 1
    (row,) = await database.read(lambda tx: tx.fetch("SELECT attempts FROM due"))
    assert row["attempts"] == 1
    await other.stop()


def test_monday_is_monday():
    """`0 9 * * 0` would be Monday too in APScheduler, where 0 is Monday; names are unmistakable."""
    planned = jobs.following(DIGEST, now=MONDAY - timedelta(days=3), zone=CHINA)
    assert planned == datetime(2026, 4, 27, 1, 0, tzinfo=UTC)


def test_a_rule_that_never_comes_is_a_mistake():
    with pytest.raises(ValueError, match="never"):
        jobs.following(Rule(name="x", cron="0 0 30 2 *", kind="x"), now=MONDAY, zone=CHINA)


async def test_work_outside_of_transactions_is_begun_once_however_long_it_takes(database, clock):
    """It stays claimed while it runs, also when the clock jumps past its lease; asked for again, it comes up again."""
    begun: list[int] = []
    slow = asyncio.Event()

    async def read_all(row: Due) -> None:
        begun.append(row.fence)
        await slow.wait()
        assert await database.write(partial(due.finish, due=row))

    await ask(database, clock, "i1", minutes=1)
    clock.forward(timedelta(minutes=1))
    one = Runner(database, Jobs(outside={"remind": read_all}), Office, clock)
    assert await one.tick() == 1
    clock.forward(timedelta(minutes=5))
    assert await one.tick() == 0
    assert len(begun) == 1
    slow.set()
    await asyncio.gather(*one._out.values())
    assert not await database.read(lambda tx: tx.first("SELECT id FROM due WHERE state <> 'done'"))
    await ask(database, clock, "i1")
    assert await one.tick() == 1
    await asyncio.gather(*one._out.values())
    assert len(begun) == 2


async def forbidden(row: Due, ctx: Context) -> None:
    await counters.take(ctx.tx, "begun")
    raise errors.BadRequest("insufficient_balance")


async def said(refused: errors.RuleError, row: Due, ctx: Context) -> None:
    await counters.take(ctx.tx, f"said/{refused.code}")


async def test_what_a_rule_forbids_is_rolled_back_said_once_and_done(database, clock):
    await ask(database, clock, "i1", hours=1)
    clock.forward(timedelta(hours=1))
    one = Runner(database, Jobs(jobs={"remind": forbidden}, refused={"remind": said}), Office, clock)
    await one.tick()
    clock.forward(timedelta(hours=3))
    await one.tick()
    assert await counted(database, "begun") == 0
    assert await counted(database, "said/insufficient_balance") == 1
    assert not await database.read(due.dead)


async def test_a_refusal_that_nobody_words_is_tried_again_like_a_broken_job(database, clock):
    await ask(database, clock, "i1", hours=1)
    clock.forward(timedelta(hours=1))
    one = Runner(database, Jobs(jobs={"remind": forbidden}), Office, clock)
    await one.tick()
    row = await database.read(lambda tx: tx.first("SELECT state, attempts, error FROM due"))
    assert (row["state"], row["attempts"], row["error"]) == ("waiting", 1, "insufficient_balance")
