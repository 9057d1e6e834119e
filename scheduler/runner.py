"""Ticks, and runs what is due: the only file that knows APScheduler's scheduler.

APScheduler holds one job in memory, merged when missed and never twice at once; what is due lies in our own table.
Every tick reads the time from the service's clock, so that a moved clock (the demo's) moves reminders as well.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from connectors.clock import Clock
from handlers.audit.facts import SYSTEM, Origin
from handlers.context import Context, Office
from handlers.errors import DatabaseBusy, RuleError
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.transaction import Database, Transaction
from scheduler import jobs
from scheduler.jobs import Jobs, Rule

log = structlog.get_logger(__name__)

_TICK_S = 0.5
_AT_ONCE = 20
_GRACE_S = 3.0


class _Gone(Exception):
    """The row was moved, cancelled or taken over while its job ran: roll back."""


class Runner:
    """`office` gives the present settings (they may be reloaded), `wake` is called after jobs that may have posted."""

    def __init__(
        self,
        database: Database,
        table: Jobs,
        office: Callable[[], Office],
        clock: Clock,
        *,
        wake: Callable[[], None] = lambda: None,
        count: Callable[[str, str], None] = lambda kind, outcome: None,
    ) -> None:
        self._database = database
        self._table = table
        self._office = office
        self._clock = clock
        self._wake = wake
        self._count = count
        self._owner = f"due-{secrets.token_hex(8)}"
        self._quiet_until: dict[str, datetime] = {}
        self._ticking = asyncio.Lock()
        self._stopping = False
        self._scheduler: AsyncIOScheduler | None = None
        self._out: dict[int, asyncio.Task[None]] = {}  # by the number of the row

    def start(self) -> None:
        """Begins to tick on the running loop."""
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            self.tick, "interval", seconds=_TICK_S, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """No further ticks. The rows of a tick under way are ended; what waits for a network has some seconds, and is
        then given back for another instance or the next start."""
        self._stopping = True
        if self._scheduler is not None:
            self._scheduler.pause()
            async with self._ticking:  # APScheduler would cancel the tick, and call that an error
                self._scheduler.shutdown(wait=False)
            self._scheduler = None
        if not (out := set(self._out.values())):
            return
        _, late = await asyncio.wait(out, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def tick(self) -> int:
        """Materialises the rules and runs everything due; the number of rows run."""
        async with self._ticking:
            return await self._tick()

    async def _tick(self) -> int:
        number = 0
        try:
            await self._materialise()
            while not self._stopping and (ran := await self._run_some()):
                number += ran
        except DatabaseBusy as error:
            log.warning("due.busy", reason=error.reason)
        return number

    async def _materialise(self) -> None:
        now = self._clock.now()
        for rule in self._table.rules:
            if now < self._quiet_until.get(rule.name, now):
                continue
            zone = self._office().timezone
            planned = jobs.latest(rule, now=now, zone=zone)
            if planned is not None:
                await self._database.write(partial(_insert, rule=rule, planned=planned))
            self._quiet_until[rule.name] = jobs.following(rule, now=now, zone=zone)

    async def _run_some(self) -> int:
        now = self._clock.now()
        first = await self._database.read(due.next_at)
        if first is None or first > now:
            return 0
        asked = partial(due.claim, owner=self._owner, now=now, limit=_AT_ONCE, but=tuple(self._out))
        claimed = await self._database.write(asked)
        for row in claimed:
            if row.kind in self._table.outside:
                self._let_out(row)
            else:
                await self._run(row)
        return len(claimed)

    def _let_out(self, row: Due) -> None:
        """A platform that answers slowly holds up no reminder."""
        self._out[row.id] = asyncio.create_task(self._traced_outside(row))
        self._out[row.id].add_done_callback(lambda _: self._out.pop(row.id, None))

    async def _traced_outside(self, row: Due) -> None:
        with structlog.contextvars.bound_contextvars(trace=secrets.token_hex(8), due=row.id, kind=row.kind):
            await self._run_outside(row)

    async def _run_outside(self, row: Due) -> None:
        outcome = "done"
        try:
            await self._table.outside[row.kind](row)
        except DatabaseBusy as error:  # the lease runs out and the row comes up again
            log.warning("due.busy", reason=error.reason)
            outcome = "failed"
        except asyncio.CancelledError:
            await self._database.write(partial(due.give_back, due=row))
            raise
        except Exception as error:  # as in `_outcome`
            log.exception("due.failed", due=row.id, kind=row.kind)
            later = partial(due.later, due=row, error=type(error).__name__, now=self._clock.now())
            await self._database.write(later)
            outcome = "failed"
        log.info("due", outcome=outcome, attempts=row.attempts)
        self._count(row.kind, outcome)
        self._wake()

    async def _run(self, row: Due) -> None:
        trace = secrets.token_hex(8)
        with structlog.contextvars.bound_contextvars(trace=trace, due=row.id, kind=row.kind):
            outcome = await self._outcome(row, trace)
            log.info("due", outcome=outcome, attempts=row.attempts)
        self._count(row.kind, outcome)
        self._wake()

    async def _outcome(self, row: Due, trace: str) -> str:
        try:
            await self._database.write(partial(self._work, row, trace))
        except _Gone:
            return "gone"
        except DatabaseBusy:
            raise
        except RuleError as error:
            return await self._forbidden(row, trace, error)
        except Exception as error:  # the job loop: one broken job must not stop the others; the row says so
            log.exception("due.failed")
            later = partial(due.later, due=row, error=type(error).__name__, now=self._clock.now())
            await self._database.write(later)
            return "failed"
        return "done"

    async def _forbidden(self, row: Due, trace: str, error: RuleError) -> str:
        """As the dispatcher does with an event: what was begun is rolled back, and the refusal is said."""
        if row.kind not in self._table.refused:
            log.warning("due.refused", reason=error.code)
            later = partial(due.later, due=row, error=error.code, now=self._clock.now())
            await self._database.write(later)
            return "failed"
        await self._database.write(partial(self._work, row, trace, refused=error))
        return "refused"

    async def _work(self, row: Due, trace: str, tx: Transaction, *, refused: RuleError | None = None) -> None:
        if not await due.finish(tx, row):
            raise _Gone
        origin = Origin(person=SYSTEM, door="scheduler", trace=trace)
        ctx = Context(tx=tx, now=self._clock.now(), trace=trace, origin=origin, office=self._office())
        if refused is not None:
            await self._table.refused[row.kind](refused, row, ctx)
            return
        await self._table.jobs[row.kind](row, ctx)


async def _insert(tx: Transaction, rule: Rule, planned: datetime) -> bool:
    payload = {**rule.payload, "planned": planned.isoformat()}
    return await due.once(tx, jobs.key(rule, planned), rule.kind, planned, payload)
