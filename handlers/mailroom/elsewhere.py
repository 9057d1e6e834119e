"""A letter that cannot be delivered to one account of its person goes to the next one: shown once, never twice.

It moves when its platform refuses it for good, when it could not be sent for three days, when its account is no longer
in the office's configuration, and, if it is urgent, when the platform has been down for longer than the office allows.
What may have arrived is not moved for being slow; once it is dead it goes on as a possible repeat. With the letter go
the copy of the card and what else waits for that copy, so that later states find the phone that has it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from connectors.refs import PersonRef
from handlers.mailroom import letters, outbox, posted
from handlers.mailroom.letters import Claimed
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Row, Transaction, to_ms

GONE = "account gone"
_AT_ONCE = 500
_BY_ID = "id + 0"  # in order, but not by walking the whole table in it: what waits has indexes of its own
_FREE = "(owner = '' OR lease_ms <= ?)"
"""In nobody's hands; the value is now (ms)."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many letters of accounts that are gone went on, how many died, and how many urgent ones went on."""

    moved: int = 0
    dead: int = 0
    urgent: int = 0


async def refused(
    tx: Transaction, letter: Claimed, error: str, *, served: Collection[str], now: datetime
) -> None:
    """As `outbox.refused`, and on to the person's next account if there is one among `served`."""
    if await outbox.refused(tx, letter, error, now=now):
        await move(tx, letter.id, served=served, now=now)


async def busy(
    tx: Transaction, letter: Claimed, error: str, *, served: Collection[str], now: datetime, **how: Any
) -> None:
    """As `outbox.busy`, and on to the next account once it is dead."""
    if await outbox.busy(tx, letter, error, now=now, **how):
        await move(tx, letter.id, served=served, now=now)


async def move(tx: Transaction, number: int, *, served: Collection[str], now: datetime) -> bool:
    """Gives the letter, with all that waits for its copy, to the next account of its person; False if there is none."""
    lock = " FOR UPDATE" if tx.dialect == "postgres" else ""
    row = await tx.first(f"SELECT * FROM outbox WHERE id = ? AND {_FREE}{lock}", number, to_ms(now))
    if row is None or not _may_move(row):
        return False
    to = await _next(tx, row, served)
    if to is None:
        return False
    ref = await _take_along(tx, row, to) if row["copy"] else f"m-{token_hex(12)}"
    await _readdress(tx, row, to, "kind = 'send', state = 'waiting', answered = 0, rung = 0, ref = ?", ref)
    return True


async def sweep(tx: Transaction, *, served: Collection[str], patience: timedelta, now: datetime) -> Swept:
    """What waits for an account that is gone is moved or dead; what is urgent and has waited too long is moved."""
    await posted.write(tx)
    moved = dead = urgent = 0
    for number in await _gone(tx, served, to_ms(now)):
        if await move(tx, number, served=served, now=now):
            moved += 1
        else:
            dead += await tx.execute(
                "UPDATE outbox SET state = 'dead', error = ?, owner = '' WHERE id = ? AND state = 'waiting'"
                f" AND {_FREE}",
                GONE, number, to_ms(now),
            )  # fmt: skip
    for number in await _late(tx, before=to_ms(now - patience)):
        urgent += await move(tx, number, served=served, now=now)
    return Swept(moved, dead, urgent)


def _may_move(row: Row) -> bool:
    """Group chats, uploaded files and calendars have one place; a fleeting state is worth no message."""
    if row["recipient_kind"] != "person" or row["message_kind"] in ("Attachment", "Schedule") or not row["message"]:
        return False
    return not getattr(letters.load(row["message_kind"], row["message"]), "fleeting", False)


async def _next(tx: Transaction, row: Row, served: Collection[str]) -> PersonRef | None:
    person = await _person(tx, row)
    if person is None or not person.active:
        return None
    tried = {row["account"], *row["tried"].split()}
    others = [ref for ref in await directory.accounts(tx, person) if ref.account in served]
    return next((ref for ref in others if ref.account not in tried), None)


