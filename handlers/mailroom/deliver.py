"""Carries letters to the platforms: one worker per account, one letter per lane at a time, lanes side by side.

Some letters more than there are places in the air are claimed ahead, so that a place that gets free does not wait for
two commits (of what landed there, and of the next claim) and a look into the table.

One worker per account, so that a platform that is down holds up nobody else's letters. A worker asks a reader whether
anything can go before it disturbs the writer; `wake` after a commit that posted letters makes it look at once, a tick
makes it find what became due by time alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cards.model import Card, Message, Schedule
from connectors import errors
from connectors.contract import Connector
from connectors.refs import PersonRef
from handlers.errors import DatabaseBusy
from handlers.mailroom import elsewhere, ladder, outbox, schedules
from handlers.mailroom.answers import Answers
from handlers.mailroom.ladder import Rung
from handlers.mailroom.letters import Claimed
from handlers.mailroom.pace import Pace
from handlers.transaction import Database, Transaction

log = logging.getLogger(__name__)

PLACES = 64
"""Letters in the air at once, per account."""
_AHEAD = 32
_TICK_S = 0.5
_GRACE_S = 5.0
_STALE_S = 10.0  # of a minute's lease
_THROTTLED = timedelta(seconds=2)

Now = Callable[[], datetime]
Ours = Callable[[], Awaitable[bool]]
"""Whether this instance serves the account now."""
Count = Callable[[str, str], None]
"""Told (account, outcome) of every attempt: sent | answered | busy | throttled | unsure | lowered | refused | spent."""


class _RefusedAt(Exception):
    """The platform said no to the message as it is on this rung; the cause says why."""

    def __init__(self, rung: Rung) -> None:
        super().__init__(rung)
        self.rung = rung


def uncounted(account: str, outcome: str) -> None:
    """For those who do not count."""


def untimed(account: str, seconds: float) -> None:
    """For those who do not measure."""


async def always() -> bool:
    """For those who are alone."""
    return True


class Postman:
    """The worker of one account. `owner` is unique per process start; nothing leaves that `screen` has not seen.

    `served` are the accounts that the office has: what cannot be delivered here goes to another one of its person.
    Among several instances `ours` says which one serves the account: platforms count per account and member, some of
    them drop in silence what is too much, and a connector counts what it has sent itself.
    """

    def __init__(
        self,
        database: Database,
        connector: Connector,
        now: Now,
        *,
        owner: str,
        answers: Answers | None = None,
        count: Count = uncounted,
        took: Callable[[str, float], None] = untimed,
        places: int = PLACES,
        screen: Callable[[Message], Message] = lambda message: message,
        served: Collection[str] = (),
        ours: Ours = always,
    ) -> None:
        self._database = database
        self._connector = connector
        self._now = now
        self._owner = owner
        self._answers = answers or Answers()
        self._count = count
        self._took = took
        self._most = places + min(_AHEAD, places // 2)
        self._air = asyncio.Semaphore(places)
        self._screen = screen
        self._served = served
        self._ours = ours
        self._pace = Pace(connector.capabilities.sends_per_second)
        self._stopping = False
        self._bell = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something was committed that may have to go out."""
        self._bell.set()

    def stop(self) -> None:
        """`run` claims nothing more and ends when what is in the air has landed."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled or asked to stop; letters in the air then get some seconds to land, the rest is repeated."""
        try:
            while not self._stopping:
                self._bell.clear()
                if not await self._start_safely():
                    await self._rest()
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=_GRACE_S)
            for task in self._under_way:
                task.cancel()

    async def empty(self) -> int:
        """Sends until nothing more can go now; returns the number of attempts. For tests and `officebot doctor`."""
        attempts = 0
        while (started := await self._start_some()) or self._under_way:
            attempts += started
            if self._under_way:
                await asyncio.wait(self._under_way)
        return attempts

    async def _start_safely(self) -> int:
        try:
            return await self._start_some()
        except Exception:  # a worker's loop outlives every mistake; the log has it
            log.exception("outbox.broken", extra={"account": self._connector.account})
            return 0

    async def _start_some(self) -> int:
        """Claims as many letters as there are places, and some ahead; how many."""
        free = self._pace.free(now=self._now(), most=self._most - len(self._under_way))
        if free <= 0:
            return 0
        try:
            if not await self._ours():
                return 0
            claimed = await self._claim(free)
        except DatabaseBusy as error:
            log.warning("outbox.busy", extra={"account": self._connector.account, "reason": error.reason})
            return 0
        self._pace.took(len(claimed))
        for letter in claimed:
            task = asyncio.create_task(self._deliver(letter))
            self._under_way.add(task)
            task.add_done_callback(self._landed)
        return len(claimed)

    async def _claim(self, limit: int) -> list[Claimed]:
        asked: dict[str, Any] = {
            "account": self._connector.account,
            "owner": self._owner,
            "now": self._now(),
            "limit": limit,
        }
        found = await self._database.read(partial(outbox.heads, **asked))
        if not found or self._stopping:  # perhaps while it was asked
            return []
        return await self._database.write(partial(outbox.claim, **asked, among=found))

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._bell.set()  # its lane is free again
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.broken", extra={"account": self._connector.account}, exc_info=error)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._pace.pause(_TICK_S)):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _deliver(self, letter: Claimed) -> None:
        """One attempt and its outcome; the outcome is kept trying until the database has it."""
        claimed = time.monotonic()
        async with self._air:
            if self._stopping or time.monotonic() - claimed > _STALE_S:
                unit: Callable[[Transaction], Any] = partial(outbox.given_back, letter=letter, now=self._now())
            else:
                unit = await self._timed(letter)
        while True:
            try:
                await self._database.write(unit)
            except DatabaseBusy:
                await asyncio.sleep(_TICK_S)
            else:
                return

    async def _timed(self, letter: Claimed) -> Callable[[Transaction], Any]:
        """One attempt; the unit that writes down what happened."""
        began = time.monotonic()
        outcome, unit = await self._attempt(letter)
        if outcome != "answered":  # nobody was asked
            self._took(self._connector.account, time.monotonic() - began)
        self._count(self._connector.account, outcome)
        return unit

    async def _attempt(self, letter: Claimed) -> tuple[str, Callable[[Transaction], Any]]:
        """What happened, and the unit that writes it down; every kind of error is decided here and only here."""
        busy = partial(elsewhere.busy, letter=letter, served=self._served, now=self._now())
        try:
            return await self._sent(letter)
        except errors.Throttled as error:
            wait = _THROTTLED if error.retry_after is None else timedelta(seconds=error.retry_after)
            return "throttled", partial(busy, error=_why(error), wait=wait, attempt=False)
        except errors.Unsure as error:
            return "unsure", partial(busy, error=_why(error), unsure=True, handle=error.handle)
        except errors.PlatformBusy as error:
            wait_s = error.retry_after
            return "busy", partial(busy, error=_why(error), wait=wait_s and timedelta(seconds=wait_s))
        except errors.CardSpent:
            return "spent", partial(outbox.spent, letter=letter)
        except _RefusedAt as refused:
            return self._lower(letter, refused)
        except errors.PlatformRefused as error:
            return self._refused(letter, error)
        except errors.Unsupported as error:
            if letter.update:  # a card that cannot be changed is followed by a new one
                return "spent", partial(outbox.spent, letter=letter)
            return self._refused(letter, error)
        except Exception as error:  # a connector's mistake must not hold the letter for ever
            log.exception("outbox.unexpected", extra={"letter": letter.id, "account": self._connector.account})
            return "unsure", partial(busy, error=type(error).__name__, unsure=True)

    def _lower(self, letter: Claimed, at: _RefusedAt) -> tuple[str, Callable[[Transaction], Any]]:
        """Once more, one rung lower; what was lowered already, or has nothing below, is refused."""
        assert isinstance(at.__cause__, errors.PlatformRefused)
        lower = ladder.below(letter.message, letter.to, self._connector.capabilities, at.rung)
        if letter.rung or lower is None:
            return self._refused(letter, at.__cause__)
        return "lowered", partial(outbox.lowered, letter=letter, rung=lower, error=_why(at.__cause__))

    def _refused(self, letter: Claimed, error: Exception) -> tuple[str, Callable[[Transaction], Any]]:
        why = _why(error)
        return "refused", partial(elsewhere.refused, letter=letter, error=why, served=self._served, now=self._now())

    async def _sent(self, letter: Claimed) -> tuple[str, Callable[[Transaction], Any]]:
        letter = replace(letter, message=self._screen(letter.message))
        if await self._shown_by_answer(letter):
            return "answered", partial(outbox.answered, letter=letter, now=self._now())
        if isinstance(letter.message, Schedule):
            handle = await schedules.keep(self._database, self._connector, letter, letter.message, now=self._now())
        else:
            handle = await (self._update(letter) if letter.update else self._send(letter))
        return "sent", partial(outbox.sent, letter=letter, handle=handle, now=self._now())

    async def _shown_by_answer(self, letter: Claimed) -> bool:
        """Whether the answer to the tap carried this state; waits some seconds for it to go out."""
        if not (letter.update and letter.answered and self._connector.capabilities.answer_carries_card):
            return False
        if not isinstance(letter.to, PersonRef):
            return False  # an answer changes the tapper's view only; in a group the others still see the old one
        if await self._answers.went_out(letter.copy):
            return True
        return await self._database.read(partial(outbox.was_answered, number=letter.id))

    async def _update(self, letter: Claimed) -> Mapping[str, Any]:
        assert letter.handle is not None
        assert isinstance(letter.message, Card)
        handle = letter.handle
        for _, code, at in letter.codes:
            handle = self._connector.tapped(handle, code, now=at)
        return await self._connector.update(letter.to, handle, letter.message, ref=letter.ref)

    async def _send(self, letter: Claimed) -> Mapping[str, Any]:
        """On the highest rung that holds. Raises `_RefusedAt`, `Unsupported` when none does."""
        beyond: errors.Unsupported | None = None
        capabilities = self._connector.capabilities
        for rung, message in ladder.rungs(letter.message, letter.to, capabilities, start=letter.rung):
            try:
                return await self._say(letter, message)
            except errors.Unsupported as error:
                beyond = error
            except errors.PlatformRefused as refused:
                raise _RefusedAt(rung) from refused
        raise beyond or errors.Unsupported("no rung of the ladder")

    async def _say(self, letter: Claimed, message: Message) -> Mapping[str, Any]:
        """Repeats as such what may have arrived, unless the platform tells repetitions by the ref itself."""
        safe = not letter.moved and self._connector.capabilities.repeats_safely(letter.to, message)
        return await self._connector.send(letter.to, message, ref=letter.ref, repeated=letter.maybe and not safe)


def _why(error: Exception) -> str:
    """Class and circumstances; connectors put no secret and no body into them."""
    return f"{type(error).__name__}: {error}"
