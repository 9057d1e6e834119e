"""Which lots bear what: the order of use, what is free on a day, and the spread of a request over lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from handlers.days.slots import Range
from handlers.leave.book.claims import Spent
from handlers.leave.book.entries import Account, Cause, Charge, Entry, Lot, delta
from handlers.leave.book.refusals import InsufficientBalance


class UseOrder(StrEnum):
    """Which lot is spent first among those valid on a day. A carried lot ranks just after the one it came from."""

    OLDEST_FIRST = "oldest_first"
    NEWEST_FIRST = "newest_first"
    EARLIEST_EXPIRY = "earliest_expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a request wants held: `charges` by slot; `about` is the whole range, None when asked by amount.

    `limited` is False for kinds that are only reckoned up: they draw on an endless lot of the slot's year.
    """

    ref: str
    kind: str
    charges: tuple[Charge, ...]
    about: Range | None = None
    limited: bool = True


def lots(entries: Iterable[Entry], *, kind: str, order: UseOrder = UseOrder.OLDEST_FIRST) -> list[Lot]:
    """The limited lots of a kind in the order in which they are spent."""
    first: dict[Lot, int] = {}
    for entry in entries:
        if entry.lot.kind == kind and entry.lot.limited:
            first.setdefault(entry.lot, entry.number)
    by_name = {lot.name: lot for lot in first}

    def rank(lot: Lot) -> tuple[int, ...]:
        parent = by_name.get(lot.parent) if lot.parent else None
        return (*(rank(parent) if parent else ()), first[lot])

    ranked = sorted(first, key=rank, reverse=order is UseOrder.NEWEST_FIRST)
    if order is UseOrder.EARLIEST_EXPIRY:
        ranked.sort(key=lambda lot: lot.valid_to or date.max)
    return ranked


def spendable(entries: Iterable[Entry], lot: Lot, *, on: date) -> int:
    """Minutes of a lot that may be spent from `on`: the least that is available then or later until the lot ends."""
    return _spendable([entry for entry in entries if entry.lot == lot], lot)(on)


def funded_from(entries: Iterable[Entry], lot: Lot, minutes: int, *, on: date) -> date:
    """The first day from `on` on which the lot can bear `minutes` to its end.

    Later than `on` only when the lot's own grant counts from later: next year's leave, asked for in December.
    """
    own = [entry for entry in entries if entry.lot == lot]
    free = _spendable(own, lot)
    later = sorted({entry.effective for entry in own if entry.effective > on})
    return next((day for day in (on, *later) if free(day) >= minutes), on)


def allocate(entries: Sequence[Entry], ask: Ask, *, effective: date, order: UseOrder) -> dict[Lot, tuple[Charge, ...]]:
    """Which lots bear which charges. Raises `InsufficientBalance` with the first day that is not covered."""
    if not ask.limited:
        return by_lot(Spent(_endless(ask.kind, charge.slot.day.year), charge) for charge in ask.charges)
    grouped = written_on(entries)
    purses = [(lot, _spendable(grouped[lot], lot)) for lot in lots(entries, kind=ask.kind, order=order)]
    taken = [0] * len(purses)
    spent: list[Spent] = []
    uncovered: list[Charge] = []
    for slot, minutes in ask.charges:
        left = minutes
        for place, (lot, free) in enumerate(purses):
            if not lot.valid_on(slot.day):
                continue
            part = max(0, min(left, free(max(effective, slot.day)) - taken[place]))
            if part:
                taken[place] += part
                left -= part
                spent.append(Spent(lot, Charge(slot, part)))
        if left:
            uncovered.append(Charge(slot, left))
    if uncovered:
        raise InsufficientBalance(day=uncovered[0].slot.day, minutes=total(ask.charges), short=total(uncovered))
    return by_lot(spent)


def by_lot(spent: Iterable[Spent]) -> dict[Lot, tuple[Charge, ...]]:
    own: dict[Lot, tuple[Charge, ...]] = {}
    for lot, run in groupby(spent, key=itemgetter(0)):
        own[lot] = (*own.get(lot, ()), *[charge for _, charge in run])
    return own


def total(charges: Iterable[Charge]) -> int:
    return sum(charge.minutes for charge in charges)


def _endless(kind: str, year: int) -> Lot:
    return Lot(kind, str(year), date(year, 1, 1), date(year, 12, 31), limited=False)


def written_on(entries: Iterable[Entry]) -> dict[Lot, list[Entry]]:
    own: dict[Lot, list[Entry]] = {}
    for entry in entries:
        own.setdefault(entry.lot, []).append(entry)
    return own


def _spendable(own: Sequence[Entry], lot: Lot) -> Callable[[date], int]:
    """How much of a lot is free from a day on, leaving out what happened after its end."""
    steps: dict[date, int] = defaultdict(int)
    for entry in own:
        if entry.cause is not Cause.EXPIRE and not lot.ended_by(entry.effective):
            steps[entry.effective] += delta(entry, Account.AVAILABLE)
    ordered = sorted(steps.items())

    def free(on: date) -> int:
        if lot.ended_by(on):
            return 0
        level = least = sum(change for day, change in ordered if day <= on)
        for day, change in ordered:
            if day > on:
                level += change
                least = min(least, level)
        return least

    return free
