"""The six digits by which somebody shows that an account of another platform is theirs as well.

A code is one person's, for one platform, for ten minutes, once; a new one closes the older. What is kept is a keyed
digest. Six digits could be guessed, so wrong ones count twice: five close an account's mouth for an hour, ten close
every code that is open for its platform.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from connectors.refs import PersonRef
from handlers.transaction import Transaction, to_ms

LIFE = timedelta(minutes=10)
_LOCKED = timedelta(hours=1)
_GUESSES = 5
_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """`asked` is the account where it was shown; `target` the platform where it may be typed."""

    person: str
    target: str
    asked: PersonRef


async def issue(tx: Transaction, code: Code, *, key: bytes, now: datetime) -> str:
    """Six digits that no open code has; what this person asked for earlier is closed."""
    await tx.execute("UPDATE link_code SET state = 'closed' WHERE person = ? AND state = 'open'", code.person)
    while True:
        digits = f"{secrets.randbelow(1_000_000):06d}"
        if await _open(tx, _digest(digits, key), now) is None:
            break
    await tx.execute(
        "INSERT INTO link_code (person, code, target, account, platform_id, state, tries, until_ms)"
        " VALUES (?, ?, ?, ?, ?, 'open', 0, ?)",
        code.person, _digest(digits, key), code.target, code.asked.account, code.asked.id, to_ms(now + LIFE),
    )  # fmt: skip
    return digits


async def look(tx: Transaction, digits: str, *, key: bytes, now: datetime) -> Code | None:
    """The open code with these digits, which stays open."""
    return await _open(tx, _digest(digits, key), now)


async def use(tx: Transaction, digits: str, *, key: bytes, now: datetime) -> bool:
    """Once: False for whoever comes second."""
    touched = await tx.execute(
        "UPDATE link_code SET state = 'used' WHERE code = ? AND state = 'open' AND until_ms > ?",
        _digest(digits, key), to_ms(now),
    )  # fmt: skip
    return touched == 1


async def close(tx: Transaction, digits: str, *, key: bytes) -> None:
    """It was typed by the wrong one: whoever asked has to ask again."""
    await tx.execute("UPDATE link_code SET state = 'closed' WHERE code = ?", _digest(digits, key))


async def locked(tx: Transaction, ref: PersonRef, *, now: datetime) -> bool:
    row = await tx.first(
        "SELECT number FROM link_guess WHERE account = ? AND platform_id = ? AND since_ms > ?",
        ref.account, ref.id, to_ms(now - _LOCKED),
    )  # fmt: skip
    return row is not None and row["number"] >= _GUESSES


async def wrong(tx: Transaction, ref: PersonRef, *, platform: str, now: datetime) -> None:
    """Counts wrong digits from this account, and against every code that is open for its platform."""
    since = to_ms(now - _LOCKED)
    await tx.execute(
        "INSERT INTO link_guess (account, platform_id, number, since_ms) VALUES (?, ?, 1, ?)"
        " ON CONFLICT (account, platform_id) DO UPDATE SET"
        " number = CASE WHEN link_guess.since_ms > ? THEN link_guess.number + 1 ELSE 1 END,"
        " since_ms = CASE WHEN link_guess.since_ms > ? THEN link_guess.since_ms ELSE excluded.since_ms END",
        ref.account, ref.id, to_ms(now), since, since,
    )  # fmt: skip
    await tx.execute(
        "UPDATE link_code SET tries = tries + 1, state = CASE WHEN tries + 1 >= ? THEN 'closed' ELSE state END"
        " WHERE state = 'open' AND target IN (?, ?)",
        _TRIES, platform, ref.account,
    )  # fmt: skip


async def prune(tx: Transaction, *, before: datetime) -> None:
    """Codes and guesses of long ago say nothing any more; the journal has what mattered."""
    await tx.execute("DELETE FROM link_code WHERE until_ms < ?", to_ms(before))
    await tx.execute("DELETE FROM link_guess WHERE since_ms < ?", to_ms(before))


async def _open(tx: Transaction, digest: str, now: datetime) -> Code | None:
    row = await tx.first(
        "SELECT person, target, account, platform_id FROM link_code"
        " WHERE code = ? AND state = 'open' AND until_ms > ? ORDER BY id DESC LIMIT 1",
        digest, to_ms(now),
    )  # fmt: skip
    if row is None:
        return None
    return Code(person=row["person"], target=row["target"], asked=PersonRef(row["account"], row["platform_id"]))


def _digest(digits: str, key: bytes) -> str:
    return hmac.new(key, f"officebot link code/{digits}".encode(), sha256).hexdigest()
