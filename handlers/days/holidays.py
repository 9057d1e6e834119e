"""The festivals of a calendar as stretches of days off, each with the weekends that are worked for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from handlers.days.workdays import WorkCalendar

_SATURDAY: Final = 5
_NEAR: Final = 30
"""Days within which a worked weekend belongs to a festival."""


class Festival(StrEnum):
    """The seven of the Holiday Measures, art. 2."""

    NEW_YEAR = "new_year"
    SPRING = "spring"
    QINGMING = "qingming"
    LABOUR = "labour"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """`first` to `last` are off; `legal` of them are the legal days, `worked` are the weekends worked for it.

    `announced`: the year's notice is loaded; otherwise only the legal days are known, and the stretch is no more.
    """

    festivals: tuple[Festival, ...]
    first: date
    last: date
    legal: tuple[date, ...]
    worked: tuple[date, ...] = ()
    announced: bool = True


def of(calendar: WorkCalendar) -> list[Holiday]:
    """All that the calendar knows, the first first."""
    unknown = {day for day in calendar.statutory_without_notice if day.year not in calendar.years}
    off = [_holiday(block, calendar.statutory) for block in _blocks(calendar.days_off - calendar.local_work)]
    found = [one for one in off if one.legal]
    found += [_holiday(block, unknown, announced=False) for block in _blocks(unknown)]
    worked = _worked(found, calendar.makeup_workdays - calendar.local_off)
    return sorted((_with(one, worked.get(one.first, [])) for one in found), key=lambda one: one.first)


def _blocks(days: Iterable[date]) -> Iterator[list[date]]:
    block: list[date] = []
    for day in sorted(days):
        if block and day - block[-1] != timedelta(days=1):
            yield block
            block = []
        block.append(day)
    if block:
        yield block


def _holiday(block: list[date], statutory: Iterable[date], *, announced: bool = True) -> Holiday:
    legal = tuple(sorted(set(block) & set(statutory)))
    festivals = tuple(dict.fromkeys(_festival(day) for day in legal))
    return Holiday(festivals=festivals, first=block[0], last=block[-1], legal=legal, announced=announced)


def _festival(day: date) -> Festival:
    """The festival of the lunar calendar that a legal day is goes by its month: no two fall into the same."""
    match day.month:
        case 1 | 2:
            return Festival.NEW_YEAR if (day.month, day.day) == (1, 1) else Festival.SPRING
        case 4:
            return Festival.QINGMING
        case 5 if day.day <= 3:
            return Festival.LABOUR
        case 5 | 6:
            return Festival.DRAGON_BOAT
    return Festival.NATIONAL if day.month == 10 and day.day <= 3 else Festival.MID_AUTUMN


def _worked(found: list[Holiday], days: Iterable[date]) -> dict[date, list[date]]:
    """By the first day of the nearest festival that takes days which must be worked for."""
    by: dict[date, list[date]] = {}
    for day in sorted(days):
        near = [one for one in found if _distance(one, day) <= _NEAR]
        needy = [one for one in near if len(by.get(one.first, [])) < _borrowed(one)]
        nearest = min(needy or near, key=lambda one: _distance(one, day), default=None)
        if nearest is not None:
            by.setdefault(nearest.first, []).append(day)
    return by


def _borrowed(one: Holiday) -> int:
    """How many weekends are worked for it: weekdays off that are no legal days, less legal days that fell on a weekend
    (Holiday Measures, art. 7)."""
    days = [one.first + timedelta(days=ahead) for ahead in range((one.last - one.first).days + 1)]
    bridges = sum(day.weekday() < _SATURDAY and day not in one.legal for day in days)
    return bridges - sum(day.weekday() >= _SATURDAY for day in one.legal)


def _distance(one: Holiday, day: date) -> int:
    return min(abs((day - one.first).days), abs((day - one.last).days))


def _with(one: Holiday, worked: list[date]) -> Holiday:
    return Holiday(
        festivals=one.festivals, first=one.first, last=one.last, legal=one.legal, worked=tuple(worked),
        announced=one.announced,
    )  # fmt: skip
