"""Whether an office has left its database: whoever starts on what is old loses what comes in from then on.

The mark is a fact in the database that was left, written when everything had arrived, so it is in no copy but a backup
made afterwards; a restore of that one is a decision of its own, like taking the office back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.audit import backup_facts as facts
from handlers.audit import log as journal
from handlers.audit.facts import Origin
from handlers.transaction import Transaction

_LEFT = facts.OfficeLeft.KIND
_HERE = (facts.OfficeTakenBack.KIND, facts.OfficeRestored.KIND, facts.OfficeMoved.KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The office has been at `target` since `at`."""

    target: str
    at: datetime


async def left(tx: Transaction) -> Left | None:
    """Where the office has gone, while it is not here."""
    kinds = ", ".join("?" * (1 + len(_HERE)))
    rows = await tx.fetch(
        f"SELECT * FROM journal WHERE subject = ? AND kind IN ({kinds}) ORDER BY id DESC LIMIT 1",
        facts.ABOUT, _LEFT, *_HERE,
    )  # fmt: skip
    for fact in journal.joined(rows, ()):
        if fact.kind == _LEFT:
            return Left(target=fact.data["target"], at=fact.recorded)
    return None


async def take_back(tx: Transaction, *, now: datetime) -> Left | None:
    """The office goes on here; returns where it had gone, None where it had not. Its old target is not asked."""
    gone = await left(tx)
    if gone is not None:
        await journal.record(tx, facts.OfficeTakenBack(target=gone.target), origin=Origin(door="command"), now=now)
    return gone
