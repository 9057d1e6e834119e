"""A person's ledger in the table: loaded whole, appended to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import itemgetter

from handlers.audit import log
from handlers.context import Context
from handlers.leave import facts
from handlers.leave.book import entries
from handlers.leave.book.entries import Entry
from handlers.transaction import Transaction

_COLUMNS = (
    "number", "kind", "lot", "valid_from", "valid_to", "parent", "limited", "account_from", "account_to", "minutes",
    "recorded", "effective", "cause", "ref", "actor", "note", "first", "last", "charges",
)  # fmt: skip
COLUMN = {"recorded": "recorded_ms", "first": "first_slot", "last": "last_slot"}
"""Name in `entries.to_row` -> column, where they differ."""
TABLE_COLUMNS = tuple(COLUMN.get(column, column) for column in _COLUMNS)
_TABLE = ", ".join(TABLE_COLUMNS)
_READ = ", ".join(f"{COLUMN[column]} AS {column}" if column in COLUMN else column for column in _COLUMNS)
_AT_ONCE = 400
_INSERT = f"INSERT INTO leave_entry (person, {_TABLE}) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"
_values = itemgetter(*_COLUMNS)


async def load(tx: Transaction, person: str) -> list[Entry]:
    return entries.read_rows(
        await tx.fetch(f"SELECT {_READ} FROM leave_entry WHERE person = ? ORDER BY number", person)
    )


async def lock_request(tx: Transaction, person: str, ref: str) -> list[Entry]:
    """As `lock`, but only what was written for one request, and the last entry of all, which the next one follows.

    The empty text keeps the index of the person away, who may have taken leave for thirty years.
    """
    await _lock(tx, person)
    return entries.read_rows(
        await tx.fetch(
            f"SELECT {_READ} FROM leave_entry WHERE (ref = ? AND person || '' = ?)"
            " OR (person = ? AND number = (SELECT MAX(number) FROM leave_entry WHERE person = ?)) ORDER BY number",
            ref, person, person, person,
        )
    )  # fmt: skip


async def of_requests(tx: Transaction, refs: Sequence[str]) -> list[tuple[str, Entry]]:
    """(person, entry) of everything that was written for these requests, in the order of each ledger."""
    marks = ", ".join("?" * len(refs))
    rows = await tx.fetch(
        f"SELECT person, {_READ} FROM leave_entry WHERE ref IN ({marks}) ORDER BY person, number", *refs
    )
    return [(row["person"], entry) for row, entry in zip(rows, entries.read_rows(rows), strict=True)]


async def of_people(tx: Transaction, people: Sequence[str], *, since: date | None = None) -> dict[str, list[Entry]]:
    """The ledgers of these people, or of them the lots that end on `since` or later; without entries an empty one."""
    found: dict[str, list[Entry]] = {person: [] for person in people}
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = await tx.fetch(
            f"SELECT person, {_READ} FROM leave_entry WHERE person IN ({marks})"
            " AND (valid_to IS NULL OR valid_to >= ?) ORDER BY person, number",
            *some,
            since.isoformat() if since else "",
        )
        for row, entry in zip(rows, entries.read_rows(rows), strict=True):
            found[row["person"]].append(entry)
    return found


async def lock(tx: Transaction, person: str) -> list[Entry]:
    """`load` for somebody who is going to append: two writers of one person's ledger wait for each other."""
    await _lock(tx, person)
    return await load(tx, person)


async def _lock(tx: Transaction, person: str) -> None:
    if tx.dialect == "postgres":
        await tx.first("SELECT id FROM person WHERE id = ? FOR UPDATE", person)


async def append(ctx: Context, person: str, new: Sequence[Entry]) -> None:
    """Writes the entries and a fact for each, in their order."""
    for entry in new:
        row = entries.to_row(entry)
        await ctx.tx.later(_INSERT, person, *_values({**row, "limited": int(entry.lot.limited)}))
        fact = facts.LeaveMoved(
            person=person,
            number=entry.number,
            cause=entry.cause.value,
            minutes=entry.minutes,
            ref=entry.ref,
            row=row,
        )
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=entry.effective)
