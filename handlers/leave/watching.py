"""Who looked at other people's leave: in the journal, once an hour for each reader, subject and kind of look."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.audit import log
from handlers.context import Context
from handlers.leave.facts import LeaveRead
from handlers.transaction import Transaction, to_ms

PAUSE = timedelta(hours=1)


def team(department: str) -> str:
    """The subject of a look at many people at once."""
    return f"team:{department}"


async def is_due(tx: Transaction, about: str, what: str, *, by: str, now: datetime) -> bool:
    """Whether this look has to be written down; one's own never."""
    if about == by:
        return False
    rows = await tx.fetch(
        "SELECT body FROM journal WHERE subject = ? AND kind = ? AND actor = ? AND recorded_ms > ?",
        about, LeaveRead.KIND, by, to_ms(now - PAUSE),
    )  # fmt: skip
    return not any(f'"what":"{what}"' in row["body"] for row in rows)


async def looked(ctx: Context, about: str, what: str, *, detail: str = "") -> None:
    """Asked again in the transaction that writes: two tabs opened at once are one look."""
    if await is_due(ctx.tx, about, what, by=ctx.origin.person, now=ctx.now):
        fact = LeaveRead(about=about, what=what, detail=detail)
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
