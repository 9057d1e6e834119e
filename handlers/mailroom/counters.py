"""Numbers without gaps: taken in the transaction that uses them, given back by its rollback."""

from __future__ import annotations

from handlers.transaction import Transaction


async def take(tx: Transaction, name: str) -> int:
    """The next number under `name` (e.g. `leave/2026`), from 1. On PostgreSQL others wait for our commit."""
    row = await tx.first(
        "INSERT INTO counter (name, value) VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value",
        name,
    )
    assert row is not None
    return int(row["value"])
