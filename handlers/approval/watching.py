"""Who looked: reads and prints of other people's records, in the journal, once an hour per person and item.

Everything on the pages that shows an item calls `looked` or `printed`; a card on a phone was sent and not looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.approval import access, facts, store
from handlers.audit import log
from handlers.audit.facts import Fact
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction, from_ms, to_ms

PAUSE = timedelta(hours=1)
_KINDS = (facts.RecordRead.KIND, facts.SlipPrinted.KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`kind` is the fact's; `at` the first time within the hour, UTC."""

    name: str
    department: str
    kind: str
    at: datetime


async def is_due(tx: Transaction, item: store.Item, person: str, kind: str, *, now: datetime) -> bool:
    """Whether this look has to be written down; the applicant's own never."""
    if person == item.request.applicant:
        return False
    row = await tx.first(
        "SELECT 1 AS one FROM journal WHERE subject = ? AND kind = ? AND actor = ? AND recorded_ms > ? LIMIT 1",
        item.id, kind, person, to_ms(now - PAUSE),
    )  # fmt: skip
    return row is None


async def looked(ctx: Context, item: store.Item, person: str) -> None:
    await _record(ctx, item, person, facts.RecordRead(item=item.id, person=person))


async def printed(ctx: Context, item: store.Item, person: str) -> None:
    await _record(ctx, item, person, facts.SlipPrinted(item=item.id, person=person, version=item.request.version))


async def looks(tx: Transaction, item: str, *, roles: frozenset[str], limit: int = 100) -> Sequence[Look]:
    """The latest first; nobody for those who may not know."""
    if not roles & access.LOG_READERS:
        return ()
    rows = await tx.fetch(
        f"SELECT kind, actor, recorded_ms FROM journal WHERE subject = ? AND kind IN ({', '.join('?' * len(_KINDS))})"
        " ORDER BY id DESC LIMIT ?",
        item, *_KINDS, limit,
    )  # fmt: skip
    found = []
    for row in rows:
        one = await directory.load(tx, row["actor"])
        found.append(
            Look(
                name=one.name if one else row["actor"], department=one.department if one else "", kind=row["kind"],
                at=from_ms(row["recorded_ms"]),
            )
        )  # fmt: skip
    return found


async def _record(ctx: Context, item: store.Item, person: str, fact: Fact) -> None:
    """Asked again in the transaction that writes: two tabs opened at once are one look."""
    if await is_due(ctx.tx, item, person, fact.KIND, now=ctx.now):
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
