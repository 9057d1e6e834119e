"""Seals the journal after the commit, out of the way of the hot path: one instance at a time, by a lease.

A round reads what waits, computes, and writes in a transaction that takes the lease first, so it is whole or not there:
killed anywhere, the next round reads the same facts again and gives them the same indexes. The lease is taken in the
very transaction that writes; whoever else wants it waits for that row and then finds it taken.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from bot.proofs import keys
from bot.proofs.keys import BadKey
from connectors.clock import Clock
from handlers.audit import heads, log, own_facts, sealing
from handlers.audit.facts import Origin
from handlers.audit.heads import Broken, Head
from handlers.audit.notes import Signer
from handlers.audit.sealing import Batch, Moved
from handlers.errors import DatabaseBusy
from handlers.mailroom import counters, leases
from handlers.transaction import Database, Transaction

logger = structlog.get_logger(__name__)

T = TypeVar("T")

LEASE: Final = "seal"
_SIGNING: Final = "seal-head"
_SETTLED: Final = "seal/settled"
_LEASE_S: Final = 30.0
_PAUSE_S: Final = 1.0
_BREATH_S: Final = 0.02  # between batches: what came meanwhile goes first, a second's facts are not one long wait
_BATCH: Final = 256
_NEAR: Final = 10_000  # of the last numbers, holes are remembered one by one
_LATE: Final = timedelta(hours=1)  # longer than any transaction; then all numbers are compared again
_PATIENCE_S: Final = 5.0
_ORIGIN: Final = Origin(door="sealer")


class NotOurs(Exception):
    """Another instance seals just now."""


class Sealer:
    """`folder` holds the keys (`keys.folder`); `second` grows the SM3 tree beside the first."""

    def __init__(self, database: Database, clock: Clock, folder: Path, *, second: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._second = second
        self._owner = f"seal-{secrets.token_hex(6)}"
        self._fence = 0
        self._missing: set[int] = set()  # numbers below sealed ones that are not there: rolled back, or late
        self._looked = clock.now()
        self._settled = 0  # up to here nothing is missing; written down with the next batch
        self._alone = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled."""
        renewed = 0.0
        while True:
            try:
                if time.monotonic() - renewed > _LEASE_S / 3:
                    await self._write(_nothing)
                    renewed = time.monotonic()
                if await self._round():
                    await asyncio.sleep(_BREATH_S)
                    continue
            except (NotOurs, Moved):
                pass
            except DatabaseBusy as error:
                logger.warning("seal.busy", reason=error.reason)
            except LookupError:
                logger.error("seal.broken")  # nodes are gone: `officebot audit verify` says which
            await asyncio.sleep(_PAUSE_S)

    async def seal(self) -> int:
        """Everything that is committed now; how many facts that was.

        Raises NotOurs, Moved, LookupError, DatabaseBusy.
        """
        number = 0
        while count := await self._round():
            number += count
        return number

    async def head(self, *, patience_s: float = _PATIENCE_S) -> Head:
        """Everything that is committed now under one signed head; another instance that seals is waited for so long.

        Raises BadKey, OSError, Broken, NotOurs, LookupError, DatabaseBusy.
        """
        signer = await asyncio.to_thread(keys.ensure, self._folder)
        await self._database.write(partial(_introduced, signer=signer, clock=self._clock))
        await self._sealed(await self._database.read(_newest), patience_s)
        return await self._database.write(partial(self._sign, signer=signer))

    async def try_head(self) -> Head | None:
        """As `head`; None where none can be signed now, which stops nothing that wanted one."""
        try:
            return await self.head()
        except (NotOurs, Moved, DatabaseBusy, BadKey, OSError, Broken, LookupError) as error:
            logger.error("head.refused", reason=type(error).__name__)
            return None

    async def release(self) -> None:
        """Lets another instance go on at once."""
        if self._fence:
            await self._database.write(
                partial(leases.release, name=LEASE, owner=self._owner, fence=self._fence)
            )
            self._fence = 0

    async def _sealed(self, newest: int, patience_s: float) -> None:
        """Until the fact of this number is sealed, by us or by whoever holds the lease."""
        end = time.monotonic() + patience_s
        while True:
            try:
                await self.seal()
                return
            except (NotOurs, Moved):
                if await self._database.read(sealing.last) >= newest:
                    return
                if time.monotonic() > end:
                    raise
            await asyncio.sleep(0.1)

    async def _sign(self, tx: Transaction, signer: Signer) -> Head:
        # Only for its row lock: one head is signed after the other, on PostgreSQL too.
        await leases.take(tx, _SIGNING, self._owner, now=self._clock.now(), seconds=0)
        return await heads.sign(tx, signer, now=self._clock.now(), second=self._second)

    async def _round(self) -> int:
        """One batch, or 0 when nothing waits."""
        async with self._alone:
            if not self._fence:
                await self._write(_nothing)
            after, first = await self._database.read(self._first)
            if first is not None:
                await self._write(partial(self._put, batch=first))
                self._remember(first, after)
                self._settled = 0
            behind = await self._database.read(self._behind) if self._second else None
            if behind is not None:
                await self._write(partial(sealing.write, batch=behind))
            return (first.leaves if first else 0) + (behind.leaves if behind else 0)

    async def _first(self, tx: Transaction) -> tuple[int, Batch | None]:
        if self._clock.now() - self._looked > _LATE:
            await self._look_back(tx)
        after = await sealing.last(tx)
        rows = await sealing.waiting(tx, after=after, missing=self._missing, limit=_BATCH)
        return after, await sealing.batch(tx, rows) if rows else None

    async def _put(self, tx: Transaction, batch: Batch) -> None:
        await sealing.write(tx, batch)
        if self._settled:
            await counters.put(tx, _SETTLED, self._settled)

    async def _behind(self, tx: Transaction) -> Batch | None:
        return await sealing.behind(tx, sealing.SECOND, limit=_BATCH)

    def _remember(self, batch: Batch, after: int) -> None:
        """Which numbers may still come below the highest that is sealed."""
        top = max(batch.numbers)
        self._missing.update(range(max(after + 1, top - _NEAR), top))
        self._missing.difference_update(batch.numbers)

    async def _write(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """In a transaction that holds the lease. Raises NotOurs."""

        async def held(tx: Transaction) -> tuple[int, T]:
            fence = await leases.take(tx, LEASE, self._owner, now=self._clock.now(), seconds=_LEASE_S)
            if fence is None:
                raise NotOurs
            return fence, await unit(tx)

        try:
            fence, result = await self._database.write(held)
        except NotOurs:
            self._fence = 0
            raise
        if fence != self._fence:
            self._fence = fence
            await self._database.read(self._look_back)
        return result

    async def _look_back(self, tx: Transaction) -> None:
        """A new holder compares numbers: whoever held the lease before knew of holes that we do not. Where nothing was
        missing an hour ago nothing ever will be; that is written down, so that years of facts are compared once."""
        since = await counters.peek(tx, _SETTLED) or 0
        found = await sealing.holes(tx, near=_NEAR, since=since)
        self._missing = {*found.there, *found.near}
        self._looked = self._clock.now()
        old = await sealing.settled(tx, before=self._looked - _LATE)
        self._settled = old if old > since and min(found.there, default=old + 1) > old else 0


async def _nothing(tx: Transaction) -> None:
    return None


async def _newest(tx: Transaction) -> int:
    row = await tx.first("SELECT MAX(id) AS id FROM journal")
    return 0 if row is None or row["id"] is None else int(row["id"])


async def _introduced(tx: Transaction, signer: Signer, clock: Clock) -> None:
    """A key's first use is a fact, so the keys themselves are under the heads."""
    known = [row.data["key"] for row in await log.read(tx, own_facts.KEYS)]
    if signer.verifier.text not in known:
        fact = own_facts.KeyIntroduced(key=signer.verifier.text, before=known[-1] if known else "")
        await log.record(tx, fact, origin=_ORIGIN, now=clock.now())
