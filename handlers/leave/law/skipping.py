"""Which days of a leave cost nothing, and why; and which rest days cost something because everybody works on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.days.slots import Range, Slot
from handlers.days.workdays import CalendarMissing, DayType, WorkCalendar
from handlers.leave.law.counting import Counting, CountRules

REST, HOLIDAY, LEGAL, LOCAL, HALF = "rest", "holiday", "legal", "local", "half_holiday"

_WHY = {
    DayType.REST_DAY: REST,
    DayType.BRIDGE_DAY: HOLIDAY,
    DayType.STATUTORY_HOLIDAY: HOLIDAY,
    DayType.LOCAL_OFF: LOCAL,
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Days in a row that are not charged for one reason; `half` names the half of a single day."""

    first: date
    last: date
    why: str
    half: str = ""


@dataclass(frozen=True, slots=True)
class Skips:
    """`makeup` are the weekend days that are charged because they are worked."""

    skipped: tuple[Skipped, ...] = ()
    makeup: tuple[date, ...] = ()


def skips(
    about: Range,
    *,
    rules: CountRules,
    calendar: WorkCalendar,
    sex: str | None = None,
    groups: frozenset[str] = frozenset(),
) -> Skips:
    """What a leave from slot to slot leaves out. A year that nobody knows leaves nothing out: it cannot be counted."""
    if about.last < about.first or rules.counting is Counting.CALENDAR_DAYS:
        return Skips()
    try:
        spared = _each(about, rules, calendar, sex, groups)
        return Skips(tuple(_joined(spared)), tuple(_makeup(about, rules, calendar)))
    except CalendarMissing:
        return Skips()


def _each(
    about: Range, rules: CountRules, calendar: WorkCalendar, sex: str | None, groups: frozenset[str]
) -> Iterator[Skipped]:
    free = rules.half_holiday_free and rules.counting is Counting.WORKDAYS
    for day in _days(about):
        why = _why(day, rules, calendar)
        if why:
            yield Skipped(day, day, why)
            continue
        for slot in (Slot(day), Slot(day).next()):
            if free and slot in about and calendar.is_half_holiday(slot, sex=sex, groups=groups):
                yield Skipped(day, day, HALF, slot.half.value)


def _why(day: date, rules: CountRules, calendar: WorkCalendar) -> str:
    if rules.counting is Counting.CALENDAR_DAYS_MINUS_STATUTORY:
        return LEGAL if calendar.is_statutory(day) else ""
    return _WHY.get(calendar.day_type(day), "")


def _makeup(about: Range, rules: CountRules, calendar: WorkCalendar) -> list[date]:
    if rules.counting is not Counting.WORKDAYS:
        return []
    return [day for day in _days(about) if calendar.day_type(day) in (DayType.MAKEUP_WORKDAY, DayType.LOCAL_WORK)]


def _joined(each: Iterator[Skipped]) -> Iterator[Skipped]:
    """Days in a row become one; the weekend inside a holiday belongs to the holiday."""
    run: list[Skipped] = []
    for one in each:
        if run and (one.half or run[-1].half or one.first - run[-1].last > timedelta(days=1) or not _same(run, one)):
            yield _one(run)
            run = []
        run.append(one)
    if run:
        yield _one(run)


def _same(run: list[Skipped], one: Skipped) -> bool:
    return {LOCAL, LEGAL}.isdisjoint({one.why, run[-1].why}) or one.why == run[-1].why


def _one(run: list[Skipped]) -> Skipped:
    why = HOLIDAY if any(one.why == HOLIDAY for one in run) else run[0].why
    return Skipped(run[0].first, run[-1].last, why, run[0].half)


def _days(about: Range) -> Iterator[date]:
    length = (about.last.day - about.first.day).days + 1
    return (about.first.day + timedelta(days=ahead) for ahead in range(length))
