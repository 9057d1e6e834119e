"""A point in time, and "until" another point: one stretch of days at one place of a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final

from handlers.days.phrases import clock, days
from handlers.days.phrases.clock import Moment
from handlers.days.phrases.model import DoubtCode, Span
from handlers.days.phrases.resolve import Day, Scope
from handlers.days.slots import Half

_BEGINS: Final = re.compile(
    r"[0-9〇零一二两三四五六七八九十廿卅今明后前去昨大下本这当上每个月元国劳青妇儿建周星礼双日天]"
)
"""The first characters of all rules of `days`."""
_SPACES: Final = re.compile(r"\s{0,3}的?\s{0,3}")
UNTIL: Final = re.compile(r"\s{0,3}(?:起|开始|开头)?\s{0,3}[,、]?\s{0,3}(?:一直)?(?P<sign>直?到|至|[\-~]{1,3})\s{0,3}")
_TAIL: Final = re.compile(r"\s?(?:为?止|结束|这[一几两]?天|起(?![床来飞诉草])|开始(?!时))")
_ONWARD: Final = ("起", "开始")
_GLOSS: Final = re.compile(r"\s{0,3}[(\[]?\s{0,3}")
_GLOSS_END: Final = re.compile(r"\s{0,3}[)\]]")
_DEADLINE: Final = re.compile(r"\s?(?:(?:之|以)[前后]|[前后](?![往勤续台天面来期者年半排]))|\s?内")
_WORKED: Final = re.compile(r"\s?的?(?:加班|值班|值守|加的班|值的班)")
AND: Final = re.compile(r"\s*(?:[、和及与跟,;]|以及|还有)?\s*")


@dataclass(frozen=True, slots=True)
class Point:
    day: Day | DoubtCode
    moment: Moment | None
    end: int
    doubts: tuple[DoubtCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of days at a place in the text; without a span where it speaks of days and gives none.

    `cut` is False for what stays in the rest: days that are mentioned and not asked for. `onward`: a first day was
    named as such, and no last one.
    """

    start: int
    end: int
    span: Span | None
    doubts: tuple[DoubtCode, ...] = ()
    cut: bool = True
    by_weekday: bool = False
    onward: bool = False


def search(text: str, scope: Scope) -> Iterator[Found]:
    """From left to right; a phrase that follows another directly takes its month or week from it."""
    place = 0
    previous: Found | None = None
    while begins := _BEGINS.search(text, place):
        at = begins.start()
        after = _listed_after(text, previous, at)
        week = after is not None and previous is not None and previous.by_weekday
        found = _range(text, at, replace(scope, after=after), days.LISTED if week else days.OPENING)
        place = found.end if found else at + 1
        if found:
            previous = found
            yield found


def _listed_after(text: str, previous: Found | None, at: int) -> date | None:
    if previous is None or previous.span is None or not AND.fullmatch(text, previous.end, at):
        return None
    return previous.span.end


def _range(text: str, at: int, scope: Scope, rules: tuple[days.Rule, ...]) -> Found | None:
    start = _point(text, at, scope, rules)
    if start is None:
        return None
    until = UNTIL.match(text, start.end)
    stop = _closing(text, until, start, scope) if until else None
    if stop is None:
        return _alone(text, at, start)
    tail = _TAIL.match(text, stop.end)
    found = closed(at, tail.end() if tail else stop.end, start, stop)
    return replace(found, cut=False, span=None, doubts=()) if _WORKED.match(text, found.end) else found


def _closing(text: str, until: re.Match[str], start: Point, scope: Scope) -> Point | None:
    if isinstance(start.day, DoubtCode):
        return _point(text, until.end(), scope, days.CLOSING)
    begun = replace(scope, after=start.day.first)
    dashed = days.DASHED if until["sign"][0] in "-~" else days.CLOSING
    stop = _point(text, until.end(), begun, days.OF_THE_WEEK if start.day.by_weekday else dashed)
    if stop is not None:
        return replace(stop, moment=stop.moment.early()) if _overnight(start, stop) and stop.moment else stop
    moment = clock.match(text, until.end(), begun=start.moment)
    if moment is None:
        return None
    over = start.moment is not None and start.moment.late and moment[0].part in ("am", "dawn") and moment[0].clock
    return Point(_after(start.day) if over else start.day, moment[0], moment[1])


def _overnight(start: Point, stop: Point) -> bool:
    """From an evening to the next day."""
    if isinstance(start.day, DoubtCode) or isinstance(stop.day, DoubtCode) or start.moment is None:
        return False
    return start.moment.late and stop.day.first == start.day.last + timedelta(1)


def _after(day: Day) -> Day:
    return replace(day, first=day.last + timedelta(1), last=day.last + timedelta(1))


