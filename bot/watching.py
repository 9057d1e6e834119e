"""How the service is doing: one look for `/metrics`, `/readyz` and the administrators' page, and what to worry about.

A look asks the database once and is kept for some seconds, longer where it took long: however many programs ask, the
office's own work is not held up. What is serious means that this instance should get no work (a load balancer takes it
out); everything else is for administrators, because sending people elsewhere would not help.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from bot.database.open import OpenDatabase
from connectors.clock import Clock
from handlers.audit import backup_facts, heads, log, sealing
from handlers.errors import DatabaseBusy
from handlers.mailroom import queues
from handlers.mailroom.queues import Queue, Queues
from handlers.transaction import Transaction, from_ms

_KEPT_S: Final = 5.0
_SHARE: Final = 20.0  # a look is kept at least so many times as long as it took
_SLOW_S: Final = 5.0

_DISK_OUT: Final = 100 * 1024**2
_DISK_LOW: Final = 1024**3
_UNSEALED: Final = timedelta(minutes=10)
_LATE: Final = timedelta(minutes=10)
_LETTERS_LATE: Final = timedelta(minutes=30)
_SILENT: Final = timedelta(minutes=2)
_BACKUP_OLD: Final = timedelta(days=2)

Grade = Literal["serious", "bad", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """`code` and `about` as `cards.operation.concern` words them."""

    code: str
    grade: Grade = "bad"
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the journal says of backups; None where there has been none. `why` of a failure is "" when all went well."""

    backup: datetime | None = None
    backup_why: str = ""
    file: str = ""
    drill: datetime | None = None
    drill_why: str = ""
    days: tuple[tuple[datetime, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """At one moment; `unsealed` counts facts that wait for the sealer, `head` is the newest signed one's (size, time).
    `quotas` are (account, what, used, limit)."""

    at: datetime
    queues: Queues = field(default_factory=Queues)
    unsealed: Queue = field(default_factory=Queue)
    facts: int = 0
    head: tuple[int, datetime] | None = None
    kept: Kept = field(default_factory=Kept)
    database_bytes: int = 0
    disk_free: int = 0
    disk_whole: int = 0
    quotas: tuple[tuple[str, str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last time that something happened with an account, on this instance."""

    at: datetime
    what: str


def disk_of(folder: Path) -> tuple[int, int]:
    """(free for us, whole) in bytes."""
    while not folder.exists():
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, shutil.disk_usage(folder).total


class Watch:
    """`folder` is where data grows; `streams` are the accounts that somebody has to listen for; `backups` says whether
    this office makes its own; `schema_ok`, `quotas` and `unknown_year` (this one, while its holidays are not loaded)
    ask the parts that know."""

    def __init__(
        self,
        database: OpenDatabase,
        clock: Clock,
        folder: Path,
        *,
        schema_ok: Callable[[], Awaitable[bool]],
        streams: tuple[str, ...] = (),
        backups: bool = True,
        quotas: Callable[[], tuple[tuple[str, str, int, int], ...]] = lambda: (),
        unknown_year: Callable[[], int | None] = lambda: None,
        disk: Callable[[Path], tuple[int, int]] = disk_of,
    ) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._schema_ok = schema_ok
        self._streams = streams
        self.backups = backups
        self._quotas = quotas
        self._unknown_year = unknown_year
        self._disk = disk
        self._state: State | None = None
        self._good_until = 0.0
        self._looking = asyncio.Lock()
        self._heard: dict[str, datetime] = {}
        self.began = clock.now()
        self.stopping = False
        self.sent: dict[str, Outcome] = {}
        self.received: dict[str, Outcome] = {}

    def letter(self, account: str, outcome: str) -> None:
        self.sent[account] = Outcome(self._clock.now(), outcome)

    def delivery(self, account: str, outcome: str) -> None:
        self.received[account] = Outcome(self._clock.now(), outcome)

    def forget(self) -> None:
        """The next look is a new one: somebody has just changed what it shows."""
        self._good_until = 0.0

    async def state(self) -> State:
        """A recent one. Raises DatabaseBusy, TimeoutError."""
        async with self._looking:
            if self._state is None or time.monotonic() >= self._good_until:
                began = time.monotonic()
                async with asyncio.timeout(_SLOW_S):
                    self._state = await self._look()
                took = time.monotonic() - began
                self._good_until = time.monotonic() + max(_KEPT_S, took * _SHARE)
            return self._state

    async def serious(self) -> Concern | None:
        """What makes this instance useless now: asked of the database itself, nothing is remembered."""
        if self.stopping:
            return Concern(code="stopping", grade="serious")
        try:
            async with asyncio.timeout(_SLOW_S):
                if not await self._database.healthy():
                    return Concern(code="database", grade="serious")
                if not await self._schema_ok():
                    return Concern(code="schema", grade="serious")
        except TimeoutError:
            return Concern(code="database_slow", grade="serious")
        except OSError:
            return Concern(code="database", grade="serious")
        free = (await asyncio.to_thread(self._disk, self._folder))[0]
        if free < _DISK_OUT:
            return Concern(code="disk_out", grade="serious", about={"free": free, "where": str(self._folder)})
        return None

    async def concerns(self) -> list[Concern]:
        """The serious one, if there is one, and everything that administrators should look at."""
        first = await self.serious()
        try:
            state = await self.state()
        except (DatabaseBusy, TimeoutError):
            return [first or Concern(code="database_slow", grade="serious")]
        found = [] if first is None else [first]
        return [*found, *self._about_work(state), *self._about_keeping(state)]

    async def _look(self) -> State:
        now = self._clock.now()
        state = await self._database.read(partial(_read, now=now))
        free, whole = await asyncio.to_thread(self._disk, self._folder)
        return replace(state, disk_free=free, disk_whole=whole, quotas=self._quotas())

    def _about_work(self, state: State) -> list[Concern]:
        found = []
        number = sum(state.queues.dead.values())
        if number:
            found.append(Concern(code="dead", about={"number": number}))
        if age := _older(state.queues.inbox, state, _LATE):
            found.append(Concern(code="inbox_late", about={"age": age}))
        if age := _older(state.queues.due, state, _LATE):
            found.append(Concern(code="due_late", about={"age": age}))
        for account, queue in state.queues.outbox.items():
            if age := _older(queue, state, _LETTERS_LATE):
                found.append(Concern(code="outbox_late", about={"account": account, "age": age}))
        if age := _older(state.unsealed, state, _UNSEALED):
            found.append(Concern(code="unsealed", about={"age": age}))
        return [*found, *self._about_streams(state)]

    def _about_streams(self, state: State) -> list[Concern]:
        """Nobody, on any instance, has held the account's connection for a while."""
        held = {lease.name for lease in state.queues.leases if lease.until > state.at}
        found = []
        for account in self._streams:
            if f"listen:{account}" in held:
                self._heard[account] = state.at
            silent = state.at - self._heard.get(account, self.began)
            if silent > _SILENT:
                about = {"account": account, "age": silent.total_seconds()}
                found.append(Concern(code="no_holder", about=about))
        return found

    def _about_keeping(self, state: State) -> list[Concern]:
        found = []
        if _DISK_OUT <= state.disk_free < _DISK_LOW:
            found.append(Concern(code="disk_low", about={"free": state.disk_free, "where": str(self._folder)}))
        kept = state.kept
        if self.backups:
            found += _about_backups(kept, state.at)
        if kept.drill_why:
            found.append(Concern(code="drill_failed", about={"why": kept.drill_why}))
        if year := self._unknown_year():
            found.append(Concern(code="no_calendar", about={"year": year}))
        return found


def _about_backups(kept: Kept, now: datetime) -> list[Concern]:
    if kept.backup_why:
        return [Concern(code="backup_failed", about={"why": kept.backup_why})]
    if kept.backup is None:
        return [Concern(code="no_backup", grade="note")]
    if now - kept.backup > _BACKUP_OLD:
        return [Concern(code="backup_old", about={"age": (now - kept.backup).total_seconds()})]
    return []


def _older(queue: Queue, state: State, limit: timedelta) -> float:
    """The age of the oldest in seconds where that is more than `limit`, else 0."""
    age = queue.age(state.at)
    return age if age > limit.total_seconds() else 0.0


async def _read(tx: Transaction, now: datetime) -> State:
    found = await queues.look(tx, now=now)
    head = await heads.last(tx)
    unsealed, facts = await _unsealed(tx)
    return State(
        at=now, queues=found, unsealed=unsealed, facts=facts, head=(head.size, head.at) if head else None,
        kept=await _kept(tx, now), database_bytes=await _size(tx),
    )  # fmt: skip


async def _unsealed(tx: Transaction) -> tuple[Queue, int]:
    """By the numbers alone, so about: those that were rolled back are counted too."""
    sealed = await sealing.last(tx)
    newest = await tx.first("SELECT MAX(id) AS id FROM journal")
    first = await tx.first("SELECT recorded_ms FROM journal WHERE id > ? ORDER BY id LIMIT 1", sealed)
    top = int(newest["id"] or 0) if newest else 0
    queue = Queue(number=top - sealed, since=from_ms(first["recorded_ms"])) if first and top > sealed else Queue()
    return queue, top


async def _size(tx: Transaction) -> int:
    if tx.dialect == "postgres":
        row = await tx.first("SELECT pg_database_size(current_database()) AS bytes")
        return int(row["bytes"]) if row else 0
    pages, size = await tx.first("PRAGMA page_count"), await tx.first("PRAGMA page_size")
    return int(pages["page_count"]) * int(size["page_size"]) if pages and size else 0


async def _kept(tx: Transaction, now: datetime) -> Kept:
    """Of the last months' facts about backups: a handful, found by their subject."""
    kept = Kept()
    days = []
    for fact in await log.newest(tx, backup_facts.ABOUT, limit=60):
        if fact.kind == backup_facts.BackupMade.KIND:
            kept = replace(kept, backup=fact.recorded, backup_why="", file=fact.data["file"])
            days.append((fact.recorded, True))
        elif fact.kind == backup_facts.RestoreTried.KIND:
            kept = replace(kept, drill=fact.recorded, drill_why="")
        elif fact.kind == backup_facts.BackupFailed.KIND and fact.data["drill"]:
            kept = replace(kept, drill_why=fact.data["why"])
        elif fact.kind == backup_facts.BackupFailed.KIND:
            kept = replace(kept, backup_why=fact.data["why"])
            days.append((fact.recorded, False))
    return replace(kept, days=tuple(days))
