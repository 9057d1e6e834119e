"""The tables built anew out of the journal, in a SQLite file of their own: small memory, however long the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot.proofs.rebuild.tables import RULES, TABLES
from handlers.approval import rebuilding as items
from handlers.audit import reading
from handlers.audit.projecting import ERASED, Table
from handlers.transaction import Database

_PAGE: Final = 1000
_ITEMS: Final = 50

_BY_NAME: Final = {table.name: table for table in TABLES}


class Built:
    """The tables as the journal has them (`handlers.audit.projecting.Rows`); not the office's: no index but the key, no
    type. What was erased is NULL, and its column named in `erased_columns`."""

    def __init__(self, path: Path | str) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        for table in TABLES:
            columns = ", ".join(f'"{one}"' for one in (*columns_of(table), "erased_columns"))
            key = ", ".join(f'"{one}"' for one in table.key)
            self.database.execute(f'CREATE TABLE "{table.name}" ({columns}, UNIQUE ({key}))')

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        erased = _erased(row)
        names = ", ".join(f'"{name}"' for name in (*row, "erased_columns"))
        marks = ", ".join("?" * (len(row) + 1))
        self.database.execute(
            f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})', [*_plain(row.values()), " ".join(erased)]
        )

    def change(self, table: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        where = " AND ".join(f'"{name}" = ?' for name in key)
        found = self.database.execute(
            f'SELECT rowid, erased_columns FROM "{table}" WHERE {where}', _plain(key.values())
        ).fetchall()
        sets = ", ".join(f'"{name}" = ?' for name in (*values, "erased_columns"))
        for rowid, before in found:
            erased = (set(before.split()) - values.keys()) | set(_erased(values))
            self.database.execute(
                f'UPDATE "{table}" SET {sets} WHERE rowid = ?',
                [*_plain(values.values()), " ".join(sorted(erased)), rowid],
            )

    def drop(self, table: str, key: Mapping[str, Any]) -> None:
        where = " AND ".join(f'"{name}" = ?' for name in key)
        self.database.execute(f'DELETE FROM "{table}" WHERE {where}', _plain(key.values()))

    def row(self, table: Table, key: Sequence[Any]) -> dict[str, Any] | None:
        """The row with this key, its number among the rows as `rowid`."""
        where = " AND ".join(f'"{name}" = ?' for name in table.key)
        cursor = self.database.execute(f'SELECT rowid, * FROM "{table.name}" WHERE {where}', key)
        row = cursor.fetchone()
        return None if row is None else dict(zip((one[0] for one in cursor.description), row, strict=True))

    def close(self) -> None:
        self.database.close()


async def build(database: Database, path: Path | str) -> Built:
    """Everything that the journal tells, into `path`. The caller closes it."""
    built = Built(path)
    after = 0
    while page := await database.read(partial(reading.page, kinds=tuple(RULES), after=after, limit=_PAGE)):
        for fact in page:
            RULES[fact.kind](built, fact)
        after = page[-1].id
    after = 0
    while opened := await database.read(partial(reading.page, kinds=(items.OPENED,), after=after, limit=_ITEMS)):
        told = await database.read(partial(reading.about, subjects=[one.subject for one in opened]))
        for facts in told.values():
            items.item(built, facts)
        after = opened[-1].id
    return built


def columns_of(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*table.key, *table.columns, *table.beside)))


def table(name: str) -> Table:
    return _BY_NAME[name]


def _erased(row: Mapping[str, Any]) -> list[str]:
    return [name for name, value in row.items() if value is ERASED]


def _plain(values: Iterable[Any]) -> list[Any]:
    return [None if value is ERASED else int(value) if isinstance(value, bool) else value for value in values]
