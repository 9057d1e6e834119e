"""What is due at a time, kept in our own table: asked for in the transaction that wants it, run once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.mailroom import work
from handlers.transaction import Row, Transaction, from_ms, to_ms

_DEAD_AFTER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A claimed row; `due` is when it was to happen, `attempts` counts this one."""

    id: int
    key: str
    kind: str
    due: datetime
    payload: Mapping[str, Any]
    attempts: int
    owner: str
    fence: int


async def at(
    tx: Transaction, key: str, kind: str, when: datetime, payload: Mapping[str, Any], *, now: datetime
) -> None:
    """Something to do at `when` (at once if past). The same key again moves it, also if it is done or under way."""
    await tx.execute(
        "INSERT INTO due (key, kind, payload, state, due_ms, attempts, error, owner, lease_ms, fence)"
        " VALUES (?, ?, ?, 'waiting', ?, 0, '', '', 0, 0)"
        " ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, state = 'waiting',"
        " due_ms = excluded.due_ms, attempts = 0, error = '', owner = '', lease_ms = 0, fence = due.fence + 1",
        key, kind, _text(payload), max(to_ms(when), to_ms(now)),
    )  # fmt: skip


async def by(
    tx: Transaction, key: str, kind: str, when: datetime, payload: Mapping[str, Any], *, now: datetime
) -> None:
    """As `at`, but a row that already waits for an earlier time stays: a burst is one piece of work, never postponed.

    One that is done or under way is asked for again, as what it read may be older than this request.
    """
    await tx.execute(
        "INSERT INTO due (key, kind, payload, state, due_ms, attempts, error, owner, lease_ms, fence)"
        " VALUES (?, ?, ?, 'waiting', ?, 0, '', '', 0, 0)"
        " ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, state = 'waiting',"
        " due_ms = excluded.due_ms, attempts = 0, error = '', owner = '', lease_ms = 0, fence = due.fence + 1"
        " WHERE due.state <> 'waiting' OR due.owner <> '' OR due.due_ms > excluded.due_ms",
        key, kind, _text(payload), max(to_ms(when), to_ms(now)),
    )  # fmt: skip


async def once(tx: Transaction, key: str, kind: str, when: datetime, payload: Mapping[str, Any]) -> bool:
    """For recurring work under the key (rule, planned time): one insert wins for ever, the others get False."""
    touched = await tx.execute(
        "INSERT INTO due (key, kind, payload, state, due_ms, attempts, error, owner, lease_ms, fence)"
        " VALUES (?, ?, ?, 'waiting', ?, 0, '', '', 0, 0) ON CONFLICT (key) DO NOTHING",
        key, kind, _text(payload), to_ms(when),
    )  # fmt: skip
    return touched == 1


async def cancel(tx: Transaction, key: str) -> None:
    """If it still waits."""
    await tx.later("DELETE FROM due WHERE key = ? AND state = 'waiting'", key)


async def find(tx: Transaction, key: str) -> Mapping[str, Any] | None:
    """The payload of what still waits under this key."""
    row = await tx.first("SELECT payload FROM due WHERE key = ? AND state = 'waiting'", key)
    return None if row is None else dict(json.loads(row["payload"]))


async def claim(tx: Transaction, *, owner: str, now: datetime, limit: int, but: Collection[int] = ()) -> list[Due]:
    """The earliest rows that are due, ours for a minute; `but` are those that the claimer is still at."""
    ms = to_ms(now)
    others = f" AND id NOT IN ({', '.join('?' * len(but))})" if but else ""
    rows = await tx.fetch(
        "WITH picked AS MATERIALIZED ("
        f"SELECT id FROM due WHERE state = 'waiting' AND due_ms <= ? AND {work.FREE}{others}"
        f" ORDER BY due_ms, id LIMIT ?{work.skip_locked(tx)})"
        " UPDATE due SET owner = ?, lease_ms = ?, fence = fence + 1, attempts = attempts + 1"
        " WHERE id IN (SELECT id FROM picked) RETURNING *",
        ms, ms, owner, *but, limit, owner, ms + work.LEASE_MS,
    )  # fmt: skip
    return sorted((_due(row) for row in rows), key=lambda one: (one.due, one.id))


async def finish(tx: Transaction, due: Due) -> bool:
    """False when the row was moved, cancelled or taken over: then roll back what was done for it."""
    touched = await tx.execute(
        "UPDATE due SET state = 'done', owner = '', lease_ms = 0 WHERE id = ? AND owner = ? AND fence = ?",
        due.id, due.owner, due.fence,
    )  # fmt: skip
    return touched == 1


async def renew(tx: Transaction, due: Due, *, now: datetime) -> bool:
    """Ours for another minute; for work that takes long. False as for `finish`."""
    touched = await tx.execute(
        "UPDATE due SET lease_ms = ? WHERE id = ? AND owner = ? AND fence = ?",
        to_ms(now) + work.LEASE_MS, due.id, due.owner, due.fence,
    )  # fmt: skip
    return touched == 1


async def give_back(tx: Transaction, due: Due) -> None:
    """Nothing went wrong, we stop: another instance, or the next start, has it at once, and no attempt is spent."""
    await tx.execute(
        "UPDATE due SET attempts = attempts - 1, owner = '', lease_ms = 0 WHERE id = ? AND owner = ? AND fence = ?",
        due.id, due.owner, due.fence,
    )  # fmt: skip


async def later(tx: Transaction, due: Due, *, error: str, now: datetime) -> None:
    """After a failure: again with growing pauses, dead after twelve attempts (about an hour)."""
    state = "dead" if due.attempts >= _DEAD_AFTER else "waiting"
    await tx.execute(
        "UPDATE due SET state = ?, due_ms = ?, error = ?, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        state, work.next_try(due.attempts, now), error[:255], due.id, due.owner, due.fence,
    )  # fmt: skip


async def next_at(tx: Transaction) -> datetime | None:
    """When the next row is due, for a worker that wants to sleep."""
    row = await tx.first("SELECT MIN(due_ms) AS ms FROM due WHERE state = 'waiting'")
    return None if row is None or row["ms"] is None else from_ms(row["ms"])


async def prune(tx: Transaction, *, before: datetime) -> int:
    """Removes what was done long ago. Keep at least as long as a recurring rule may be materialised late."""
    return await tx.execute("DELETE FROM due WHERE state = 'done' AND due_ms < ?", to_ms(before))


async def forget_done(tx: Transaction, kind: str, *, before: datetime) -> int:
    """As `prune`, for work that comes every minute; keep longer than its rule's grace."""
    return await tx.execute("DELETE FROM due WHERE kind = ? AND state = 'done' AND due_ms < ?", kind, to_ms(before))


async def dead(tx: Transaction, *, limit: int = 100) -> Sequence[Row]:
    """For the operator's page: id, key, kind, due_ms, attempts, error."""
    return await tx.fetch(
        "SELECT id, key, kind, due_ms, attempts, error FROM due WHERE state = 'dead' ORDER BY id DESC LIMIT ?", limit
    )


async def revive(tx: Transaction, row: int, *, now: datetime) -> bool:
    touched = await tx.execute(
        "UPDATE due SET state = 'waiting', attempts = 0, due_ms = ? WHERE id = ? AND state = 'dead'", to_ms(now), row
    )
    return touched == 1


def _text(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False)


def _due(row: Row) -> Due:
    return Due(
        id=row["id"], key=row["key"], kind=row["kind"], due=from_ms(row["due_ms"]), payload=json.loads(row["payload"]),
        attempts=row["attempts"], owner=row["owner"], fence=row["fence"],
    )  # fmt: skip
