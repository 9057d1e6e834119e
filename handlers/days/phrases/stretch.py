"""From a first slot and a number of days to the last slot."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from handlers.days.phrases.model import Span
from handlers.days.slots import Half

_FARTHEST: Final = 3 * 366  # days; the longest leave known to office-rules.md section 2 is far shorter


def stretched(span: Span, *, counts: Callable[[date], bool]) -> Span:
    """Close an open span: walk half-days from its first slot, taking those of days that count for the kind of leave.

    A span that is not open comes back as it is. Raises ValueError for a duration that is not a positive number of
    half-days, or that finds no end within three years.
    """
    if not span.open_ended or span.duration_days is None:
        return span
    wanted = span.duration_days * 2
    if wanted <= 0 or wanted != int(wanted):
        raise ValueError(f"not a number of half-days: {span.duration_days}")
    day, half = _last_slot(span, int(wanted), counts)
    return replace(span, end=day, end_half=half, duration_days=None)


def half_days(span: Span, *, counts: Callable[[date], bool]) -> Decimal:
    """How many days, in halves, the slots of a closed span make where `counts` says yes."""
    days = (span.end - span.start).days
    slots = 2 * sum(counts(span.start + timedelta(n)) for n in range(days + 1))
    slots -= (span.start_half is Half.PM) * counts(span.start) + (span.end_half is Half.AM) * counts(span.end)
    return Decimal(slots) / 2


def _last_slot(span: Span, wanted: int, counts: Callable[[date], bool]) -> tuple[date, Half]:
    for ahead in range(_FARTHEST):
        day = span.start + timedelta(ahead)
        for half in Half:
            before = ahead == 0 and half < span.start_half
            wanted -= counts(day) and not before
            if wanted == 0:
                return day, half
    raise ValueError("no end within three years")
