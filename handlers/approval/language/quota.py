"""How much of a form somebody has used already: what `used. ...` stands for in its conditions.

Counted are the form's other items that are under way or approved, by the day of their first submission: a request that
still waits for its car has used its share, one that was turned away or taken back has not. The submission counts inside
its own transaction, with the form `held`, so that of two at once the second sees the first. What was counted stands in
the fact of the submission; a replay takes it from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from handlers.approval import facts
from handlers.approval.language import expressions
from handlers.approval.language.form_model import Form
from handlers.audit import log
from handlers.mailroom import counters
from handlers.people.directory import Person
from handlers.transaction import Row, Transaction, to_ms

_SUBMISSIONS = frozenset({facts.ItemOpened.KIND, facts.ItemReopened.KIND})


async def held(tx: Transaction, form: Form) -> None:
    """Nobody else submits this form until our commit: on PostgreSQL the row makes them wait, SQLite has one writer."""
    if expressions.used_names(form) or any(one.once for one in form.fields.values()):
        await counters.take(tx, f"used/{form.code}")


async def used(
    tx: Transaction, form: Form, person: Person, *, at: datetime, zone: tzinfo, item: str = "", past: bool = False
) -> dict[str, Any]:
    """The amounts that the form names, without those that are 0: whole numbers and fen, decimals as text.

    `item` is the one that asks and does not count itself; `past` counts what had been submitted before `at`.
    """
    found: dict[str, Any] = {}
    today = at.astimezone(zone).date()
    for name in expressions.used_names(form):
        asked = _Asked.of(name, today, zone, before=at if past else None)
        amount = _amount(form, name, await _rows(tx, form, person, asked, item))
        if amount:
            found[name] = str(amount) if isinstance(amount, Decimal) else amount
    return found


async def recorded(tx: Transaction, item: str) -> Mapping[str, Any]:
    """What the last submission of this item saw."""
    seen: list[Mapping[str, Any]] = [
        row.data.get("used", {}) for row in await log.read(tx, item) if row.kind in _SUBMISSIONS
    ]
    return seen[-1] if seen else {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose items since when, and up to when (None: all)."""

    department: bool
    since: datetime
    before: datetime | None

    @classmethod
    def of(cls, name: str, today: date, zone: tzinfo, *, before: datetime | None) -> _Asked:
        parts = name.split(".")
        first = today.replace(day=1) if "month" in parts[1:3] else today.replace(month=1, day=1)
        return cls(parts[1] == "department", datetime.combine(first, time(), tzinfo=zone), before)


async def _rows(tx: Transaction, form: Form, person: Person, asked: _Asked, item: str) -> Sequence[Row]:
    whose, who = ("p.department = ?", person.department) if asked.department else ("i.applicant = ?", person.id)
    if not who:
        return []
    until = "" if asked.before is None else " AND d.at_ms < ?"
    return await tx.fetch(
        "SELECT i.fields_json AS fields FROM item i JOIN person p ON p.id = i.applicant"
        " JOIN decision d ON d.item = i.id AND d.act = 'submit'"
        f" WHERE i.form = ? AND {whose} AND i.state IN ('pending', 'approved') AND i.id <> ?"
        f" AND d.at_ms >= ?{until}",
        form.code, who, item, to_ms(asked.since), *([to_ms(asked.before)] if asked.before else []),
    )  # fmt: skip


def _amount(form: Form, name: str, rows: Sequence[Row]) -> int | Decimal:
    what = name.rpartition(".")[2]
    if ".sum." not in name:
        return len(rows)
    values = [json.loads(row["fields"]).get(what) for row in rows]
    if form.fields[what].decimals:
        return sum((Decimal(one) for one in values if isinstance(one, str)), Decimal(0))
    return sum(one for one in values if isinstance(one, int))
