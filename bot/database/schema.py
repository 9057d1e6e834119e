"""Tables up to date: Tortoise's migrations, run from one place under a lock, and what state a database is in.

The migrations are Tortoise's own (`bot/migrations/`), made by `python -m bot.database.make NAME` from the models and
completed by hand where `dependencies.md` 5.1 found holes: partial indexes and the journal's triggers are SQL.
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib
import pkgutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Literal

import asyncpg

from bot.database.models import MODEL_MODULES
from bot.database.open import sqlite_path

FAILURES = (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What `schema_state` and `migrate` raise when the database cannot be asked."""

State = Literal["current", "older", "newer", "empty"]

_APP = "office"
_PACKAGE = "bot.migrations"
_APPLIED = "SELECT name FROM tortoise_migrations WHERE app = 'office'"
_LOCK = 0x0FF1CE


class Newer(ValueError):
    """The tables were made by a later program."""


def migration_names() -> list[str]:
    """All migrations of this program, in order."""
    package = importlib.import_module(_PACKAGE)
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name[0].isdigit())


async def schema_state(url: str) -> State:
    """How the tables stand to this program; `newer` when they were made by a later one (also in part).

    Raises one of `FAILURES` when the database cannot be asked.
    """
    ours = set(migration_names())
    applied = await _applied(url)
    if not applied:
        return "empty"
    if applied - ours:
        return "newer"
    return "older" if ours - applied else "current"


async def migrate(url: str) -> list[str]:
    """Brings the tables up to date and returns the names of what was applied; one process at a time.

    Each migration is one transaction. Raises `Newer` when the tables are newer than this program.
    """
    async with _alone(url):
        # left by a migration that was killed
        if url.startswith("sqlite://") and _kept(sqlite_path(url)).exists():
            await asyncio.to_thread(_put_back, sqlite_path(url))
        before = await _applied(url)
        if before - set(migration_names()):
            raise Newer("the database is newer than this program")
        if before != set(migration_names()):
            await _apply(url)
        return sorted(await _applied(url) - before)


def tortoise_config(url: str) -> dict[str, Any]:
    """For Tortoise: migrations, and queries of commands and pages. The stores do not use it."""
    return {
        "connections": {"default": _tortoise_url(url)},
        "apps": {_APP: {"models": list(MODEL_MODULES), "migrations": _PACKAGE, "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def _apply(url: str) -> None:
    # Here, because a start with current tables needs neither; it saves it a tenth of a second.
    from tortoise import Tortoise
    from tortoise.migrations.api.migrate import migrate as tortoise_migrate

    path = sqlite_path(url) if url.startswith("sqlite://") else None
    if path is not None:
        await asyncio.to_thread(_keep, path)
    try:
        await tortoise_migrate(config=tortoise_config(url), direction="forward")
    except BaseException:
        if path is not None:
            await asyncio.to_thread(_put_back, path)
        raise
    finally:
        await Tortoise.close_connections()
    if path is not None:
        _kept(path).unlink()


def _kept(path: Path) -> Path:
    return path.with_name(path.name + ".before-migration")


def _keep(path: Path) -> None:
    """Tortoise applies a migration and notes it in two transactions; on a file, a copy makes them one."""
    new = _kept(path).with_suffix(".new")
    _copy(path, new)
    new.replace(_kept(path))


def _put_back(path: Path) -> None:
    _copy(_kept(path), path)
    _kept(path).unlink()


def _copy(source: Path, target: Path) -> None:
    """SQLite's own backup: whole also while others use the file, and one transaction on the target."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as write:
        write.execute("PRAGMA synchronous = FULL")
        read.backup(write)


def _tortoise_url(url: str) -> str:
    if not url.startswith("sqlite://"):
        return url.replace("postgresql://", "postgres://", 1)
    return f"sqlite://{sqlite_path(url)}?synchronous=FULL&busy_timeout=15000&journal_size_limit=67108864"


async def _applied(url: str) -> set[str]:
    if url.startswith("sqlite://"):
        return await asyncio.to_thread(_applied_sqlite, sqlite_path(url))
    connection = await asyncpg.connect(url)
    try:
        return {row["name"] for row in await connection.fetch(_APPLIED)}
    except asyncpg.UndefinedTableError:
        return set()
    finally:
        await connection.close()


def _applied_sqlite(path: Path) -> set[str]:
    if not path.exists():
        return set()
    connection = sqlite3.connect(path)
    try:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchone()
        return {name for (name,) in connection.execute(_APPLIED)} if known else set()
    finally:
        connection.close()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    """Tortoise has no lock around migrations: two starting instances would both create the tables."""
    if url.startswith("sqlite://"):
        path = sqlite_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(path.name + ".lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await connection.close()
