"""What came in, once: a row per event, unique on account and content-aware key.

The dispatcher inserts a row as `done` in the transaction that handles the event, which costs one statement. A row is
`pending` (no time left) or `failed` (the handler broke) only when a worker must come back to it, and `dead` when the
worker gave up.

Events of one sender (account and account id) are handled in the order in which they were admitted. Whoever handles one
takes its sender's turn first (`take_turn`), and while an earlier one is pending, or has failed less than three times
(some seconds), a newer one is stored as pending behind it: words would otherwise answer another question than they
were meant for. An event that keeps failing steps aside, so that a mistake of ours does not silence a person; what its
late retry may still do is for the dispatcher to judge (`Waiting.aside`). Taps need no more than that: they carry the
version that they saw. Events without a sender, and those of different senders, wait for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors import events
from connectors.events import Event
from connectors.refs import PersonRef
from handlers.mailroom import emptying, work
from handlers.transaction import Row, Transaction, to_ms

DONE = "done"
PENDING = "pending"
FAILED = "failed"
DEAD = "dead"

_DEAD_AFTER = 10
_HOLDS = 3
_LEASE_MS = 30_000

# Spelled as in the partial index `inbox_line`, or it is not used.
_AHEAD = f"w.state IN ('pending', 'failed') AND w.attempts < {_HOLDS} AND w.sender <> ''"
_FIRST = (
    f"NOT EXISTS (SELECT 1 FROM inbox w WHERE w.account = i.account AND w.sender = i.sender AND {_AHEAD}"
    " AND w.id < i.id)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed row: an event to be handled again; `attempts` counts the failed ones, `door` is where it came in."""

    id: int
    account: str
    sender: str
    received_ms: int
    kind: str
    body: str
    trace: str
    door: str
    attempts: int
    owner: str
    fence: int

    @property
    def line(self) -> str:
        return _line(self.account, self.sender)

    @property
    def aside(self) -> bool:
        """It has failed so often that newer events of its sender were let through."""
        return self.attempts >= _HOLDS


def line(event: Event) -> str:
    """Whose turn it takes to handle the event; "" for what waits for nobody."""
    return _line(event.account, sender(event))


def sender(event: Event) -> str:
    """The account id of who did it; "" for what the platform itself reports."""
    found: PersonRef | None = getattr(event, "sender", None)
    return "" if found is None else found.id[:255]


async def take_turn(tx: Transaction, line: str) -> None:
    """Waits for other instances' events of this line; ours until the end of the transaction.

    First of all in a unit: a statement sees what was committed before it began. On SQLite the writer is one.
    """
    if line and tx.dialect == "postgres":
        await tx.first("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", line)


async def admit(
    tx: Transaction, event: Event, *, trace: str, door: str, now: datetime, state: str = DONE
) -> str:
    """Stores the event, by default as done: for a transaction that goes on to handle it.

    Returns the state that it has: `pending` also when an earlier event of its sender waits. "": it was here before.
    """
    row = await _insert(tx, event, trace=trace, door=door, now=now, state=state, attempts=0, error="")
    return "" if row is None else str(row["state"])


async def admit_failed(
    tx: Transaction, event: Event, error: BaseException, *, trace: str, door: str, now: datetime
) -> int | None:
    """Stores an event whose handler broke, to be tried again; its number, or None if it was here before."""
    failure = type(error).__name__
    row = await _insert(tx, event, trace=trace, door=door, now=now, state=FAILED, attempts=1, error=failure)
    return None if row is None else int(row["id"])


async def claim(tx: Transaction, *, owner: str, now: datetime, limit: int) -> list[Waiting]:
    """Pending and failed rows that are due and the first of their sender, oldest first, ours for half a minute."""
    ms = to_ms(now)
    rows = await tx.fetch(
        "WITH picked AS MATERIALIZED ("
        f"SELECT id FROM inbox i WHERE i.state IN ('pending', 'failed') AND i.due_ms <= ? AND {work.FREE} AND {_FIRST}"
        f" ORDER BY i.id LIMIT ?{work.skip_locked(tx)})"
        " UPDATE inbox SET owner = ?, lease_ms = ?, fence = fence + 1 WHERE id IN (SELECT id FROM picked)"
        " RETURNING id, account, sender, received_ms, kind, body, trace, door, attempts, owner, fence",
        ms, ms, owner, limit, owner, ms + _LEASE_MS,
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
        f"SELECT 1 AS one FROM inbox i WHERE i.state IN ('pending', 'failed') AND i.due_ms <= ? AND {_FIRST} LIMIT 1",
        to_ms(now),
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
    return await emptying.empty(tx, "inbox", "body", states=(DONE,), at="received_ms", before=before)


async def _insert(
    tx: Transaction, event: Event, *, trace: str, door: str, now: datetime, state: str, attempts: int, error: str
) -> Row | None:
    kind, body = events.dump(event)
    due = work.next_try(attempts, now) if attempts else to_ms(now)
    who = sender(event)
    return await tx.first(
        "INSERT INTO inbox (account, key, sender, kind, body, trace, door, state, received_ms, due_ms, attempts, error,"
        " owner, lease_ms, fence) VALUES (?, ?, ?, ?, ?, ?, ?, CASE WHEN ? = 'done' AND EXISTS ("
        f"SELECT 1 FROM inbox w WHERE w.account = ? AND w.sender = ? AND {_AHEAD}) THEN 'pending' ELSE ? END,"
        " ?, ?, ?, ?, '', 0, 0) ON CONFLICT (account, key) DO NOTHING RETURNING id, state",
        event.account, event.key, who, kind, body, trace, door, state, event.account, who, state, to_ms(now), due,
        attempts, error,
    )  # fmt: skip


def _line(account: str, sender: str) -> str:
    return f"{account} {sender}" if sender else ""
