"""Does a ledger agree with itself, with the journal and with the items? Small checks that return what they found.

Nothing is mended here: an administrator reads the list, and whoever is wrong writes another entry. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Account, Entry, Lot, delta

Moved = tuple[int, str, int]
"""Number, cause and minutes of an entry, as its fact in the journal has them."""

_OF_STATE: Mapping[str, frozenset[State]] = {
    "pending": frozenset({State.HELD}),
    "approved": frozenset({State.USED, State.CANCELLED}),
    "returned": frozenset({State.RELEASED}),
    "rejected": frozenset({State.RELEASED}),
    "withdrawn": frozenset({State.RELEASED}),
    "cancelled": frozenset({State.CANCELLED, State.RELEASED}),
}
"""What an item in a state has in the ledger. A leave that was changed is approved and has become another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`about` is a lot's name, a request or a number; `expected` and `found` in minutes or words."""

    code: str
    about: str
    expected: str
    found: str


def differences(entries: Sequence[Entry], *, moved: Sequence[Moved], items: Mapping[str, str]) -> list[Difference]:
    """`moved` from the journal in order, `items` the states of the person's leave items by reference."""
    own = [one for check in CHECKS for one in check(entries)]
    return own + _journal(entries, moved) + _items(entries, items)


def _numbers(entries: Sequence[Entry]) -> list[Difference]:
    found = sorted(entry.number for entry in entries)
    if found == list(range(1, len(found) + 1)):
        return []
    missing = sorted(set(range(1, len(found) + 1)) - set(found))
    return [Difference(code="numbers", about=str(missing[0] if missing else found[0]), expected="", found="")]


def _sums(entries: Sequence[Entry]) -> list[Difference]:
    """granted + carried = available + held + used + expired, for each lot and for good."""
    found = []
    for lot, one in ledger.balances(entries, on=date.max).items():
        given, there = one.granted + one.carried, one.available + one.held + one.used + one.expired
        if lot.limited and given != there:
            found.append(Difference(code="sum", about=_name(lot), expected=str(given), found=str(there)))
    return found


def _overdrawn(entries: Sequence[Entry]) -> list[Difference]:
    """Held, used and expired time never falls below nothing; what is available may (a correction downwards)."""
    sums: dict[tuple[str, Account], int] = defaultdict(int)
    for entry in entries:
        for account in (Account.HELD, Account.USED):
            sums[_name(entry.lot), account] += delta(entry, account)
    return [
        Difference(code="overdrawn", about=lot, expected="0", found=str(minutes))
        for (lot, _), minutes in sums.items()
        if minutes < 0
    ]


def _claimed(entries: Sequence[Entry]) -> list[Difference]:
    """What the requests still hold and have used is what the lots' accounts say."""
    spent: dict[tuple[str, State], int] = defaultdict(int)
    for claim in claims.claims(entries).values():
        for lot, charge in claim.spent:
            spent[_name(lot), claim.state] += charge.minutes
    held: dict[tuple[str, State], int] = defaultdict(int)
    for entry in entries:
        held[_name(entry.lot), State.HELD] += delta(entry, Account.HELD)
        held[_name(entry.lot), State.USED] += delta(entry, Account.USED)
    return [
        Difference(code="claims", about=key[0], expected=str(spent[key]), found=str(held[key]))
        for key in sorted(spent.keys() | held.keys())
        if spent[key] != held[key]
    ]


def _carried(entries: Sequence[Entry]) -> list[Difference]:
    """What left one lot arrived in another."""
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.ref] += delta(entry, Account.CARRIED)
    return [
        Difference(code="carried", about=ref, expected="0", found=str(minutes))
        for ref, minutes in sums.items()
        if minutes
    ]


def _name(lot: Lot) -> str:
    return f"{lot.kind}/{lot.name}"


def _journal(entries: Sequence[Entry], moved: Sequence[Moved]) -> list[Difference]:
    table = [(entry.number, entry.cause.value, entry.minutes) for entry in sorted(entries, key=lambda one: one.number)]
    if table == list(moved):
        return []
    wrong = next((pair for pair in zip(table, moved, strict=False) if pair[0] != pair[1]), None)
    if wrong is None:
        about = str(min(len(table), len(moved)) + 1)
        return [Difference(code="journal", about=about, expected=f"{len(moved)}", found=f"{len(table)}")]
    (number, *own), (_, *written) = wrong
    return [Difference(code="journal", about=str(number), expected=str(written), found=str(own))]


def _items(entries: Sequence[Entry], items: Mapping[str, str]) -> list[Difference]:
    found = claims.claims(entries)
    return [
        Difference(code="item", about=ref, expected=state, found=found[ref].state.value if ref in found else "")
        for ref, state in items.items()
        if state in _OF_STATE and (ref not in found or found[ref].state not in _OF_STATE[state])
    ]


CHECKS: Iterable[Callable[[Sequence[Entry]], list[Difference]]] = (_numbers, _sums, _overdrawn, _claimed, _carried)
