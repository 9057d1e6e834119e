"""The journal read in long stretches: by kind, or everything about several subjects at once."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.audit import by_kind, log
from handlers.audit.log import Recorded
from handlers.transaction import Row, Transaction


async def page(tx: Transaction, *, kinds: Sequence[str], after: int, limit: int) -> Sequence[Recorded]:
    """The next facts of these kinds by number."""
    rows = await tx.fetch(
        f"SELECT * FROM journal WHERE id > ? AND {by_kind.among(kinds)} ORDER BY id LIMIT ?", after, *kinds, limit
    )
    return log.joined(rows, await _personal(tx, rows))


async def about(tx: Transaction, *, subjects: Sequence[str]) -> dict[str, list[Recorded]]:
    """Everything about each of these, in order."""
    marks = ", ".join("?" * len(subjects))
    rows = await tx.fetch(f"SELECT * FROM journal WHERE subject IN ({marks}) ORDER BY id", *subjects)
    found: dict[str, list[Recorded]] = {subject: [] for subject in subjects}
    for one in log.joined(rows, await _personal(tx, rows)):
        found[one.subject].append(one)
    return found


async def _personal(tx: Transaction, rows: Sequence[Row]) -> list[Row]:
    found: list[Row] = []
    for at in range(0, len(rows), 200):
        numbers = [row["id"] for row in rows[at : at + 200]]
        marks = ", ".join("?" * len(numbers))
        sql = f"SELECT journal, field, value FROM journal_personal WHERE journal IN ({marks})"
        found += await tx.fetch(sql, *numbers)
    return found
