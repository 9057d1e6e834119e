"""Runs the handler of an event in one transaction and decides what each kind of error means.

what the handler does       what is stored                          what the platform gets
returns a card or nothing   inbox row done, all its changes         success, with the card
RuleError                   inbox row done, the refusal             success, with the present state
anything unexpected         inbox row failed, to be tried again     success
no time left                inbox row pending, a worker goes on     success
an earlier one still waits  inbox row pending, behind that one      success
DatabaseBusy                nothing                                 no success: it must come again

Events of one sender are handled one after the other, in the order in which they were admitted: in this process by a
line (`turns.py`), across processes and with what waits in the inbox as `handlers/mailroom/inbox.py` says.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from bot.metrics import Metrics
from bot.turns import Turns, reached
from cards.model import Card
from connectors import events
from connectors.clock import Clock
from connectors.events import ButtonPressed, Event, MediaReceived, TextReceived
from connectors.refs import PersonRef
from handlers.audit import log as journal
from handlers.audit.facts import SYSTEM, Origin
from handlers.context import Context, Office
from handlers.errors import BadRequest, DatabaseBusy, RuleError
from handlers.mailroom import copies, inbox, outbox, posted, prompts
from handlers.mailroom.answers import Answers
from handlers.routing import Router
from handlers.transaction import Database, OutOfTime, Transaction, from_ms

T = TypeVar("T")
Refusal = Callable[[RuleError, Event, Context], Awaitable[Card | None]]
Identify = Callable[[Transaction, PersonRef], Awaitable[str]]
"""Our person id of a platform account, "" for a stranger."""

log = structlog.get_logger(__name__)

BUDGET_S = 0.8
_TICK_S = 0.5
_AT_ONCE = 16


class _TakenOver(Exception):
    """Another worker has the row: roll back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One event on its way through."""

    event: Event
    trace: str
    door: str
    now: datetime
    deadline: float = float("inf")  # on the monotonic clock
    row: inbox.Waiting | None = None  # set when a worker does it again

    @property
    def line(self) -> str:
        return inbox.line(self.event)


class Dispatcher:
    """`admit` is what doors and streams call; `run` is the worker for what was left pending or failed.

    `screen` sees every event before anything of it is kept, and may put another in its place.
    `office` may be replaced after a reload of the settings. `wake` is called after commits that may have posted letters
    or due rows, `went_out` (account, copy) when an answer shows a copy's new card. `refusal` words a RuleError to the
    person in a transaction of its own and returns the card to show.
    """

    def __init__(
        self,
        database: Database,
        router: Router,
        office: Office,
        clock: Clock,
        *,
        refusal: Refusal,
        identify: Identify,
        metrics: Metrics | None = None,
        answers: Answers | None = None,
        went_out: Callable[[str, str], None] = lambda account, copy: None,
        wake: Callable[[], None] = lambda: None,
        budget: float = BUDGET_S,
        screen: Callable[[Event], Event] = lambda event: event,
    ) -> None:
        self.office = office
        self._database = database
        self._router = router
        self._clock = clock
        self._refusal = refusal
        self._identify = identify
        self._metrics = metrics or Metrics()
        self._answers = answers or Answers()
        self._went_out = went_out
        self._wake = wake
        self._budget = budget
        self._screen = screen
        self._owner = f"inbox-{secrets.token_hex(8)}"
        self._bell = asyncio.Event()
        self._turns = Turns()
        self._stopping = False
        self._resuming = asyncio.Lock()

    async def admit(self, events: Sequence[Event], *, door: str = "stream") -> Card | None:
        """Takes events in, one transaction each, in their order; the last card is the answer to a tap.

        Raises `DatabaseBusy` when nothing durable happened to one of them: the platform must then come again, and those
        already stored will be known.
        """
        deadline = time.monotonic() + self._budget
        card = None
        for event in map(self._screen, events):
            case = _Case(event=event, trace=_trace(), door=door, now=self._clock.now(), deadline=deadline)
            card = await self._admit_one(case) or card
        return card

    async def run(self) -> None:
        """The worker, until cancelled or asked to stop."""
        while not self._stopping:
            self._bell.clear()
            if not await self._resume_safely():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_S):
                        await self._bell.wait()

    def stop(self) -> None:
        """`run` ends when what it has begun is done."""
        self._stopping = True
        self._bell.set()

    async def _resume_safely(self) -> int:
        try:
            return await self.resume()
        except Exception:  # a worker's loop outlives every mistake; the log has it
            log.exception("inbox.broken")
            return 0

    async def resume(self) -> int:
        """Takes up what is pending or failed and due; how many rows that was."""
        async with self._resuming:
            return await self._resume_some()

    async def _resume_some(self) -> int:
        now = self._clock.now()
        try:
            if not await self._database.read(partial(inbox.waiting, now=now)):
                return 0
            claim = partial(inbox.claim, owner=self._owner, now=now, limit=_AT_ONCE)
            rows = await self._database.write(claim)
        except DatabaseBusy as error:
            log.warning("inbox.busy", reason=error.reason)
            return 0
        await asyncio.gather(*map(self._resume_one, rows))
        return len(rows)

    async def _admit_one(self, case: _Case) -> Card | None:
        started = time.monotonic()
        kind = type(case.event).__name__
        with structlog.contextvars.bound_contextvars(trace=case.trace, account=case.event.account, kind=kind):
            outcome, card = await self._decided(case)
            log.info("event", outcome=outcome)
        self._metrics.events.labels(kind, outcome).inc()
        self._metrics.handling.observe(time.monotonic() - started)
        if outcome in ("late", "behind", "failed"):
            self._bell.set()
        if outcome != "repeated":
            self._wake()
        return card

    async def _decided(self, case: _Case) -> tuple[str, Card | None]:
        """The table at the top of this file."""
        with self._turns.queued(case.line) as ahead:
            if await reached(ahead, deadline=case.deadline):
                return await self._in_turn(case)
            return await self._database.write(partial(self._store, case)), None

    async def _in_turn(self, case: _Case) -> tuple[str, Card | None]:
        try:
            return await self._try(case)
        except OutOfTime:  # the platform's patience is used up: a worker does it again without hurry
            return await self._database.write(partial(self._store, case)), None
        except DatabaseBusy:
            raise
        except Exception as error:
            failed = partial(
                inbox.admit_failed, event=case.event, error=error, trace=case.trace, door=case.door, now=case.now
            )
            number = await self._database.write(failed)
            log.exception("event.failed", number=number)
            return "failed", None

    async def _try(self, case: _Case) -> tuple[str, Card | None]:
        """Handles the event, or says the refusal; both end in one commit."""
        try:
            outcome, card, copy = await self._database.write(partial(self._handle, case))
        except RuleError as error:
            outcome, card, copy = await self._database.write(partial(self._refuse, case, error))
        if card is not None and copy and case.row is None:
            self._answers.note(copy)
            self._went_out(case.event.account, copy)
        return outcome, card

    async def _handle(self, case: _Case, tx: Transaction) -> tuple[str, Card | None, str]:
        if time.monotonic() >= case.deadline:
            return await self._store(case, tx), None, ""
        tx.deadline = case.deadline
        await inbox.take_turn(tx, case.line)
        if begun := await self._begun(case, tx):
            return begun, None, ""
        ctx = await self._context(case, tx)
        await _refuse_stray(case, ctx)
        copy = await self._tapped(case, ctx)
        _gather(tx)
        card = await self._router.handle(case.event, ctx)
        return "done", card, await self._shown(case, ctx, copy, card)

    async def _refuse(self, case: _Case, error: RuleError, tx: Transaction) -> tuple[str, Card | None, str]:
        await inbox.take_turn(tx, case.line)
        if begun := await self._begun(case, tx):
            return begun, None, ""
        ctx = await self._context(case, tx)
        copy = await self._tapped(case, ctx)
        _gather(tx)
        card = await self._refusal(error, case.event, ctx)
        return "refused", card, await self._shown(case, ctx, copy, card)

    async def _begun(self, case: _Case, tx: Transaction) -> str:
        """Marks the event done in this transaction; an outcome when it is not to be handled here and now."""
        if case.row is None:
            state = await inbox.admit(tx, case.event, trace=case.trace, door=case.door, now=case.now)
            return {inbox.DONE: "", inbox.PENDING: "behind"}.get(state, "repeated")
        if not await inbox.done(tx, case.row):
            raise _TakenOver
        return ""

    async def _store(self, case: _Case, tx: Transaction) -> str:
        state = await inbox.admit(
            tx, case.event, trace=case.trace, door=case.door, now=case.now, state=inbox.PENDING
        )
        return "late" if state else "repeated"

    async def _context(self, case: _Case, tx: Transaction) -> Context:
        sender: PersonRef | None = getattr(case.event, "sender", None)
        person = SYSTEM if sender is None else await self._identify(tx, sender)
        origin = Origin(person=person, account=case.event.account, door=case.door, trace=case.trace)
        return Context(tx=tx, now=case.now, trace=case.trace, origin=origin, office=self.office)

    async def _tapped(self, case: _Case, ctx: Context) -> str:
        """The copy that was tapped, its one-time code kept whatever comes of the tap; "" for other events."""
        if not isinstance(case.event, ButtonPressed):
            return ""
        copy = await copies.find(ctx.tx, case.event.message.id)
        if copy is None:
            return ""
        if copy.ref.id == case.event.message.id:
            await copies.tapped(ctx.tx, copy.id, case.event.code, now=case.now)
        return copy.id

    async def _shown(self, case: _Case, ctx: Context, copy: str, card: Card | None) -> str:
        """The tapper's new card is also a letter, held back while the answer to the tap may bring it.

        What a worker does has no answer to wait for. With it the unit's letters are complete.
        """
        if copy and card is not None:
            await outbox.refresh(ctx.tx, copy, card, now=ctx.now, skip_answer=case.row is None)
        await posted.write(ctx.tx)
        return copy

    async def _resume_one(self, row: inbox.Waiting) -> None:
        with structlog.contextvars.bound_contextvars(trace=row.trace, kind=row.kind, number=row.id):
            outcome = await self._resumed(row)
            log.info("event", outcome=outcome, attempts=row.attempts)
        self._metrics.events.labels(row.kind, outcome).inc()
        self._wake()

    async def _resumed(self, row: inbox.Waiting) -> str:
        with self._turns.queued(row.line) as ahead:
            await reached(ahead)
            return await self._resumed_in_turn(row)

    async def _resumed_in_turn(self, row: inbox.Waiting) -> str:
        now = self._clock.now()
        try:
            event = events.load(row.kind, row.body)
            outcome, _ = await self._try(_Case(event=event, trace=row.trace, door=row.door, now=now, row=row))
        except _TakenOver:
            return "taken over"
        except DatabaseBusy:
            await self._quietly(partial(inbox.give_back, row=row, now=now))
            return "busy"
        except Exception as error:  # a broken handler must not stop the worker; the row says so
            log.exception("event.failed")
            await self._quietly(partial(inbox.failed, row=row, error=error, now=now))
            return "failed"
        return outcome

    async def _quietly(self, unit: Callable[[Transaction], Awaitable[None]]) -> None:
        """If even this finds no database, the lease runs out and the row is claimed again."""
        with suppress(DatabaseBusy):
            await self._database.write(unit)


def _trace() -> str:
    """16 hex digits that bind a journal's facts to the log's lines; no secret, so without a system call per event."""
    return f"{random.getrandbits(64):016x}"


def _gather(tx: Transaction) -> None:
    """What an event leaves, facts and letters, is written when it is complete."""
    journal.gather(tx)
    posted.hold(tx)


async def _refuse_stray(case: _Case, ctx: Context) -> None:
    """Words that failed until newer ones overtook them answer no question that was asked after they were said."""
    if case.row is None or not case.row.aside or not isinstance(case.event, TextReceived | MediaReceived):
        return
    asked = await prompts.asked_at(ctx.tx, ctx.origin.person, now=ctx.now)
    if asked is not None and asked > from_ms(case.row.received_ms):
        raise BadRequest(code="overtaken")
