"""How long a leave of one kind may be, by national law and the province's own: parts laid end to end, with conditions.

Office-rules.md sections 2 and 2.1. A part may need a condition (a difficult birth, a medical check), stand once for
each (every further child) or instead of everything else (a miscarriage). Whether the condition holds is said with the
request and shown by its evidence; nothing of it is kept here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from handlers.days.slots import Slot
from handlers.days.workdays import WorkCalendar
from handlers.leave.law import counting
from handlers.leave.law.counting import Counting, Segment, Span

FURTHER = 3
"""How many times a part that stands `each` is believed without anybody looking: quadruplets come to personnel first."""


class Per(StrEnum):
    """What the days are given for: each event, each calendar year, each year of a child's life."""

    EVENT = "event"
    YEAR = "year"
    CHILD_YEAR = "child_year"


class Certainty(StrEnum):
    """How sure a figure is (office-rules.md, marks V, S, R)."""

    TEXT = "text"
    PRESS = "press"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`counting` None: as the kind is counted. `when` names a condition, "" for none."""

    name: str
    days: Fraction
    counting: Counting | None = None
    when: str = ""
    each: bool = False
    instead: bool = False
    basis: str = ""
    certainty: Certainty = Certainty.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`child_until`: the age of the child (years) at which it ends; `within_months`: after the event."""

    parts: tuple[Part, ...] = ()
    per: Per = Per.EVENT
    child_until: int | None = None
    within_months: int | None = None
    note: str = ""


def chosen(allowance: Allowance, conditions: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts that stand under these conditions (code -> how many times; 0 or missing: it does not hold)."""
    instead = [part for part in allowance.parts if part.instead and conditions.get(part.when)]
    if instead:
        return (instead[0],)
    return tuple(
        replace(part, days=part.days * (conditions[part.when] if part.each else 1))
        for part in allowance.parts
        if not part.instead and (not part.when or conditions.get(part.when))
    )


def usual(allowance: Allowance) -> tuple[Part, ...]:
    """What stands without any condition; where there are only alternatives, the shortest of them."""
    found = chosen(allowance, {})
    alternatives = sorted((part for part in allowance.parts if part.instead), key=lambda part: part.days)
    return found or tuple(alternatives[:1])


def most(allowance: Allowance) -> tuple[Part, ...]:
    """The longest that any conditions together give."""
    every = {part.when: FURTHER if part.each else 1 for part in allowance.parts if part.when and not part.instead}
    together = chosen(allowance, every)
    alone = [(part,) for part in allowance.parts if part.instead]
    return max([together, *alone], key=days)


def days(parts: Iterable[Part]) -> Fraction:
    return sum((part.days for part in parts), Fraction(0))


def laid_out(start: Slot, parts: Iterable[Part], *, default: Counting, calendar: WorkCalendar) -> Span | None:
    """Where a leave of these parts ends; None without parts. Raises `CalendarMissing`."""
    segments = [
        Segment(minutes=counting.in_minutes(part.days), counting=part.counting or default)
        for part in parts
        if part.days > 0
    ]
    return counting.span(start, segments, calendar=calendar) if segments else None


def child_years(born: date, until: int) -> list[tuple[date, date]]:
    """First and last day of each year of a child's life until its birthday number `until` (育儿假)."""
    birthdays = [_birthday(born, years) for years in range(until + 1)]
    return [(first, following - timedelta(days=1)) for first, following in pairwise(birthdays)]


def merged(national: Allowance | None, provincial: Allowance | None, *, total: bool) -> Allowance | None:
    """The province's parts after the national ones, or, as a `total`, in their place; its terms before the national."""
    if provincial is None or national is None:
        return provincial or national
    kept = tuple(part for part in national.parts if part.instead or part.when) if total else national.parts
    return Allowance(
        parts=(*(provincial.parts if total else kept), *(kept if total else provincial.parts)),
        per=provincial.per,
        child_until=provincial.child_until or national.child_until,
        within_months=provincial.within_months or national.within_months,
        note="；".join(note for note in (national.note, provincial.note) if note),
    )


def allowance_from(data: Mapping[str, object], *, basis: str = "", certainty: str = "") -> Allowance:
    """From its mapping in a policy or province file. Raises KeyError or ValueError."""
    listed = data.get("parts") or ()
    if not isinstance(listed, list | tuple):
        raise ValueError("parts is not a list")
    return Allowance(
        parts=tuple(_part(part, basis, certainty) for part in listed),
        per=Per(str(data.get("per") or Per.EVENT)),
        child_until=_whole(data.get("child_until")),
        within_months=_whole(data.get("within_months")),
        note=str(data.get("note") or ""),
    )


def _birthday(born: date, years: int) -> date:
    """A child of 29 February comes of age on the last day of the month (Civil Code art. 202)."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 2, 28)


def _part(data: Mapping[str, object], basis: str, certainty: str) -> Part:
    article = str(data.get("article") or "")
    return Part(
        name=str(data["name"]),
        days=Fraction(str(data["days"])),
        counting=Counting(str(data["counting"])) if data.get("counting") else None,
        when=str(data.get("when") or ""),
        each=bool(data.get("each")),
        instead=bool(data.get("instead")),
        basis=f"{basis}{article}" if basis else str(data.get("basis") or article),
        certainty=Certainty(str(data.get("certainty") or certainty or Certainty.TEXT)),
    )


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
