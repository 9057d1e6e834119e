"""Are the tables what the journal says? Row by row, column by column; nothing is mended here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from bot.proofs.checking import Finding
from bot.proofs.rebuild import building
from bot.proofs.rebuild.building import Built
from bot.proofs.rebuild.tables import TABLES
from handlers.approval.language import form_model
from handlers.audit.projecting import Table
from handlers.transaction import Database, Row, Transaction

_PAGE: Final = 500
_GONE: Final = (
    "SELECT DISTINCT form_version AS hash FROM item WHERE number > 0 AND form_version <> ''"
    " AND NOT EXISTS (SELECT 1 FROM form_version kept WHERE kept.hash = item.form_version) ORDER BY 1"
)


async def findings(database: Database, built: Built) -> AsyncIterator[tuple[str, Finding | None]]:
    """(table, what is wrong with the row or None) for every row that the journal tells of, and for the texts of forms.

    Codes: row_differs (with `column`), row_gone (the journal has it, the table has not), row_extra (the other way).
    """
    for table in TABLES:
        async for one in _table(database, built, table):
            yield table.name, one
    async for one in _forms(database):
        yield "form_version", one


async def _table(database: Database, built: Built, table: Table) -> AsyncIterator[Finding | None]:
    seen: set[int] = set()
    async for row in _rows(database, table):
        told = built.row(table, [row[name] for name in table.key])
        if told is None:
            if not table.more and not _went_unsaid(built, table, row):
                yield _finding("row_extra", table, row)
            continue
        seen.add(told["rowid"])
        erased = frozenset(told["erased_columns"].split())
        for one in _compared(table, row, told, erased):
            yield one
    for told in _all(built, table):
        if told["rowid"] not in seen and not set(told["erased_columns"].split()) & set(table.key):
            yield _finding("row_gone", table, told)


def _went_unsaid(built: Built, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether the decisions of this item cannot be gone through again, because their details were erased."""
    if table.placed != "item":
        return False
    item = built.row(building.table("item"), [row["item"]])
    return item is not None and "current" in item["erased_columns"].split()


def _compared(
    table: Table, row: Mapping[str, Any], told: Mapping[str, Any], erased: frozenset[str]
) -> Iterator[Finding | None]:
    wrong = [name for name in table.columns if name not in erased and not _same(table, name, row[name], told[name])]
    yield _finding("row_differs", table, row, column=wrong[0], columns=wrong) if wrong else None


def _same(table: Table, column: str, there: Any, told: Any) -> bool:
    if there == told:
        return True
    if column not in table.json or not isinstance(there, str) or not isinstance(told, str):
        return False
    try:
        return bool(json.loads(there or "{}") == json.loads(told or "{}"))
    except ValueError:
        return False


async def _rows(database: Database, table: Table) -> AsyncIterator[dict[str, Any]]:
    """All rows that the journal tells of, in the order of the table's own key."""
    own = next(name for name in ("id", "hash", "form") if name in _own_keys(table))
    where, places, last = f"({table.rows}) AND" if table.rows else "", Counter[Any](), None
    while True:
        after = f"{own} > ?" if last is not None else f"{own} = {own}"
        sql = f"SELECT * FROM {table.name} WHERE {where} {after} ORDER BY {own} LIMIT {_PAGE}"
        page = await database.read(partial(_fetched, sql=sql, values=() if last is None else (last,)))
        for row in page:
            yield _placed(table, row, places)
        if len(page) < _PAGE:
            return
        last = page[-1][own]


def _placed(table: Table, row: Row, places: Counter[Any]) -> dict[str, Any]:
    found = dict(row)
    if table.placed:
        places[row[table.placed]] += 1
        found["place"] = places[row[table.placed]]
    return found


async def _forms(database: Database) -> AsyncIterator[Finding | None]:
    """The key of a form's text is the hash of what it says; none is gone by which somebody asked for something."""
    for row in await database.read(partial(_fetched, sql=_GONE, values=())):
        yield Finding(code="row_gone", about={"table": "form_version", "key": row["hash"]})
    rows = await database.read(partial(_fetched, sql="SELECT hash, text FROM form_version ORDER BY hash", values=()))
    for row in rows:
        about = {"table": "form_version", "key": row["hash"], "column": "text"}
        yield None if _is_form(row) else Finding(code="row_differs", about=about)


def _is_form(row: Row) -> bool:
    try:
        return str(row["hash"]) == form_model.version(form_model.from_text(row["text"]))
    except ValueError:
        return False


async def _fetched(tx: Transaction, sql: str, values: Sequence[Any]) -> Sequence[Row]:
    return await tx.fetch(sql, *values)


def _all(built: Built, table: Table) -> Iterator[dict[str, Any]]:
    cursor = built.database.execute(f'SELECT rowid, * FROM "{table.name}" ORDER BY rowid')
    names = [one[0] for one in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _own_keys(table: Table) -> frozenset[str]:
    return frozenset((*table.key, *table.columns, *table.beside))


def _finding(code: str, table: Table, row: Mapping[str, Any], **more: Any) -> Finding:
    key = " ".join(str(row[name]) for name in table.key)
    number = {"number": row["number"]} if table.name == "item" else {}
    return Finding(code=code, about={"table": table.name, "key": key, **number, **more})
