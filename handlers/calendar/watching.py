"""Who looked at other people's calendars: in the journal, once an hour for each reader and owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from handlers.audit import log
from handlers.calendar.facts import CalendarRead
from handlers.context import Context
from handlers.transaction import Transaction, to_ms

PAUSE: Final = timedelta(hours=1)


async def is_due(tx: Transaction, owner: str, *, by: str, now: datetime) -> bool:
    """Whether this look has to be written down; one's own never."""
    if owner == by:
        return False
    row = await tx.first(
        "SELECT 1 AS one FROM journal WHERE subject = ? AND kind = ? AND actor = ? AND recorded_ms > ? LIMIT 1",
        owner, CalendarRead.KIND, by, to_ms(now - PAUSE),
    )  # fmt: skip
    return row is None


async def looked(ctx: Context, owner: str) -> None:
    """Asked again in the transaction that writes: two tabs opened at once are one look."""
    if await is_due(ctx.tx, owner, by=ctx.origin.person, now=ctx.now):
        await log.record(ctx.tx, CalendarRead(owner=owner), origin=ctx.origin, now=ctx.now)
