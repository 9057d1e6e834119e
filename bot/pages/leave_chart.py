"""A year of somebody's leave as a drawing: a bar for each lot, and the months with what was taken and what ends. Pure.

`templates/leave_chart.html` draws it. 320 units wide, so that it is read on the narrowest phone without zooming; drawn
by the server, because a year has a dozen marks: a chart library would be a megabyte of script for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.days.slots import Half, Range, Slot
from handlers.leave.book import claims
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Entry, Lot
from handlers.leave.book.ledger import Balance
from handlers.leave.reports import explanation
from handlers.leave.reports.statement import Statement

WIDTH = 320
BAR = 18
ROW = 62
"""From one lot to the next."""
MONTHS = 74
"""Height of the months below the lots."""
LEAST = 3.0
"""A half-day must be seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar; `what`: used, held, available, expired, over (more was used than given)."""

    what: str
    minutes: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    kind: str
    name: str
    granted: int
    parts: tuple[Part, ...]
    balance: Balance
    expires: date | None
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A leave in the strip of months; `what`: used or held."""

    what: str
    kind: str
    first: date
    last: date
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`months` are the left edges, `today` is None outside of the year, `ends` (x, day) of lots with something left."""

    year: int
    height: float
    top: float
    bars: tuple[Bar, ...]
    months: tuple[float, ...]
    marks: tuple[Mark, ...]
    ends: tuple[tuple[float, date], ...]
    today: float | None


def chart(found: Statement, *, today: date) -> Chart:
    question = found.question
    titles = {code: kind.title for code, kind in question.policy.kinds.items()}
    lots = [(lot, balance) for lot, balance in found.lots if lot.limited and _given(balance)]
    most = max((_given(balance) for _, balance in lots), default=1)
    bars = tuple(_bar(lot, balance, titles, most, place * ROW) for place, (lot, balance) in enumerate(lots))
    top = len(bars) * ROW + 14.0
    year = question.year
    left = (lot.valid_to for lot, balance in lots if balance.available > 0)
    ends = {day for day in left if day is not None and day.year == year}
    return Chart(
        year=year,
        height=top + MONTHS,
        top=top,
        bars=bars,
        months=tuple(_x(date(year, month, 1)) for month in range(1, 13)),
        marks=tuple(_marks(found.entries, year, titles)),
        ends=tuple((_x(day) + WIDTH / _length(year), day) for day in sorted(ends)),
        today=_x(today) if today.year == year else None,
    )


def _given(balance: Balance) -> int:
    return balance.granted + balance.carried


def _bar(lot: Lot, balance: Balance, titles: dict[str, str], most: int, y: float) -> Bar:
    whole = max(_given(balance), balance.used + balance.held)
    scale = WIDTH / max(most, whole)
    return Bar(
        kind=titles.get(lot.kind, lot.kind),
        name=explanation.name_of(lot),
        granted=_given(balance),
        parts=tuple(_parts(balance, scale)),
        balance=balance,
        expires=lot.valid_to,
        y=y,
    )


def _parts(balance: Balance, scale: float) -> Iterable[Part]:
    x = 0.0
    for what in ("used", "held", "available", "expired"):
        minutes = getattr(balance, what)
        if minutes > 0:
            yield Part(what, minutes, round(x, 1), round(minutes * scale, 1))
            x += minutes * scale


def _marks(entries: Sequence[Entry], year: int, titles: dict[str, str]) -> Iterable[Mark]:
    whole = Range(Slot(date(year, 1, 1)), Slot(date(year, 12, 31), Half.PM))
    for claim in claims.claims(entries).values():
        if claim.state not in claims.OPEN or not claim.spent:
            continue
        about = claim.about or Range(claim.spent[0].charge.slot, claim.spent[-1].charge.slot)
        if not about.overlaps(whole):
            continue
        first, last = max(about.first.day, whole.first.day), min(about.last.day, whole.last.day)
        x, end = _x(first), _x(last) + WIDTH / _length(year)
        what = "used" if claim.state is State.USED else "held"
        yield Mark(what, titles.get(claim.kind, claim.kind), about.first.day, about.last.day, x, max(LEAST, end - x))


def _x(day: date) -> float:
    return round((day - date(day.year, 1, 1)).days * WIDTH / _length(day.year), 1)


def _length(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
