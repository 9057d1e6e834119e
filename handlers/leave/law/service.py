"""When years of service are complete (满1年、10年、20年), with gaps and the 29 February.

Civil Code arts. 201, 202: the first day is not counted and the period ends on the corresponding day, or on the last
day of the month where there is none. Both other readings in use are options of the policy (office-rules.md 1.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from handlers.leave.law.policy import Feb29, YearsCompleteOn

ONE_DAY = timedelta(days=1)


class Gap(NamedTuple):
    """Days outside service, both ends included."""

    begin: date
    end: date


def add_years(day: date, years: int, feb29: Feb29) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # a 29 February in a common year
        return date(day.year + years, 2, 28) if feb29 is Feb29.FEB28 else date(day.year + years, 3, 1)


def gap_days(gaps: Iterable[Gap], *, since: date, until: date) -> int:
    """Days from `since` up to but not including `until` that lie in a gap; days in two gaps are counted once."""
    total, seen = 0, since
    for begin, end in sorted(gaps):
        first, last = max(begin, seen), min(end, until - ONE_DAY)
        if first <= last:
            total += (last - first).days + 1
            seen = last + ONE_DAY
    return total


def gap_days_before_completion(first_work_date: date, years: int, gaps: tuple[Gap, ...], feb29: Feb29) -> int:
    """The gap days that move the completion of n years: moving it may bring further gap days before it."""
    target, moved = add_years(first_work_date, years, feb29), -1
    days = gap_days(gaps, since=first_work_date, until=target)
    while days != moved:
        moved = days
        days = gap_days(gaps, since=first_work_date, until=target + timedelta(days=moved))
    return days


def completion(*, first_work_date: date, years: int, gap_days: int, feb29: Feb29, complete_on: YearsCompleteOn) -> date:
    """The day on which `years` of service are complete."""
    anniversary = add_years(first_work_date, years, feb29) + timedelta(days=gap_days)
    return anniversary if complete_on is YearsCompleteOn.ANNIVERSARY else anniversary - ONE_DAY
