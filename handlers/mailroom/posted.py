"""Letters on their way into the table: a unit that posts several writes them with one statement when it ends.

Only who says `hold` at the beginning of a unit and `write` at its end has them gathered; for everybody else a letter is
in the table at once. What asks the table about letters writes first what is held. The row of a copy that a letter opens
waits with its letter; what asks the table of copies says `opened` first.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

from cards.model import Message
from handlers.mailroom import letters
from handlers.mailroom.letters import Letter
from handlers.transaction import Transaction, to_ms

_AT_ONCE: Final = 100

# FAIL: or SQLite keeps copies of the pages to undo this statement alone; a unit that fails is undone as a whole.
_VERBS: Final = {"sqlite": "INSERT OR FAIL", "postgres": "INSERT"}
_INSERT = """
    {} INTO outbox (key, lane, account, recipient_kind, recipient, kind, ref, copy, message_kind, message, urgent,
        answered, state, created_ms, not_before_ms, due_ms, tried_ms, sent_ms, attempts, flying, maybe, error, owner,
        lease_ms, fence)
    VALUES {} ON CONFLICT (key) WHERE key <> '' DO NOTHING
"""
_VALUES = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, 0, 0, 0, 0, 0, 0, '', '', 0, 0)"
_OPEN = """
    {} INTO copy (id, item, person, account, recipient_kind, recipient, kind, version, ref, serial, handle, created_ms)
    VALUES {}
"""
_OPENED = "(?, ?, ?, ?, ?, ?, ?, ?, ?, 1, '', ?)"


@dataclass(slots=True, kw_only=True)
class Posted:
    """A letter as it goes into the table; as long as it is held its message may still become another one.

    `opens` are the values of its new copy's row, as long as that is not in the table.
    """

    letter: Letter
    kind: Literal["send", "update"]
    ref: str
    answered: bool
    now: datetime
    opens: tuple[str | int, ...] | None = None


def hold(tx: Transaction) -> None:
    """From here on the unit's letters are gathered; `write` must follow."""
    tx.held = []


async def write(tx: Transaction) -> None:
    """Puts what is held into the table."""
    held: list[Posted] = tx.held or []
    for portion in _portions(held):
        await _insert(tx, portion)
    held.clear()


async def opened(tx: Transaction, *, item: str | None = None, among: Collection[str] | None = None) -> None:
    """Puts the copies of held letters into their table; nothing needs be done for who asks for one item's or for these
    copies, if none of them is held."""
    opening = [one.opens for one in tx.held or () if one.opens is not None]
    if any((item is None or row[1] == item) and (among is None or row[0] in among) for row in opening):
        await _open(tx, tx.held or ())


async def add(tx: Transaction, new: Sequence[Posted]) -> None:
    """In the order in which they are to go out."""
    if tx.held is not None:
        tx.held.extend(new)
        return
    for portion in _portions(new):
        await _insert(tx, portion)


def change(tx: Transaction, copy: str, message: Message, *, answered: bool) -> bool:
    """The newest held letter of this copy says something else; False if none is held."""
    held: list[Posted] = tx.held or []
    found = next((one for one in reversed(held) if one.letter.copy == copy), None)
    if found is None:
        return False
    found.answered = answered
    if found.letter.message is not message:
        found.letter = replace(found.letter, message=message)
    return True


def _portions(new: Sequence[Posted]) -> list[Sequence[Posted]]:
    return [new[begin : begin + _AT_ONCE] for begin in range(0, len(new), _AT_ONCE)]


async def _insert(tx: Transaction, new: Sequence[Posted]) -> None:
    await _open(tx, new)
    await tx.later(_sql(tx.dialect, _INSERT, _VALUES, len(new)), *itertools.chain.from_iterable(map(_row, new)))
    for one in new:  # the copy has a newer letter in the table
        tx.memo.pop(("letter", one.letter.copy), None)


async def _open(tx: Transaction, new: Sequence[Posted]) -> None:
    opening = [one for one in new if one.opens is not None]
    for portion in _portions(opening):
        values = itertools.chain.from_iterable(one.opens or () for one in portion)
        await tx.later(_sql(tx.dialect, _OPEN, _OPENED, len(portion)), *values)
    for one in opening:
        one.opens = None


@lru_cache(maxsize=4 * _AT_ONCE)
def _sql(dialect: str, statement: str, values: str, number: int) -> str:
    return statement.format(_VERBS[dialect], ", ".join([values] * number))


def _row(one: Posted) -> tuple[str | int, ...]:
    letter = one.letter
    recipient_kind, recipient = letters.address(letter.to)
    message_kind, message = letters.dump(letter.message)
    return (
        letter.key, letters.lane(letter.to, letter.message), letter.to.account, recipient_kind, recipient,
        one.kind, one.ref, letter.copy, message_kind, message, int(letter.urgent), int(one.answered), to_ms(one.now),
        0 if letter.not_before is None else to_ms(letter.not_before),
    )  # fmt: skip
