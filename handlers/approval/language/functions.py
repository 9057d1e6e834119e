"""What expressions may call: amounts, days, and the office's working time.

Working days come from the statutory calendar. A day of a year whose holidays are not known has no answer: the
expression fails and says which year (`Asked.year`), also where the leave policy would count provisionally; nobody
guesses a route. An empty text (not filled in yet) counts as no day at all. Pure: whoever evaluates lends the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from cel_expr_python import cel

from handlers.days.workdays import WorkCalendar, WorkHours

_LONGEST = 3660  # days; as the longest search of the calendar itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """When the office works."""

    calendar: WorkCalendar
    hours: WorkHours


@dataclass(slots=True)
class Asked:
    """What an evaluation ran into: the year whose holidays are not known, 0 for none."""

    work: Work | None
    year: int = 0


_LENT: ContextVar[Asked | None] = ContextVar("_LENT", default=None)


@contextmanager
def lent(work: Work | None) -> Iterator[Asked]:
    """Within it the functions know this calendar; a function of CEL cannot be handed one."""
    asked = Asked(work)
    token = _LENT.set(asked)
    try:
        yield asked
    finally:
        _LENT.reset(token)


def _yuan(amount: float) -> int:
    return round(amount * 100)


def _date(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def _days_between(first: str, last: str) -> int:
    begin, end = _date(first), _date(last)
    return (end - begin).days if begin and end else 0


def _weekday(day: str) -> int:
    one = _date(day)
    return one.isoweekday() if one else 0


def _works(day: date) -> bool:
    """Raises ValueError for a day that nobody knows: the evaluation then fails."""
    asked = _LENT.get()
    if asked is None or asked.work is None or asked.work.calendar.is_provisional(day):
        if asked is not None:
            asked.year = day.year
        raise ValueError(day.isoformat())
    return asked.work.calendar.is_working(day)


def _count(first: date, last: date) -> int:
    days = (last - first).days + 1
    if days > _LONGEST:
        raise ValueError(days)
    return sum(_works(first + timedelta(days=ahead)) for ahead in range(days))


def _workdays(first: str, last: str) -> int:
    """Both days included; 0 for a range that ends before it begins."""
    begin, end = _date(first), _date(last)
    return _count(begin, end) if begin and end else 0


def _workdays_between(first: str, last: str) -> int:
    """Working days after `first` up to and with `last`, negative backwards: as `days_between` counts."""
    begin, end = _date(first), _date(last)
    if begin is None or end is None:
        return 0
    step = timedelta(days=1)
    return _count(begin + step, end) if begin <= end else -_count(end + step, begin)


def _is_workday(day: str) -> bool:
    one = _date(day)
    return one is not None and _works(one)


def _is_holiday(day: str) -> bool:
    """One of the days of 《全国年节及纪念日放假办法》; the rest days around them are none."""
    one, asked = _date(day), _LENT.get()
    if one is None or _works(one) or asked is None or asked.work is None:
        return False
    return asked.work.calendar.is_statutory(one)


def _work_minutes(day: str, start: str, end: str) -> int:
    """Minutes of a time range that lie in working time; one that ends before it begins runs into the next day."""
    one = _date(day)
    if one is None or not start or not end:
        return 0
    begin, until = _minute(start), _minute(end)
    if begin < until:
        return _overlap(one, begin, until)
    return _overlap(one, begin, 24 * 60) + _overlap(one + timedelta(days=1), 0, until)


def _overlap(day: date, begin: int, until: int) -> int:
    if begin >= until or not _works(day):
        return 0
    asked = _LENT.get()
    periods = asked.work.hours.on(day) if asked and asked.work else ()
    return sum(max(0, min(until, one.until) - max(begin, one.begin)) for one in periods)


def _minute(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


INT, DOUBLE, STRING, BOOL = cel.Type.INT, cel.Type.DOUBLE, cel.Type.STRING, cel.Type.BOOL


def _one(name: str, gives: Any, takes: Sequence[Any], function: Any) -> Any:
    return cel.FunctionDecl(name, [_overload(name, gives, takes, function)])


def _overload(name: str, gives: Any, takes: Sequence[Any], function: Any) -> Any:
    return cel.Overload(f"{name}_{len(takes)}_{takes[0].name()}", gives, list(takes), False, function)


DECLARED = [
    cel.FunctionDecl("yuan", [_overload("yuan", INT, [kind], _yuan) for kind in (INT, DOUBLE)]),
    _one("days_between", INT, [STRING, STRING], _days_between),
    _one("weekday", INT, [STRING], _weekday),
    _one("round", INT, [DOUBLE], round),
    _one("workdays", INT, [STRING, STRING], _workdays),
    _one("workdays_between", INT, [STRING, STRING], _workdays_between),
    _one("is_workday", BOOL, [STRING], _is_workday),
    _one("is_holiday", BOOL, [STRING], _is_holiday),
    _one("work_minutes", INT, [STRING, STRING, STRING], _work_minutes),
]
NAMES = (
    "yuan", "days_between", "weekday", "round", "workdays", "workdays_between", "is_workday", "is_holiday",
    "work_minutes",
)  # fmt: skip
