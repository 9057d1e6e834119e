"""Rules that come again, as clerks write them: `每周五下午四点`, `每月最后一个工作日`, and the days they name.

Nothing is guessed: a text whose rule is not understood is no rule, and days that depend on working days are refused for
a year whose calendar is not loaded. Used for bookings and for reminders alike; pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule

from handlers import errors
from handlers.days.phrases import clock, trim
from handlers.days.phrases.model import WorkingDays
from handlers.days.phrases.numerals import NUMBER, fold, number
from handlers.days.phrases.ranges import UNTIL
from handlers.days.phrases.resolve import month_end

MOST: Final = 1000
"""Days that one question can get: more is no plan."""
_SEARCHED: Final = 31


class Every(StrEnum):
    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class OnHoliday(StrEnum):
    """What happens to a day on which nobody works: it stays, falls away, or moves to the next or last working day."""

    KEEP = "keep"
    SKIP = "skip"
    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`days` of the month and `workday` count from 1, or from the end as -1; `weekdays` as `date.weekday()`.

    `nth` picks one of the month's weekdays (-1 the last), `month` belongs to yearly rules. `begin` and `end` are clock
    times where they were said; `first` and `last` bound the days, `count` their number.
    """

    every: Every
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    days: tuple[int, ...] = ()
    workday: int = 0
    month: int = 0
    begin: time | None = None
    end: time | None = None
    first: date | None = None
    last: date | None = None
    count: int | None = None
    on_holiday: OnHoliday = OnHoliday.KEEP


@dataclass(frozen=True, slots=True)
class Recurring:
    """`rest` is what the text says beside its rule."""

    rule: Rule
    rest: str


def read(text: str, *, today: date) -> Recurring | None:
    """The rule in `text`, or None where there is none or it is not understood. Never raises for any text."""
    folded = fold(text[:500])
    for pattern, build in _RULES:
        found = pattern.search(folded)
        rule = build(found) if found else None
        if found and rule is not None:
            return _completed(text, folded, found, rule, today)
    return None


def occurrences(rule: Rule, *, start: date, until: date, calendar: WorkingDays) -> list[date]:
    """The days from `start` to `until` (both included) in order, at most `MOST`.

    A rule with an interval or a count means its own first day: give it one (`first`) before it is kept. Raises what
    `calendar` raises for a day that it cannot judge, where the rule asks for working days.
    """
    first = max(start, rule.first) if rule.first else start
    last = min(until, rule.last) if rule.last else until
    origin = rule.first or start
    # What moves may come from a few days outside.
    early = origin - timedelta(_SEARCHED if rule.on_holiday is OnHoliday.AFTER else 0)
    late = last + timedelta(_SEARCHED if rule.on_holiday is OnHoliday.BEFORE else 0)
    found: dict[date, None] = {}
    for day in _moved(rule, _base(rule, early, late, calendar), calendar, last=last):
        if origin <= day <= last:
            found.setdefault(day)
        if len(found) >= (rule.count or MOST):
            break
    return [day for day in sorted(found) if first <= day]


def _base(rule: Rule, start: date, until: date, calendar: WorkingDays) -> Iterator[date]:
    if rule.every in (Every.MONTH, Every.QUARTER) and (rule.workday or rule.every is Every.QUARTER):
        yield from _by_period(rule, start, until, calendar)
        return
    for day in _plain(rule, start, until):
        if rule.every is not Every.WORKDAY or calendar.is_working(day):
            yield day


def _plain(rule: Rule, start: date, until: date) -> Iterator[date]:
    begin, end = datetime.combine(start, time()), datetime.combine(until, time())
    match rule.every:
        case Every.WEEK:
            # From Monday on, so that every second week is counted in whole weeks.
            monday = begin - timedelta(begin.weekday())
            made = rrule(WEEKLY, dtstart=monday, until=end, interval=rule.interval, byweekday=rule.weekdays)
        case Every.MONTH if rule.nth:
            made = rrule(MONTHLY, dtstart=begin, until=end, byweekday=rule.weekdays, bysetpos=rule.nth)
        case Every.MONTH:
            made = rrule(MONTHLY, dtstart=begin, until=end, bymonthday=rule.days)
        case Every.YEAR:
            made = rrule(YEARLY, dtstart=begin, until=end, bymonth=rule.month, bymonthday=rule.days)
        case _:
            made = rrule(DAILY, dtstart=begin, until=end)
    return (one.date() for one in made if one >= begin)


def _by_period(rule: Rule, start: date, until: date, calendar: WorkingDays) -> Iterator[date]:
    """The n-th working day, or the first or last day, of each month or quarter."""
    length = 3 if rule.every is Every.QUARTER else 1
    year, month = start.year, (start.month - 1) // length * length + 1
    while date(year, month, 1) <= until:
        first, last = date(year, month, 1), month_end(year, month + length - 1)
        day = (
            _nth_workday(first, last, rule.workday, calendar) if rule.workday else (last if -1 in rule.days else first)
        )
        if day is not None and start <= day <= until:
            yield day
        year, month = (year, month + length) if month + length <= 12 else (year + 1, 1)


