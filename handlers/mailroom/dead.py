"""What gave up: letters, events and due work that failed until nobody tried any more, put before administrators.

They wait here for a word: tried anew, or given up with a reason. Either is a fact. Nothing in here shows what a
message says: which one it was, to whom, and why it failed is enough to decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.errors import BadRequest, NotFound
from handlers.mailroom import due, inbox, outbox
from handlers.mailroom.elsewhere import GONE
from handlers.mailroom.facts import WorkDiscarded, WorkResumed
from handlers.transaction import Row, Transaction, from_ms, to_ms

What = Literal["letter", "event", "due"]
WHATS: Final[tuple[What, ...]] = ("letter", "event", "due")
OWN: Final = "dead/"
"""Keys of our own messages about these things begin so: nobody is told that they could not be told."""

_COLUMNS: Final[Mapping[What, str]] = {
    "letter": (
        "o.id, o.account, o.message_kind AS kind, o.recipient_kind, o.recipient, o.error, o.attempts, o.maybe, o.tried,"
        " o.due_ms, o.created_ms AS since_ms, o.state, COALESCE(c.item, '') AS item, COALESCE(c.person, '') AS person"
    ),
    "event": (
        "id, account, kind, '' AS recipient_kind, '' AS recipient, error, attempts, 0 AS maybe, '' AS tried, due_ms,"
        " received_ms AS since_ms, state, '' AS item, '' AS person"
    ),
    "due": (
        "id, '' AS account, kind, '' AS recipient_kind, '' AS recipient, error, attempts, 0 AS maybe, '' AS tried,"
        " due_ms, due_ms AS since_ms, state, '' AS item, '' AS person"
    ),
}
_FROM: Final[Mapping[What, str]] = {
    "letter": "outbox o LEFT JOIN copy c ON o.copy <> '' AND c.id = o.copy",
    "event": "inbox",
    "due": "due",
}
_TABLE: Final[Mapping[What, str]] = {"letter": "outbox", "event": "inbox", "due": "due"}
_DEAD: Final[Mapping[What, str]] = {
    "letter": "o.state = 'dead'",
    "event": "state IN ('failed', 'dead')",
    "due": "state = 'dead'",
}
_ID: Final[Mapping[What, str]] = {"letter": "o.id", "event": "id", "due": "id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """`kind` is a message's class, an event's class or a kind of due work; `item` and `person` where a letter brings a
    card. `maybe`: it may have arrived. `again`: it failed and is still tried (events only)."""

    what: What
    id: int
    kind: str
    account: str
    recipient_kind: str
    recipient: str
    error: str
    attempts: int
    maybe: bool
    tried: tuple[str, ...]
    since: datetime
    at: datetime
    item: str
    person: str
    again: bool


async def listed(tx: Transaction, what: What, *, limit: int = 50, below: int = 0) -> list[Dead]:
    """The newest first; `below` a number: those before it."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS[what]} FROM {_FROM[what]} WHERE {_DEAD[what]}"
        f" AND {_ID[what]} < ? ORDER BY {_ID[what]} DESC LIMIT ?",
        below or (1 << 62), limit,
    )  # fmt: skip
    return [_dead(what, row) for row in rows]


async def counts(tx: Transaction) -> dict[What, int]:
    """How many there are of each, for the page and for metrics; an index holds nothing else."""
    found: dict[What, int] = {}
    for what in WHATS:
        state = "state IN ('failed', 'dead')" if what == "event" else "state = 'dead'"
        row = await tx.first(f"SELECT COUNT(*) AS number FROM {_TABLE[what]} WHERE {state}")
        found[what] = int(row["number"]) if row else 0
    return found


async def died(tx: Transaction, *, after: datetime | None, until: datetime) -> dict[What, dict[str, int]]:
    """What gave up in between, how often for which error; without letters whose administrators were told already."""
    found: dict[What, dict[str, int]] = {}
    for what in WHATS:
        told = f" AND error <> ? AND key NOT LIKE '{OWN}%'" if what == "letter" else ""
        values = (GONE,) if what == "letter" else ()
        rows = await tx.fetch(
            f"SELECT error, COUNT(*) AS number FROM {_TABLE[what]} WHERE state = 'dead' AND due_ms > ? AND due_ms <= ?"
            f"{told} GROUP BY error ORDER BY COUNT(*) DESC, error",
            to_ms(after) if after else 0, to_ms(until), *values,
        )  # fmt: skip
        if rows:
            found[what] = {row["error"]: int(row["number"]) for row in rows}
    return found


async def resume(tx: Transaction, what: What, number: int, *, origin: Origin, now: datetime) -> None:
    """Another round of attempts, at once. Raises NotFound for what is not there or does not wait here any more."""
    one = await _found(tx, what, number)
    again = {"letter": outbox.resend, "event": inbox.resend, "due": due.revive}[what]
    if not await again(tx, number, now=now):
        raise NotFound(code="work_gone")
    fact = WorkResumed(work=f"{what}:{number}", about=one.kind, error=one.error)
    await log.record(tx, fact, origin=origin, now=now)


async def resume_all(tx: Transaction, what: What, *, origin: Origin, now: datetime, limit: int = 500) -> int:
    """How many; each is a fact of its own."""
    waiting = await listed(tx, what, limit=limit)
    for one in waiting:
        await resume(tx, what, one.id, origin=origin, now=now)
    return len(waiting)


async def discard(tx: Transaction, what: What, number: int, reason: str, *, origin: Origin, now: datetime) -> None:
    """Never tried again; its text is emptied. Raises BadRequest(discard_reason) without one, NotFound as `resume`."""
    if not reason.strip():
        raise BadRequest("discard_reason")
    one = await _found(tx, what, number)
    gone = {
        "letter": "UPDATE outbox SET state = 'dropped', message = '' WHERE id = ? AND state = 'dead'",
        "event": "UPDATE inbox SET state = 'done', body = '' WHERE id = ? AND state IN ('failed', 'dead')",
        "due": "UPDATE due SET state = 'done' WHERE id = ? AND state = 'dead'",
    }
    if not await tx.execute(gone[what], number):
        raise NotFound(code="work_gone")
    fact = WorkDiscarded(work=f"{what}:{number}", about=one.kind, error=one.error, reason=reason.strip())
    await log.record(tx, fact, origin=origin, now=now)


async def _found(tx: Transaction, what: What, number: int) -> Dead:
    lock = f" FOR UPDATE OF {'o' if what == 'letter' else _TABLE[what]}" if tx.dialect == "postgres" else ""
    row = await tx.first(
        f"SELECT {_COLUMNS[what]} FROM {_FROM[what]} WHERE {_DEAD[what]} AND {_ID[what]} = ?{lock}", number
    )
    if row is None:
        raise NotFound(code="work_gone")
    return _dead(what, row)


def _dead(what: What, row: Row) -> Dead:
    return Dead(
        what=what,
        id=row["id"],
        kind=row["kind"],
        account=row["account"],
        recipient_kind=row["recipient_kind"],
        recipient=row["recipient"],
        error=row["error"],
        attempts=row["attempts"],
        maybe=bool(row["maybe"]),
        tried=tuple(row["tried"].split()),
        since=from_ms(row["since_ms"]),
        at=from_ms(row["due_ms"]),
        item=row["item"],
        person=row["person"],
        again=row["state"] == "failed",
    )
