"""What the bot asked a person last and waits for: one question at a time, the newest counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from handlers.transaction import Row, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Prompt:
    person: str
    kind: str
    data: Mapping[str, Any]


async def ask(
    tx: Transaction, person: str, kind: str, data: Mapping[str, Any], *, until: datetime, now: datetime
) -> None:
    """Replaces an earlier question; after `until` it is as if it had not been asked."""
    await tx.execute(
        "INSERT INTO prompt (person, kind, data, asked_ms, until_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person) DO UPDATE SET kind = excluded.kind, data = excluded.data,"
        " asked_ms = excluded.asked_ms, until_ms = excluded.until_ms",
        person, kind, json.dumps(data, ensure_ascii=False), to_ms(now), to_ms(until),
    )  # fmt: skip
    _forget(tx, person)


async def take(tx: Transaction, person: str, *, now: datetime) -> Prompt | None:
    """The open question, which is thereby answered; `ask` again if the answer was no good."""
    if await _row(tx, person) is None:
        return None
    row = await tx.first("DELETE FROM prompt WHERE person = ? RETURNING *", person)
    _forget(tx, person)
    return _prompt(row, now)


async def take_of(tx: Transaction, person: str, area: str, *, now: datetime) -> Prompt | None:
    """As `take`, but only a question whose kind begins with `area`; another area's stays."""
    row = await _row(tx, person)
    return await take(tx, person, now=now) if row is not None and row["kind"].startswith(area) else None


async def peek(tx: Transaction, person: str, *, now: datetime) -> Prompt | None:
    """The open question, which stays open."""
    return _prompt(await _row(tx, person), now)


async def asked_at(tx: Transaction, person: str, *, now: datetime) -> datetime | None:
    """When the open question was asked, which stays open; None when there is none."""
    row = await _row(tx, person)
    return None if row is None or row["until_ms"] <= to_ms(now) else from_ms(row["asked_ms"])


async def waits(tx: Transaction, person: str, *, now: datetime) -> bool:
    """Whether a question is open, which stays so: for whoever must not take an answer for words of its own."""
    row = await _row(tx, person)
    return row is not None and row["until_ms"] > to_ms(now)


async def drop_about(tx: Transaction, person: str, item: str) -> None:
    """A question about this item needs no answer any more: it has left its applicant's hands."""
    row = await _row(tx, person)
    if row is not None and json.loads(row["data"]).get("item") == item:
        await drop(tx, person)


async def drop(tx: Transaction, person: str) -> None:
    await tx.execute("DELETE FROM prompt WHERE person = ?", person)
    _forget(tx, person)


async def _row(tx: Transaction, person: str) -> Row | None:
    """Many ask whether a question is open before one says what the words mean; the table is asked once."""
    key = ("prompt", person)
    if key not in tx.memo:
        tx.memo[key] = await tx.first("SELECT * FROM prompt WHERE person = ?", person)
    return cast("Row | None", tx.memo[key])


def _forget(tx: Transaction, person: str) -> None:
    tx.memo.pop(("prompt", person), None)


def _prompt(row: Row | None, now: datetime) -> Prompt | None:
    if row is None or row["until_ms"] <= to_ms(now):
        return None
    return Prompt(row["person"], row["kind"], json.loads(row["data"]))
