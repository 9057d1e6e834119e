"""What one instance does for an account at a time: holding its long connection, carrying its letters.

A lease lasts half a minute and is renewed every ten seconds; whoever stops gives it back, whoever dies is followed when
it runs out. Others ask for it every second.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.dispatch import Dispatcher
from connectors.clock import Clock
from connectors.contract import Connector
from connectors.errors import PlatformError
from handlers.errors import DatabaseBusy
from handlers.mailroom import leases
from handlers.transaction import Database

log = structlog.get_logger(__name__)

_LEASE_S = 30.0
_PAUSE_S = 1.0


class Tenure:
    """`ours` is asked before every piece of work; it disturbs the database every ten seconds, or every second while
    another instance has the lease."""

    def __init__(self, database: Database, name: str, clock: Clock) -> None:
        self._database = database
        self._name = name
        self._clock = clock
        self._owner = f"{name}-{secrets.token_hex(6)}"
        self._fence: int | None = None
        self._asked: datetime | None = None

    @property
    def held(self) -> bool:
        """What the last question gave, without another one."""
        return self._fence is not None

    async def ours(self) -> bool:
        """Raises DatabaseBusy."""
        now = self._clock.now()
        pause = _PAUSE_S if self._fence is None else _LEASE_S / 3
        if self._asked is None or not timedelta() <= now - self._asked < timedelta(seconds=pause):
            taken = partial(leases.take, name=self._name, owner=self._owner, now=now, seconds=_LEASE_S)
            self._fence = await self._database.write(taken)
            self._asked = now
        return self._fence is not None

    async def release(self) -> None:
        fence, self._fence, self._asked = self._fence, None, None
        if fence is not None:
            with contextlib.suppress(DatabaseBusy):
                await self._database.write(
                    partial(leases.release, name=self._name, owner=self._owner, fence=fence)
                )


class Holder:
    """Holds one account's long connection while the lease is ours."""

    def __init__(self, database: Database, connector: Connector, dispatcher: Dispatcher, clock: Clock) -> None:
        self._database = database
        self._connector = connector
        self._dispatcher = dispatcher
        self._clock = clock
        self._name = f"listen:{connector.account}"
        self._owner = f"{self._name}-{secrets.token_hex(6)}"

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            fence = await self._take()
            if fence is not None:
                try:
                    await self._listen(fence)
                finally:
                    await self._release(fence)
            await asyncio.sleep(_PAUSE_S)

    async def _listen(self, fence: int) -> None:
        listening = asyncio.create_task(self._connector.listen(self._dispatcher.admit))
        try:
            while not listening.done():
                await asyncio.wait({listening}, timeout=_LEASE_S / 3)
                if not await self._renew(fence):
                    log.warning("listen.lost", account=self._connector.account)
                    return
            self._report(listening)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(listening, return_exceptions=True)

    def _report(self, listening: asyncio.Task[None]) -> None:
        error = listening.exception()
        if isinstance(error, PlatformError):
            log.error("listen.refused", account=self._connector.account, code=error.code)
        elif error is not None:
            log.error("listen.broken", account=self._connector.account, exc_info=error)

    async def _take(self) -> int | None:
        try:
            return await self._database.write(
                partial(leases.take, name=self._name, owner=self._owner, now=self._clock.now(), seconds=_LEASE_S)
            )
        except DatabaseBusy:
            return None

    async def _renew(self, fence: int) -> bool:
        try:
            return await self._database.write(
                partial(
                    leases.renew, name=self._name, owner=self._owner, fence=fence, now=self._clock.now(),
                    seconds=_LEASE_S,
                )
            )  # fmt: skip
        except DatabaseBusy:
            return True  # nobody else can take the lease either; the next round asks again

    async def _release(self, fence: int) -> None:
        with contextlib.suppress(DatabaseBusy):
            await self._database.write(partial(leases.release, name=self._name, owner=self._owner, fence=fence))
