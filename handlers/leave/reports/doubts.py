"""What personnel should look at before somebody's leave is reckoned from a file. Pure; codes only.

office-rules.md 1.3, 1.4, 4.4: dates that several readings of the law treat differently, and facts that are missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from handlers.days.workdays import as_day
from handlers.leave.law.policy import Eligibility, Proration
from handlers.leave.law.rules import Policy
from handlers.leave.law.service import add_years, gap_days_before_completion
from handlers.leave.standing import gaps
from handlers.people.directory import Person

EARLIEST = 1950
LONGEST_YEARS = 50


class Doubt(StrEnum):
    NO_FIRST_WORK = "no_first_work"
    FUTURE = "future"
    LONG_AGO = "long_ago"
    FEB29 = "feb29"
    FIRST_OF_MONTH = "first_of_month"
    CHANGES_THIS_YEAR = "changes_this_year"
    NO_CATEGORY = "no_category"
    NO_JOINED = "no_joined"
    NO_CONTINUOUS = "no_continuous"
    JOINED_BEFORE_WORK = "joined_before_work"
    CONTINUOUS_BEFORE_WORK = "continuous_before_work"
    CONTINUOUS_AFTER_JOINED = "continuous_after_joined"
    GAPS = "gaps"
    GAP_OUTSIDE = "gap_outside"
    GAPS_OVERLAP = "gaps_overlap"
    LEFT = "left"
    LEAVING = "leaving"
    LEFT_BEFORE_WORK = "left_before_work"
    NO_SEX = "no_sex"


def doubts(person: Person, policy: Policy, *, today: date) -> list[Doubt]:
    """In the order in which they weigh."""
    return [doubt for doubt, holds in _CHECKS if holds(person, policy, today)]


def _first(person: Person) -> date | None:
    return as_day(person.first_work_date) if person.first_work_date else None


def _day(text: str) -> date | None:
    return as_day(text) if text else None


def _future(person: Person, _policy: Policy, today: date) -> bool:
    known = (_first(person), _day(person.joined_unit), _day(person.continuous_since))
    return any(day is not None and day > today for day in known)


def _long_ago(person: Person, _policy: Policy, today: date) -> bool:
    first = _first(person)
    return first is not None and (first.year < EARLIEST or today.year - first.year > LONGEST_YEARS)


def _feb29(person: Person, _policy: Policy, _today: date) -> bool:
    first = _first(person)
    return first is not None and (first.month, first.day) == (2, 29)


def _first_of_month(person: Person, policy: Policy, today: date) -> bool:
    """A bracket reached this year, from the 1st of a month: one reading of the law gives it a month earlier."""
    first = _first(person)
    return first is not None and first.day == 1 and _changes(person, policy, today)


def _changes(person: Person, policy: Policy, today: date) -> bool:
    first = _first(person)
    if first is None:
        return False
    feb29, known = policy.annual.feb29_anniversary, gaps(person.service_gaps)
    reached = (
        add_years(first, years, feb29) + timedelta(days=gap_days_before_completion(first, years, known, feb29))
        for years, _ in policy.annual.brackets
    )
    return any(day.year == today.year for day in reached)


def _gap_outside(person: Person, _policy: Policy, today: date) -> bool:
    first = _first(person)
    return any(gap.end > today or (first is not None and gap.begin < first) for gap in gaps(person.service_gaps))


def _gaps_overlap(person: Person, _policy: Policy, _today: date) -> bool:
    return any(later.begin <= earlier.end for earlier, later in pairwise(sorted(gaps(person.service_gaps))))


def _left(person: Person, _policy: Policy, today: date) -> bool:
    leaving = _day(person.leaving_date)
    return leaving is not None and leaving < today


def _leaving(person: Person, _policy: Policy, today: date) -> bool:
    leaving = _day(person.leaving_date)
    return leaving is not None and leaving >= today


def _left_before_work(person: Person, _policy: Policy, _today: date) -> bool:
    return _earlier(person.leaving_date, person.first_work_date) or _earlier(person.leaving_date, person.joined_unit)


def _prorates(policy: Policy) -> bool:
    return policy.annual.joining is Proration.PRORATED_365


def _needs_continuous(policy: Policy) -> bool:
    return policy.annual.eligibility is Eligibility.CONTINUOUS_12_MONTHS


def _earlier(one: str, other: str) -> bool:
    first, second = _day(one), _day(other)
    return first is not None and second is not None and first < second


_CHECKS: tuple[tuple[Doubt, Callable[[Person, Policy, date], bool]], ...] = (
    (Doubt.NO_FIRST_WORK, lambda person, _policy, _today: not person.first_work_date),
    (Doubt.FUTURE, _future),
    (Doubt.LONG_AGO, _long_ago),
    (Doubt.FEB29, _feb29),
    (Doubt.FIRST_OF_MONTH, _first_of_month),
    (Doubt.CHANGES_THIS_YEAR, _changes),
    (Doubt.NO_CATEGORY, lambda person, _policy, _today: not person.category),
    (Doubt.NO_JOINED, lambda person, policy, _today: _prorates(policy) and not person.joined_unit),
    (Doubt.NO_CONTINUOUS, lambda person, policy, _today: _needs_continuous(policy) and not person.continuous_since),
    (Doubt.JOINED_BEFORE_WORK, lambda person, _policy, _today: _earlier(person.joined_unit, person.first_work_date)),
    (
        Doubt.CONTINUOUS_BEFORE_WORK,
        lambda person, _policy, _today: _earlier(person.continuous_since, person.first_work_date),
    ),
    (
        Doubt.CONTINUOUS_AFTER_JOINED,
        lambda person, _policy, _today: _earlier(person.joined_unit, person.continuous_since),
    ),
    (Doubt.GAPS, lambda person, _policy, _today: bool(person.service_gaps)),
    (Doubt.GAP_OUTSIDE, _gap_outside),
    (Doubt.GAPS_OVERLAP, _gaps_overlap),
    (Doubt.LEFT, _left),
    (Doubt.LEAVING, _leaving),
    (Doubt.LEFT_BEFORE_WORK, _left_before_work),
    (Doubt.NO_SEX, lambda person, _policy, _today: person.sex not in ("male", "female")),
)
