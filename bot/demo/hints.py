"""Sentences worth trying now: what the chips above a phone's input offer, with dates that suit the demo's clock."""

from __future__ import annotations

from collections.abc import Callable
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


def sentences(now: datetime, workday: Callable[[date], bool]) -> list[str]:
    """`now` is aware; the first sentence asks for three working days in a row, soon."""
    first, last = _three_workdays(now.astimezone(_OFFICE).date(), workday)
    return [f"年假 {first.month}月{first.day}日到{_end(first, last)} 回家", "我的假期", "到哪了", "帮助"]


def _three_workdays(today: date, workday: Callable[[date], bool]) -> tuple[date, date]:
    for ahead in range(_AHEAD, _LOOK):
        run = [today + timedelta(days=ahead + extra) for extra in range(3)]
        if all(workday(day) for day in run):
            return run[0], run[-1]
    return today + timedelta(days=_AHEAD), today + timedelta(days=_AHEAD + 2)


def _end(first: date, last: date) -> str:
    return f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
