"""What personnel file every month and every year: a row per person, from the ledger alone. Pure.

A day belongs to the month in which it lies, whatever was asked for as one leave; only what is approved is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.days.slots import Slot
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Entry
from handlers.leave.law.rules import ANNUAL


@dataclass(frozen=True, slots=True)
class Span:
    """Both days included."""

    first: date
    last: date


def month(year: int, number: int) -> Span:
    following = date(year + number // 12, number % 12 + 1, 1)
    return Span(date(year, number, 1), following - timedelta(days=1))


def whole_year(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Taken:
    """A leave within the span: what of it lies there, in minutes and from slot to slot."""

    kind: str
    first: Slot
    last: Slot
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Minutes. `taken` by kind within the span; of the annual leave what was given for the year (with what was carried
    in) and what is available, both on the last day of the span, and what had expired when that day was over. `months`:
    taken of every kind, by month.
    """

    taken: Mapping[str, int]
    granted: int
    expired: int
    available: int
    held: int
    leaves: tuple[Taken, ...]
    months: Mapping[int, int]


def row(entries: Sequence[Entry], span: Span, *, today: date) -> Row:
    """What of the leave expires with the last day counts as expired only once that day is over."""
    taken: dict[str, int] = defaultdict(int)
    months: dict[int, int] = defaultdict(int)
    leaves = []
    for claim in claims.claims(entries).values():
        inside = [charge for _, charge in claim.spent if span.first <= charge.slot.day <= span.last]
        if claim.state is not State.USED or not inside:
            continue
        minutes = sum(charge.minutes for charge in inside)
        taken[claim.kind] += minutes
        for charge in inside:
            months[charge.slot.day.month] += charge.minutes
        leaves.append(Taken(claim.kind, inside[0].slot, inside[-1].slot, minutes))
    annual = _annual(entries, span.last, year=span.last.year)
    after = _annual(entries, span.last + timedelta(span.last < today), year=span.last.year)
    return Row(
        taken=dict(taken),
        granted=annual.granted + annual.carried,
        expired=after.expired,
        available=annual.available,
        held=annual.held,
        leaves=tuple(sorted(leaves, key=lambda one: one.first)),
        months=dict(months),
    )


def total(rows: Iterable[Row]) -> Row:
    """The sum of many, as one row without leaves of its own."""
    found = list(rows)
    taken: dict[str, int] = defaultdict(int)
    months: dict[int, int] = defaultdict(int)
    for one in found:
        for kind, minutes in one.taken.items():
            taken[kind] += minutes
        for month_, minutes in one.months.items():
            months[month_] += minutes
    return Row(
        taken=dict(taken),
        granted=sum(one.granted for one in found),
        expired=sum(one.expired for one in found),
        available=sum(one.available for one in found),
        held=sum(one.held for one in found),
        leaves=(),
        months=dict(months),
    )


def kinds(rows: Iterable[Row]) -> list[str]:
    """The kinds that anybody took, annual leave first."""
    found = {kind for one in rows for kind in one.taken}
    return sorted(found | {ANNUAL}, key=lambda kind: (kind != ANNUAL, kind))


def _annual(entries: Sequence[Entry], on: date, *, year: int) -> ledger.Balance:
    """The lots of the year: carried ones as well, those of past years not."""
    found = ledger.balances(entries, on=on)
    own = [one for lot, one in found.items() if lot.kind == ANNUAL and lot.limited and lot.valid_from.year == year]
    return sum(own, ledger.Balance())