def _nth_workday(first: date, last: date, wanted: int, calendar: WorkingDays) -> date | None:
    length = (last - first).days + 1
    days = (first + timedelta(n) for n in range(length)) if wanted > 0 else (last - timedelta(n) for n in range(length))
    return next(islice((day for day in days if calendar.is_working(day)), abs(wanted) - 1, None), None)


def _moved(rule: Rule, days: Iterator[date], calendar: WorkingDays, *, last: date) -> Iterator[date]:
    """A day behind `last` may come forward into the stretch; where its year is not known yet, it does not."""
    if rule.on_holiday is OnHoliday.KEEP:
        yield from days
        return
    step = {OnHoliday.SKIP: 0, OnHoliday.AFTER: 1, OnHoliday.BEFORE: -1}[rule.on_holiday]
    for day in days:
        try:
            near = _nearest(day, step, calendar)
        except (errors.RuleError, LookupError):
            if day <= last:
                raise
            return
        if near is not None:
            yield near


def _nearest(day: date, step: int, calendar: WorkingDays) -> date | None:
    """The day itself if it is worked, else the next one in that direction; None where `step` is 0 or there is none."""
    for ahead in range(_SEARCHED if step else 1):
        if calendar.is_working(day + timedelta(ahead * step)):
            return day + timedelta(ahead * step)
    return None


# Reading

_WEEK: Final = r"(?:周|星期|礼拜)"
_ONE_DAY: Final = rf"{_WEEK}?[一二三四五六日天1-7]"
_DAY_LIST: Final = rf"{_ONE_DAY}(?:(?:[、,和及]|到|至|-)?{_ONE_DAY})*"
_NTH: Final = rf"(?:第(?P<nth>{NUMBER})个?|(?P<last>最后一个?|末个?)|倒数第(?P<back>{NUMBER})个?)"
_DATES: Final = rf"(?P<dates>{NUMBER}[号日](?:[、,和及]{NUMBER}[号日])*)"
_MONTHLY: Final = r"每个?月的?"
_QUARTERLY: Final = r"每个?季度?的?"
_WEEKDAYS: Final = "一二三四五六日"

Build = Callable[[re.Match[str]], Rule | None]


def _weekly(found: re.Match[str]) -> Rule | None:
    days = _weekdays(found["days"])
    interval = 2 if found["second"] else 1
    return Rule(every=Every.WEEK, interval=interval, weekdays=days) if days else None


def _weekdays(text: str) -> tuple[int, ...]:
    """`一三五`, `一、周三`, `一到五`."""
    plain = re.sub(_WEEK, "", text).replace("天", "日")
    found: list[int] = []
    joined = False
    for sign in plain:
        if sign in "到至-":
            joined = True
        elif sign in _WEEKDAYS or sign in "1234567":
            index = _WEEKDAYS.index(sign) if sign in _WEEKDAYS else int(sign) - 1
            found += range(found[-1] + 1, index + 1) if joined and found else [index]
            joined = False
    return tuple(sorted(set(found)))


def _place(found: re.Match[str]) -> int:
    """Which one: 2, or -1 from the end."""
    if found["last"]:
        return -1
    return number(found["nth"]) if found["nth"] else -number(found["back"])


def _workday_of(every: Every) -> Build:
    most = 23 if every is Every.MONTH else 66

    def build(found: re.Match[str]) -> Rule | None:
        place = _place(found)
        return Rule(every=every, workday=place) if 1 <= abs(place) <= most else None

    return build


def _nth_weekday(found: re.Match[str]) -> Rule | None:
    place, days = _place(found), _weekdays(found["day"])
    return Rule(every=Every.MONTH, weekdays=days, nth=place) if 1 <= abs(place) <= 5 else None


def _month_days(found: re.Match[str]) -> Rule | None:
    days = tuple(sorted({number(one) for one in re.findall(rf"({NUMBER})[号日]", found["dates"])}))
    return Rule(every=Every.MONTH, days=days) if all(1 <= day <= 31 for day in days) else None


def _yearly(found: re.Match[str]) -> Rule | None:
    month, day = number(found["month"]), number(found["day"])
    try:
        date(2000, month, day)
    except ValueError:
        return None
    return Rule(every=Every.YEAR, month=month, days=(day,))


