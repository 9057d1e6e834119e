"""What the ledger is made of: lots, and entries that move whole minutes between the accounts of a lot.

Double entry (office-rules.md 4.3): an entry takes from one account what it gives to another, so the accounts of a lot
always add up to nothing, and granted + adjusted - carried = available + held + used + expired. Entries are never
changed; whoever is wrong writes another one.

    grant, adjust      granted   -> available      adjust downwards: the other way
    carry_over         available -> carried (old lot), carried -> available (new lot)
    hold               available -> held           a lot without a limit: granted -> held
    reject, withdraw   held      -> available      or expired, when the lot has ended
    consume            held      -> used
    cancel, return_early  used   -> available      or expired, when the lot has ended
    recount, change    either of the two ways, after a calendar or the request was changed
    expire             available -> expired        the other way when late knowledge proves it too much
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from handlers.days.slots import Half, Range, Slot


class Account(StrEnum):
    GRANTED = "granted"
    AVAILABLE = "available"
    HELD = "held"
    USED = "used"
    EXPIRED = "expired"
    CARRIED = "carried"


class Cause(StrEnum):
    GRANT = "grant"
    ADJUST = "adjust"
    CARRY_OVER = "carry_over"
    HOLD = "hold"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    CONSUME = "consume"
    CANCEL = "cancel"
    RETURN_EARLY = "return_early"
    RECOUNT = "recount"
    CHANGE = "change"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """Leave of one kind that was granted together and ends together.

    `kind` and `name` identify it for one person. `valid_to` is the last day on which it may be spent, None: no end.
    `parent` is the lot it was carried over from. `limited` is False for leave that only has to be reckoned up, such as
    sick leave: it is held and used without being granted first, and its available account stays at nothing.
    """

    kind: str
    name: str
    valid_from: date
    valid_to: date | None = None
    parent: str | None = None
    limited: bool = True

    # Written out because balances ask for it once per entry: the name nearly always decides.
    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Lot) and self.name == other.name and self._rest() == other._rest()

    def __hash__(self) -> int:
        return hash(self.name)

    def _rest(self) -> tuple[object, ...]:
        return (self.kind, self.valid_from, self.valid_to, self.parent, self.limited)

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and not self.ended_by(day)

    def ended_by(self, day: date) -> bool:
        return self.valid_to is not None and self.valid_to < day

    @property
    def source(self) -> Account:
        """The account from which its time is spent."""
        return Account.AVAILABLE if self.limited else Account.GRANTED


class Charge(NamedTuple):
    """What one slot costs, in minutes. For leave asked for by amount, the slot only names the day."""

    slot: Slot
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The two clocks of an entry and who made it: `recorded` is ours (aware), `effective` the day it counts from."""

    recorded: datetime
    effective: date
    actor: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger. `number` runs from 1 for each person, without gaps.

    `minutes` is always positive. `ref` is the request, appeal or decision behind it. `about` is the range the person
    asked for or gave back, rest days included, and `charges` are the slots that this entry moves; both stand on holds
    and on what gives slots back, other entries move all that their request still holds.
    """

    number: int
    lot: Lot
    account_from: Account
    account_to: Account
    minutes: int
    recorded: datetime
    effective: date
    cause: Cause
    ref: str = ""
    actor: str = ""
    note: str = ""
    about: Range | None = None
    charges: tuple[Charge, ...] = ()


def delta(entry: Entry, account: Account) -> int:
    """What an entry adds to an account; below nothing when it takes."""
    return entry.minutes * ((entry.account_to is account) - (entry.account_from is account))


class Move(NamedTuple):
    """An entry that has no number and no stamp yet. Without minutes to move it becomes none."""

    lot: Lot
    account_from: Account
    account_to: Account
    minutes: int
    cause: Cause
    about: Range | None = None
    charges: tuple[Charge, ...] = ()
    effective: date | None = None
    """Where it differs from the stamp's."""


def write(after: Iterable[Entry], moves: Iterable[Move], *, stamp: Stamp, ref: str) -> list[Entry]:
    """The entries that follow `after`. A move of a negative amount is written as one in the other direction.

    Raises ValueError for a stamp without a time zone.
    """
    if stamp.recorded.tzinfo is None:
        raise ValueError("an entry needs an aware time")
    number = max((entry.number for entry in after), default=0)
    entries = []
    for move in moves:
        if move.minutes == 0:
            continue
        number += 1
        entries.append(_entry(number, move, stamp, ref))
    return entries


