"""A month as weeks of days, each with what kind of day it is and who is away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.days.slots import Half, Slot
from handlers.days.workdays import CalendarMissing, DayType, WorkCalendar
from handlers.team.asking import month_of, week_of
from handlers.team.whereabouts import Away

OFF, MAKEUP, REST, UNKNOWN = "off", "makeup", "rest", "unknown"
_TYPES = {
    DayType.MAKEUP_WORKDAY: MAKEUP,
    DayType.LOCAL_WORK: MAKEUP,
    DayType.REST_DAY: REST,
    DayType.BRIDGE_DAY: OFF,
    DayType.STATUTORY_HOLIDAY: OFF,
    DayType.LOCAL_OFF: OFF,
}


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody on a day: `half` is am or pm where only that half is away, "" for the whole day."""

    away: Away
    half: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`mark`: off (放假), makeup (调休上班), rest, unknown (the year's notice is not loaded), "" for a working day."""

    date: date
    mark: str
    inside: bool
    away: tuple[Present, ...] = ()

    @property
    def people(self) -> int:
        return len({one.away.person.id for one in self.away})


def weeks(month: date, found: Iterable[Away], calendar: WorkCalendar) -> list[list[Day]]:
    """Whole weeks from Monday; days of the neighbouring months are not `inside` and list nobody.

    On a day off nobody is away: who would be there?
    """
    first, last = month_of(month)
    everybody = list(found)
    start, end = week_of(first)[0], week_of(last)[1]
    days = [_day(start + timedelta(days=ahead), month, everybody, calendar) for ahead in range((end - start).days + 1)]
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def mark(day: date, calendar: WorkCalendar) -> str:
    """A weekend inside a holiday belongs to the holiday."""
    try:
        found = _TYPES.get(calendar.day_type(day), "")
    except CalendarMissing:
        return UNKNOWN
    return OFF if found == REST and day in calendar.days_off else found


def present(day: date, found: Iterable[Away]) -> tuple[Present, ...]:
    """Who is away on a day, and which half of it."""
    return tuple(Present(one, _half(one, day)) for one in found if _touches(one, day))


def blocks(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in a row as (first, last)."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _day(day: date, month: date, found: Sequence[Away], calendar: WorkCalendar) -> Day:
    kind = mark(day, calendar)
    inside = (day.year, day.month) == (month.year, month.month)
    away = present(day, found) if inside and kind not in (OFF, REST) else ()
    return Day(date=day, mark=kind, inside=inside, away=away)


def _touches(one: Away, day: date) -> bool:
    return one.about.first.day <= day <= one.about.last.day


def _half(one: Away, day: date) -> str:
    am, pm = Slot(day, Half.AM) in one.about, Slot(day, Half.PM) in one.about
    if am and pm:
        return ""
    return Half.AM.value if am else Half.PM.value
