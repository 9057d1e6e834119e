"""A whole database out of the journal: the journal and its seals as they are, every derived table built from it.

Queues are empty in it and whoever goes on with it starts them anew; secrets that are in no journal are gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.database import schema
from bot.proofs.rebuild import building
from bot.proofs.rebuild.building import Built
from bot.proofs.rebuild.tables import JOURNAL, TABLES
from handlers.audit.projecting import Table
from handlers.transaction import Database, Row, Transaction

_PAGE: Final = 2000
_COPIED: Final = {**dict.fromkeys(JOURNAL, "id"), "seal_order": "idx", "form_version": "hash"}
"""Tables that are taken over row by row, with the column that orders them."""

_COUNTERS: Final = {"item": "SELECT MAX(number) FROM item", "booking": "SELECT MAX(booking) FROM reservation"}


async def rebuild(database: Database, path: Path) -> dict[str, int]:
    """Writes `path`, which must not exist yet; the rows of each table. Nobody else is waited for: this is a command's.

    Raises FileExistsError, OSError, sqlite3.Error, and leaves nothing behind then.
    """
    path = _begun(path)
    scratch = path.with_name(f"{path.name}.building")
    try:
        await schema.migrate(f"sqlite://{path}")
        built = await building.build(database, scratch)
        try:
            counts = await _filled(database, built, path)
        finally:
            built.close()
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
        return counts
    except BaseException:
        _away(path)
        raise
    finally:
        _away(scratch)


def _begun(path: Path) -> Path:
    path.touch(exist_ok=False)
    return path.resolve()


def _away(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"):
        path.with_name(name).unlink(missing_ok=True)


async def _filled(database: Database, built: Built, path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")
        target.execute("BEGIN")
        counts = {name: await _copied(database, target, name, order) for name, order in _COPIED.items()}
        for table in TABLES:
            counts[table.name] = _written(built, target, table)
        for name, sql in _COUNTERS.items():
            (value,) = target.execute(sql).fetchone()
            if value:
                target.execute("INSERT INTO counter (name, value) VALUES (?, ?)", (name, value))
        target.execute("COMMIT")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return counts


async def _copied(database: Database, target: sqlite3.Connection, name: str, order: str) -> int:
    count, last = 0, None
    while rows := await database.read(partial(_page, name=name, order=order, after=last)):
        columns = list(rows[0])
        marks = ", ".join("?" * len(columns))
        target.executemany(
            f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})",
            ([row[column] for column in columns] for row in rows),
        )
        count, last = count + len(rows), rows[-1][order]
    return count


async def _page(tx: Transaction, *, name: str, order: str, after: Any) -> Sequence[Row]:
    where, values = ("", ()) if after is None else (f"WHERE {order} > ?", (after,))
    return await tx.fetch(f"SELECT * FROM {name} {where} ORDER BY {order} LIMIT {_PAGE}", *values)


def _written(built: Built, target: sqlite3.Connection, table: Table) -> int:
    """A column that the journal does not tell, or that was erased, is empty; an address that opens something is new."""
    wanted = [one for one in _columns(target, table.name) if one["name"] in building.columns_of(table)]
    wanted = [one for one in wanted if not (one["pk"] and one["name"] in table.beside)]
    names = ", ".join(f'"{one["name"]}"' for one in wanted)
    rows = built.database.execute(f'SELECT {names} FROM "{table.name}" ORDER BY rowid').fetchall()
    marks = ", ".join(_mark(one) for one in wanted)
    target.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows)
    return len(rows)


def _mark(column: Mapping[str, Any]) -> str:
    if column["name"] == "token_hash":
        return "COALESCE(?, lower(hex(randomblob(32))))"
    if not column["notnull"]:
        return "?"
    return "COALESCE(?, '')" if "CHAR" in column["type"] or "TEXT" in column["type"] else "COALESCE(?, 0)"


def _columns(target: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    rows = target.execute(f"PRAGMA table_info('{table}')").fetchall()
    return [{"name": row[1], "type": row[2].upper(), "notnull": row[3], "pk": row[5]} for row in rows]
