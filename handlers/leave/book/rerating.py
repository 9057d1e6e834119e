"""When a calendar arrives or changes: which leaves would now cost something else, and what to write if that is agreed.

Nothing is recounted in silence (office-rules.md 3.4). `proposals` is the list that personnel read; each one they
confirm becomes the entries of `ledger.recount`, with its own number and reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from handlers.days.slots import Range, Slot
from handlers.days.workdays import CalendarMissing
from handlers.leave.book import claims
from handlers.leave.book.claims import Claim
from handlers.leave.book.entries import Charge, Entry
from handlers.leave.book.refusals import ZeroDays
from handlers.leave.book.submission import Terms, charges_of
from handlers.leave.law import counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A leave whose cost would change: slots no longer charged, slots charged now, and all charges as they should be.

    `minutes` is the change; below nothing gives time back.
    """

    ref: str
    kind: str
    about: Range
    freed: tuple[Slot, ...]
    charged: tuple[Slot, ...]
    minutes: int
    charges: tuple[Charge, ...]


def proposals(entries: Iterable[Entry], *, terms: Mapping[str, Terms], since: date) -> list[Proposal]:
    """Every waiting or approved leave that ends on or after `since` and counts differently by the calendar in `terms`.

    `terms` by kind; kinds without terms are left alone, and so is a leave whose year is still unknown.
    """
    found = (
        _proposal(claim, claim.about, terms[claim.kind])
        for claim in claims.claims(entries).values()
        if claim.state in claims.OPEN and claim.about and claim.kind in terms and claim.about.last.day >= since
    )
    return [proposal for proposal in found if proposal is not None]


def _proposal(claim: Claim, about: Range, terms: Terms) -> Proposal | None:
    try:
        charges = _due(about, terms)
    except CalendarMissing:
        return None
    had, due = {charge.slot for _, charge in claim.spent}, {charge.slot for charge in charges}
    if had == due:
        return None
    return Proposal(
        ref=claim.ref,
        kind=claim.kind,
        about=about,
        freed=tuple(sorted(had - due)),
        charged=tuple(sorted(due - had)),
        minutes=sum(charge.minutes for charge in charges) - claim.minutes,
        charges=charges,
    )


def _due(about: Range, terms: Terms) -> tuple[Charge, ...]:
    if about.last < about.first:  # given back whole
        return ()
    try:
        counted = counting.count(about, rules=terms.rules, calendar=terms.calendar, sex=terms.sex, groups=terms.groups)
    except ZeroDays:
        return ()
    return charges_of(counted)
