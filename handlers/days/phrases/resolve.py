"""From what was written to a date: which year, which month, which week. All of it depends on `today`, and in the
second half of a range on the day the range began with (`after`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from handlers import errors
from handlers.days.phrases.model import DoubtCode, WorkingDays

_HALF_YEAR: Final = timedelta(183)
_MONTH: Final = timedelta(31)
_FORTNIGHT: Final = timedelta(15)
_HOLIDAY: Final = 40  # days; no block of days off comes near


@dataclass(frozen=True, slots=True)
class Scope:
    """What a phrase is read against."""

    today: date
    calendar: WorkingDays | None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a few in a row ("the weekend"). `weekday` tells how it was named: with or without its week."""

    first: date
    last: date
    doubts: tuple[DoubtCode, ...] = ()
    by_weekday: bool = False
    week_said: bool = False


class Unreadable(Exception):
    """It speaks of a day, and there is no such day or it cannot be known."""

    def __init__(self, code: DoubtCode) -> None:
        super().__init__(code.value)
        self.code = code


def single(day: date, *doubts: DoubtCode) -> Day:
    return Day(day, day, doubts)


def month_day(scope: Scope, *, year: int | None, month: int, day: int) -> Day:
    """Without a year: this year, or the next when this year's lies more than half a year back."""
    if year is not None:
        return single(date(year, month, day))
    if scope.after is not None:
        return single(_on_or_after(scope.after, month, day))
    today = scope.today
    if today - _near(today.year, month, day) > _HALF_YEAR:
        return single(date(today.year + 1, month, day), DoubtCode.YEAR_UNCLEAR)
    this = date(today.year, month, day)
    last_year_was_close = this - today > _HALF_YEAR and today - _near(today.year - 1, month, day) <= _MONTH
    return single(this, *[DoubtCode.YEAR_UNCLEAR] * last_year_was_close)


def _near(year: int, month: int, day: int) -> date:
    """For measuring only: 29 February in any year. An impossible day raises ValueError in every year."""
    return date(year, month, 28 if (month, day) == (2, 29) else day)


def _on_or_after(start: date, month: int, day: int) -> date:
    if date(2000, month, 1) >= date(2000, start.month, 1):
        same = date(start.year, month, day)
        if same < start:
            raise Unreadable(DoubtCode.END_BEFORE_START)
        return same
    following = date(start.year + 1, month, day)
    if following - start > _HALF_YEAR:
        raise Unreadable(DoubtCode.END_BEFORE_START)
    return following


def day_of_month(scope: Scope, *, day: int) -> Day:
    """A bare "6号": this month's, or the next month's when that has passed."""
    start = scope.after or scope.today
    this = start.replace(day=day)
    if this >= start:
        return single(this)
    following = in_month(start, 1, day)
    if scope.after is not None and following - start > _FORTNIGHT:
        raise Unreadable(DoubtCode.END_BEFORE_START)
    return single(following, DoubtCode.MONTH_UNCLEAR)


def in_month(today: date, shift: int, day: int) -> date:
    years, month = divmod(today.month - 1 + shift, 12)
    return date(today.year + years, month + 1, day)


def month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(1)


def monday(day: date) -> date:
    return day - timedelta(day.weekday())


def weekday(scope: Scope, *, weeks: int | None, index: int) -> Day:
    """`weeks` counts from this week, None when no week was named; `index` 0 is Monday."""
    if weeks is not None:
        day = monday(scope.today) + timedelta(7 * weeks + index)
        return Day(day, day, by_weekday=True, week_said=True)
    start = scope.after or scope.today
    day = monday(start) + timedelta(index)
    if day >= start:
        return Day(day, day, by_weekday=True)
    doubts = () if scope.after else (DoubtCode.WEEK_UNCLEAR,)
    return Day(day + timedelta(7), day + timedelta(7), doubts, by_weekday=True)


def weekend(scope: Scope, *, weeks: int | None) -> Day:
    saturday = weekday(replace(scope, after=None), weeks=weeks or 0, index=5).first
    return Day(saturday, saturday + timedelta(1))


def festival(scope: Scope, *, year: int | None, month: int, day: int) -> Day:
    """A festival of the solar calendar: the coming one, unless it was within the last month."""
    if year is not None or scope.after is not None:
        return month_day(scope, year=year, month=month, day=day)
    this = date(scope.today.year, month, day)
    coming = this if scope.today - this <= _MONTH else this.replace(year=this.year + 1)
    return single(coming, *[DoubtCode.YEAR_UNCLEAR] * (coming - scope.today > _HALF_YEAR))


def working_day_near(scope: Scope, *, year: int | None, month: int, day: int, step: int) -> Day:
    """The first working day after a festival (`step` 1), or the last before it (-1): the coming one."""
    years = [year] if year is not None else [scope.today.year, scope.today.year + 1]
    for candidate in years:
        start = date(candidate, month, day)
        found = first_working(scope, (start + timedelta(step * n) for n in range(1, _HOLIDAY)))
        if found >= scope.today or year is not None:
            return single(found)
    raise Unreadable(DoubtCode.CALENDAR_UNKNOWN)


def next_working(scope: Scope) -> Day:
    return single(first_working(scope, (scope.today + timedelta(n) for n in range(1, _HOLIDAY))))


def working_of(scope: Scope, first: date, last: date, *, from_end: bool) -> Day:
    days: Callable[[int], date] = (lambda n: last - timedelta(n)) if from_end else (lambda n: first + timedelta(n))
    return single(first_working(scope, map(days, range((last - first).days + 1))))


def first_working(scope: Scope, days: Iterable[date]) -> date:
    """Raise Unreadable where the calendar is absent, does not know the year, or has no working day among `days`."""
    if scope.calendar is None:
        raise Unreadable(DoubtCode.CALENDAR_UNKNOWN)
    try:
        return next(day for day in days if scope.calendar.is_working(day))
    except (errors.RuleError, LookupError, StopIteration) as unknown:
        raise Unreadable(DoubtCode.CALENDAR_UNKNOWN) from unknown
