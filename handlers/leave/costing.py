"""What a leave costs, by half-days or by the clock: the range, its slots with minutes, and what is left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final

from cards import words
from handlers import errors
from handlers.days import phrases
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import WorkCalendar, WorkHours
from handlers.leave.book import allocation
from handlers.leave.book.entries import Charge
from handlers.leave.book.refusals import InvalidRange, ZeroDays
from handlers.leave.law import counting, skipping
from handlers.leave.law.counting import HALF_DAY, Counting
from handlers.leave.law.policy import Kind
from handlers.leave.law.skipping import Skips
from handlers.leave.standing import Who

LONGEST: Final = 366
_NOON: Final = 12 * 60
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")

Clock = tuple[time, time]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What somebody's leave of one kind is measured by; `calendar` is theirs, with their half-holidays."""

    kind: Kind
    calendar: WorkCalendar
    timetable: WorkHours
    who: Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Costing:
    """A request counted; `provisional`: a year in it was counted without its notice. `clock`: the times, of hours."""

    about: Range
    charges: tuple[Charge, ...]
    minutes: int
    provisional: bool = False
    skips: Skips = field(default_factory=Skips)
    clock: Clock | None = None


def of_span(scale: Scale, span: phrases.Span) -> Costing:
    """A request as it was understood, closed where it was open.

    Raises the refusals of `counting`, CalendarMissing, BadRequest: too_long, no_hours, which_hours, hours_one_day.
    """
    if span.from_time is not None or span.duration_minutes is not None:
        return _by_clock(scale, span)
    try:
        closed = phrases.stretched(span, counts=_counts(scale))
    except ValueError:
        raise errors.BadRequest("too_long") from None
    return of_range(scale, Range(Slot(closed.start, closed.start_half), Slot(closed.end, closed.end_half)))


def of_range(scale: Scale, about: Range) -> Costing:
    """From slot to slot. Raises as `of_span`."""
    if (about.last.day - about.first.day).days > LONGEST:
        raise errors.BadRequest("too_long")
    rules, who = scale.kind.rules, scale.who
    counted = counting.count(about, rules=rules, calendar=scale.calendar, sex=who.sex, groups=who.groups)
    return Costing(
        about=about,
        charges=_filled([Charge(slot, HALF_DAY) for slot in counted.slots], counted.minutes),
        minutes=counted.minutes,
        provisional=counted.provisional,
        skips=skipping.skips(about, rules=rules, calendar=scale.calendar, sex=who.sex, groups=who.groups),
    )


def of_clock(scale: Scale, day: date, clock: Clock) -> Costing:
    """Working time between two times of a day, the lunch break left out; a half-day costs no more than a half-day.

    Raises `InvalidRange`, `ZeroDays`, CalendarMissing, BadRequest(no_hours).
    """
    step = scale.kind.hour_step
    if not step:
        raise errors.BadRequest("no_hours", kind=scale.kind.title, unit=words.days(scale.kind.rules.unit))
    begin, until = (one.hour * 60 + one.minute for one in clock)
    if until <= begin:
        raise InvalidRange(first=begin, last=until)
    missed = {half: _missed(scale, day, begin, until, half) for half in Half}
    halves = [Charge(Slot(day, half), min(minutes, HALF_DAY)) for half, minutes in missed.items() if minutes]
    if not halves:
        raise ZeroDays(first=Slot(day), last=Slot(day, Half.PM))
    most = len(halves) * HALF_DAY
    minutes = min(counting.round_up(allocation.total(halves), step), most)
    return Costing(
        about=Range(halves[0].slot, halves[-1].slot),
        charges=_filled(halves, minutes),
        minutes=minutes,
        provisional=scale.calendar.is_provisional(day),
        clock=clock,
    )


def clock_note(clock: Clock) -> str:
    """How the ledger remembers the times of such a leave: in the note of its hold."""
    return f"{clock[0]:%H:%M}-{clock[1]:%H:%M}"


def clock_of(note: str) -> Clock | None:
    found = _CLOCK.search(note)
    return (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else None


def _by_clock(scale: Scale, span: phrases.Span) -> Costing:
    if not scale.kind.hour_step:
        raise errors.BadRequest("no_hours", kind=scale.kind.title, unit=words.days(scale.kind.rules.unit))
    if span.from_time is None or span.to_time is None:
        raise errors.BadRequest("which_hours")
    if span.start != span.end:
        raise errors.BadRequest("hours_one_day")
    return of_clock(scale, span.start, (span.from_time, span.to_time))


def _missed(scale: Scale, day: date, begin: int, until: int, half: Half) -> int:
    """Noon is where the first working period ends, or twelve where there is one."""
    periods = scale.timetable.on(day)
    noon = periods[0].until if len(periods) > 1 else _NOON
    first, last = (begin, min(until, noon)) if half is Half.AM else (max(begin, noon), until)
    if last <= first:
        return 0
    return counting.hours(day, first, last, unit=1, timetable=scale.timetable, calendar=scale.calendar)


def _filled(charges: list[Charge], minutes: int) -> tuple[Charge, ...]:
    """What rounding up adds stands on the last slot, or where a half-day has room for it."""
    rest = minutes - allocation.total(charges)
    if rest and charges[-1].minutes + rest > HALF_DAY and charges[0].minutes + rest <= HALF_DAY:
        return (Charge(charges[0].slot, charges[0].minutes + rest), *charges[1:])
    return (*charges[:-1], Charge(charges[-1].slot, charges[-1].minutes + rest)) if rest else tuple(charges)


def _counts(scale: Scale) -> Callable[[date], bool]:
    if scale.kind.rules.counting is Counting.WORKDAYS:
        return scale.calendar.is_working
    if scale.kind.rules.counting is Counting.CALENDAR_DAYS_MINUS_STATUTORY:
        return lambda day: not scale.calendar.is_statutory(day)
    return lambda _: True
