"""What somebody has typed on a page and not submitted yet: one draft per person and form, until it is submitted or old.

Not an item: nothing is numbered, nobody is told, and starting something else in the chat leaves it alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.approval.papers import files
from handlers.transaction import Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDraft:
    """`once` belongs to this draft alone: who submits with it finds it gone the second time."""

    once: str
    values: Mapping[str, Any]
    changed: datetime


async def load(tx: Transaction, *, person: str, form: str) -> PageDraft | None:
    row = await tx.first(
        "SELECT once, values_json, changed_ms FROM page_draft WHERE person = ? AND form = ?", person, form
    )
    if row is None:
        return None
    return PageDraft(once=row["once"], values=json.loads(row["values_json"]), changed=from_ms(row["changed_ms"]))


async def begin(tx: Transaction, *, person: str, form: str, values: Mapping[str, Any], now: datetime) -> PageDraft:
    """A new draft, or the one that two tabs opened at once."""
    await tx.execute(
        "INSERT INTO page_draft (person, form, once, values_json, changed_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person, form) DO NOTHING",
        person, form, secrets.token_hex(12), _json(values), to_ms(now),
    )  # fmt: skip
    found = await load(tx, person=person, form=form)
    assert found is not None
    return found


async def save(tx: Transaction, *, person: str, form: str, once: str, values: Mapping[str, Any], now: datetime) -> bool:
    """False when this draft was submitted or thrown away meanwhile: a late save must not bring it back."""
    touched = await tx.execute(
        "UPDATE page_draft SET values_json = ?, changed_ms = ? WHERE person = ? AND form = ? AND once = ?",
        _json(values), to_ms(now), person, form, once,
    )  # fmt: skip
    return touched > 0


async def take(tx: Transaction, *, person: str, form: str, once: str) -> bool:
    """Removes the draft; False when it is gone already."""
    touched = await tx.execute(
        "DELETE FROM page_draft WHERE person = ? AND form = ? AND once = ?", person, form, once
    )
    return touched > 0


async def expire(tx: Transaction, *, before: datetime) -> int:
    """Throws away what nobody has touched since then; how many there were."""
    return await tx.execute("DELETE FROM page_draft WHERE changed_ms < ?", to_ms(before))


async def files_in_use(tx: Transaction) -> frozenset[str]:
    """The files that drafts refer to, by their hashes."""
    rows = await tx.fetch("SELECT values_json FROM page_draft")
    return frozenset(one for row in rows for one in files.ids(json.loads(row["values_json"])))


async def of_person(tx: Transaction, person: str) -> list[tuple[str, datetime]]:
    """(form, last change) of what somebody has begun, the latest first."""
    rows = await tx.fetch(
        "SELECT form, changed_ms FROM page_draft WHERE person = ? ORDER BY changed_ms DESC", person
    )
    return [(row["form"], from_ms(row["changed_ms"])) for row in rows]


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
