"""Reads an approval of a platform's own after a push: the network first, then one unit of work."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from connectors.clock import Clock
from connectors.contract import Approving, Connector, NativeApproval
from connectors.errors import PlatformError, PlatformRefused
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.mirror import reading
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)


class Mirror:
    """`on_due` is the job for rows of `handlers.mirror.handler.READ`."""

    def __init__(
        self, database: Database, connectors: Mapping[str, Connector], clock: Clock, office: Callable[[], Office]
    ) -> None:
        self._database, self._connectors, self._clock, self._office = database, connectors, clock, office

    async def on_due(self, row: Due) -> None:
        """Ends the row. What cannot be read is asked for again; what the platform refuses to show is left."""
        connector: object = self._connectors.get(row.payload["account"])
        found = None
        try:
            if isinstance(connector, Approving):
                found = await connector.native_approval(row.payload["approval"])
        except PlatformRefused as refused:
            log.warning("approval.refused", account=row.payload["account"], code=refused.code, call=refused.call)
        except PlatformError as error:
            log.warning("approval.not_read", account=row.payload["account"], code=error.code, call=error.call)
            await self._database.write(partial(due.later, due=row, error=error.code, now=self._clock.now()))
            return
        await self._database.write(partial(self._read, row=row, found=found))

    async def _read(self, tx: Transaction, *, row: Due, found: NativeApproval | None) -> None:
        if not await due.finish(tx, row) or found is None:
            return
        account, trace = row.payload["account"], secrets.token_hex(8)
        origin = Origin(account=account, door="approval", trace=trace)
        ctx = Context(tx=tx, now=self._clock.now(), trace=trace, origin=origin, office=self._office())
        await reading.read(ctx, account, self._connectors[account].platform, found)
