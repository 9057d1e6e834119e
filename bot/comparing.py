"""Reads the schedules of the coming weeks back from a platform: the network first, then a unit per person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from connectors.clock import Clock
from connectors.contract import Connector, Schedules, ScheduleThere
from connectors.errors import PlatformError, PlatformRefused
from handlers.audit.facts import Origin
from handlers.calendar import comparing
from handlers.calendar.comparing import Asked
from handlers.context import Context, Office
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)


class Comparer:
    """`on_due` is the job for rows of `comparing.READ`: `account`, and `person` where only theirs are to be read."""

    def __init__(
        self, database: Database, connectors: Mapping[str, Connector], clock: Clock, office: Callable[[], Office]
    ) -> None:
        self._database, self._connectors, self._clock, self._office = database, connectors, clock, office

    async def on_due(self, row: Due) -> None:
        """Ends the row. A person whose answer is not whole is left as they are, and read again later."""
        account = row.payload["account"]
        connector = self._connectors.get(account)
        try:
            if connector is not None and connector.schedules is not None:
                await self._compare(connector.schedules, row)
        except PlatformError as error:
            log.warning("schedules.not_read", account=account, code=error.code, call=error.call)
            await self._database.write(partial(due.later, due=row, error=error.code, now=self._clock.now()))
            return
        await self._database.write(partial(due.finish, due=row))

    async def _compare(self, schedules: Schedules, row: Due) -> None:
        """Raises PlatformError, with what was compared before it done."""
        account, person = row.payload["account"], row.payload["person"]
        people = await self._database.read(lambda tx: comparing.asked(self._context(tx, account), account, person))
        for one in people:
            asked = {uid: (kept.handle, written) for uid, (kept, written) in one.kept.items()}
            try:
                differing = await schedules.read(one.to, one.place, asked)
            except PlatformRefused as refused:  # this person has left there, or no permission: the others are read
                log.warning("schedules.refused", account=account, code=refused.code)
                continue
            await self._database.write(partial(self._found, one=one, differing=differing))
            await self._database.write(partial(due.renew, due=row, now=self._clock.now()))

    async def _found(self, tx: Transaction, *, one: Asked, differing: Mapping[str, ScheduleThere]) -> int:
        return await comparing.found(self._context(tx, one.to.account), one, differing)

    def _context(self, tx: Transaction, account: str) -> Context:
        trace = secrets.token_hex(8)
        origin = Origin(account=account, door="calendar", trace=trace)
        return Context(tx=tx, now=self._clock.now(), trace=trace, origin=origin, office=self._office())
