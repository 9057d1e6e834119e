"""Personal values erased on request: what was said is gone for good, that it was said, and every proof, stay.

Only the journal's own copy. Tables that show the value beside the journal are their area's to clear, in the same
transaction: an erasure that leaves it on a page is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.audit.own_facts import PersonalErased
from handlers.transaction import Transaction


async def erase(
    tx: Transaction, numbers: Sequence[int], fields: Collection[str], *, about: str, reason: str, origin: Origin,
    now: datetime,
) -> int:  # fmt: skip
    """How many values of these facts (by number) and fields there were; the fact about it is written where there were
    any. `about` is the item or person that it is for."""
    marks, names = ", ".join("?" * len(numbers)), sorted(fields)
    if not numbers or not names:
        return 0
    count = await tx.execute(
        f"DELETE FROM journal_personal WHERE journal IN ({marks}) AND field IN ({', '.join('?' * len(names))})",
        *numbers, *names,
    )  # fmt: skip
    if count:
        fact = PersonalErased(
            about=about, fields=tuple(names), journals=tuple(numbers), values=count, reason=reason
        )
        await log.record(tx, fact, origin=origin, now=now)
    return count
