"""Carries out a plan in one transaction: the journal's values and salts, and what the tables show of them.

What cards on phones still show is on the platforms and out of our reach; the notes for administrators say so.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from bot.erasing.plan import SPOKEN, Plan
from handlers.audit import erasing
from handlers.audit.erasing import Warrant
from handlers.audit.facts import Origin
from handlers.people import directory
from handlers.people.plan import FIELDS
from handlers.transaction import Transaction

GONE: Final = "（已删除）"
"""What stands where a text must be."""


async def carry_out(tx: Transaction, plan: Plan, *, warrant: Warrant, origin: Origin, now: datetime) -> int:
    """How many values were erased."""
    numbers = sorted({number for number, _ in plan.values})
    fields: dict[tuple[str, ...], list[int]] = {}
    for number in numbers:
        names = tuple(sorted(name for one, name in plan.values if one == number))
        fields.setdefault(names, []).append(number)
    erased = 0
    for names, some in fields.items():
        erased += await erasing.erase(
            tx, some, names, about=plan.about, warrant=warrant, origin=origin, now=now
        )
    for item in plan.items:
        await _clear_item(tx, item)
    if plan.person:
        await _clear_person(tx, plan.about)
    return erased


async def _clear_item(tx: Transaction, item: str) -> None:
    await tx.execute("UPDATE item SET fields_json = '{}' WHERE id = ?", item)
    # What an approver's list of words learned from here and nowhere else.
    await tx.execute(
        "DELETE FROM opinion WHERE kept = 0 AND used <= 1 AND text IN (SELECT opinion FROM decision WHERE item = ?)",
        item,
    )
    for row in await tx.fetch("SELECT id, detail FROM decision WHERE item = ?", item):
        left = _unspoken(row["detail"])
        await tx.execute("UPDATE decision SET opinion = '', detail = ? WHERE id = ?", left, row["id"])
    await tx.execute(
        "UPDATE notice SET title = ?, body = '', questions = '[]', files = '[]' WHERE id = ?", GONE, item
    )
    await tx.execute("UPDATE notice_receipt SET detail = '{}' WHERE notice = ?", item)
    await tx.execute("UPDATE reservation SET subject = '' WHERE source = ?", item)
    await tx.execute(
        "UPDATE agenda_entry SET title = ?, place = '', note = '', before = '' WHERE source = ?", GONE, item
    )
    await _clear_files(tx, item)


async def _clear_files(tx: Transaction, item: str) -> None:
    """Those that only this item had; the nightly sweep takes their content off the disk."""
    rows = await tx.fetch("SELECT hash FROM attachment_use WHERE item = ?", item)
    await tx.execute("DELETE FROM attachment_use WHERE item = ?", item)
    for row in rows:
        if await tx.first("SELECT 1 AS one FROM attachment_use WHERE hash = ?", row["hash"]) is None:
            await tx.execute("DELETE FROM attachment WHERE hash = ?", row["hash"])


async def _clear_person(tx: Transaction, person: str) -> None:
    columns = ", ".join(f"{name} = ?" for name in (*FIELDS, "sources"))
    await tx.execute(f"UPDATE person SET {columns} WHERE id = ?", GONE, *[""] * len(FIELDS), person)
    for table, column in (("person_account", "person"), ("account_apart", "person"), ("opinion", "person"),
                          ("page_draft", "person"), ("prompt", "person"), ("link_code", "person")):  # fmt: skip
        await tx.execute(f"DELETE FROM {table} WHERE {column} = ?", person)
    await tx.execute(
        "UPDATE agenda_entry SET title = ?, place = '', note = '', before = '' WHERE owner = ?", GONE, person
    )
    await tx.execute("UPDATE notice_receipt SET detail = '{}' WHERE person = ?", person)
    await tx.execute("UPDATE reservation SET subject = '' WHERE person = ?", person)
    await tx.execute("UPDATE wait_place SET subject = '' WHERE person = ?", person)
    await tx.execute("UPDATE notice_repeated SET said = '', text = '', live = 0 WHERE owner = ?", person)
    directory.forget(tx)


def _unspoken(detail: str) -> str:
    values: dict[str, Any] = json.loads(detail or "{}")
    left = {name: value for name, value in values.items() if name not in SPOKEN}
    return json.dumps(left, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
