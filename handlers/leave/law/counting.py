"""How much of a leave is charged: half-day slots, stretches laid end to end, and hours.

The three ways of counting and every choice are those of office-rules.md 4.1; a leave across make-up days, holidays and
the year's end is nothing special, because each slot is asked for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from handlers.days.slots import Range, Slot
from handlers.days.workdays import LONGEST_SEARCH, WorkCalendar, WorkHours
from handlers.leave.book.refusals import InvalidRange, ZeroDays

HALF_DAY = 240
DAY = 2 * HALF_DAY
"""Minutes of a day in the ledger, whatever the timetable says: an amount to reckon with, no time of the clock."""


class Counting(StrEnum):
    WORKDAYS = "workdays"
    CALENDAR_DAYS = "calendar_days"
    CALENDAR_DAYS_MINUS_STATUTORY = "calendar_days_minus_statutory"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRules:
    """How a kind of leave is counted; `unit` is the minutes to whose multiple a total is rounded up."""

    counting: Counting = Counting.WORKDAYS
    unit: int = HALF_DAY
    half_holiday_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The slots charged, and the minutes they cost after rounding up. `by_year` is before rounding."""

    slots: tuple[Slot, ...]
    minutes: int
    by_year: Mapping[int, int]
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a longer leave, such as the 98 days of maternity leave before a provincial extension."""

    minutes: int
    counting: Counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a leave of given length ends: the last day that counts, of the whole and of each segment."""

    end: date
    segment_ends: tuple[date, ...]
    provisional: bool


def round_up(minutes: int, unit: int) -> int:
    return -(-minutes // unit) * unit


def check_range(asked: Range) -> None:
    """Raises `InvalidRange` when the end lies before the start."""
    if asked.last < asked.first:
        raise InvalidRange(first=asked.first, last=asked.last)


def count(
    asked: Range,
    *,
    rules: CountRules,
    calendar: WorkCalendar,
    sex: str | None = None,
    groups: frozenset[str] = frozenset(),
) -> Count:
    """What a leave from slot to slot costs. Raises `InvalidRange`, `CalendarMissing` or `ZeroDays`."""
    check_range(asked)
    free = rules.half_holiday_free and rules.counting is Counting.WORKDAYS
    slots = tuple(
        slot
        for slot in asked.slots()
        if _counts(slot, rules.counting, calendar)
        and not (free and calendar.is_half_holiday(slot, sex=sex, groups=groups))
    )
    if not slots:
        raise ZeroDays(first=asked.first, last=asked.last)
    return Count(
        slots=slots,
        minutes=round_up(len(slots) * HALF_DAY, rules.unit),
        by_year={year: number * HALF_DAY for year, number in Counter(slot.day.year for slot in slots).items()},
        provisional=_looked_up(asked, rules.counting, calendar),
    )


def span(start: Slot, segments: Iterable[Segment], *, calendar: WorkCalendar) -> Span:
    """Lays segments end to end from `start`. Raises `CalendarMissing`, and ValueError for a segment of no length."""
    slot, ends, provisional = start, [], False
    for segment in segments:
        last = _last_of(segment, slot, calendar)
        provisional |= _looked_up(Range(slot, last), segment.counting, calendar)
        ends.append(last.day)
        slot = last.next()
    return Span(end=ends[-1], segment_ends=tuple(ends), provisional=provisional)


def hours(day: date, begin: int, until: int, *, unit: int, timetable: WorkHours, calendar: WorkCalendar) -> int:
    """Working minutes missed between two minutes of a day, rounded up to `unit` minutes; 0 on a day off.

    Only what overlaps with working periods counts. Raises `InvalidRange` or `CalendarMissing`.
    """
    if until < begin:
        raise InvalidRange(first=begin, last=until)
    if not calendar.is_working(day):
        return 0
    missed = sum(max(0, min(until, period.until) - max(begin, period.begin)) for period in timetable.on(day))
    return round_up(missed, unit)


def in_days(minutes: int) -> Fraction:
    return Fraction(minutes, DAY)


def in_minutes(days: Fraction | int) -> int:
    """Minutes of a number of days. Raises ValueError when they are not whole."""
    minutes = Fraction(days) * DAY
    if minutes.denominator != 1:
        raise ValueError(f"{days} days are not whole minutes")
    return int(minutes)


def _counts(slot: Slot, counting: Counting, calendar: WorkCalendar) -> bool:
    if counting is Counting.WORKDAYS:
        return calendar.is_working(slot.day)
    if counting is Counting.CALENDAR_DAYS_MINUS_STATUTORY:
        return not calendar.is_statutory(slot.day)
    return True


def _looked_up(asked: Range, counting: Counting, calendar: WorkCalendar) -> bool:
    """Whether a slot's answer was taken from a year without a notice. Calendar days look nothing up."""
    known = calendar.years.issuperset(range(asked.first.day.year, asked.last.day.year + 1))
    if known or counting is Counting.CALENDAR_DAYS:
        return False
    if counting is Counting.CALENDAR_DAYS_MINUS_STATUTORY:
        return asked.first <= asked.last
    return any(calendar.is_provisional(slot.day) for slot in asked.slots())


def _last_of(segment: Segment, start: Slot, calendar: WorkCalendar) -> Slot:
    left, slot = segment.minutes, start
    if left <= 0:
        raise ValueError("a segment without length")
    for _ in range(2 * LONGEST_SEARCH):
        left -= HALF_DAY if _counts(slot, segment.counting, calendar) else 0
        if left <= 0:
            return slot
        slot = slot.next()
    raise ValueError("a calendar without working days")
