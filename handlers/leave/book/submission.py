"""A request on its way into the ledger: checked, counted and held, or refused as a whole.

The order of the checks is part of the contract, because people are told the first reason: invalid_range, overlap,
calendar_missing, zero_days, insufficient_balance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import WorkCalendar
from handlers.leave.book import claims, ledger
from handlers.leave.book.allocation import Ask, UseOrder
from handlers.leave.book.entries import Charge, Entry, Stamp
from handlers.leave.book.refusals import ZeroDays
from handlers.leave.law import counting
from handlers.leave.law.counting import HALF_DAY, Count, CountRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a request is measured by: kind of leave, its counting, its lots, and what matters of the person."""

    kind: str
    rules: CountRules
    calendar: WorkCalendar
    order: UseOrder = UseOrder.OLDEST_FIRST
    limited: bool = True
    sex: str | None = None
    groups: frozenset[str] = frozenset()


class Accepted(NamedTuple):
    """The entries to write, and the count to show. `counted` is None for a request by amount."""

    entries: list[Entry]
    minutes: int
    counted: Count | None


def submit(
    entries: Sequence[Entry],
    ref: str,
    asked: Range,
    *,
    terms: Terms,
    stamp: Stamp,
    busy: Iterable[tuple[str, Range]] = (),
) -> Accepted:
    """Holds a leave from slot to slot. `busy` are ranges taken outside the ledger, by reference.

    Raises `InvalidRange`, `Overlap`, `CalendarMissing`, `ZeroDays`, `InsufficientBalance`, in this order.
    """
    counting.check_range(asked)
    claims.check_free(entries, asked, busy=busy)
    counted = counting.count(asked, rules=terms.rules, calendar=terms.calendar, sex=terms.sex, groups=terms.groups)
    ask = Ask(ref=ref, kind=terms.kind, charges=charges_of(counted), about=asked, limited=terms.limited)
    held = ledger.hold(entries, ask, stamp=stamp, order=terms.order)
    return Accepted(held, counted.minutes, counted)


def submit_amount(
    entries: Sequence[Entry], ref: str, day: date, minutes: int, *, terms: Terms, stamp: Stamp
) -> Accepted:
    """Holds an amount on lots valid on a day; no calendar, no overlap. Raises `ZeroDays`, `InsufficientBalance`."""
    if minutes <= 0:
        raise ZeroDays(first=day, last=day)
    charges = (Charge(Slot(day, Half.AM), minutes),)
    ask = Ask(ref=ref, kind=terms.kind, charges=charges, limited=terms.limited)
    return Accepted(ledger.hold(entries, ask, stamp=stamp, order=terms.order), minutes, None)


def charges_of(counted: Count) -> tuple[Charge, ...]:
    """What each slot costs. What rounding up to the unit adds falls on the last one."""
    *slots, last = counted.slots
    extra = counted.minutes - len(counted.slots) * HALF_DAY
    return (*(Charge(slot, HALF_DAY) for slot in slots), Charge(last, HALF_DAY + extra))