_RULES: Final[Sequence[tuple[re.Pattern[str], Build]]] = (
    (re.compile(rf"每年的?(?P<month>{NUMBER})月(?P<day>{NUMBER})[日号]"), _yearly),
    (re.compile(rf"{_QUARTERLY}{_NTH}工作日"), _workday_of(Every.QUARTER)),
    (re.compile(rf"{_QUARTERLY}(?:最后一天|末)"), lambda _: Rule(every=Every.QUARTER, days=(-1,))),
    (re.compile(rf"{_QUARTERLY}(?:第一天|首日|初)"), lambda _: Rule(every=Every.QUARTER, days=(1,))),
    (re.compile(rf"{_MONTHLY}{_NTH}工作日"), _workday_of(Every.MONTH)),
    (re.compile(rf"{_MONTHLY}{_NTH}(?P<day>{_WEEK}[一二三四五六日天])"), _nth_weekday),
    (re.compile(rf"{_MONTHLY}(?:最后一天|月?底)"), lambda _: Rule(every=Every.MONTH, days=(-1,))),
    (re.compile(rf"{_MONTHLY}{_DATES}"), _month_days),
    (
        re.compile(rf"(?:每|逢)(?P<second>两|二|2|隔一)?个?{_WEEK}的?(?P<days>{_DAY_LIST})(?![0-9号月点:时])"),
        _weekly,
    ),
    (re.compile(rf"(?P<second>每?隔一?个?)周的?(?P<days>{_DAY_LIST})(?![0-9号月点:时])"), _weekly),
    (re.compile(r"每个?工作日|每个?上班日"), lambda _: Rule(every=Every.WORKDAY)),
    (re.compile(r"每一?天|每日|天天"), lambda _: Rule(every=Every.DAY)),
)

_HOLIDAYS: Final = re.compile(
    r"[,(]?遇?到?(?:法定)?(?:节假日|假日|休息日|周末和?节假日|放假)的?(?:(?P<after>顺延|后延|推迟|往后推)"
    r"|(?P<before>提前|往前提)|(?P<skip>除外|跳过|不算|不开|不提醒|停一次|取消))\)?"
)
_SPACES: Final = re.compile(r"[\s的,]*")
_COUNT: Final = re.compile(rf"[,]?(?:一?共|总共|连续)(?P<count>[0-9]{{1,3}}|{NUMBER})次")
_DATE: Final = (
    r"(?:(?P<year>20[0-9]{2})年|(?P<next>明年))?"
    rf"(?:(?P<month>{NUMBER})月(?:(?P<day>{NUMBER})[日号]|(?P<end>月?底))|(?P<year_end>今?年底))"
)
_LAST: Final = re.compile(rf"[,]?(?:一直|直)?(?:到|至|截至|截止到?){_DATE}(?:为?止|结束)?")
_FIRST: Final = re.compile(rf"[,]?(?:从|自){_DATE}(?:起|开始)?")


def _completed(text: str, folded: str, found: re.Match[str], rule: Rule, today: date) -> Recurring:
    cuts = [found.span()]
    place = _skipped(folded, found.end())
    moment = clock.match(folded, place)
    if moment is not None:
        rule, end = _timed(folded, rule, *moment)
        cuts.append((place, end))
    for pattern, add in _ADDITIONS:
        more = pattern.search(folded)
        changed = add(rule, more, today) if more else None
        if more and changed is not None:
            rule = changed
            cuts.append(more.span())
    return Recurring(rule, trim.rest(text, _apart(cuts)))


def _timed(folded: str, rule: Rule, first: clock.Moment, end: int) -> tuple[Rule, int]:
    until = UNTIL.match(folded, end)
    second = clock.match(folded, until.end(), begun=first) if until and first.clock else None
    if second is None or second[0].clock is None:
        return replace(rule, begin=first.clock), end
    return replace(rule, begin=first.clock, end=second[0].clock), second[1]


def _skipped(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _apart(cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order and not overlapping."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(cuts):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _with_holidays(rule: Rule, found: re.Match[str], today: date) -> Rule:
    modes = {"after": OnHoliday.AFTER, "before": OnHoliday.BEFORE, "skip": OnHoliday.SKIP}
    return replace(rule, on_holiday=next(mode for name, mode in modes.items() if found[name]))


def _with_count(rule: Rule, found: re.Match[str], today: date) -> Rule | None:
    count = number(found["count"])
    return replace(rule, count=count) if 0 < count <= MOST else None


def _with_last(rule: Rule, found: re.Match[str], today: date) -> Rule | None:
    day = _day(found, today)
    return replace(rule, last=day) if day else None


def _with_first(rule: Rule, found: re.Match[str], today: date) -> Rule | None:
    day = _day(found, today)
    return replace(rule, first=day) if day else None


_ADDITIONS: Final[Sequence[tuple[re.Pattern[str], Callable[[Rule, re.Match[str], date], Rule | None]]]] = (
    (_HOLIDAYS, _with_holidays),
    (_COUNT, _with_count),
    (_FIRST, _with_first),
    (_LAST, _with_last),
)


def _day(found: re.Match[str], today: date) -> date | None:
    """A date to come: without a year this year's, or the next one's when that has passed."""
    year = int(found["year"]) if found["year"] else today.year + bool(found["next"])
    said = bool(found["year"] or found["next"])
    try:
        day = _in_year(found, year)
        return day if said or day >= today else _in_year(found, year + 1)
    except ValueError:
        return None


def _in_year(found: re.Match[str], year: int) -> date:
    if found["year_end"]:
        return date(year, 12, 31)
    month = number(found["month"])
    if not 1 <= month <= 12:
        raise ValueError(month)
    return month_end(year, month) if found["end"] else date(year, month, number(found["day"]))
