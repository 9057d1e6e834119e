"""What came in, once: a row per event, unique on account and content-aware key.

The dispatcher inserts a row as `done` in the transaction that handles the event, which costs one statement. A row is
`pending` (no time left) or `failed` (the handler broke) only when a worker must come back to it, and `dead` when the
worker gave up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import events
from connectors.events import Event
from handlers.mailroom import work
from handlers.transaction import Row, Transaction, to_ms

DONE = "done"
PENDING = "pending"
FAILED = "failed"
DEAD = "dead"

_DEAD_AFTER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed row: an event to be handled again; `attempts` counts the failed ones."""

    id: int
    kind: str
    body: str
    trace: str
    attempts: int
    owner: str
    fence: int


async def admit(tx: Transaction, event: Event, *, trace: str, now: datetime, state: str = DONE) -> bool:
    """Stores the event, by default as done: for a transaction that goes on to handle it. False: it was here before."""
    return await _insert(tx, event, trace=trace, now=now, state=state, attempts=0, error="") is not None


async def admit_failed(tx: Transaction, event: Event, error: BaseException, *, trace: str, now: datetime) -> int | None:
    """Stores an event whose handler broke, to be tried again; its number, or None if it was here before."""
    return await _insert(tx, event, trace=trace, now=now, state=FAILED, attempts=1, error=type(error).__name__)


async def claim(tx: Transaction, *, owner: str, now: datetime, limit: int) -> list[Waiting]:
    """Pending and failed rows that are due, oldest first, ours for a minute."""
    ms = to_ms(now)
    rows = await tx.fetch(
        "WITH picked AS MATERIALIZED ("
        f"SELECT id FROM inbox WHERE state IN ('pending', 'failed') AND due_ms <= ? AND {work.FREE}"
        f" ORDER BY id LIMIT ?{work.skip_locked(tx)})"
        " UPDATE inbox SET owner = ?, lease_ms = ?, fence = fence + 1"
        " WHERE id IN (SELECT id FROM picked) RETURNING id, kind, body, trace, attempts, owner, fence",
        ms, ms, owner, limit, owner, ms + work.LEASE_MS,
    )  # fmt: skip
    return sorted((Waiting(**row) for row in rows), key=lambda row: row.id)


async def done(tx: Transaction, row: Waiting) -> bool:
    """In the transaction that handled it. False: another worker has taken it over, so roll back."""
    touched = await tx.execute(
        "UPDATE inbox SET state = 'done', error = '', owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        row.id, row.owner, row.fence,
    )  # fmt: skip
    return touched == 1


async def failed(tx: Transaction, row: Waiting, error: BaseException, *, now: datetime) -> None:
    """Again with growing pauses; dead after ten attempts (about ten minutes)."""
    attempts = row.attempts + 1
    await tx.execute(
        "UPDATE inbox SET state = ?, attempts = ?, due_ms = ?, error = ?, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        DEAD if attempts >= _DEAD_AFTER else FAILED, attempts, work.next_try(attempts, now), type(error).__name__,
        row.id, row.owner, row.fence,
    )  # fmt: skip


async def give_back(tx: Transaction, row: Waiting, *, now: datetime) -> None:
    """Not our fault and not the event's (the database was busy): soon again, no attempt spent."""
    await tx.execute(
        "UPDATE inbox SET due_ms = ?, owner = '', lease_ms = 0 WHERE id = ? AND owner = ? AND fence = ?",
        work.next_try(1, now), row.id, row.owner, row.fence,
    )  # fmt: skip


async def waiting(tx: Transaction, *, now: datetime) -> bool:
    """Whether a claim could find anything: a question for a reader, so that idle workers leave the writer alone."""
    row = await tx.first(
        "SELECT 1 AS one FROM inbox WHERE state IN ('pending', 'failed') AND due_ms <= ? LIMIT 1", to_ms(now)
    )
    return row is not None


async def list_failed(tx: Transaction, *, limit: int = 100) -> Sequence[Row]:
    """For the operator's page: id, account, kind, trace, state, attempts, due_ms, error; never the body."""
    return await tx.fetch(
        "SELECT id, account, kind, trace, state, attempts, received_ms, due_ms, error FROM inbox"
        " WHERE state IN ('failed', 'dead') ORDER BY id DESC LIMIT ?",
        limit,
    )


async def resend(tx: Transaction, number: int, *, now: datetime) -> bool:
    """Gives a failed or dead event another round of attempts, at once."""
    touched = await tx.execute(
        "UPDATE inbox SET state = 'failed', attempts = 0, due_ms = ? WHERE id = ? AND state IN ('failed', 'dead')",
        to_ms(now), number,
    )  # fmt: skip
    return touched == 1


async def prune(tx: Transaction, *, before: datetime) -> int:
    """Empties what was handled long ago: the body goes, account and key stay and keep repetitions out."""
    return await tx.execute(
        "UPDATE inbox SET body = '' WHERE state = 'done' AND received_ms < ? AND body <> ''", to_ms(before)
    )


async def _insert(
    tx: Transaction, event: Event, *, trace: str, now: datetime, state: str, attempts: int, error: str
) -> int | None:
    kind, body = events.dump(event)
    due = work.next_try(attempts, now) if attempts else to_ms(now)
    row = await tx.first(
        "INSERT INTO inbox (account, key, kind, body, trace, state, received_ms, due_ms, attempts, error, owner,"
        " lease_ms, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0)"
        " ON CONFLICT (account, key) DO NOTHING RETURNING id",
        event.account, event.key, kind, body, trace, state, to_ms(now), due, attempts, error,
    )  # fmt: skip
    return None if row is None else int(row["id"])
