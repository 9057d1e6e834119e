"""Since when the office keeps a person's leave: a year that was over before that is not for it to reckon."""

from __future__ import annotations

from datetime import date

from handlers.audit import by_kind
from handlers.context import Office
from handlers.people.facts import PersonJoined
from handlers.transaction import Row, Transaction, from_ms


async def since(tx: Transaction, office: Office, person: str) -> date | None:
    """The office's day on which somebody was first brought in; None: before the journal began."""
    row = await tx.first(
        "SELECT subject, recorded_ms FROM journal WHERE subject = ? AND kind = ? ORDER BY id LIMIT 1",
        person,
        PersonJoined.KIND,
    )
    return _day(row, office) if row else None


async def all_since(tx: Transaction, office: Office) -> dict[str, date]:
    """The same of everybody, by person."""
    rows = await tx.fetch(
        f"SELECT subject, MIN(recorded_ms) AS recorded_ms FROM journal WHERE {by_kind.among([PersonJoined.KIND])}"
        " GROUP BY subject",
        PersonJoined.KIND,
    )
    return {row["subject"]: _day(row, office) for row in rows}


def _day(row: Row, office: Office) -> date:
    return from_ms(row["recorded_ms"]).astimezone(office.timezone).date()
