"""What the three kinds of work rows share: a lease with owner and fence, and growing pauses.

A row is claimed when it is due and nobody holds it. A late worker's result changes nothing: the fence has moved. Inbox
and due rows are claimed by one worker per process that finishes a batch before it asks for the next, so what is still
its own by then was left over (the database was busy) and is claimed again. The postman has many letters in the air and
never claims its own: it is still at them, even when the clock jumps past the lease.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from handlers.transaction import Transaction, to_ms

LEASE_MS = 60_000
_LONGEST_S = 600.0

FREE = "(owner = '' OR lease_ms <= ? OR owner = ?)"
"""For workers that finish a batch before the next; values: now (ms) and the claiming owner."""


def pause(attempts: int, *, spread: float) -> timedelta:
    """How long to wait after the `attempts`-th failure: 1 s, 2 s, 4 s ... at most ten minutes, less up to half of it.

    `spread` in [0, 1) keeps what failed together from coming back together.
    """
    whole = min(_LONGEST_S, 2.0 ** min(attempts - 1, 20))
    return timedelta(seconds=whole * (1 - spread / 2))


def next_try(attempts: int, now: datetime) -> int:
    """In ms, with a random spread."""
    return to_ms(now + pause(attempts, spread=random.random()))


def skip_locked(tx: Transaction) -> str:
    """The clause by which concurrent claimers on PostgreSQL get disjoint rows; SQLite has one writer."""
    return " FOR UPDATE SKIP LOCKED" if tx.dialect == "postgres" else ""