def _point(text: str, at: int, scope: Scope, rules: tuple[days.Rule, ...]) -> Point | None:
    written = days.match(text, at, scope, rules)
    if written is None:
        return None
    day, end = written
    doubts: tuple[DoubtCode, ...] = ()
    if isinstance(day, Day):
        day, end, doubts = _glossed(text, end, day, scope)
    spaces = _SPACES.match(text, end)
    moment = clock.match(text, spaces.end() if spaces else end)
    return Point(day, moment[0] if moment else None, moment[1] if moment else end, doubts)


def _glossed(text: str, end: int, day: Day, scope: Scope) -> tuple[Day, int, tuple[DoubtCode, ...]]:
    """A second name right behind a day: 5月8日(周五). When they disagree the date is kept, with a doubt."""
    opening = _GLOSS.match(text, end)
    other = days.match(text, opening.end() if opening else end, scope, days.CLOSING)
    if other is None or isinstance(other[0], DoubtCode):
        return day, end, ()
    second, behind = other[0], other[1]
    same = _same(day, second)
    if not same and day.by_weekday == second.by_weekday:
        return day, end, ()
    bracket = _GLOSS_END.match(text, behind)
    kept = second if day.by_weekday else day
    return kept, bracket.end() if bracket else behind, () if same else (DoubtCode.WEEKDAY_MISMATCH,)


def _same(day: Day, other: Day) -> bool:
    if day.by_weekday == other.by_weekday:
        return day.first == other.first and day.last == other.last
    named = day if day.by_weekday else other
    return day.first == other.first if named.week_said else day.first.weekday() == other.first.weekday()


def _alone(text: str, at: int, start: Point) -> Found:
    deadline = _DEADLINE.match(text, start.end)
    if isinstance(start.day, DoubtCode):
        return Found(at, start.end, None, (start.day,))
    if deadline:
        return Found(at, deadline.end(), None, (DoubtCode.DATE_VAGUE,), cut=False)
    if _WORKED.match(text, start.end):
        return Found(at, start.end, None, cut=False)
    if text[max(0, at - 1) : at] in ("到", "至"):
        return Found(at, start.end, None, (DoubtCode.START_UNCLEAR,), cut=False)
    tail = _TAIL.match(text, start.end)
    end = tail.end() if tail else start.end
    return replace(single(at, end, start, start.day), onward=text[at:end].endswith(_ONWARD))


def single(at: int, end: int, point: Point, day: Day) -> Found:
    moment, doubts = point.moment, (*day.doubts, *point.doubts)
    span = Span(start=day.first, end=day.last)
    if moment is None:
        return Found(at, end, span, doubts, by_weekday=day.by_weekday)
    if moment.half is None or day.first != day.last:
        return Found(at, end, None, (DoubtCode.HALF_UNCLEAR,))
    span = replace(span, start_half=moment.half, end_half=moment.half, from_time=moment.clock)
    return Found(at, end, span, (*doubts, *_clock_doubts(moment)), by_weekday=day.by_weekday)


def _clock_doubts(*moments: Moment | None) -> tuple[DoubtCode, ...]:
    return (DoubtCode.TIME_UNCLEAR,) if any(moment and moment.assumed for moment in moments) else ()


def closed(at: int, end: int, start: Point, stop: Point) -> Found:
    for point in (start, stop):
        if isinstance(point.day, DoubtCode):
            return Found(at, end, None, (point.day,))
    assert isinstance(start.day, Day)
    assert isinstance(stop.day, Day)
    halves = _edge(start.moment, noon=Half.PM, open_=Half.AM), _edge(stop.moment, noon=Half.AM, open_=Half.PM)
    if halves[0] is None or halves[1] is None:
        return Found(at, end, None, (DoubtCode.HALF_UNCLEAR,))
    span = Span(
        start=start.day.first, start_half=halves[0], end=stop.day.last, end_half=halves[1],
        from_time=start.moment.clock if start.moment else None, to_time=stop.moment.clock if stop.moment else None,
    )  # fmt: skip
    if _backwards(span):
        return Found(at, end, None, (DoubtCode.END_BEFORE_START,))
    same_name = stop.day.doubts if stop.day is not start.day else ()
    doubts = (*start.day.doubts, *start.doubts, *same_name, *stop.doubts, *_clock_doubts(start.moment, stop.moment))
    return Found(at, end, span, doubts)


def _edge(moment: Moment | None, *, noon: Half, open_: Half) -> Half | None:
    if moment is None:
        return open_
    if moment.part == "noon" and moment.clock is None:
        return noon
    # twelve o'clock ends a morning
    return noon if moment.clock == time(12) else moment.half


def _backwards(span: Span) -> bool:
    if (span.end, span.end_half) < (span.start, span.start_half):
        return True
    timed = span.from_time is not None and span.to_time is not None
    return span.start == span.end and timed and (span.to_time or time()) <= (span.from_time or time())


