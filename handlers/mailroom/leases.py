"""Things that one instance does at a time: hold a stream, seal the journal."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.transaction import Transaction, to_ms


async def take(tx: Transaction, name: str, owner: str, *, now: datetime, seconds: float) -> int | None:
    """The fence (a number that only grows) when the lease is ours now, None while somebody else holds it.

    Taking again what one holds keeps the fence and moves the end.
    """
    until = to_ms(now + timedelta(seconds=seconds))
    row = await tx.first(
        "INSERT INTO lease (name, owner, until_ms, fence) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms,"
        " fence = lease.fence + CASE WHEN lease.owner = excluded.owner THEN 0 ELSE 1 END"
        " WHERE lease.until_ms <= ? OR lease.owner = excluded.owner"
        " RETURNING fence",
        name, owner, until, to_ms(now),
    )  # fmt: skip
    return None if row is None else int(row["fence"])


async def renew(tx: Transaction, name: str, owner: str, fence: int, *, now: datetime, seconds: float) -> bool:
    """False when somebody else took it in the meantime: stop doing the thing."""
    until = to_ms(now + timedelta(seconds=seconds))
    touched = await tx.execute(
        "UPDATE lease SET until_ms = ? WHERE name = ? AND owner = ? AND fence = ?", until, name, owner, fence
    )
    return touched == 1


async def release(tx: Transaction, name: str, owner: str, fence: int) -> None:
    """Lets the next one have it at once; the row stays, so that fences never start again."""
    await tx.execute(
        "UPDATE lease SET until_ms = 0, owner = '' WHERE name = ? AND owner = ? AND fence = ?", name, owner, fence
    )
