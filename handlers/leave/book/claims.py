"""What became of each request, read from the entries alone: its state, its range, and what it has on which lot.

(refused: no entries)
HELD --consume--> USED --cancel--> CANCELLED
  |                 \\--return_early, recount, change--> USED, with fewer or more slots
  \\--reject, withdraw--> RELEASED
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from handlers.days.slots import Range
from handlers.leave.book.entries import Account, Cause, Charge, Entry, Lot
from handlers.leave.book.refusals import Overlap, WrongState


class State(StrEnum):
    HELD = "held"
    USED = "used"
    RELEASED = "released"
    CANCELLED = "cancelled"


OPEN = frozenset({State.HELD, State.USED})
SPENT = frozenset({Account.HELD, Account.USED})
ENDS = {
    Cause.REJECT: State.RELEASED,
    Cause.WITHDRAW: State.RELEASED,
    Cause.CANCEL: State.CANCELLED,
}


class Spent(NamedTuple):
    """A charge and the lot that bears it."""

    lot: Lot
    charge: Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request as the ledger knows it. `about` is the range still asked for (None: by amount)."""

    ref: str
    kind: str
    state: State
    about: Range | None
    spent: tuple[Spent, ...]

    @property
    def minutes(self) -> int:
        return sum(charge.minutes for _, charge in self.spent)


def claims(entries: Iterable[Entry]) -> dict[str, Claim]:
    """Every request that was ever held, by its reference. A request held again after its release starts anew."""
    found: dict[str, Claim] = {}
    for entry in entries:
        if entry.cause is Cause.HOLD:
            found[entry.ref] = _held(found.get(entry.ref), entry)
        elif entry.ref in found:
            found[entry.ref] = _moved(found[entry.ref], entry)
    return found


def find(entries: Iterable[Entry], ref: str, *, state: State) -> Claim:
    """The request in the state that an act needs. Raises `WrongState`."""
    claim = claims(entry for entry in entries if entry.ref == ref).get(ref)
    if claim is None or claim.state is not state:
        raise WrongState(ref=ref, state=claim.state if claim else None)
    return claim


def check_free(
    entries: Iterable[Entry],
    about: Range,
    *,
    busy: Iterable[tuple[str, Range]] = (),
    but: Collection[str] = (),
) -> None:
    """Raises `Overlap` when a slot is taken by a request of any kind that waits or is approved, or by `busy`.

    Rest days inside a range belong to it. `busy` are ranges from outside the ledger, such as business trips; `but` are
    requests that may be overlapped, such as the one that is being changed.
    """
    taken = [(claim.ref, claim.about) for claim in overlapping(entries, about) if claim.about and claim.ref not in but]
    for ref, other in (*taken, *busy):
        if other.overlaps(about):
            raise Overlap(first=about.first, last=about.last, with_ref=ref)


def overlapping(entries: Iterable[Entry], about: Range) -> list[Claim]:
    """Every request that waits or is approved and has a slot in common with the range."""
    found = (claim for claim in claims(entries).values() if claim.state in OPEN and claim.about)
    return [claim for claim in found if claim.about and claim.about.overlaps(about)]


def _held(claim: Claim | None, entry: Entry) -> Claim:
    spent = tuple(Spent(entry.lot, charge) for charge in entry.charges)
    if claim is None or claim.state is not State.HELD:
        return Claim(ref=entry.ref, kind=entry.lot.kind, state=State.HELD, about=entry.about, spent=spent)
    return replace(claim, spent=_in_order((*claim.spent, *spent)))


def _moved(claim: Claim, entry: Entry) -> Claim:
    if entry.cause is Cause.CONSUME:
        return replace(claim, state=State.USED)
    if entry.cause in ENDS:
        return replace(claim, state=ENDS[entry.cause], spent=())
    if entry.cause is Cause.RETURN_EARLY:
        return replace(_reduced(claim, entry), about=_shortened(claim, entry))
    if entry.cause not in (Cause.RECOUNT, Cause.CHANGE):
        return claim
    if entry.about is not None:
        claim = replace(claim, about=entry.about)
    if entry.account_to in SPENT:
        more = tuple(Spent(entry.lot, charge) for charge in entry.charges)
        return replace(claim, spent=_in_order((*claim.spent, *more)))
    return _reduced(claim, entry)


def _reduced(claim: Claim, entry: Entry) -> Claim:
    back = {charge.slot: charge.minutes for charge in entry.charges}
    kept = []
    for lot, charge in claim.spent:
        left = charge.minutes - (back.get(charge.slot, 0) if lot == entry.lot else 0)
        if left:
            kept.append(Spent(lot, Charge(charge.slot, left)))
    return replace(claim, spent=tuple(kept))


def _shortened(claim: Claim, entry: Entry) -> Range | None:
    if claim.about is None or entry.about is None:
        return claim.about
    return Range(claim.about.first, min(claim.about.last, entry.about.first.previous()))


def _in_order(spent: Iterable[Spent]) -> tuple[Spent, ...]:
    return tuple(sorted(spent, key=lambda one: one.charge.slot))
