"""What the office's calendar says when somebody asks for days off: a festival, the year, the next one, a single day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from cards import holidays as cards
from cards.holidays import Asked, HolidayView
from handlers.context import Context
from handlers.days import holidays, phrases
from handlers.days.holidays import Holiday
from handlers.days.workdays import CalendarMissing
from handlers.leave import charge

_MOST: Final = 10
_THIS, _NEXT = "今", "明"


def answer(ctx: Context, asked: Asked) -> str | None:
    """The words; None where what was taken for a day is none."""
    today = charge.today(ctx)
    if asked.day:
        return _days(ctx, asked.day, today)
    known = holidays.of(ctx.office.calendar)
    coming = [one for one in known if one.last >= today]
    if asked.festival == "next":
        return _told(coming[:1], today, today.year + 1)
    year = _year(asked.year, today)
    if asked.festival == "all":
        year = year or today.year
        return _told([one for one in known if one.legal[0].year == year], today, year)
    mine = [one for one in (known if year else coming) if asked.festival in one.festivals]
    found = [one for one in mine if not year or one.legal[-1].year == year]
    return _told(found[:1], today, year or today.year + 1)


def _told(found: Sequence[Holiday], today: date, year: int) -> str:
    return cards.told([_view(one) for one in found], today=today) if found else cards.unknown_year(year)


def _year(said: str, today: date) -> int:
    if said[:1] in (_THIS, _NEXT):
        return today.year + (said[0] == _NEXT)
    return int(said[:4]) if said else 0


def _days(ctx: Context, said: str, today: date) -> str | None:
    reading = phrases.read(said, today=today)
    if len(reading.spans) != 1 or reading.rest.strip() or reading.spans[0].open_ended or reading.spans[0].from_time:
        return None
    span = reading.spans[0]
    count = min((span.end - span.start).days + 1, _MOST)
    days = [span.start + timedelta(days=ahead) for ahead in range(count)]
    return cards.days([_day(ctx, day) for day in days], today=today)


def _day(ctx: Context, day: date) -> tuple[date, str, bool]:
    calendar = ctx.office.calendar
    try:
        return day, calendar.day_type(day).value, calendar.is_provisional(day)
    except CalendarMissing:
        return day, calendar.by_law_where_unknown().day_type(day).value, True


def _view(one: Holiday) -> HolidayView:
    return HolidayView(
        festivals=[each.value for each in one.festivals], first=one.first, last=one.last, legal=one.legal,
        worked=one.worked, announced=one.announced,
    )  # fmt: skip
