"""The whole tree computed anew from the journal: pieces of it in processes of their own, because a year has millions.

A piece is a whole subtree of `PIECE` leaves (the last may be less). Each process reads its rows by itself, over a
connection that can only read; what is sealed does not change, so pieces need no common view of the database.

On SQLite the leaves' bytes come finished out of the query: eleven columns of a row cost more than hashing it does.
Where a hash is not the one that was stored, the piece is read again and written by `leaf.encode`, which decides.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import asyncpg

from bot.database.open import sqlite_path
from bot.database.postgres import numbered
from handlers.audit import leaf, tree
from handlers.audit.tree import Frontier

PIECE: Final = 1 << 14
ALONE: Final = 4 * PIECE
"""Up to so many leaves other processes cost more than they bring."""

_COLUMNS: Final = ", ".join(f"j.{name}" for name in leaf.COLUMNS)
_RANGE: Final = "FROM seal_order s JOIN journal j ON j.id = s.journal WHERE s.idx >= ? AND s.idx < ? ORDER BY s.idx"
_ROWS: Final = f"SELECT {_COLUMNS} {_RANGE}"
# json_array quotes as `leaf.encode` does; only its own bracket can stand at the end, for the text before it is quoted
_ARRAY: Final = ", ".join((f"'{leaf.FORMAT}'", *(f"j.{name}" for name in leaf.COLUMNS[:-1])))
FINISHED: Final = f"SELECT CAST(x'00' || rtrim(json_array({_ARRAY}), ']') || ',' || j.body || ']' AS BLOB) {_RANGE}"
_INDEXES: Final = f"SELECT s.idx {_RANGE}"
_BEFORE: Final = (
    "SELECT MIN(s.idx) FROM seal_order s JOIN journal j ON j.id = s.journal"
    " WHERE s.idx >= ? AND s.idx < ? AND j.recorded_ms < ?"
)
_HASHES: Final = "SELECT hash FROM seal_node WHERE tree = 'sha256' AND level = 0 AND idx >= ? AND idx < ? ORDER BY idx"

Moment = tuple[int, int]
"""(size, time in milliseconds): what is sealed later was recorded later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """`roots` by size, for every size asked for that could be computed; `missing` is the first index whose fact is
    gone, `early` the first one that was recorded before a moment that it comes after; `stored` says whether every
    leaf's hash is the one that was stored when it was sealed."""

    roots: dict[int, bytes]
    missing: int | None
    early: int | None
    stored: bool


@dataclass(frozen=True, slots=True)
class Piece:
    peaks: dict[int, tuple[bytes, ...]]
    missing: int | None
    early: int | None
    stored: bool


def computed(url: str, size: int, sizes: Sequence[int], *, moments: Sequence[Moment] = (), processes: int = 0) -> Whole:
    """The roots of the tree at these sizes, all up to `size`. Blocking; `processes` 0: as many as there are cores."""
    stops = sorted({*(one for one in sizes if 0 <= one <= size), size})
    moments = sorted(moments)
    begins = range(0, size, PIECE)
    work = partial(_piece, url, size, stops, moments)
    if size <= ALONE or processes == 1:
        return _joined(map(work, begins), stops)
    # A process that is started anew has no threads and no connections of ours in it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count() or 1, mp_context=context) as pool:
        return _joined(pool.map(work, begins), stops)


def _joined(pieces: Iterator[Piece], stops: Sequence[int]) -> Whole:
    roots = {0: tree.folded(())} if 0 in stops else {}
    front, missing, early, stored = Frontier(), None, None, True
    for piece in pieces:
        stored = stored and piece.stored
        early = early if early is not None else piece.early
        roots |= {stop: tree.folded((*front.peaks, *peaks)) for stop, peaks in piece.peaks.items()}
        if piece.missing is not None:
            missing = piece.missing
            break
        front.extend(piece.peaks[max(piece.peaks)])
    known = {stop: roots[stop] for stop in stops if stop in roots}
    return Whole(roots=known, missing=missing, early=early, stored=stored)


def _piece(url: str, size: int, stops: Sequence[int], moments: Sequence[Moment], begin: int) -> Piece:
    """The peaks at each stop inside, and at the end."""
    end = min(begin + PIECE, size)
    early = _early(url, begin, end, moments)
    hashes = _finished(url, begin, end)
    if len(hashes) != end - begin:
        return Piece({}, _gap(url, begin, end), early, False)
    kept = [bytes(row[0]) for row in _asked(url, _HASHES, begin, end)]
    if hashes != kept:
        hashes = _written(url, begin, end)
    stored = hashes == kept
    inside = [stop for stop in stops if begin < stop < end]
    if not inside and len(hashes) == PIECE:
        return Piece({end: (_folded(hashes),)}, None, early, stored)
    peaks, front = {}, Frontier()
    for before, after in pairwise([begin, *inside, end]):
        front.extend(hashes[before - begin : after - begin])
        peaks[after] = front.peaks
    return Piece(peaks, None, early, stored)


def _finished(url: str, begin: int, end: int) -> list[bytes]:
    """The hashes of these leaves, the quick way."""
    if not _is_sqlite(url):
        return _written(url, begin, end)
    return [sha256(row[0]).digest() for row in _asked(url, FINISHED, begin, end)]


def _written(url: str, begin: int, end: int) -> list[bytes]:
    """The hashes of these leaves as `leaf.encode` writes them."""
    return [sha256(b"\0" + leaf.encode(*row)).digest() for row in _asked(url, _ROWS, begin, end)]


def _folded(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        row = iter(hashes)
        hashes = [sha256(b"\1" + left + right).digest() for left, right in zip(row, row, strict=True)]
    return hashes[0]


def _early(url: str, begin: int, end: int, moments: Sequence[Moment]) -> int | None:
    """The index of the first row that was recorded before a head which it is not in."""
    inside = {begin, *(size for size, _ in moments if begin < size < end)}
    for first, behind in pairwise([*sorted(inside), end]):
        latest = max((at for size, at in moments if size <= first), default=None)
        if latest is None:
            continue
        ((found,),) = _asked(url, _BEFORE, first, behind, latest)
        if found is not None:
            return int(found)
    return None


def _gap(url: str, begin: int, end: int) -> int:
    """The first index in there whose fact, or whose place in the order, is gone."""
    found = [row[0] for row in _asked(url, _INDEXES, begin, end)]
    return next(index for index, there in enumerate([*found, end + 1], begin) if there != index)


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite://")


def _asked(url: str, sql: str, *values: int) -> Sequence[Any]:
    """On a connection of its own, which can only read."""
    if _is_sqlite(url):
        with closing(sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()
    return asyncio.run(_fetched(url, numbered(sql), *values))


async def _fetched(url: str, sql: str, *values: int) -> Sequence[Any]:
    connection = await asyncpg.connect(url)
    try:
        rows: Sequence[Any] = await connection.fetch(sql, *values)
        return rows
    finally:
        await connection.close()
