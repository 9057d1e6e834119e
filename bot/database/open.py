"""From the address in `office.yaml` to a database."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bot.database.postgres import PostgresDatabase
from bot.database.sqlite import SqliteDatabase
from handlers.transaction import Database


class OpenDatabase(Database, Protocol):
    """A database that can be asked for its health and closed."""

    async def healthy(self) -> bool:
        """Whether a write would be durable now."""
        ...

    async def close(self) -> None:
        """Lets the units under way end, takes no new ones."""
        ...


def open_database(url: str) -> OpenDatabase:
    """`sqlite://data/office.db` (relative), `sqlite:///srv/office.db` (absolute) or `postgres://...`.

    Connects at first use; the file must be there (`migrate` makes it). Raises ValueError for any other address.
    """
    if url.startswith("sqlite://"):
        return SqliteDatabase(sqlite_path(url))
    if url.startswith(("postgres://", "postgresql://")):
        return PostgresDatabase(url)
    raise ValueError(f"not a database address: {url.partition('://')[0]}")


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite://` address. Raises ValueError for one in memory: several connections cannot share it."""
    path = url.removeprefix("sqlite://").partition("?")[0]
    if path in ("", ":memory:"):
        raise ValueError("a file is needed: sqlite://data/office.db")
    return Path(path)
