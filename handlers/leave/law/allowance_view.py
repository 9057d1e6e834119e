"""A kind's allowance as its card and the command line show it, under conditions that somebody names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from cards.leave_allowance import AllowanceView, PartView
from handlers.days.slots import Slot
from handlers.days.workdays import CalendarMissing, WorkCalendar
from handlers.leave.law import allowance
from handlers.leave.law.allowance import Allowance, Part
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import Policy


def view(
    policy: Policy,
    kind: Kind,
    conditions: Mapping[str, int],
    *,
    start: date | None,
    calendar: WorkCalendar,
    child_born: date | None = None,
) -> AllowanceView:
    """`child_born` is looked at and kept nowhere."""
    found = kind.allowance or Allowance()
    stands = allowance.chosen(found, conditions) if conditions else allowance.usual(found)
    end, back, provisional = _ends(policy, kind, stands, start, calendar)
    return AllowanceView(
        kind=kind.title,
        per=found.per.value,
        parts=tuple(_part(part, kind, stands) for part in found.parts),
        total=_days(allowance.days(stands)),
        note=found.note,
        province=policy.province,
        child_until=found.child_until,
        within_months=found.within_months,
        start=start,
        end=end,
        back=back,
        provisional=provisional,
        bases=kind.basis,
        years=tuple(allowance.child_years(child_born, found.child_until)) if child_born and found.child_until else (),
    )


def as_data(found: AllowanceView) -> dict[str, Any]:
    """For programs: dates as ISO text."""
    data = asdict(found)
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in data.items()}
    return plain | {"years": [[day.isoformat() for day in pair] for pair in found.years]}


def _ends(
    policy: Policy, kind: Kind, stands: tuple[Part, ...], start: date | None, calendar: WorkCalendar
) -> tuple[date | None, date | None, bool]:
    if start is None:
        return None, None, False
    own = policy.calendar(calendar)
    try:
        span = allowance.laid_out(Slot(start), stands, default=kind.rules.counting, calendar=own)
    except CalendarMissing:
        return None, None, False
    if span is None:
        return None, None, False
    try:
        return span.end, own.next_working_day(span.end), span.provisional
    except CalendarMissing:
        return span.end, None, span.provisional


def _part(part: Part, kind: Kind, stands: tuple[Part, ...]) -> PartView:
    held = next((one for one in stands if (one.name, one.when) == (part.name, part.when)), None)
    return PartView(
        name=part.name,
        days=_days((held or part).days),
        counting=(part.counting or kind.rules.counting).value,
        when=part.when,
        holds=held is not None,
        basis=part.basis,
        certainty=part.certainty.value,
    )


def _days(value: Fraction) -> str:
    return f"{float(value):g}"
