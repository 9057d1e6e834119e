"""Facts get their index in the tree, in the order in which they are sealed: the tables behind the tree.

Sealing is computed on what was read before and written in one short transaction that asks first whether the tree is
still as it was (`Moved`), so the writer of the hot path waits for inserts and for no hashing. One holder of a lease
seals (`bot/sealing.py`); should two ever try, the primary key lets one of them through.

A tree is stored as its leaves' hashes and every fourth level above them: any whole subtree is folded from at most
eight rows that stand side by side, and a proof asks for about log2(n) subtrees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.audit import leaf, tree
from handlers.audit.tree import Frontier
from handlers.transaction import Row, Transaction, Value, to_ms

MAIN: Final = "sha256"
SECOND: Final = "sm3"
STEP: Final = 4  # of levels that are stored

_ROWS: Final = 200  # of one INSERT


class Moved(Exception):
    """Somebody else sealed in the meantime: nothing was written, read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be written on top of a tree of `size` leaves: the facts' numbers in order, the nodes they complete.

    `numbers` is empty for a second tree that catches up.
    """

    name: str
    size: int
    numbers: tuple[int, ...]
    nodes: tuple[tuple[int, int, bytes], ...]
    leaves: int


async def size(tx: Transaction) -> int:
    """How many facts are sealed."""
    row = await tx.first("SELECT MAX(idx) AS idx FROM seal_order")
    return 0 if row is None or row["idx"] is None else int(row["idx"]) + 1


async def grown(tx: Transaction, name: str) -> int:
    """How many leaves the tree of this name has; a second one may be behind."""
    row = await tx.first("SELECT MAX(idx) AS idx FROM seal_node WHERE tree = ? AND level = 0", name)
    return 0 if row is None or row["idx"] is None else int(row["idx"]) + 1


async def last(tx: Transaction) -> int:
    """The highest number in the journal that is sealed; 0 before the first."""
    row = await tx.first("SELECT MAX(journal) AS id FROM seal_order")
    return 0 if row is None or row["id"] is None else int(row["id"])


async def waiting(tx: Transaction, *, after: int, missing: Collection[int], limit: int) -> Sequence[Row]:
    """Rows of the journal that are not sealed, by number: those beyond `after`, and which of `missing` are there now.

    On PostgreSQL a transaction that began earlier may commit later: its facts have lower numbers than sealed ones.
    """
    late: list[Row] = []
    for some in _portions(sorted(missing)):
        late += await tx.fetch(f"SELECT * FROM journal WHERE id IN ({_places(some)}) ORDER BY id", *some)
    rows = await tx.fetch("SELECT * FROM journal WHERE id > ? ORDER BY id LIMIT ?", after, limit)
    return [*late, *rows][:limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holes:
    """Numbers below the highest sealed one that are not sealed: `there` are in the journal; `near` are not, but are
    among the last, and a transaction under way may still bring them."""

    there: frozenset[int]
    near: frozenset[int]


async def holes(tx: Transaction, *, near: int, since: int = 0) -> Holes:
    """Compares all numbers above `since`, up to which nothing is missing any more (`settled`)."""
    top = await last(tx)
    there = await tx.fetch(
        "SELECT id FROM journal j WHERE id > ? AND id < ?"
        " AND NOT EXISTS (SELECT 1 FROM seal_order s WHERE s.journal = j.id)",
        since, top,
    )  # fmt: skip
    low = max(since, top - near)
    done = await tx.fetch("SELECT journal FROM seal_order WHERE journal > ?", low)
    open_ = frozenset(range(low + 1, top)).difference(row["journal"] for row in done)
    found = frozenset(row["id"] for row in there)
    return Holes(there=found, near=open_ - found)


async def settled(tx: Transaction, *, before: datetime) -> int:
    """The number up to which everything was recorded before that moment: older than any transaction still under way,
    so that what is not missing there now never will be."""
    row = await tx.first(
        "SELECT id FROM journal WHERE id <= ? AND recorded_ms < ? ORDER BY id DESC LIMIT 1",
        await last(tx), to_ms(before),
    )  # fmt: skip
    return 0 if row is None else int(row["id"])


async def batch(tx: Transaction, rows: Sequence[Row]) -> Batch:
    """These facts on top of the first tree. Reads only."""
    present = await size(tx)
    nodes = _nodes(await frontier(tx, MAIN, present), [leaf.of_row(row) for row in rows], MAIN)
    return Batch(name=MAIN, size=present, numbers=tuple(row["id"] for row in rows), nodes=nodes, leaves=len(rows))


async def behind(tx: Transaction, name: str, *, limit: int) -> Batch | None:
    """What another tree lacks beside the first; None if it has everything. Reads only."""
    present = await grown(tx, name)
    rows = await sealed(tx, present, present + limit)
    if not rows:
        return None
    nodes = _nodes(await frontier(tx, name, present), [leaf.of_row(row) for row in rows], name)
    return Batch(name=name, size=present, numbers=(), nodes=nodes, leaves=len(rows))


async def write(tx: Transaction, batch: Batch) -> None:
    """Raises Moved, having written nothing."""
    if await (size(tx) if batch.numbers else grown(tx, batch.name)) != batch.size:
        raise Moved
    for at in range(0, len(batch.numbers), _ROWS):
        some = batch.numbers[at : at + _ROWS]
        values = [one for number, id in enumerate(some, batch.size + at) for one in (number, id)]
        await tx.execute(f"INSERT INTO seal_order (idx, journal) VALUES {_rows(len(some), 2)}", *values)
    for part in range(0, len(batch.nodes), _ROWS):
        nodes = batch.nodes[part : part + _ROWS]
        fields: list[Value] = [one for level, idx, hash in nodes for one in (batch.name, level, idx, hash)]
        await tx.execute(f"INSERT INTO seal_node (tree, level, idx, hash) VALUES {_rows(len(nodes), 4)}", *fields)


async def sealed(tx: Transaction, begin: int, end: int) -> Sequence[Row]:
    """Rows of the journal with their `idx`, from `begin` up to before `end`; one that is gone is missing here too."""
    return await tx.fetch(
        "SELECT s.idx AS idx, j.* FROM seal_order s JOIN journal j ON j.id = s.journal"
        " WHERE s.idx >= ? AND s.idx < ? ORDER BY s.idx",
        begin, end,
    )  # fmt: skip


async def indexes(tx: Transaction, numbers: Iterable[int]) -> dict[int, int]:
    """The index of each of these numbers of the journal that is sealed."""
    found: dict[int, int] = {}
    for some in _portions(list(numbers)):
        rows = await tx.fetch(f"SELECT idx, journal FROM seal_order WHERE journal IN ({_places(some)})", *some)
        found |= {row["journal"]: row["idx"] for row in rows}
    return found


async def frontier(tx: Transaction, name: str, size: int) -> Frontier:
    """The tree as it was at a size. Raises LookupError where nodes are gone."""
    peaks = [await node(tx, name, level, idx) for level, idx in tree.complete(size)]
    return Frontier(size, peaks, tree.HASHES[name])


async def node(tx: Transaction, name: str, level: int, idx: int) -> bytes:
    """The hash of a whole subtree, which never changes. Raises LookupError where it is not stored."""
    key = ("seal", name, level, idx)
    if key not in tx.memo:
        tx.memo[key] = await _node(tx, name, level, idx)
    found: bytes = tx.memo[key]
    return found


async def _node(tx: Transaction, name: str, level: int, idx: int) -> bytes:
    above = level % STEP
    rows = await tx.fetch(
        "SELECT hash FROM seal_node WHERE tree = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx",
        name, level - above, idx << above, (idx + 1) << above,
    )  # fmt: skip
    if len(rows) != 1 << above:
        raise LookupError(f"no node {level}/{idx}")
    hashes = [bytes(row["hash"]) for row in rows]
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [tree.node_hash(left, right, tree.HASHES[name]) for left, right in pairs]
    return hashes[0]


async def warm(tx: Transaction, first: int, last: int, name: str = MAIN) -> None:
    """Reads what the proofs of the leaves from `first` to `last` ask for into the unit's memo, a query per stored level
    instead of some per leaf."""
    level = 0
    while True:
        low, high = (first >> level + STEP) << STEP, ((last >> level + STEP) + 1) << STEP
        rows = await tx.fetch(
            "SELECT idx, hash FROM seal_node WHERE tree = ? AND level = ? AND idx >= ? AND idx < ?",
            name, level, low, high,
        )  # fmt: skip
        if not rows:
            return
        _remember(tx, name, level, {row["idx"]: bytes(row["hash"]) for row in rows})
        level += STEP


def _remember(tx: Transaction, name: str, level: int, hashes: dict[int, bytes]) -> None:
    """These nodes and those folded from them, up to the next stored level."""
    using = tree.HASHES[name]
    for above in range(STEP):
        tx.memo.update({("seal", name, level + above, idx): hash for idx, hash in hashes.items()})
        pairs = (idx for idx in hashes if not idx & 1 and idx + 1 in hashes)
        hashes = {idx >> 1: tree.node_hash(hashes[idx], hashes[idx + 1], using) for idx in pairs}


async def included(tx: Transaction, idx: int, size: int, name: str = MAIN) -> list[bytes]:
    """The proof that the leaf at this index is in the tree of this size. Raises ValueError, LookupError."""
    return await _proof(tx, name, tree.inclusion(idx, size))


async def consistent(tx: Transaction, first: int, second: int, name: str = MAIN) -> list[bytes]:
    """The proof that the tree of `second` leaves begins with that of `first`. Raises ValueError, LookupError."""
    return await _proof(tx, name, tree.consistency(first, second))


async def _proof(tx: Transaction, name: str, path: Sequence[Sequence[tuple[int, int]]]) -> list[bytes]:
    return [
        tree.folded([await node(tx, name, level, idx) for level, idx in element], tree.HASHES[name])
        for element in path
    ]


def _nodes(frontier: Frontier, leaves: Iterable[bytes], name: str) -> tuple[tuple[int, int, bytes], ...]:
    """Those of the stored levels that these leaves complete."""
    using = tree.HASHES[name]
    grown = (one for data in leaves for one in frontier.append(tree.leaf_hash(data, using)))
    return tuple(one for one in grown if one[0] % STEP == 0)


def _portions(values: list[int]) -> Iterable[list[int]]:
    return (values[at : at + _ROWS] for at in range(0, len(values), _ROWS))


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _rows(number: int, columns: int) -> str:
    return ", ".join([f"({_places([None] * columns)})"] * number)
