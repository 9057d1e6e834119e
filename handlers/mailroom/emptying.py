"""Texts of work rows that nobody needs any more are emptied; what a night costs does not grow with the years.

Rows are looked at from the newest that is old enough back to where many in a row have been emptied before: their
numbers rise with their times, so an index that every event would have to pay for is not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from handlers.transaction import Transaction, to_ms

_PORTION = 1000
_ENOUGH = 10  # portions without anything to empty: further back is the work of nights before


async def empty(
    tx: Transaction,
    table: Literal["inbox", "outbox"],
    column: Literal["body", "message"],
    *,
    states: Sequence[str],
    at: Literal["received_ms", "created_ms"],
    before: datetime,
) -> int:
    """How many texts that was, of rows in these states whose time is before."""
    number, idle = 0, 0
    top = await _newest(tx, table, at, before)
    while top is not None and idle < _ENOUGH:
        low = await _down(tx, table, top)
        marks = ", ".join("?" * len(states))
        touched = await tx.execute(
            f"UPDATE {table} SET {column} = '' WHERE id <= ? AND id >= ? AND state IN ({marks}) AND {at} < ?"
            f" AND {column} <> ''",
            top, low, *states, to_ms(before),
        )  # fmt: skip
        idle = 0 if touched else idle + 1
        number += touched
        top = low - 1 if low > 1 else None
    return number


async def _newest(tx: Transaction, table: str, at: str, before: datetime) -> int | None:
    row = await tx.first(f"SELECT id FROM {table} WHERE {at} < ? ORDER BY id DESC LIMIT 1", to_ms(before))
    return None if row is None else int(row["id"])


async def _down(tx: Transaction, table: str, top: int) -> int:
    """Where the portion begins that ends at `top`; by rows, because numbers may have gaps."""
    row = await tx.first(
        f"SELECT MIN(id) AS id FROM (SELECT id FROM {table} WHERE id <= ? ORDER BY id DESC LIMIT ?) AS portion",
        top, _PORTION,
    )  # fmt: skip
    return 1 if row is None or row["id"] is None else int(row["id"])
