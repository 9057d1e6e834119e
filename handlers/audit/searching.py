"""Finding facts in a journal of millions: the latest first, page by page from a number on, never by counting rows.

A search walks down the numbers in windows that grow while nothing is found; one that no index serves (the door alone, a
kind of every day) stops after so many numbers and says from where to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from handlers.audit import by_kind
from handlers.transaction import Row, Transaction, Value

_WINDOW: Final = 20_000
_WIDEST: Final = 2_000_000
_BUDGET: Final = 400_000
_SLACK_MS: Final = 60_000  # on PostgreSQL, facts of two transactions may stand out of their order by moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Milliseconds UTC, `end_ms` not included, 0: open. `before`: only numbers below, 0: from the newest."""

    begin_ms: int = 0
    end_ms: int = 0
    actor: str = ""
    subject: str = ""
    kinds: tuple[str, ...] = ()
    door: str | None = None
    before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`rows` of the journal, the newest first; `next` is the `before` of what follows, 0 at the end."""

    rows: Sequence[Row]
    next: int


async def page(tx: Transaction, query: Query, *, limit: int) -> Found:
    low = await _number_at(tx, query.begin_ms - _SLACK_MS) if query.begin_ms else 1
    top = await _number_at(tx, query.end_ms + _SLACK_MS) if query.end_ms else await _top(tx)
    top = min(top, query.before) if query.before else top
    where, values, indexed = _conditions(query)
    rows: list[Row] = []
    window, left = _WINDOW, _BUDGET
    while top > low and (indexed or left > 0):
        bottom = max(low, top - window)
        here: list[Value] = [bottom, top, *values, limit + 1 - len(rows)]
        rows += await tx.fetch(
            f"SELECT * FROM journal WHERE id >= ? AND id < ?{where} ORDER BY id DESC LIMIT ?", *here
        )
        if len(rows) > limit:
            return Found(rows=rows[:limit], next=rows[limit - 1]["id"])
        left -= top - bottom
        top, window = bottom, min(window * 2, _WIDEST) if indexed else window
    return Found(rows=rows, next=top if top > low else 0)


def after(query: Query, found: Found) -> Query:
    """What follows."""
    return replace(query, before=found.next)


def _conditions(query: Query) -> tuple[str, list[Value], bool]:
    """SQL, its values, and whether an index leads to the rows."""
    parts, values = [], list[Value]()
    for column, value in (("subject", query.subject), ("actor", query.actor)):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if query.kinds:
        parts.append(by_kind.among(query.kinds))
        values += query.kinds
    if query.door is not None:
        parts.append("door = ?")
        values.append(query.door)
    if query.begin_ms:
        parts.append("recorded_ms >= ?")
        values.append(query.begin_ms)
    if query.end_ms:
        parts.append("recorded_ms < ?")
        values.append(query.end_ms)
    found = by_kind.indexed(query.kinds) if query.kinds else query.door is None
    indexed = bool(query.subject or query.actor) or found
    return "".join(f" AND {part}" for part in parts), values, indexed


async def _top(tx: Transaction) -> int:
    row = await tx.first("SELECT MAX(id) AS id FROM journal")
    return 1 if row is None or row["id"] is None else int(row["id"]) + 1


async def _number_at(tx: Transaction, ms: int) -> int:
    """The lowest number that was recorded then or later, by halving: recorded times rise along the journal."""
    low, high = 1, await _top(tx)
    while low < high:
        middle = (low + high) // 2
        row = await tx.first("SELECT id, recorded_ms FROM journal WHERE id >= ? ORDER BY id LIMIT 1", middle)
        if row is None or row["recorded_ms"] >= ms:
            high = middle
        else:
            low = int(row["id"]) + 1
    return low
