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


async def look(tx: Transaction, name: str) -> int | None:
    """What was `put` under `name`; None before the first time. On PostgreSQL others who look wait for our commit."""
    row = await tx.first("UPDATE counter SET value = value WHERE name = ? RETURNING value", name)
    return None if row is None else int(row["value"])


async def peek(tx: Transaction, name: str) -> int | None:
    """As `look`, for a transaction that only reads: nobody waits, and it may be put anew at once."""
    row = await tx.first("SELECT value FROM counter WHERE name = ?", name)
    return None if row is None else int(row["value"])


async def put(tx: Transaction, name: str, value: int) -> None:
    await tx.execute(
        "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name, value,
    )  # fmt: skip
