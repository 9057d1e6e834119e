"""What somebody wrote, read as times, needs and words; pure. Nothing is guessed: what is not read is None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from cards import calendar_words
from handlers.calendar import rules
from handlers.calendar.rules import Need, Period
from handlers.days import phrases
from handlers.days.phrases import DoubtCode, Span, recurring
from handlers.days.phrases.model import WorkingDays
from handlers.days.slots import Half
from handlers.days.workdays import WorkHours
from handlers.errors import BadRequest

_ON_DUTY: Final = str.maketrans("值加班守", "\ue011\ue012\ue013\ue014")
_BACK: Final = str.maketrans("\ue011\ue012\ue013\ue014", "值加班守")
_HOUR: Final = timedelta(hours=1)
_ABOUT_A_YEAR: Final = timedelta(days=370)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """`periods` in order; one, or the occurrences of a rule. `open_end`: no end was said, an hour was taken; `halves`:
    no hour was, the office's own were; `day_unsaid`: today was taken."""

    periods: tuple[Period, ...]
    all_day: bool = False
    open_end: bool = False
    halves: bool = False
    day_unsaid: bool = False
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What reading needs of the office: the day, its calendar, its hours (whose zone is the office's)."""

    today: date
    calendar: WorkingDays
    hours: WorkHours


def times(text: str, about: Surroundings) -> Times | None:
    """One stretch of time, or every occurrence of a rule. Raises CalendarMissing where working days are unknown,
    and as `once`."""
    return _recurring(text, about) or once(text, about)


def once(text: str, about: Surroundings) -> Times | None:
    """One stretch of time. Raises BadRequest(ends_first) for one that ends before it begins."""
    reading = _read(text, about)
    if not reading.spans and any(doubt.code is DoubtCode.END_BEFORE_START for doubt in reading.doubts):
        raise BadRequest("ends_first")
    if len(reading.spans) != 1 or reading.spans[0].open_ended or reading.spans[0].half_missing:
        return None
    span = reading.spans[0]
    unsaid = any(doubt.code is DoubtCode.DAY_UNCLEAR for doubt in reading.doubts)
    return replace(_of_span(span, about), day_unsaid=unsaid, rest=reading.rest)


def _of_span(span: Span, about: Surroundings) -> Times:
    if span.from_time is None:
        whole = (span.start_half, span.end_half) == (Half.AM, Half.PM)
        period = _days(span, about) if whole else _halves(span, about)
        return Times(periods=(period,), all_day=whole, halves=not whole)
    begin = datetime.combine(span.start, span.from_time, about.hours.zone)
    if span.to_time is None:
        return Times(periods=(Period(begin, begin + _HOUR),), open_end=True)
    end = datetime.combine(span.end, span.to_time, about.hours.zone)
    if end <= begin and span.end == span.start:
        end += timedelta(days=1)
    return Times(periods=(Period(begin, end),))


def _read(text: str, about: Surroundings) -> phrases.Reading:
    """Time on duty is what somebody enters here; to whoever reads leave it is a day that was worked."""
    hidden = text.translate(_ON_DUTY) if any(word in text for word in ("值班", "加班", "值守")) else text
    reading = phrases.read(hidden, today=about.today, calendar=about.calendar)
    return replace(reading, rest=reading.rest.translate(_BACK))


def _recurring(text: str, about: Surroundings) -> Times | None:
    found = recurring.read(text, today=about.today)
    if found is None or found.rule.begin is None:
        return None
    rule, zone = found.rule, about.hours.zone
    until = rule.last or (date(about.today.year, 12, 31) if rule.count is None else about.today + _ABOUT_A_YEAR)
    days = recurring.occurrences(rule, start=about.today, until=until, calendar=about.calendar)
    ends = rule.end or (datetime.combine(about.today, rule.begin or time()) + _HOUR).time()
    periods = [_period(day, rule.begin or time(), ends, about) for day in days[: rules.MOST_DAYS + 1]]
    now = datetime.combine(about.today, time(0), zone)
    kept = tuple(one for one in periods if one.begin >= now)
    return Times(periods=kept, open_end=rule.end is None, rest=found.rest) if kept else None


def _period(day: date, begin: time, end: time, about: Surroundings) -> Period:
    zone = about.hours.zone
    last = day if end > begin else day + timedelta(days=1)
    return Period(datetime.combine(day, begin, zone), datetime.combine(last, end, zone))


def _days(span: Span, about: Surroundings) -> Period:
    zone = about.hours.zone
    return Period(rules.local_midnight(span.start, zone), rules.local_midnight(span.end + timedelta(days=1), zone))


def _halves(span: Span, about: Surroundings) -> Period:
    """The office's hours of the halves that were said."""
    begin = _edge(span.start, about, first=True, half=span.start_half)
    return Period(begin, _edge(span.end, about, first=False, half=span.end_half))


def _edge(day: date, about: Surroundings, *, first: bool, half: Half) -> datetime:
    worked = about.hours.on(day)
    noon = 12 * 60
    mine = [one for one in worked if (one.begin < noon) == (half is Half.AM)]
    if not mine:
        minutes = {(Half.AM, True): 0, (Half.AM, False): noon, (Half.PM, True): noon, (Half.PM, False): 24 * 60}[
            (half, first)
        ]
    else:
        minutes = mine[0].begin if first else mine[-1].until
    return rules.local_midnight(day, about.hours.zone) + timedelta(minutes=minutes)


def in_hours(found: Times, about: Surroundings) -> Times:
    """A whole day of a room is the office's day: nobody takes it from midnight on."""
    if not found.all_day:
        return found
    zone = about.hours.zone
    period = found.periods[0]
    last = (period.end - timedelta(minutes=1)).astimezone(zone).date()
    begin = _edge(period.begin.astimezone(zone).date(), about, first=True, half=Half.AM)
    return Times(periods=(Period(begin, _edge(last, about, first=False, half=Half.PM)),), rest=found.rest)


def need(text: str, equipment: Iterable[str]) -> tuple[Need, str]:
    """How many people and which of the office's equipment are asked for, and what is left: the purpose."""
    count, rest = calendar_words.people(text)
    wanted = []
    left = []
    known = sorted(set(equipment), key=len, reverse=True)
    for word in rest.replace("，", " ").replace(",", " ").replace("、", " ").split():
        plain = word.removeprefix("要").removeprefix("带").removeprefix("有").removeprefix("需要")
        match = next((one for one in known if plain and (plain == one or plain in one or one == plain[: len(one)])), "")
        if match and len(plain) <= len(match) + 1:
            wanted.append(match)
        else:
            left.append(word)
    return Need(people=count, equipment=tuple(dict.fromkeys(wanted))), " ".join(left).strip()