def _entry(number: int, move: Move, stamp: Stamp, ref: str) -> Entry:
    forward = move.minutes > 0
    return Entry(
        number=number,
        lot=move.lot,
        account_from=move.account_from if forward else move.account_to,
        account_to=move.account_to if forward else move.account_from,
        minutes=abs(move.minutes),
        recorded=stamp.recorded,
        effective=move.effective or stamp.effective,
        cause=move.cause,
        ref=ref,
        actor=stamp.actor,
        note=stamp.note,
        about=move.about,
        charges=move.charges,
    )


# Rows: one flat record per entry, of numbers and short texts that any database holds

Row = dict[str, int | str | bool | None]
LOT_COLUMNS = ("kind", "lot", "valid_from", "valid_to", "parent", "limited")
_lot_key = itemgetter(*LOT_COLUMNS)
ACCOUNTS = {account.value: account for account in Account}
CAUSES = {cause.value: cause for cause in Cause}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_row(entry: Entry) -> Row:
    """An entry as a flat row; `recorded` in milliseconds UTC, days as ISO text, charges as `2025-03-10am240 ...`."""
    lot, about = entry.lot, entry.about
    return {
        "number": entry.number,
        "kind": lot.kind,
        "lot": lot.name,
        "valid_from": lot.valid_from.isoformat(),
        "valid_to": lot.valid_to.isoformat() if lot.valid_to else None,
        "parent": lot.parent,
        "limited": lot.limited,
        "account_from": entry.account_from.value,
        "account_to": entry.account_to.value,
        "minutes": entry.minutes,
        "recorded": (entry.recorded - EPOCH) // MILLISECOND,
        "effective": entry.effective.isoformat(),
        "cause": entry.cause.value,
        "ref": entry.ref,
        "actor": entry.actor,
        "note": entry.note,
        "first": _slot_text(about.first) if about else None,
        "last": _slot_text(about.last) if about else None,
        "charges": " ".join(f"{_slot_text(charge.slot)}{charge.minutes}" for charge in entry.charges),
    }


def from_rows(rows: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The entries of a person in the order of their numbers; entries of one lot share one `Lot`."""
    return sorted(read_rows(rows), key=lambda entry: entry.number)


def read_rows(rows: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The same in the order of the rows, which may be several people's."""
    lots: dict[tuple[object, ...], Lot] = {}
    return [_from_row(row, lots) for row in rows]


def _from_row(row: Mapping[str, Any], lots: dict[tuple[object, ...], Lot]) -> Entry:
    key = _lot_key(row)
    if (lot := lots.get(key)) is None:
        lot = lots[key] = _lot(row)
    return Entry(
        number=row["number"],
        lot=lot,
        account_from=ACCOUNTS[row["account_from"]],
        account_to=ACCOUNTS[row["account_to"]],
        minutes=row["minutes"],
        recorded=EPOCH + row["recorded"] * MILLISECOND,
        effective=_day(row["effective"]),
        cause=CAUSES[row["cause"]],
        ref=row["ref"],
        actor=row["actor"],
        note=row["note"],
        about=Range(_slot(row["first"]), _slot(row["last"])) if row["first"] else None,
        charges=_charges(row["charges"]),
    )


def _lot(row: Mapping[str, Any]) -> Lot:
    return Lot(
        kind=row["kind"],
        name=row["lot"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]) if row["valid_to"] else None,
        parent=row["parent"] or None,
        limited=bool(row["limited"]),
    )


SLOT_TEXT = len("2025-03-10am")


def _slot_text(slot: Slot) -> str:
    return f"{slot.day.isoformat()}{slot.half.value}"


# The days of an office are few and come again and again: parsing each once is most of the speed of loading.
_day = lru_cache(maxsize=20_000)(date.fromisoformat)


@lru_cache(maxsize=20_000)
def _slot(text: str) -> Slot:
    return Slot(_day(text[:-2]), Half(text[-2:]))


@lru_cache(maxsize=20_000)
def _charges(text: str) -> tuple[Charge, ...]:
    """People take the same days: most of an office's leaves are charged alike, and other entries have none."""
    return tuple(_charge(one) for one in text.split())


def _charge(text: str) -> Charge:
    return Charge(_slot(text[:SLOT_TEXT]), int(text[SLOT_TEXT:]))