async def _person(tx: Transaction, row: Row) -> Person | None:
    """Whose letter it is; by the copy, as an account may have been unlinked in the meantime."""
    copy = await tx.first("SELECT person FROM copy WHERE id = ?", row["copy"]) if row["copy"] else None
    if copy is not None:
        return await directory.load(tx, copy["person"])
    return await directory.by_ref(tx, PersonRef(row["account"], row["recipient"]))


async def _take_along(tx: Transaction, row: Row, to: PersonRef) -> str:
    """The copy is where its letter is; what waits behind in the old lane follows. Returns the new message's ref."""
    for behind in await tx.fetch(
        "SELECT * FROM outbox WHERE copy = ? AND id > ? AND state = 'waiting' AND owner = ''", row["copy"], row["id"]
    ):
        await _readdress(tx, behind, to, "kind = 'update', answered = 0")
    copy = await tx.first("UPDATE copy SET serial = serial + 1 WHERE id = ? RETURNING serial", row["copy"])
    assert copy is not None
    ref = f"{row['copy']}-{copy['serial']}"
    await tx.execute(
        "UPDATE copy SET account = ?, recipient = ?, handle = '', ref = ? WHERE id = ?",
        to.account, to.id, ref, row["copy"],
    )  # fmt: skip
    outbox.lies(tx, row["copy"], to)
    await tx.execute("DELETE FROM tap_code WHERE copy = ?", row["copy"])
    return ref


async def _readdress(tx: Transaction, row: Row, to: PersonRef, more: str, *values: str) -> None:
    await tx.execute(
        "UPDATE outbox SET account = ?, lane = ?, recipient = ?, tried = ?, message = ?, attempts = 0, due_ms = 0,"
        f" tried_ms = 0, flying = 0, owner = '', lease_ms = 0, fence = fence + 1, {more} WHERE id = ?",
        to.account, letters.lane(to), to.id, f"{row['tried']} {row['account']}".strip()[:255],
        _signed_in_by(row["message"], row["account"], to.account), *values, row["id"],
    )  # fmt: skip


def _signed_in_by(message: str, old: str, new: str) -> str:
    """Pages are signed in to through the account that the link was sent to (`?via=`)."""
    return re.sub(rf"([?&]via=){re.escape(quote(old))}(?![\w.%-])", lambda found: found[1] + quote(new), message)


async def _gone(tx: Transaction, served: Collection[str], ms: int) -> list[int]:
    gone = [account for account in await _accounts(tx) if account not in served] if served else []
    if not gone:
        return []
    rows = await tx.fetch(
        f"SELECT id FROM outbox WHERE state = 'waiting' AND {_FREE} AND account IN ({', '.join('?' * len(gone))})"
        f" ORDER BY {_BY_ID} LIMIT ?",
        ms, *gone, _AT_ONCE,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _accounts(tx: Transaction) -> list[str]:
    """Those for which something waits, from one to the next: there are few, and what waits may be a storm's."""
    found: list[str] = []
    while True:
        row = await tx.first(
            "SELECT MIN(account) AS account FROM outbox WHERE state = 'waiting' AND account > ?",
            found[-1] if found else "",
        )  # fmt: skip
        if row is None or row["account"] is None:
            return found
        found.append(row["account"])


async def _late(tx: Transaction, *, before: int) -> list[int]:
    """Urgent letters in lanes whose platform has failed; throttling is no failure and counts no attempt.

    From the failures on, which have an index: every minute the writer asks this, however much waits.
    """
    rows = await tx.fetch(
        "SELECT o.id FROM (SELECT lane, MIN(id) AS head FROM outbox WHERE state = 'waiting' AND attempts > 0"
        " GROUP BY lane) e JOIN outbox o ON o.lane = e.lane AND o.id >= e.head AND o.state = 'waiting'"
        " WHERE o.urgent = 1 AND o.kind = 'send' AND o.owner = '' AND o.recipient_kind = 'person' AND o.flying = 0"
        " AND o.maybe = 0 AND o.created_ms <= ? AND o.not_before_ms <= ?"
        f" ORDER BY o.{_BY_ID} LIMIT ?",
        before, before, _AT_ONCE,
    )  # fmt: skip
    return [row["id"] for row in rows]
