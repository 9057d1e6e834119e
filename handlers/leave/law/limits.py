"""Whether a leave is longer than its kind usually is, by national law and the province's: a doubt, never a refusal.

A unit may give more, and travelling time comes on top (office-rules.md 2); so the applicant and the approver are told,
and personnel decide. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from handlers.days.slots import Range
from handlers.days.workdays import CalendarMissing, WorkCalendar
from handlers.leave.book import claims
from handlers.leave.book.entries import Entry
from handlers.leave.law import allowance, counting
from handlers.leave.law.allowance import Allowance, Part, Per
from handlers.leave.law.policy import Kind

OVER_USUAL: Final = "over_usual"
OVER_MOST: Final = "over_most"


def doubt(kind: Kind, about: Range, minutes: int, entries: Iterable[Entry], *, calendar: WorkCalendar) -> str:
    """The code of what to look at, "" where there is nothing. `entries` without this request."""
    found = kind.allowance
    if found is None or not found.parts:
        return ""
    if found.per is Per.EVENT:
        return _of_event(kind, found, about, calendar)
    taken = minutes + _taken(entries, kind.code, about.first.day.year)
    if found.per is Per.YEAR and taken > counting.in_minutes(allowance.days(allowance.most(found))):
        return OVER_MOST
    return OVER_USUAL if taken > counting.in_minutes(allowance.days(allowance.usual(found))) else ""


def _of_event(kind: Kind, found: Allowance, about: Range, calendar: WorkCalendar) -> str:
    try:
        if _beyond(kind, allowance.most(found), about, calendar):
            return OVER_MOST
        return OVER_USUAL if _beyond(kind, allowance.usual(found), about, calendar) else ""
    except CalendarMissing:
        return ""


def _beyond(kind: Kind, parts: Iterable[Part], about: Range, calendar: WorkCalendar) -> bool:
    span = allowance.laid_out(about.first, parts, default=kind.rules.counting, calendar=calendar)
    return span is not None and about.last.day > span.end


def _taken(entries: Iterable[Entry], kind: str, year: int) -> int:
    """Minutes of the kind in a calendar year that wait or are approved."""
    return sum(
        charge.minutes
        for claim in claims.claims(entries).values()
        if claim.kind == kind and claim.state in claims.OPEN
        for _, charge in claim.spent
        if charge.slot.day.year == year
    )
