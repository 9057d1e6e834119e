"""Trips, courses and overtime of a month or a year, for personnel's sheet: as far as approved items tell (S3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from handlers.approval import store
from handlers.context import Context
from handlers.days.slots import Half, Range, Slot
from handlers.leave.reports.sheets import Span
from handlers.people.directory import Person
from handlers.team.whereabouts import AHEAD, TRIPS, period

OVERTIME: Final = "overtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """One person's part that lies in the span. Of trips `halves` of calendar days, of overtime `hours`."""

    person: Person
    form: str
    first: date
    last: date
    halves: int = 0
    hours: float = 0.0
    number: int = 0


async def between(ctx: Context, span: Span, people: Mapping[str, Person]) -> list[Outing]:
    """In the order of their days; companions of a trip count as well."""
    since = datetime.combine(span.first, time(), ctx.now.tzinfo) - AHEAD
    items = await store.approved_since(ctx.tx, (*TRIPS, OVERTIME), since=since)
    found = [one for item in items for one in _of(item, span, people)]
    return sorted(found, key=lambda one: (one.first, one.person.department, one.person.name, one.number))


def _of(item: store.Item, span: Span, people: Mapping[str, Person]) -> Iterator[Outing]:
    if item.form == OVERTIME:
        yield from _overtime(item, span, people)
        return
    about = period(item.fields.get("period"))
    part = about and _within(about, span)
    if part is None:
        return
    companions = item.fields.get("companions") or ()
    for one in dict.fromkeys((item.request.applicant, *map(str, companions))):
        if one in people:
            yield Outing(
                person=people[one], form=item.form, first=part.first.day, last=part.last.day,
                halves=_halves(part), number=item.number,
            )  # fmt: skip


def _overtime(item: store.Item, span: Span, people: Mapping[str, Person]) -> Iterator[Outing]:
    time_of = item.fields.get("time") or {}
    person = people.get(item.request.applicant)
    try:
        day = date.fromisoformat(time_of["date"])
        hours = float(item.fields["hours"])
    except (KeyError, TypeError, ValueError):
        return
    if person is not None and span.first <= day <= span.last:
        yield Outing(person=person, form=OVERTIME, first=day, last=day, hours=hours, number=item.number)


def _within(about: Range, span: Span) -> Range | None:
    whole = Range(Slot(span.first, Half.AM), Slot(span.last, Half.PM))
    if not about.overlaps(whole):
        return None
    return Range(max(about.first, whole.first), min(about.last, whole.last))


def _halves(part: Range) -> int:
    days = (part.last.day - part.first.day).days
    return days * 2 + 2 - (part.first.half is Half.PM) - (part.last.half is Half.AM)
