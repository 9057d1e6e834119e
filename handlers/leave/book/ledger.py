"""The leave ledger of one person: acts in, entries out; a balance for any day, as it was known at any time.

Every function takes the entries so far and returns the new ones, numbered on from the last; nothing is changed and
nothing is remembered. Numbers are the guard against two acts at once: with (person, number) unique in the table, the
second of two inserts fails, its caller reads again and decides again, and no time is spent twice.

Two clocks (office-rules.md 4.3): `recorded` is when we learned of it, `effective` the day from which it counts. A lot
ends after its last day. `expire` writes that down, but no balance waits for it: `balance` gives for every day what it
would be with all expiries written, so a job that comes late changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.days.slots import Range, Slot
from handlers.leave.book import claims
from handlers.leave.book.allocation import Ask, UseOrder, allocate, by_lot, funded_from, spendable, total, written_on
from handlers.leave.book.claims import Claim, Spent, State
from handlers.leave.book.entries import Account, Cause, Charge, Entry, Lot, Move, Stamp, delta, write
from handlers.leave.book.refusals import WrongState
from handlers.leave.law.counting import HALF_DAY, round_up


@dataclass(frozen=True, slots=True)
class Balance:
    """Minutes in each account. granted = what was given, adjustments included; carried = what moved in less out."""

    granted: int = 0
    carried: int = 0
    available: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0

    def __add__(self, other: Balance) -> Balance:
        return Balance(
            granted=self.granted + other.granted,
            carried=self.carried + other.carried,
            available=self.available + other.available,
            held=self.held + other.held,
            used=self.used + other.used,
            expired=self.expired + other.expired,
        )


# Acts


def grant(entries: Sequence[Entry], lot: Lot, minutes: int, *, stamp: Stamp, ref: str = "") -> list[Entry]:
    return write(entries, [Move(lot, Account.GRANTED, Account.AVAILABLE, minutes, Cause.GRANT)], stamp=stamp, ref=ref)


def adjust(entries: Sequence[Entry], lot: Lot, minutes: int, *, stamp: Stamp, ref: str = "") -> list[Entry]:
    """Adds to a lot or, with negative minutes, takes from it; what is available may fall below nothing."""
    return write(entries, [Move(lot, Account.GRANTED, Account.AVAILABLE, minutes, Cause.ADJUST)], stamp=stamp, ref=ref)


def carry_over(
    entries: Sequence[Entry],
    lot: Lot,
    into: Lot,
    minutes: int,
    *,
    stamp: Stamp,
    most: int | None = None,
    ref: str = "",
) -> list[Entry]:
    """Moves time into a lot with its own end: at most what is available, and at most `most` minutes."""
    limits = [minutes, spendable(entries, lot, on=stamp.effective), *([] if most is None else [most])]
    moved = max(0, min(limits))
    out = Move(lot, Account.AVAILABLE, Account.CARRIED, moved, Cause.CARRY_OVER)
    return write(entries, [out, out._replace(lot=into, minutes=-moved)], stamp=stamp, ref=ref)


def hold(entries: Sequence[Entry], ask: Ask, *, stamp: Stamp, order: UseOrder) -> list[Entry]:
    """Sets time aside for a request that waits for its decision, each slot on a lot valid on its own day.

    Raises `InsufficientBalance`, and `WrongState` when the request already waits or is approved.
    """
    before = claims.claims(entry for entry in entries if entry.ref == ask.ref).get(ask.ref)
    if before is not None and before.state in claims.OPEN:
        raise WrongState(ref=ask.ref, state=before.state)
    return _spend(entries, ask, Account.HELD, Cause.HOLD, stamp=stamp, order=order)


def consume(entries: Sequence[Entry], ref: str, *, stamp: Stamp) -> list[Entry]:
    """The request is approved: what it held is used. Raises `WrongState` unless it waits."""
    claim = claims.find(entries, ref, state=State.HELD)
    moves = []
    for lot, charges in by_lot(claim.spent).items():
        begin = _not_before(entries, ref, lot, stamp)
        moves.append(Move(lot, Account.HELD, Account.USED, total(charges), Cause.CONSUME, effective=begin))
    return write(entries, moves, stamp=stamp, ref=ref)


def release(entries: Sequence[Entry], ref: str, *, stamp: Stamp, cause: Cause = Cause.REJECT) -> list[Entry]:
    """Rejected or withdrawn: what the request held goes back to its lots. Raises `WrongState` unless it waits."""
    claim = claims.find(entries, ref, state=State.HELD)
    return _give_back(entries, claim, claim.spent, about=claim.about, stamp=stamp, cause=cause)


def restore(
    entries: Sequence[Entry], ref: str, *, stamp: Stamp, back: Slot | None = None, unit: int = HALF_DAY
) -> list[Entry]:
    """Cancelled, or back early from the slot `back` on: used time goes back to the lots it came from.

    `unit` (minutes) is the one the request was rounded up to: what is kept stays rounded. Slots of a lot that has
    ended expire at once. Raises `WrongState` unless the request is approved; nothing left to give back gives no
    entries.
    """
    claim = claims.find(entries, ref, state=State.USED)
    if back is None:
        return _give_back(entries, claim, claim.spent, about=claim.about, stamp=stamp, cause=Cause.CANCEL)
    about = Range(back, claim.about.last) if claim.about else None
    spent = _spent_from(claim, back, unit)
    return _give_back(entries, claim, spent, about=about, stamp=stamp, cause=Cause.RETURN_EARLY)


def recount(
    entries: Sequence[Entry],
    ref: str,
    charges: Sequence[Charge],
    *,
    stamp: Stamp,
    order: UseOrder,
    about: Range | None = None,
) -> list[Entry]:
    """A calendar was changed, or the request was (`about`, its range from now on): gives back the slots that no longer
    cost and charges those that now do, so that at no time both or neither are charged.

    `charges` is the whole of what the request should cost now. Raises `InsufficientBalance`, and `WrongState` unless
    it waits or is approved.
    """
    cause = Cause.CHANGE if about else Cause.RECOUNT
    claim = claims.claims(entry for entry in entries if entry.ref == ref).get(ref)
    if claim is None or claim.state not in claims.OPEN:
        raise WrongState(ref=ref, state=claim.state if claim else None)
    surplus, missing = _difference(claim, charges)
    if about and about != claim.about and claim.spent and not surplus and not missing:
        return _at_another_range(entries, claim, about, stamp=stamp)
    given = _give_back(entries, claim, surplus, about=about, stamp=stamp, cause=cause)
    limited = all(spent.lot.limited for spent in claim.spent)
    ask = Ask(ref=ref, kind=claim.kind, charges=missing, about=about, limited=limited)
    now = Account.HELD if claim.state is State.HELD else Account.USED
    return given + _spend([*entries, *given], ask, now, cause, stamp=stamp, order=order)


def reserve(
    entries: Sequence[Entry],
    ref: str,
    changed: str,
    charges: Sequence[Charge],
    *,
    about: Range,
    stamp: Stamp,
    order: UseOrder,
) -> list[Entry]:
    """Sets aside, for a change `ref` that waits, what the leave `changed` would then cost beyond what it has.

    Raises what `recount` raises. A change that costs no more holds nothing.
    """
    swap = recount(entries, changed, charges, stamp=stamp, order=order, about=about)
    moves = []
    for lot in dict.fromkeys(entry.lot for entry in swap if entry.lot.limited):
        own = [entry for entry in swap if entry.lot == lot]
        left = -sum(delta(entry, lot.source) for entry in own)
        taken = [charge for entry in own if entry.account_to is Account.USED for charge in entry.charges]
        begin = max(entry.effective for entry in own)
        held = tuple(_first(taken, left))
        moves.append(Move(lot, lot.source, Account.HELD, total(held), Cause.HOLD, about, held, begin))
    return write(entries, moves, stamp=stamp, ref=ref)


def expire(entries: Sequence[Entry], *, on: date, stamp: Stamp) -> list[Entry]:
    """Writes down what has ended before `on`, each effective on the day after its lot's last (or when it came late).

    May be called at any time and as often as one likes. Where entries recorded later but effective earlier have made
    a written expiry wrong, the difference is written, in either direction.
    """
    moves = []
    for lot, own in written_on(entries).items():
        if not lot.limited or not lot.ended_by(on):
            continue
        written: dict[date, int] = defaultdict(int)
        for entry in own:
            if entry.cause is Cause.EXPIRE and entry.effective <= on:
                written[entry.effective] += delta(entry, Account.EXPIRED)
        due = _expiries(lot, [entry for entry in own if entry.effective <= on])
        for day in sorted(due.keys() | written.keys()):
            minutes = due.get(day, 0) - written[day]
            moves.append(Move(lot, Account.AVAILABLE, Account.EXPIRED, minutes, Cause.EXPIRE, effective=day))
    return write(entries, moves, stamp=stamp, ref="")


# Answers


def balance(
    entries: Iterable[Entry],
    *,
    on: date,
    known_at: datetime | None = None,
    kind: str | None = None,
    lot: str | None = None,
) -> Balance:
    """The minutes at the end of `on`, from entries effective by then and recorded up to `known_at` (None: all).

    Of one kind or lot name only, where named. Lots that have ended count as expired whether or not `expire` ran.
    """
    chosen = [
        amount
        for one, amount in balances(entries, on=on, known_at=known_at).items()
        if kind in (None, one.kind) and lot in (None, one.name)
    ]
    return sum(chosen, Balance())


def balances(entries: Iterable[Entry], *, on: date, known_at: datetime | None = None) -> dict[Lot, Balance]:
    """The same for each lot, in the order in which the lots were first written to."""
    accounts: dict[Lot, dict[Account, int]] = {}
    late: dict[Lot, list[Entry]] = {}
    for entry in entries:
        if entry.effective > on or entry.cause is Cause.EXPIRE or (known_at and entry.recorded > known_at):
            continue
        lot = entry.lot
        if (own := accounts.get(lot)) is None:
            own = accounts[lot] = dict.fromkeys(Account, 0)
        own[entry.account_from] -= entry.minutes
        own[entry.account_to] += entry.minutes
        if lot.valid_to is not None and entry.effective > lot.valid_to:
            late.setdefault(lot, []).append(entry)
    return {lot: _balance(lot, own, late.get(lot, ()), on) for lot, own in accounts.items()}


def _spent_from(claim: Claim, back: Slot, unit: int) -> list[Spent]:
    """What returning at `back` gives back, taken from the end; what is kept stays rounded up to the unit."""
    kept = [charge for _, charge in claim.spent if charge.slot < back]
    keep = round_up(len({charge.slot for charge in kept}) * HALF_DAY, unit) if claim.about else total(kept)
    left, given = max(0, claim.minutes - keep), []
    for lot, charge in reversed(claim.spent):
        part = min(left, charge.minutes)
        if part:
            given.append(Spent(lot, Charge(charge.slot, part)))
        left -= part
    return given[::-1]


def _first(charges: Iterable[Charge], minutes: int) -> Iterator[Charge]:
    for slot, most in charges:
        part = min(most, max(0, minutes))
        if part:
            yield Charge(slot, part)
        minutes -= part


def _spend(
    entries: Sequence[Entry], ask: Ask, account: Account, cause: Cause, *, stamp: Stamp, order: UseOrder
) -> list[Entry]:
    """Moves what the request needs into an account, counting from when each lot can bear it."""
    moves = []
    for lot, charges in allocate(entries, ask, effective=stamp.effective, order=order).items():
        minutes = total(charges)
        begin = funded_from(entries, lot, minutes, on=stamp.effective) if lot.limited else stamp.effective
        moves.append(Move(lot, lot.source, account, minutes, cause, ask.about, charges, begin))
    return write(entries, moves, stamp=stamp, ref=ask.ref)


def _not_before(entries: Iterable[Entry], ref: str, lot: Lot, stamp: Stamp) -> date:
    """What is done to a request counts no earlier than what was done to it before, so that no account is overdrawn."""
    before = [entry.effective for entry in entries if entry.ref == ref and entry.lot == lot]
    return max(stamp.effective, *before) if before else stamp.effective


def _difference(claim: Claim, charges: Iterable[Charge]) -> tuple[list[Spent], tuple[Charge, ...]]:
    """What the request bears too much, by lot, and what it should bear in addition, slot by slot."""
    wanted, surplus = dict(charges), []
    for lot, (slot, minutes) in claim.spent:
        kept = min(minutes, wanted.get(slot, 0))
        wanted[slot] = wanted.get(slot, 0) - kept
        if kept < minutes:
            surplus.append(Spent(lot, Charge(slot, minutes - kept)))
    return surplus, tuple(Charge(slot, minutes) for slot, minutes in sorted(wanted.items()) if minutes)


def _give_back(
    entries: Sequence[Entry],
    claim: Claim,
    spent: Iterable[Spent],
    *,
    about: Range | None,
    stamp: Stamp,
    cause: Cause,
) -> list[Entry]:
    where = Account.HELD if claim.state is State.HELD else Account.USED
    moves = []
    for lot, charges in by_lot(spent).items():
        begin = _not_before(entries, claim.ref, lot, stamp)
        moves.append(Move(lot, where, _home(lot, begin), total(charges), cause, about, charges, begin))
    return write(entries, moves, stamp=stamp, ref=claim.ref)


def _at_another_range(entries: Sequence[Entry], claim: Claim, about: Range, *, stamp: Stamp) -> list[Entry]:
    """A range that is longer or shorter by rest days alone costs what it did: an entry from an account to itself."""
    lot, charge = claim.spent[-1]
    where = Account.HELD if claim.state is State.HELD else Account.USED
    begin = _not_before(entries, claim.ref, lot, stamp)
    move = Move(lot, where, where, charge.minutes, Cause.CHANGE, about, (), begin)
    return write(entries, [move], stamp=stamp, ref=claim.ref)


def _home(lot: Lot, effective: date) -> Account:
    """Where time goes that is given back: a lot that has ended gives no second chance (office-rules.md 4.3)."""
    return Account.EXPIRED if lot.limited and lot.ended_by(effective) else lot.source


def _expiries(lot: Lot, own: Iterable[Entry]) -> dict[date, int]:
    """What must expire on which day."""
    kept = [entry for entry in own if entry.cause is not Cause.EXPIRE]
    early = sum(delta(entry, Account.AVAILABLE) for entry in kept if not lot.ended_by(entry.effective))
    due: dict[date, int] = defaultdict(int)
    for day, minutes in _lapses(lot, early, [entry for entry in kept if lot.ended_by(entry.effective)]):
        due[day] += minutes
    return due


def _lapses(lot: Lot, available: int, late: Iterable[Entry]) -> Iterator[tuple[date, int]]:
    """Day and minutes of each expiry: what is available at the end, then what comes late.

    Only what is positive expires; a debt stays visible until something fills it.
    """
    changes: dict[date, int] = defaultdict(int)
    for entry in late:
        changes[entry.effective] += delta(entry, Account.AVAILABLE)
    end = (lot.valid_to or date.max - timedelta(days=1)) + timedelta(days=1)
    level = 0
    for day, change in ((end, available), *sorted(changes.items())):
        level += change
        if level > 0:
            yield day, level
            level = 0


def _balance(lot: Lot, own: Mapping[Account, int], late: Sequence[Entry], on: date) -> Balance:
    available, expired = own[Account.AVAILABLE], own[Account.EXPIRED]
    if lot.limited and lot.ended_by(on):
        early = available - sum(delta(entry, Account.AVAILABLE) for entry in late)
        lapsed = sum(minutes for _, minutes in _lapses(lot, early, late))
        available, expired = available - lapsed, expired + lapsed
    return Balance(
        granted=-own[Account.GRANTED],
        carried=-own[Account.CARRIED],
        available=available,
        held=own[Account.HELD],
        used=own[Account.USED],
        expired=expired,
    )
