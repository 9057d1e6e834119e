"""What the bot asked a person last and waits for: one question at a time, the newest counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.transaction import Transaction, from_ms, to_ms


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


async def take(tx: Transaction, person: str, *, now: datetime) -> Prompt | None:
    """The open question, which is thereby answered; `ask` again if the answer was no good."""
    row = await tx.first("DELETE FROM prompt WHERE person = ? RETURNING kind, data, until_ms", person)
    if row is None or row["until_ms"] <= to_ms(now):
        return None
    return Prompt(person, row["kind"], json.loads(row["data"]))


async def take_of(tx: Transaction, person: str, area: str, *, now: datetime) -> Prompt | None:
    """As `take`, but only a question whose kind begins with `area`; another area's stays."""
    row = await tx.first("SELECT kind FROM prompt WHERE person = ?", person)
    return await take(tx, person, now=now) if row is not None and row["kind"].startswith(area) else None


async def open_for(tx: Transaction, person: str, *, now: datetime) -> Prompt | None:
    """The open question, which stays open."""
    row = await tx.first("SELECT kind, data, until_ms FROM prompt WHERE person = ?", person)
    if row is None or row["until_ms"] <= to_ms(now):
        return None
    return Prompt(person, row["kind"], json.loads(row["data"]))


async def peek(tx: Transaction, person: str, *, now: datetime) -> Prompt | None:
    """The open question, which stays open."""
    row = await tx.first("SELECT kind, data, until_ms FROM prompt WHERE person = ?", person)
    if row is None or row["until_ms"] <= to_ms(now):
        return None
    return Prompt(person, row["kind"], json.loads(row["data"]))


async def asked_at(tx: Transaction, person: str, *, now: datetime) -> datetime | None:
    """When the open question was asked, which stays open; None when there is none."""
    row = await tx.first("SELECT asked_ms, until_ms FROM prompt WHERE person = ?", person)
    return None if row is None or row["until_ms"] <= to_ms(now) else from_ms(row["asked_ms"])


async def waits(tx: Transaction, person: str, *, now: datetime) -> bool:
    """Whether a question is open, which stays so: for whoever must not take an answer for words of its own."""
    row = await tx.first("SELECT until_ms FROM prompt WHERE person = ?", person)
    return row is not None and row["until_ms"] > to_ms(now)


async def drop_about(tx: Transaction, person: str, item: str) -> None:
    """A question about this item needs no answer any more: it has left its applicant's hands."""
    row = await tx.first("SELECT data FROM prompt WHERE person = ?", person)
    if row is not None and json.loads(row["data"]).get("item") == item:
        await drop(tx, person)


async def drop(tx: Transaction, person: str) -> None:
    await tx.execute("DELETE FROM prompt WHERE person = ?", person)
