"""A person's ledger in the table: loaded whole, appended to, never changed."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.audit import log
from handlers.context import Context
from handlers.leave import entries, facts
from handlers.leave.entries import Entry
from handlers.transaction import Row, Transaction

_COLUMNS = (
    "number", "kind", "lot", "valid_from", "valid_to", "parent", "limited", "account_from", "account_to", "minutes",
    "recorded", "effective", "cause", "ref", "actor", "note", "first", "last", "charges",
)  # fmt: skip
_NAMES = {"recorded": "recorded_ms", "first": "first_slot", "last": "last_slot"}
_TABLE = ", ".join(_NAMES.get(column, column) for column in _COLUMNS)
_INSERT = f"INSERT INTO leave_entry (person, {_TABLE}) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"


async def load(tx: Transaction, person: str) -> list[Entry]:
    rows = await tx.fetch(f"SELECT {_TABLE} FROM leave_entry WHERE person = ? ORDER BY number", person)
    return entries.from_rows(_plain(row) for row in rows)


async def lock(tx: Transaction, person: str) -> list[Entry]:
    """`load` for somebody who is going to append: two writers of one person's ledger wait for each other."""
    if tx.dialect == "postgres":
        await tx.first("SELECT id FROM person WHERE id = ? FOR UPDATE", person)
    return await load(tx, person)


async def append(ctx: Context, person: str, new: Sequence[Entry]) -> None:
    """Writes the entries and a fact for each, in their order."""
    for entry in new:
        row = entries.to_row(entry)
        await ctx.tx.execute(_INSERT, person, *(_value(row[column]) for column in _COLUMNS))
        fact = facts.LeaveMoved(
            person=person,
            number=entry.number,
            cause=entry.cause.value,
            minutes=entry.minutes,
            ref=entry.ref,
            row=row,
        )
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=entry.effective)


def _plain(row: Row) -> dict[str, object]:
    return {column: row[_NAMES.get(column, column)] for column in _COLUMNS}


def _value(value: int | str | bool | None) -> int | str | None:
    return int(value) if isinstance(value, bool) else value
