"""What people see lies in tables beside the journal: is it what the journal says? Rebuilt in memory and compared.

Personal values against their hashes, items against their decisions, leave ledgers against their entries, attachments
against what was handed in. Nothing is mended here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from bot.pages.attachments import Cabinet
from bot.proofs.checking import Finding
from handlers.approval import facts as approval_facts
from handlers.approval import rebuilding, store
from handlers.audit import log, own_facts, salted
from handlers.audit.log import Recorded
from handlers.leave import facts as leave_facts
from handlers.leave import store as ledgers
from handlers.leave.book import entries
from handlers.transaction import Database, Row, Transaction

_PAGE: Final = 500
_HIDDEN: Final = '%{"sha256":%'


async def findings(database: Database, cabinet: Cabinet) -> tuple[dict[str, int], list[Finding]]:
    """How many of each were compared (personal, erased, items, entries, files), and what does not agree."""
    counts: Counter[str] = Counter()
    found: list[Finding] = []
    for check in (_personal, _items, _entries, partial(_files, cabinet=cabinet)):
        async for key, one in check(database):
            counts[key] += 1
            if one is not None:
                found.append(one)
    return dict(counts), found


_Checked = AsyncIterator[tuple[str, Finding | None]]


async def _personal(database: Database) -> _Checked:
    """Every salted hash has its value, or a fact that says that it was erased."""
    erased = await database.read(_erased)
    after = 0
    while rows := await database.read(partial(_with_hidden, after=after)):
        after = rows[-1]["id"]
        values = await database.read(partial(_values, first=rows[0]["id"], last=after))
        for row in rows:
            for name, hash in _hidden(json.loads(row["body"])).items():
                known = values.pop((row["id"], name), None)
                about = {"journal": row["id"], "field": name, "kind": row["kind"], "subject": row["subject"]}
                if known is None:
                    gone = (row["id"], name) not in erased
                    yield ("personal" if gone else "erased"), Finding(code="value_gone", about=about) if gone else None
                else:
                    same = salted.digest(*known) == hash
                    yield "personal", None if same else Finding(code="value_changed", about=about)


async def _items(database: Database) -> _Checked:
    """State, route and history of every item that was submitted."""
    rows = await database.read(lambda tx: tx.fetch("SELECT id FROM item WHERE number > 0 ORDER BY number"))
    told = await database.read(
        lambda tx: tx.fetch("SELECT DISTINCT subject FROM journal WHERE kind = ?", approval_facts.ItemOpened.KIND)
    )
    for gone in sorted({row["subject"] for row in told} - {row["id"] for row in rows}):
        yield "items", Finding(code="item_gone", about={"item": gone})
    for row in rows:
        yield "items", await database.read(partial(_item, item=row["id"]))


async def _item(tx: Transaction, item: str) -> Finding | None:
    shown, recorded = await store.load(tx, item), await log.read(tx, item)
    if shown is None or any(one.erased for one in recorded):
        return None  # what was erased cannot be rebuilt, and is compared by its hashes
    told = rebuilding.rebuilt(recorded)
    if told == shown.request and _content(recorded) in (None, dict(shown.fields)):
        return None
    return Finding(code="item_differs", about={"number": shown.number, "item": item})


def _content(recorded: Sequence[Recorded]) -> dict[str, Any] | None:
    """The fields as the only fact about them has them; None where later acts changed them."""
    kinds = {approval_facts.ItemOpened.KIND, approval_facts.ItemReopened.KIND, approval_facts.ItemAmended.KIND}
    changed = {approval_facts.FieldsAmended.KIND}
    if any(one.kind in changed or one.data.get("verb") == "confirm" for one in recorded):
        return None
    contents = [one.data["content"] for one in recorded if one.kind in kinds]
    return dict(contents[-1]) if contents else None


async def _entries(database: Database) -> _Checked:
    """Every entry of every ledger."""
    people = await database.read(
        lambda tx: tx.fetch(
            "SELECT person FROM leave_entry UNION SELECT subject FROM journal WHERE kind = ?",
            leave_facts.LeaveMoved.KIND,
        )
    )
    for row in people:
        for one in await database.read(partial(_ledger, person=row["person"])):
            yield "entries", one


async def _ledger(tx: Transaction, person: str) -> list[Finding | None]:
    there = {one.number: entries.to_row(one) for one in await ledgers.load(tx, person)}
    told = [one for one in await log.read(tx, person) if one.kind == leave_facts.LeaveMoved.KIND]
    rows = {one.data["number"]: None if one.erased else dict(one.data["row"]) for one in told}
    found: list[Finding | None] = []
    for number in sorted(there.keys() | rows.keys()):
        own, its = there.get(number), rows.get(number, {})
        same = own is not None and (its is None or _plain(own) == _plain(its))
        found.append(None if same else Finding(code="entry_differs", about={"person": person, "number": number}))
    return found


async def _files(database: Database, cabinet: Cabinet) -> _Checked:
    """What was handed in is there, unaltered, and with the item that it was handed in for."""
    rows = await database.read(
        lambda tx: tx.fetch(
            "SELECT * FROM journal WHERE kind = ? ORDER BY id", approval_facts.FilesAttached.KIND
        )
    )
    for row in rows:
        used = await database.read(partial(_used, item=row["subject"]))
        for hash in json.loads(row["body"])["sha256"]:
            about = {"journal": row["id"], "sha256": hash, "subject": row["subject"]}
            code = "" if hash in used else "file_swapped"
            yield "files", Finding(code=code, about=about) if code else await _content_of(cabinet, hash, about)


async def _content_of(cabinet: Cabinet, hash: str, about: dict[str, Any]) -> Finding | None:
    try:
        sound = await cabinet.sound(hash)
    except FileNotFoundError:
        return Finding(code="file_gone", about=about)
    return None if sound else Finding(code="file_changed", about=about)


async def _used(tx: Transaction, item: str) -> frozenset[str]:
    rows = await tx.fetch("SELECT hash FROM attachment_use WHERE item = ?", item)
    return frozenset(row["hash"] for row in rows)


async def _with_hidden(tx: Transaction, after: int) -> list[Row]:
    sql = "SELECT id, kind, subject, body FROM journal WHERE id > ? AND body LIKE ? ORDER BY id LIMIT ?"
    return list(await tx.fetch(sql, after, _HIDDEN, _PAGE))


async def _values(tx: Transaction, first: int, last: int) -> dict[tuple[int, str], tuple[str, str]]:
    rows = await tx.fetch("SELECT * FROM journal_personal WHERE journal >= ? AND journal <= ?", first, last)
    return {(row["journal"], row["field"]): (row["salt"], row["value"]) for row in rows}


async def _erased(tx: Transaction) -> frozenset[tuple[int, str]]:
    rows = await tx.fetch("SELECT body FROM journal WHERE kind = ?", own_facts.PersonalErased.KIND)
    return frozenset(pair for row in rows for pair in _pairs(json.loads(row["body"])))


def _pairs(body: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    return ((number, name) for number in body["journals"] for name in body["fields"])


def _hidden(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value["sha256"]
        for name, value in body.items()
        if isinstance(value, dict) and value.keys() == {"sha256"} and isinstance(value["sha256"], str)
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(row, default=str))
    return found
