"""How much waits and since when: one look at what the partial indexes hold, never at what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.mailroom import dead
from handlers.transaction import Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Queue:
    """`since` is when the oldest of them came, or was to happen; None where nothing waits."""

    number: int = 0
    since: datetime | None = None
    error: str = ""

    def age(self, now: datetime) -> float:
        """Of the oldest, in seconds; 0 where nothing waits, or waits for a clock that was put back."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    name: str
    owner: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """`outbox` by account, without letters that are planned for later; `due` only what is late by now."""

    inbox: Queue = Queue()
    outbox: Mapping[str, Queue] = field(default_factory=dict)
    due: Queue = Queue()
    dead: Mapping[dead.What, int] = field(default_factory=dict)
    leases: tuple[Lease, ...] = ()


async def look(tx: Transaction, *, now: datetime) -> Queues:
    ms = to_ms(now)
    came = await tx.first(
        "SELECT COUNT(*) AS number, MIN(received_ms) AS ms FROM inbox WHERE state IN ('pending', 'failed')"
    )
    late = await tx.first(
        "SELECT COUNT(*) AS number, MIN(due_ms) AS ms FROM due WHERE state = 'waiting' AND due_ms <= ?", ms
    )
    letters = await tx.fetch(
        "SELECT account, COUNT(*) AS number, MAX(error) AS error,"
        " MIN(CASE WHEN not_before_ms > created_ms THEN not_before_ms ELSE created_ms END) AS ms"
        " FROM outbox WHERE state = 'waiting' AND not_before_ms <= ? GROUP BY account",
        ms,
    )
    leases = await tx.fetch("SELECT name, owner, until_ms FROM lease WHERE owner <> '' ORDER BY name")
    return Queues(
        inbox=_queue(came),
        outbox={row["account"]: _queue(row) for row in letters},
        due=_queue(late),
        dead=await dead.counts(tx),
        leases=tuple(Lease(name=row["name"], owner=row["owner"], until=from_ms(row["until_ms"])) for row in leases),
    )


def _queue(row: Mapping[str, object] | None) -> Queue:
    if row is None or not row["number"]:
        return Queue()
    number, ms = row["number"], row["ms"]
    assert isinstance(number, int)
    assert isinstance(ms, int)
    return Queue(number=number, since=from_ms(ms), error=str(row.get("error") or ""))
