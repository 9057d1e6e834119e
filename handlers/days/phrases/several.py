"""Several stretches in one text: those that touch are one, and a half of a day may stand apart from its date."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from handlers.days.phrases import amounts, clock, ranges, resolve
from handlers.days.phrases.clock import Moment
from handlers.days.phrases.model import DoubtCode, Span
from handlers.days.phrases.numerals import TAKEN
from handlers.days.phrases.ranges import AND, UNTIL, Found
from handlers.days.slots import Half

BESIDE: Final = re.compile(rf"[\s,;、。:()起开始共计合总请休假为期连续我想要申的吧{TAKEN}]*")
_TOGETHER: Final = re.compile(r"[\s,、:()吧]*")
_STANDS_ALONE: Final = re.compile(rf"[\s,;、。:()!{TAKEN}]|$")
_PART_BEGINS: Final = re.compile(r"[上下前后中午整早晚凌拂傍夜半0-9一二两三四五六七八九十]")
_BUSY: Final = re.compile(r"[0-9零一二两三四五六七八九十每.:第]$|以$")


def joined(found: list[Found], text: str) -> list[Found]:
    """Listed days that touch make one stretch ("6日、7日"), a day named twice is named once."""
    joined: list[Found] = []
    seen: set[Span] = set()
    for item in found:
        last = joined[-1] if joined else None
        if (
            last
            and last.span
            and item.span
            and _touch(last.span, item.span)
            and AND.fullmatch(text, last.end, item.start)
        ):
            span = replace(last.span, end=item.span.end, end_half=item.span.end_half)
            joined[-1] = replace(last, end=item.end, span=span, doubts=tuple(dict.fromkeys(last.doubts + item.doubts)))
        elif item.span in seen:
            joined.append(replace(item, span=None, doubts=()))
        else:
            joined.append(item)
            seen |= {item.span} if item.span else set()
    return joined


def _touch(first: Span, second: Span) -> bool:
    if first.from_time or second.from_time or first.to_time or second.to_time:
        return False
    if first.end_half is Half.AM:
        return (second.start, second.start_half) == (first.end, Half.PM)
    return (second.start, second.start_half) == (first.end + timedelta(1), Half.AM)


def hidden(text: str, found: Sequence[Found]) -> str:
    """Dates blotted out, so that 周一整天 holds a whole day (整天) and not one (一整天)."""
    pieces, place = [], 0
    for item in found:
        if item.cut and item.start >= place:
            pieces += [text[place : item.start], TAKEN * (item.end - item.start)]
            place = item.end
    return "".join([*pieces, text[place:]])


def _loose(text: str, found: Sequence[Found]) -> list[tuple[int, int, Moment, Moment | None]]:
    """Halves and ranges of clock times that stand apart from any date."""
    loose: list[tuple[int, int, Moment, Moment | None]] = []
    place = 0
    text = hidden(text, [replace(item, cut=True) for item in found])
    for begins in _PART_BEGINS.finditer(text):
        at = begins.start()
        if at < place:
            continue
        first = clock.match(text, at) if not _BUSY.search(text[max(0, at - 2) : at]) else None
        if first is None:
            continue
        until = UNTIL.match(text, first[1])
        second = clock.match(text, until.end(), begun=first[0]) if until else None
        ends = second[1] if second else first[1]
        place = ends
        if first[0].named or (second and first[0].clock and second[0].clock):
            loose.append((at, ends, first[0], second[0] if second else None))
    return loose


def _of_day(day: date, at: int, end: int, first: Moment, second: Moment | None) -> Found:
    whole = resolve.single(day)
    if second is None:
        return ranges.single(at, end, ranges.Point(whole, first, end), whole)
    return ranges.closed(at, end, ranges.Point(whole, first, end), ranges.Point(whole, second, end))


def today_if_only_half(text: str, found: list[Found], today: date) -> list[Found]:
    """ "下午请假" without a day means today, and is shown with a doubt."""
    if found:
        return found
    loose = _loose(text, found)
    if len(loose) != 1:
        return found
    item = _of_day(today, *loose[0])
    return [replace(item, doubts=(DoubtCode.DAY_UNCLEAR, *item.doubts))]


def with_half(text: str, found: list[Found]) -> list[Found]:
    """A half or hours said apart from the only day belong to it when nothing stands between them."""
    dated = [item for item in found if item.span]
    if len(dated) != 1 or not undivided(dated[0].span):
        return found
    loose = _loose(text, found)
    if len(loose) != 1:
        return found
    item, (at, end, first, second) = dated[0], loose[0]
    alone = _STANDS_ALONE.match(text, end) and BESIDE.fullmatch(text, item.end, at)
    beside = alone or _TOGETHER.fullmatch(text, item.end, at) or _TOGETHER.fullmatch(text, end, item.start)
    half_asked = any(amount.days == Decimal("0.5") for amount in amounts.find(text))
    if not (beside or half_asked or second is not None):
        return [*found, Found(at, end, None, (DoubtCode.HALF_UNCLEAR,), cut=False)]
    assert item.span is not None
    timed = _of_day(item.span.start, at, end, first, second)
    timed = replace(timed, start=item.start, end=item.end, doubts=(*item.doubts, *timed.doubts))
    changed = [Found(at, end, None), *(timed if i is item else i for i in found)]
    return sorted(changed, key=lambda i: i.start)


def undivided(span: Span | None) -> bool:
    if span is None or span.start != span.end or span.from_time:
        return False
    return (span.start_half, span.end_half) == (Half.AM, Half.PM)


