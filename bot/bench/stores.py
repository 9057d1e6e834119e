"""Rows in bulk, whole batches or nothing, into a database of the service that nobody uses meanwhile.

While a past is being filled in nobody waits for an answer, so SQLite does not wait for the disk either: a filling
that is killed keeps what it has committed, a machine that loses its power must begin again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import asyncpg

from bot.database.open import sqlite_path

Rows = Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]
"""By table: the columns, and the rows in their order."""

_CACHE_KB: Final = 1_000_000  # indexes in random order fit in there
_NUMBERED: Final = ("journal", "agenda_entry", "seal_order")


class Store(Protocol):
    async def add(self, rows: Rows) -> None:
        """All of them in one transaction."""
        ...

    async def close(self) -> None:
        """The database as the service wants to find it."""
        ...


class SqliteStore:
    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        self._connection.execute("PRAGMA wal_autocheckpoint = 20000")

    async def add(self, rows: Rows) -> None:
        with _transaction(self._connection):
            for table, (columns, values) in rows.items():
                places = ", ".join("?" * len(columns))
                self._connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values
                )

    async def close(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class PostgresStore:
    """Opened by `postgres`: a constructor cannot wait for a connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def add(self, rows: Rows) -> None:
        async with self._connection.transaction():
            for table, (columns, values) in rows.items():
                await self._connection.copy_records_to_table(table, columns=list(columns), records=values)

    async def close(self) -> None:
        for table in _NUMBERED:  # rows with numbers of their own do not move the sequence
            key = "idx" if table == "seal_order" else "id"
            await self._connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), (SELECT MAX({key}) FROM {table}))"
            )
        await self._connection.execute("VACUUM (ANALYZE)")  # as autovacuum would have, over the years
        await self._connection.close()


async def opened(url: str) -> Store:
    if url.startswith("sqlite://"):
        return SqliteStore(url)
    return PostgresStore(await asyncpg.connect(url))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
