"""Days worth naming now: sentences for the chips above a phone's input, filled in by the demo's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

_OFFICE = ZoneInfo("Asia/Shanghai")
_AHEAD = 3  # days: nobody rehearses a leave that begins today
_LOOK = 60


def statutory_workday(day: date) -> bool:
    """Monday to Friday corrected by the published holidays; years not published yet count plain weekdays."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def filled(sentences: Iterable[str], *, now: datetime, workday: Callable[[date], bool]) -> list[str]:
    """The sentences with `{days}` replaced by three working days in a row, soon after `now` (aware)."""
    first, last = _three_workdays(now.astimezone(_OFFICE).date(), workday)
    return [sentence.replace("{days}", f"{_day(first)}到{_until(first, last)}") for sentence in sentences]


def _three_workdays(today: date, workday: Callable[[date], bool]) -> tuple[date, date]:
    for ahead in range(_AHEAD, _LOOK):
        run = [today + timedelta(days=ahead + extra) for extra in range(3)]
        if all(workday(day) for day in run):
            return run[0], run[-1]
    return today + timedelta(days=_AHEAD), today + timedelta(days=_AHEAD + 2)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _until(first: date, last: date) -> str:
    """As people write it: the month only where it changes, the year where it would be misread otherwise."""
    if first.year != last.year:
        return f"{last.year}年{_day(last)}"
    return f"{last.day}日" if first.month == last.month else _day(last)
