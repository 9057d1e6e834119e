"""Both clocks of an item's history: when an act holds, and when the journal was told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.approval import engine, facts
from handlers.transaction import Transaction, from_ms


async def recorded(tx: Transaction, item: str, decisions: Sequence[engine.Decision]) -> list[datetime]:
    """For each of these decisions, all that the item has, when it was written down (UTC).

    What followed by a rule has no fact of its own: it was written down with the act before it.
    """
    rows = await tx.fetch(
        "SELECT recorded_ms FROM journal WHERE subject = ? AND kind = ? ORDER BY id", item, facts.StepDecided.KIND
    )
    times = iter(from_ms(row["recorded_ms"]) for row in rows)
    found: list[datetime] = []
    for decision in decisions:
        last = found[-1] if found else decision.at
        found.append(last if decision.auto else next(times, decision.at))
    return found
