"""Who is on leave between two days, read from the ledger alone: what waits, and what was approved.

The table is asked for the requests whose range touches the days (an index on their first half-day bounds it, since no
leave is longer than `LONGEST` days), then for the entries of those requests only: what became of them is in no column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.days.slots import Half, Range, Slot
from handlers.leave import store
from handlers.leave.book import claims
from handlers.leave.book.claims import Claim, State
from handlers.leave.book.entries import Entry
from handlers.leave.costing import LONGEST
from handlers.transaction import Transaction

_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLeave:
    """One leave of one person. `about` is what is still asked for, rest days included; `waits` for its decision."""

    person: str
    ref: str
    kind: str
    about: Range
    waits: bool
    minutes: int


async def between(
    tx: Transaction, first: date, last: date, *, people: Collection[str] | None = None
) -> list[OnLeave]:
    """Every leave with a half-day between the two days, both included; of these people only (None: of everybody)."""
    few = sorted(people) if people is not None and len(people) <= _AT_ONCE else []
    refs = await _refs(tx, first, last, few)
    if people is not None:
        refs = [one for one in refs if one[0] in people]
    found = [leave for (person, _), own in (await _entries(tx, refs)).items() for leave in _leaves(person, own)]
    span = Range(Slot(first, Half.AM), Slot(last, Half.PM))
    return sorted((one for one in found if one.about.overlaps(span)), key=lambda one: (one.about, one.person))


async def of_whom(tx: Transaction, first: date, last: date) -> list[tuple[str, str]]:
    """(person, request) of whatever touches these days, open or not: an index answers, no entry is read."""
    return await _refs(tx, first, last, ())


async def _refs(tx: Transaction, first: date, last: date, few: Sequence[str]) -> list[tuple[str, str]]:
    """(person, ref); requests by amount have no range, their charges begin with their day.

    Looked for by their ends: mostly somebody asks about days to come, and behind those lies least.
    """
    whose = f"person IN ({', '.join('?' * len(few))}) AND " if few else ""
    rows = await tx.fetch(
        f"SELECT person, ref FROM leave_entry WHERE {whose}(cause = 'hold' OR cause = 'change')"
        " AND last_slot >= ? AND last_slot <= ? AND first_slot <= ?"
        f" UNION SELECT person, ref FROM leave_entry WHERE {whose}cause = 'hold'"
        " AND last_slot IS NULL AND charges >= ? AND charges < ?",
        *few,
        f"{first}am",
        f"{last + timedelta(days=LONGEST + 1)}pm",
        f"{last}pm",
        *few,
        first.isoformat(),
        (last + timedelta(days=1)).isoformat(),
    )
    return [(row["person"], row["ref"]) for row in rows]


async def _entries(tx: Transaction, refs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Entry]]:
    wanted, found = set(refs), defaultdict(list)
    names = sorted({ref for _, ref in refs})
    for start in range(0, len(names), _AT_ONCE):
        for person, entry in await store.of_requests(tx, names[start : start + _AT_ONCE]):
            if (person, entry.ref) in wanted:
                found[person, entry.ref].append(entry)
    return dict(found)


def _leaves(person: str, own: Iterable[Entry]) -> list[OnLeave]:
    found = claims.claims(own).values()
    return [_leave(person, claim) for claim in found if claim.state in claims.OPEN and claim.spent]


def _leave(person: str, claim: Claim) -> OnLeave:
    slots = [charge.slot for _, charge in claim.spent]
    return OnLeave(
        person=person,
        ref=claim.ref,
        kind=claim.kind,
        about=claim.about or Range(slots[0], slots[-1]),
        waits=claim.state is State.HELD,
        minutes=claim.minutes,
    )
