"""The lists of “全部同意” as rows: what a card offered, in which version, and what its tap agreed to."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.transaction import Row, Transaction, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`lines` are (item, version) in the card's order; `done` the items agreed to, once `is_decided`."""

    id: str
    person: str
    lines: tuple[tuple[str, int], ...]
    done: tuple[str, ...] = ()
    is_decided: bool = False


async def add(tx: Transaction, person: str, lines: Sequence[tuple[str, int]], *, now: datetime) -> Batch:
    batch = Batch(id=f"b{secrets.token_hex(10)}", person=person, lines=tuple(lines))
    await tx.execute(
        "INSERT INTO approval_batch (id, person, lines_json, done_json, asked_ms, decided_ms)"
        " VALUES (?, ?, ?, '[]', ?, 0)",
        batch.id, person, json.dumps(batch.lines), to_ms(now),
    )  # fmt: skip
    return batch


async def lock(tx: Transaction, batch: str) -> Batch | None:
    """For somebody who is going to carry it out: two taps at once wait for each other."""
    suffix = " FOR UPDATE" if tx.dialect == "postgres" else ""
    row = await tx.first(f"SELECT * FROM approval_batch WHERE id = ?{suffix}", batch)
    return _batch(row) if row else None


async def open_one(tx: Transaction, person: str, *, since: datetime) -> Batch | None:
    """The newest list that was not tapped yet."""
    row = await tx.first(
        "SELECT * FROM approval_batch WHERE person = ? AND asked_ms >= ? ORDER BY asked_ms DESC, id LIMIT 1",
        person, to_ms(since),
    )  # fmt: skip
    found = _batch(row) if row else None
    return None if found is None or found.is_decided else found


async def latest(tx: Transaction, person: str) -> Batch | None:
    """The one that this person tapped last."""
    row = await tx.first(
        "SELECT * FROM approval_batch WHERE person = ? AND decided_ms > 0"
        " ORDER BY decided_ms DESC, asked_ms DESC LIMIT 1",
        person,
    )
    return _batch(row) if row else None


async def decided(tx: Transaction, batch: str, done: Sequence[str], *, now: datetime) -> None:
    await tx.execute(
        "UPDATE approval_batch SET done_json = ?, decided_ms = ? WHERE id = ?",
        json.dumps(list(done)), to_ms(now), batch,
    )  # fmt: skip


def _batch(row: Row) -> Batch:
    return Batch(
        id=row["id"],
        person=row["person"],
        lines=tuple((item, version) for item, version in json.loads(row["lines_json"])),
        done=tuple(json.loads(row["done_json"])),
        is_decided=row["decided_ms"] > 0,
    )
