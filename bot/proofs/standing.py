"""Do these facts still stand in the journal as they were sealed? For a page about one record, by proofs under a head.

Whoever looks at one record is not made to wait until a million are hashed: each of its facts is checked on the way up
to the root of the last signed head. What that cannot know (a fact that is gone altogether) a count on a paper and
`officebot audit verify` know.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.proofs import wording
from bot.proofs.bundle import Proven
from handlers.audit import by_kind, heads, leaf, notes, own_facts, salted, sealing, tree
from handlers.audit.heads import Head
from handlers.audit.notes import Unsigned, Verifier
from handlers.transaction import Row, Transaction, from_ms

MOST: Final = 500
"""Facts of one record that a page checks."""
_SLOW: Final = timedelta(minutes=10)


class State(enum.Enum):
    SOUND = "sound"
    CHANGED = "changed"  # its bytes are not those that were sealed
    VALUE_CHANGED = "value_changed"
    VALUE_GONE = "value_gone"  # and no fact says that it was erased
    NODES_GONE = "nodes_gone"
    WAITING = "waiting"  # not sealed yet
    UNSIGNED = "unsigned"  # sealed, and no head over it yet


WRONG: Final = frozenset({State.CHANGED, State.VALUE_CHANGED, State.VALUE_GONE, State.NODES_GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A fact as a bundle would give it; `index` -1 while it is not sealed. `field` is the value that is wrong."""

    fact: Proven
    recorded: datetime
    state: State
    field: str = ""
    erased: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`late`: something waits for longer than sealing ever takes. `signed` False: the last head is not by our keys."""

    facts: Sequence[Checked]
    head: Head | None
    signed: bool
    more: int
    late: bool

    @property
    def wrong(self) -> Sequence[Checked]:
        return [one for one in self.facts if one.state in WRONG]

    def count(self, state: State) -> int:
        return sum(one.state is state for one in self.facts)


async def of_subject(tx: Transaction, subject: str, *, keys: Sequence[Verifier], now: datetime) -> Standing:
    """Of everything about one item."""
    rows = await tx.fetch("SELECT * FROM journal WHERE subject = ? ORDER BY id LIMIT ?", subject, MOST)
    count = await tx.first("SELECT COUNT(*) AS n FROM journal WHERE subject = ?", subject)
    return await of_rows(tx, rows, keys=keys, now=now, more=(count["n"] if count else 0) - len(rows))


async def of_rows(
    tx: Transaction, rows: Sequence[Row], *, keys: Sequence[Verifier], now: datetime, more: int = 0
) -> Standing:
    head = await heads.last(tx)
    under = head if head is not None and head.whole else None
    indexes = await sealing.indexes(tx, [row["id"] for row in rows])
    values = await _values(tx, [row["id"] for row in rows])
    erased = await _erased(tx)
    facts = [await _checked(tx, row, indexes.get(row["id"]), values.get(row["id"], {}), erased, under) for row in rows]
    waits = [one.recorded for one in facts if one.state is State.WAITING]
    late = any(now - one > _SLOW for one in waits)
    return Standing(facts=facts, head=head, signed=_signed(head, keys), more=more, late=late)


async def grew(tx: Transaction, size: int, root: bytes) -> bool | None:
    """Whether the tree of today begins with that of a head that somebody kept; None where it has become smaller."""
    if size > await sealing.size(tx):
        return None
    if size == 0:
        return root == tree.folded([])
    try:
        return (await sealing.frontier(tx, sealing.MAIN, size)).root() == root
    except LookupError:
        return False


async def _checked(
    tx: Transaction, row: Row, index: int | None, values: dict[str, tuple[str, str]],
    erased: set[tuple[int, str]], head: Head | None,
) -> Checked:  # fmt: skip
    fact = leaf.read(wording.leaf_of(row))
    hidden = {name: one["sha256"] for name, one in fact.body.items() if _is_hash(one)}
    state, field = State.SOUND, ""
    for name, digest in hidden.items():
        if name not in values:
            state, field = (state, field) if (row["id"], name) in erased else (State.VALUE_GONE, name)
        elif salted.digest(*values[name]) != digest:
            state, field = State.VALUE_CHANGED, name
    if state is State.SOUND:
        state = await _sealed(tx, row, index, head)
    personal = {name: salted.given(*one) for name, one in values.items()}
    told = Proven(
        index=-1 if index is None else index, leaf=wording.leaf_of(row), proof=(), personal=personal
    )
    gone = tuple(name for name in hidden if (row["id"], name) in erased)
    return Checked(fact=told, recorded=from_ms(fact.recorded_ms), state=state, field=field, erased=gone)


async def _sealed(tx: Transaction, row: Row, index: int | None, head: Head | None) -> State:
    if index is None:
        return State.WAITING
    if head is None or index >= head.size:
        return await _unsigned(tx, row, index)
    try:
        proof = await sealing.included(tx, index, head.size)
        tree.check_inclusion(tree.leaf_hash(leaf.of_row(row)), index, head.size, proof, head.root)
    except LookupError:
        return State.NODES_GONE
    except tree.Wrong:
        return State.CHANGED
    return State.SOUND


async def _unsigned(tx: Transaction, row: Row, index: int) -> State:
    """No head over it yet: by the hash that was kept when it was sealed."""
    try:
        kept = await sealing.node(tx, sealing.MAIN, 0, index)
    except LookupError:
        return State.NODES_GONE
    return State.UNSIGNED if kept == tree.leaf_hash(leaf.of_row(row)) else State.CHANGED


async def _values(tx: Transaction, numbers: Sequence[int]) -> dict[int, dict[str, tuple[str, str]]]:
    found: dict[int, dict[str, tuple[str, str]]] = {}
    if numbers:
        marks = ", ".join("?" * len(numbers))
        for row in await tx.fetch(f"SELECT * FROM journal_personal WHERE journal IN ({marks})", *numbers):
            found.setdefault(row["journal"], {})[row["field"]] = (row["salt"], row["value"])
    return found


async def _erased(tx: Transaction) -> set[tuple[int, str]]:
    kind = own_facts.PersonalErased.KIND
    rows = await tx.fetch(f"SELECT * FROM journal WHERE {by_kind.among([kind])}", kind)
    bodies = [leaf.read(wording.leaf_of(row)).body for row in rows]
    pairs = ((body.get("journals", ()), body.get("fields", ())) for body in bodies)
    return {(number, field) for numbers, fields in pairs for number in numbers for field in fields}


def _signed(head: Head | None, keys: Sequence[Verifier]) -> bool:
    if head is None:
        return True
    try:
        notes.opened(head.note, keys)
    except Unsigned:
        return False
    return True


def _is_hash(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"sha256"}
