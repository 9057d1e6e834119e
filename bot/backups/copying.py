"""One consistent copy of an office's database, as a SQLite file, whichever database it is; and back into either.

A backup, a restore drill and a move between databases are all made of these two: `snapshot` out, `load` in. SQLite is
copied by its own backup API out of a read transaction, page after page while others write; PostgreSQL is read in one
REPEATABLE READ transaction. What is loaded comes whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import asyncpg

from bot.backups import figures
from bot.backups.figures import Figures
from bot.backups.trouble import Trouble, of_disk
from bot.database import schema, units
from bot.database.open import sqlite_path
from bot.database.postgres import PostgresTransaction
from bot.database.sqlite import SqliteTransaction
from cards import causes
from handlers.transaction import Transaction

Progress = Callable[[str, int, int], None]
"""Told what is going on (`database`, `files`, `check`), how much of it is done and how much there is."""

_PAGES: Final = 512
_ROWS: Final = 2000
_SQLITE_FULL: Final = 13


def untold(what: str, done: int, whole: int) -> None:
    """For those whom nobody watches."""


async def snapshot(url: str, target: Path, *, progress: Progress = untold) -> Figures:
    """Copies everything of one moment into a new SQLite file, and returns the figures of that very moment.

    Raises Trouble; the file is then gone.
    """
    try:
        if url.startswith("sqlite://"):
            return await asyncio.to_thread(_pages, sqlite_path(url), target, progress)
        return await _rows_out(url, target, progress)
    except sqlite3.Error as error:
        _gone(target)
        full = getattr(error, "sqlite_errorcode", 0) & 0xFF == _SQLITE_FULL
        raise (Trouble("disk_full") if full else Trouble("database", why=causes.why(error))) from error
    except OSError as error:
        _gone(target)
        raise of_disk(error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _gone(target)
        raise Trouble("database", why=causes.why(error)) from error
    except BaseException:
        _gone(target)
        raise


async def empty(url: str) -> bool:
    """Whether nothing of anybody's is in there: no file or no tables, or tables without a row. Raises as the driver."""
    state = await schema.schema_state(url)
    if state == "empty":
        return True
    if state == "newer":
        return False
    if url.startswith("sqlite://"):
        return False  # a file is replaced whole, and only where there is none
    connection = await asyncpg.connect(url)
    try:
        told = await figures.tables(PostgresTransaction(connection))
        asked = " UNION ALL ".join(f'(SELECT 1 FROM "{name}" LIMIT 1)' for name in told)
        return not asked or await connection.fetchval(asked) is None
    finally:
        await connection.close()


async def load(source: Path, url: str, *, progress: Progress = untold) -> None:
    """Everything of a file of `snapshot` into an empty database, whole or not at all. Raises Trouble."""
    try:
        if not await empty(url):
            raise Trouble("not_empty", where=shown(url))
        if url.startswith("sqlite://"):
            await asyncio.to_thread(_file_in, source, sqlite_path(url), progress)
        else:
            await schema.migrate(url)
            await _rows_in(source, url, progress)
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) & 0xFF == _SQLITE_FULL
        raise (Trouble("disk_full") if full else Trouble("database", why=causes.why(error))) from error
    except asyncpg.InsufficientResourcesError as error:
        raise Trouble("disk_full") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble("database", why=causes.why(error)) from error
    except OSError as error:
        raise of_disk(error) from error


def shown(url: str) -> str:
    """The address without its password."""
    head, at, tail = url.rpartition("@")
    return f"{head.partition('://')[0]}://…@{tail}" if at else url


def _gone(path: Path) -> None:
    for one in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        one.unlink(missing_ok=True)


def synced(path: Path) -> None:
    """On the disk, with its name, when this returns."""
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# ---- SQLite's own ----


def _pages(source: Path, target: Path, progress: Progress) -> Figures:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)) as read:
        read.execute("PRAGMA busy_timeout = 15000")
        read.execute("BEGIN")
        try:
            told: Figures = units.drive(figures.of_tx, SqliteTransaction(read))  # fixes the moment that is copied
            _copied(read, target, progress)
        finally:
            read.execute("ROLLBACK")
    return told


def _copied(read: sqlite3.Connection, target: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(target)) as write:
        write.execute("PRAGMA synchronous = OFF")
        read.backup(write, pages=_PAGES, progress=lambda _, left, whole: progress("database", whole - left, whole))
        write.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    synced(target)


def _file_in(source: Path, target: Path, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as read:
            _copied(read, draft, progress)
        with closing(sqlite3.connect(draft)) as write:
            write.execute("PRAGMA journal_mode = WAL")
        os.link(draft, target)  # fails where there is one by now
        synced(target)
    finally:
        _gone(draft)


# ---- rows, from and to PostgreSQL ----


async def _rows_out(url: str, target: Path, progress: Progress) -> Figures:
    await schema.migrate(f"sqlite://{target}")
    target.with_name(target.name + ".lock").unlink(missing_ok=True)
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            told = await figures.of_tx(PostgresTransaction(connection))
            await _filled(connection, target, told, progress)
    finally:
        await connection.close()
    return told


async def _filled(connection: Any, target: Path, told: Figures, progress: Progress) -> None:
    write = await asyncio.to_thread(sqlite3.connect, target, check_same_thread=False, isolation_level=None)
    try:
        write.execute("PRAGMA journal_mode = DELETE")
        write.execute("PRAGMA synchronous = OFF")
        write.execute("BEGIN")
        done, whole = 0, sum(told.counts.values())
        for table, columns in _columns(write).items():
            names = ", ".join(f'"{one}"' for one in columns)
            into = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'
            cursor = await connection.cursor(f'SELECT {names} FROM "{table}"')
            while rows := await cursor.fetch(_ROWS):
                await asyncio.to_thread(write.executemany, into, [tuple(row) for row in rows])
                done += len(rows)
                progress("database", done, whole)
        await asyncio.to_thread(write.execute, "COMMIT")
    finally:
        await asyncio.to_thread(write.close)
    await asyncio.to_thread(synced, target)


async def _rows_in(source: Path, url: str, progress: Progress) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, check_same_thread=False)) as read:
        whole = sum(read.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in _columns(read))
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                done = 0
                for table, columns in _columns(read).items():
                    for rows in _batches(read, table, columns):
                        await connection.copy_records_to_table(table, records=rows, columns=list(columns))
                        done += len(rows)
                        progress("database", done, whole)
                await _numbered_on(connection)
        finally:
            await connection.close()


def _batches(read: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[list[Any]]:
    names = ", ".join(f'"{one}"' for one in columns)
    cursor = read.execute(f'SELECT {names} FROM "{table}"')
    while rows := cursor.fetchmany(_ROWS):
        yield rows


def _columns(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    tables: list[str] = units.drive(figures.tables, SqliteTransaction(connection))
    return {
        table: tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')) for table in tables
    }


async def _numbered_on(connection: Any) -> None:
    """Numbers that the database gives out go on after the highest that came."""
    for row in await connection.fetch(
        "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"
        " AND table_name <> 'tortoise_migrations'"
    ):
        highest = f'SELECT COALESCE(MAX("{row["column_name"]}"), 0) FROM "{row["table_name"]}"'
        await connection.execute(f"SELECT setval($1, GREATEST(({highest}), 1), ({highest}) > 0)", row["sequence"])


async def running(tx: Transaction, *, now_ms: int) -> bool:
    """Whether some instance holds a lease, which it renews while it lives."""
    row = await tx.first("SELECT 1 AS one FROM lease WHERE until_ms > ? AND owner <> '' LIMIT 1", now_ms)
    return row is not None
