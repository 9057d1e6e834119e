"""Is a year's calendar believable before anybody counts by it? The loading checks of office-rules.md 3.4.

Problems are codes with figures; the words for them are found where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from handlers.days import workdays

LOCAL_KEYS = ("days_off", "work_days", "half_holidays", "group_holidays")
LEGAL_DAYS_SINCE = {1999: 10, 2008: 11, 2025: 13}
"""Legal holidays a year: Measures of 1999, as revised from 2008 (Decree 513) and from 2025 (Decree 795)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`fatal` problems keep the file from being loaded, the others are warnings. `figures` explain the code."""

    code: str
    fatal: bool
    figures: Mapping[str, object]


def problems(data: Mapping[str, object]) -> list[Problem]:
    """Everything that is wrong with one parsed year file; never raises. An empty list means: may be loaded."""
    unreadable = _unreadable(data)
    if unreadable:
        return unreadable
    calendar = workdays.from_data([data])
    year = int(str(data["year"]))
    return [problem for check in CHECKS for problem in check(calendar, year)] + _unsourced(data)


def local_problems(data: Mapping[str, object]) -> list[Problem]:
    """What keeps a file of local days from being used: its dates have nothing to be compared with."""
    found = []
    for key in LOCAL_KEYS:
        try:
            workdays.from_data([{"kind": "local", key: data.get(key)}])
        except (ValueError, TypeError, KeyError) as wrong:
            found.append(Problem("unreadable", True, {"key": key, "why": str(wrong)}))
    strange = sorted(set(map(str, data)) - {*LOCAL_KEYS, "kind", "source", "published", "address", "year", "title"})
    return found + [Problem("unknown_key", True, {"key": key}) for key in strange]


def _unreadable(data: Mapping[str, object]) -> list[Problem]:
    found = []
    for key in ("statutory", "days_off", "makeup_workdays"):
        try:
            workdays.from_data([{"kind": "notice", "year": data["year"], key: data[key]}])
        except KeyError as missing:
            found.append(Problem("key_missing", True, {"key": str(missing.args[0])}))
        except (ValueError, TypeError) as wrong:
            found.append(Problem("unreadable", True, {"key": key, "why": str(wrong)}))
    return found


def _unsourced(data: Mapping[str, object]) -> list[Problem]:
    return [Problem("source_missing", True, {"key": key}) for key in ("source", "published") if not data.get(key)]


def _legal_days(calendar: workdays.WorkCalendar, year: int) -> list[Problem]:
    expected = next((days for since, days in sorted(LEGAL_DAYS_SINCE.items(), reverse=True) if since <= year), None)
    found = sum(day.year == year for day in calendar.statutory)
    if expected in (None, found):
        return []
    return [Problem("legal_days", True, {"expected": expected, "found": found})]


def _legal_days_are_off(calendar: workdays.WorkCalendar, _year: int) -> list[Problem]:
    working = calendar.statutory - calendar.days_off
    return [Problem("legal_day_not_off", True, {"day": day}) for day in sorted(working)]


def _makeup_on_weekends(calendar: workdays.WorkCalendar, _year: int) -> list[Problem]:
    wrong = [day for day in calendar.makeup_workdays if day.weekday() not in calendar.weekly_rest]
    return [Problem("makeup_not_on_weekend", True, {"day": day}) for day in sorted(wrong)]


def _off_or_working(calendar: workdays.WorkCalendar, _year: int) -> list[Problem]:
    both = calendar.makeup_workdays & calendar.days_off
    return [Problem("off_and_makeup", True, {"day": day}) for day in sorted(both)]


def _inside_the_year(calendar: workdays.WorkCalendar, year: int) -> list[Problem]:
    """A notice may move a day across New Year (29 December 2007 worked for 2008), never further."""
    known = calendar.statutory | calendar.days_off | calendar.makeup_workdays
    first, last = date(year - 1, 12, 20), date(year + 1, 1, 10)
    return [Problem("outside_year", True, {"day": day}) for day in sorted(known) if not first <= day <= last]


def _working_days(calendar: workdays.WorkCalendar, year: int) -> list[Problem]:
    """Weekdays less legal days is what a year without special days has; exceptions occur, so this only warns."""
    days = workdays.days_of(year)
    legal = sum(day.year == year for day in calendar.statutory)
    expected = sum(day.weekday() not in calendar.weekly_rest for day in days) - legal
    found = sum(map(calendar.is_working, days))
    if found == expected:
        return []
    return [Problem("working_days", False, {"expected": expected, "found": found})]


CHECKS: tuple[Callable[[workdays.WorkCalendar, int], list[Problem]], ...] = (
    _legal_days,
    _legal_days_are_off,
    _makeup_on_weekends,
    _off_or_working,
    _inside_the_year,
    _working_days,
)
