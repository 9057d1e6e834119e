"""Personal values erased, on request or because their time is over: what was said is gone for good, that it was said,
and every proof, stay.

Only the journal's own copy. Tables that show the value beside the journal are their area's to clear, in the same
transaction: an erasure that leaves it on a page is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.audit.own_facts import PersonalErased
from handlers.transaction import Transaction

_AT_ONCE: Final = 500  # facts in one that says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Warrant:
    """Why: `why` is request or retention; `by` and `second` are the two people (ids) of a request."""

    reason: str
    why: str = "request"
    by: str = ""
    second: str = ""


async def erase(
    tx: Transaction, numbers: Sequence[int], fields: Collection[str], *, about: str, warrant: Warrant, origin: Origin,
    now: datetime,
) -> int:  # fmt: skip
    """How many values of these facts (by number) and fields there were; the fact about it is written where there were
    any. `about` is the item or person that it is for."""
    names, erased = sorted(fields), 0
    for some in _portions(numbers):
        marks = ", ".join("?" * len(some))
        count = await tx.execute(
            f"DELETE FROM journal_personal WHERE journal IN ({marks}) AND field IN ({', '.join('?' * len(names))})",
            *some, *names,
        )  # fmt: skip
        if count:
            fact = PersonalErased(
                about=about, fields=tuple(names), journals=tuple(some), values=count, why=warrant.why, by=warrant.by,
                second=warrant.second, reason=warrant.reason,
            )  # fmt: skip
            await log.record(tx, fact, origin=origin, now=now)
        erased += count
    return erased


def _portions(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))
