"""Amounts of time beside the days: three days from the 6th, two hours from two o'clock."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from handlers import errors
from handlers.days.phrases import amounts, stretch
from handlers.days.phrases.amounts import Amount
from handlers.days.phrases.model import DoubtCode, Span, WorkingDays
from handlers.days.phrases.numerals import TAKEN
from handlers.days.phrases.ranges import Found
from handlers.days.phrases.several import BESIDE, hidden, undivided
from handlers.days.slots import Half

_ASKED: Final = re.compile(rf"[请休共计假歇{TAKEN}]\s*个?$")
_TAKEN_OFF: Final = re.compile(rf"\s*的?[假{TAKEN}]")
Remark = tuple[DoubtCode, int, int]


def with_amounts(
    text: str, found: list[Found], calendar: WorkingDays | None
) -> tuple[list[Found], list[Remark], list[Amount]]:
    """The stretches with the amounts that belong to them, remarks on the others, and amounts said without any day."""
    free = list(amounts.find(hidden(text, found)))
    dated = [n for n, item in enumerate(found) if item.span]
    if not dated:
        return found, [], [a for a in free if _is_asked(text, a)] if not found else []
    if len(dated) > 1 or not free:
        return _marked_open(found), [], []
    item = found[dated[0]]
    cuts = [item for item in found if item.cut]
    beside: list[Amount] = []
    apart: list[Amount] = []
    for amount in free:
        (beside if _belongs(text, amount, cuts) else apart).append(amount)
    if _is_range(item):
        return _agreed(found, item, beside, calendar)
    strange = [_unclear(a) for a in apart if not _fits(a, item, calendar)]
    if len(beside) != 1:
        return _marked_open(found), strange + [_unclear(a) for a in beside], []
    changed, remark = _measured(item, beside[0], calendar)
    cut = Found(beside[0].start, beside[0].end, None)
    rest = [*found[: dated[0]], changed, *found[dated[0] + 1 :], cut]
    remarks = [*strange, *([(remark, beside[0].start, beside[0].end)] if remark else [])]
    return _marked_open_clock(sorted(rest, key=lambda item: item.start)), remarks, []


def _is_range(item: Found) -> bool:
    return item.span is not None and item.span.start != item.span.end


def _agreed(
    found: list[Found], item: Found, beside: Sequence[Amount], calendar: WorkingDays | None
) -> tuple[list[Found], list[Remark], list[Amount]]:
    """First and last day are said: an amount can only agree, or be a doubt if it is the only one."""
    fitting = [a for a in beside if a.days is None or _fits(a, item, calendar)]
    cuts = [Found(a.start, a.end, None) for a in fitting[:1] or beside[:1]]
    remarks = [(DoubtCode.DURATION_MISMATCH, a.start, a.end) for a in beside[:1] if not fitting]
    return sorted([*found, *cuts], key=lambda i: i.start), remarks, []


def _unclear(amount: Amount) -> Remark:
    return DoubtCode.DURATION_UNCLEAR, amount.start, amount.end


def _belongs(text: str, amount: Amount, cuts: Sequence[Found]) -> bool:
    """Asked for in so many words, or with nothing of weight between it and the nearest date."""
    if _is_asked(text, amount):
        return True
    next_one = bisect_left(cuts, amount.start, key=lambda item: item.start)
    if next_one and BESIDE.fullmatch(text, cuts[next_one - 1].end, amount.start):
        return True
    return next_one < len(cuts) and bool(BESIDE.fullmatch(text, amount.end, cuts[next_one].start))


def _is_asked(text: str, amount: Amount) -> bool:
    before, behind = text[max(0, amount.start - 8) : amount.start], text[amount.end : amount.end + 8]
    return bool(_ASKED.search(before) or _TAKEN_OFF.match(behind) or not before.strip() or not behind.strip())


def _fits(amount: Amount, item: Found, calendar: WorkingDays | None) -> bool:
    return amount.days is not None and item.span is not None and amount.days in _lengths(item.span, calendar)


def _lengths(span: Span, calendar: WorkingDays | None) -> set[Decimal]:
    """How many days a closed span may be called: calendar days, and working days where the calendar knows them."""
    lengths = {stretch.half_days(span, counts=lambda _: True)}
    if calendar is None or (span.end - span.start).days > 366:
        return lengths
    try:
        return lengths | {stretch.half_days(span, counts=calendar.is_working)}
    except (errors.RuleError, LookupError):
        return lengths


def _measured(item: Found, amount: Amount, calendar: WorkingDays | None) -> tuple[Found, DoubtCode | None]:
    span = item.span
    assert span is not None
    if amount.minutes is not None:
        return _timed(item, span, amount.minutes)
    if amount.days is None:
        return item, DoubtCode.DURATION_UNCLEAR
    if amount.days in _lengths(span, calendar) and not span.from_time:
        return item, None
    if amount.days < 1 and not undivided(span):
        return item, DoubtCode.DURATION_MISMATCH
    if amount.days != Decimal("0.5"):
        span = replace(span, end_half=Half.PM)
    if amount.days * 2 != int(amount.days * 2):
        return item, DoubtCode.DURATION_UNCLEAR
    return replace(item, span=replace(span, duration_days=amount.days, duration_working=amount.working)), None


def _timed(item: Found, span: Span, minutes: int) -> tuple[Found, DoubtCode | None]:
    """Hours: with a time to begin at they give the time to end."""
    if span.from_time is None:
        return replace(item, span=replace(span, duration_minutes=minutes)), None
    begin = datetime.combine(span.start, span.from_time, tzinfo=UTC)  # any zone without clock changes will do
    end = begin + timedelta(minutes=minutes)
    if end.date() != span.end or (span.to_time and span.to_time != end.time()):
        return item, DoubtCode.DURATION_MISMATCH
    half = Half.AM if end.time() <= time(12) else Half.PM
    span = replace(span, to_time=end.time(), end_half=half, duration_minutes=minutes)
    return replace(item, span=span), None


def _marked_open(found: list[Found]) -> list[Found]:
    """Where no amount tells how long: a first day without a last one, a time to begin at without one to end."""
    return _marked_open_clock(
        [replace(i, doubts=(*i.doubts, DoubtCode.LAST_UNCLEAR)) if i.span and i.onward else i for i in found]
    )


def _marked_open_clock(found: list[Found]) -> list[Found]:
    """A time to begin at and nothing that tells the end."""
    return [
        replace(i, doubts=(*i.doubts, DoubtCode.END_UNCLEAR))
        if i.span
        and i.span.from_time
        and not i.span.to_time
        and i.span.start == i.span.end
        and not i.span.duration_days
        else i
        for i in found
    ]


