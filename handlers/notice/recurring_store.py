"""Reminders that people set up in the chat, as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from handlers.days.phrases import recurring
from handlers.notice.rules import Repeated
from handlers.transaction import Row, Transaction, to_ms


async def add(tx: Transaction, *, owner: str, said: str, text: str, group: str, first: date, now: datetime) -> int:
    """`said` is the rule as it was written, read again each time; to the owner where `group` is empty."""
    row = await tx.first(
        "INSERT INTO notice_repeated (owner, said, text, chat, first_day, live, at_ms) VALUES (?, ?, ?, ?, ?, 1, ?)"
        " RETURNING id",
        owner, said, text, group, first.isoformat(), to_ms(now),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def live(tx: Transaction) -> list[Repeated]:
    rows = await tx.fetch("SELECT * FROM notice_repeated WHERE live = 1 ORDER BY id")
    return [one for row in rows if (one := _repeated(row)) is not None]


async def of_owner(tx: Transaction, owner: str) -> list[tuple[int, Repeated]]:
    """(number, reminder) of those that are on."""
    rows = await tx.fetch("SELECT * FROM notice_repeated WHERE owner = ? AND live = 1 ORDER BY id", owner)
    return [(row["id"], one) for row in rows if (one := _repeated(row)) is not None]


async def stop(tx: Transaction, number: int, owner: str) -> bool:
    """False when this person has no such reminder."""
    touched = await tx.execute(
        "UPDATE notice_repeated SET live = 0 WHERE id = ? AND owner = ? AND live = 1", number, owner
    )
    return touched == 1


def _repeated(row: Row) -> Repeated | None:
    first = date.fromisoformat(row["first_day"])
    found = recurring.read(row["said"], today=first)
    if found is None:
        return None
    return Repeated(
        key=f"r{row['id']}", said=row["said"], rule=replace(found.rule, first=found.rule.first or first),
        text=row["text"], group=row["chat"], person="" if row["chat"] else row["owner"],
    )  # fmt: skip
