"""What people see lies in tables beside the journal: is it what the journal says? Built anew aside and compared.

Personal values against their hashes, every derived table against the facts (`bot.proofs.rebuild`), attachments against
what was handed in. Nothing is mended here.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from bot.pages.attachments import Cabinet
from bot.proofs.checking import Finding
from bot.proofs.rebuild import building, comparing
from handlers.approval import facts as approval_facts
from handlers.audit import by_kind, own_facts, salted
from handlers.transaction import Database, Row, Transaction

log = structlog.get_logger(__name__)

_PAGE: Final = 500
_ROUNDS: Final = 3
_HIDDEN: Final = '%{"sha256":%'
_UNREADABLE: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, sqlite3.Error)


async def findings(database: Database, cabinet: Cabinet) -> tuple[dict[str, int], list[Finding]]:
    """How many of each were compared (personal, erased, files; rows of each table by its name), what does not agree."""
    counts: Counter[str] = Counter()
    found: list[Finding] = []
    for what, check in (("personal", _personal), ("tables", _rows), ("files", partial(_files, cabinet=cabinet))):
        try:
            async for key, one in check(database):
                counts[key] += 1
                if one is not None:
                    found.append(one)
        except _UNREADABLE as error:  # what somebody wrote into the journal must not hide the rest
            log.error("projections.unreadable", what=what, error=type(error).__name__)
            found.append(Finding(code="not_compared", about={"what": what}))
    return dict(counts), found


_Checked = AsyncIterator[tuple[str, Finding | None]]


async def _personal(database: Database) -> _Checked:
    """Every salted hash has its value, or a fact that says that it was erased; no value is without its hash."""
    erased = await database.read(_erased)
    after, end = 0, await database.read(_newest)
    while rows := await database.read(partial(_with_hidden, after=after, end=end)):
        before, after = after, rows[-1]["id"]
        values = await database.read(partial(_values, first=before + 1, last=after))
        for row in rows:
            for name, hash in _hidden(row["body"]).items():
                known = values.pop((row["id"], name), None)
                about = {"journal": row["id"], "field": name, "kind": row["kind"], "subject": row["subject"]}
                if known is None:
                    gone = (row["id"], name) not in erased
                    yield ("personal" if gone else "erased"), Finding(code="value_gone", about=about) if gone else None
                else:
                    same = salted.digest(*known) == hash
                    yield "personal", None if same else Finding(code="value_changed", about=about)
        for one in _extra(values):
            yield "personal", one
    for one in _extra(await database.read(partial(_values, first=after + 1, last=end))):
        yield "personal", one


def _extra(values: Iterable[tuple[int, str]]) -> Iterator[Finding]:
    return (Finding(code="value_extra", about={"journal": number, "field": name}) for number, name in values)


async def _rows(database: Database) -> _Checked:
    """Every row of every derived table, against what the journal gives when it is gone through from the beginning.

    People go on working meanwhile: what was written between the two looks is no finding. So whatever differs is looked
    at again, as long as the journal has grown, and only what differs every time is told.
    """
    seen, counts, found = await _round(database)
    for _ in range(_ROUNDS):
        if not found or seen == await database.read(_newest):
            break
        seen, _, again = await _round(database)
        found = [one for one in found if one in again]
    for table, number in counts.items():
        for _ in range(number - sum(one[0] == table for one in found)):
            yield table, None
    for table, one in found:
        yield table, one


async def _round(database: Database) -> tuple[int, Counter[str], list[tuple[str, Finding]]]:
    """The newest fact before it began, rows by table, what differs."""
    seen = await database.read(_newest)
    counts: Counter[str] = Counter()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        built = await building.build(database, Path(folder) / "rebuilt.db")
        try:
            async for table, one in comparing.findings(database, built):
                counts[table] += 1
                if one is not None:
                    found.append((table, one))
        finally:
            built.close()
    return seen, counts, found


async def _newest(tx: Transaction) -> int:
    row = await tx.first("SELECT MAX(id) AS id FROM journal")
    return 0 if row is None or row["id"] is None else int(row["id"])


async def _files(database: Database, cabinet: Cabinet) -> _Checked:
    """What was handed in is there, unaltered, and with the item that it was handed in for."""
    filed = approval_facts.FilesAttached.KIND
    rows = await database.read(
        lambda tx: tx.fetch(
            f"SELECT * FROM journal WHERE {by_kind.among([filed])} ORDER BY id", filed
        )
    )
    erased = await database.read(_erased)
    for row in rows:
        if (row["id"], "files") in erased:
            continue
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


async def _with_hidden(tx: Transaction, after: int, end: int) -> list[Row]:
    sql = "SELECT id, kind, subject, body FROM journal WHERE id > ? AND id <= ? AND body LIKE ? ORDER BY id LIMIT ?"
    return list(await tx.fetch(sql, after, end, _HIDDEN, _PAGE))


async def _values(tx: Transaction, first: int, last: int) -> dict[tuple[int, str], tuple[str, str]]:
    rows = await tx.fetch("SELECT * FROM journal_personal WHERE journal >= ? AND journal <= ?", first, last)
    return {(row["journal"], row["field"]): (row["salt"], row["value"]) for row in rows}


async def _erased(tx: Transaction) -> frozenset[tuple[int, str]]:
    kind = own_facts.PersonalErased.KIND
    rows = await tx.fetch(f"SELECT body FROM journal WHERE {by_kind.among([kind])}", kind)
    return frozenset(pair for row in rows for pair in _pairs(json.loads(row["body"])))


def _pairs(body: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    return ((number, name) for number in body["journals"] for name in body["fields"])


def _hidden(text: str) -> dict[str, str]:
    """None of a body that is no record: the journal's own check names it."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {
        name: value["sha256"]
        for name, value in body.items()
        if isinstance(value, dict) and value.keys() == {"sha256"} and isinstance(value["sha256"], str)
    }
