from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

from bot.database import schema
from bot.database.make import changes
from bot.database.open import OpenDatabase, open_database, sqlite_path

ENTRY = (
    "INSERT INTO journal (recorded_ms, effective_ms, kind, version, subject, actor, account, door, trace, body)"
    " VALUES (1, 1, 'k', 1, 's', 'a', 'c', 'd', 't', '{}')"
)


async def test_a_fresh_database_is_empty_then_current(tmp_path: Path):
    url = f"sqlite://{tmp_path}/new/office.db"
    assert await schema.schema_state(url) == "empty"
    assert await schema.migrate(url) == schema.migration_names()
    assert await schema.schema_state(url) == "current"
    assert await schema.migrate(url) == []


async def test_tells_older_and_newer_tables(database_url: str, monkeypatch: pytest.MonkeyPatch):
    assert await schema.schema_state(database_url) == "current"
    ours = schema.migration_names()
    monkeypatch.setattr(schema, "migration_names", lambda: [*ours, "9999_later"])
    assert await schema.schema_state(database_url) == "older"
    monkeypatch.setattr(schema, "migration_names", lambda: ours[:-1])
    assert await schema.schema_state(database_url) == "newer"
    with pytest.raises(ValueError, match="newer"):
        await schema.migrate(database_url)


async def test_two_that_migrate_at_once_do_it_once(tmp_path: Path):
    url = f"sqlite://{tmp_path}/office.db"
    script = (
        "import asyncio, sys; from bot.database.schema import migrate; print(len(asyncio.run(migrate(sys.argv[1]))))"
    )
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, url, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        for _ in range(3)
    ]
    outs = [int((await child.communicate())[0]) for child in children]
    assert sorted(outs) == [0, 0, len(schema.migration_names())]


async def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
):
    path = Path(shutil.copyfile(sqlite_template, tmp_path / "office.db"))
    before = _dump(path)

    async def broken(**_: object) -> None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE half (id)")
        connection.commit()
        connection.close()
        raise RuntimeError("power")

    ours = schema.migration_names()
    monkeypatch.setattr(schema, "migration_names", lambda: [*ours, "9999_later"])
    monkeypatch.setattr(import_module("tortoise.migrations.api.migrate"), "migrate", broken)
    with pytest.raises(RuntimeError, match="power"):
        await schema.migrate(f"sqlite://{path}")
    assert _dump(path) == before


async def test_the_models_are_as_the_migrations_left_them():
    assert [operation for writer in await changes() for operation in writer.operations] == []


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE journal SET body = ''",
        "UPDATE journal SET body = '' WHERE id = 99",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal",
    ],
)
async def test_the_journal_refuses_to_forget(database: OpenDatabase, database_url: str, attack: str):
    await database.write(lambda tx: tx.execute(ENTRY))
    if "WHERE id = 99" in attack and database_url.startswith("sqlite"):
        pytest.skip("SQLite's triggers are per row: nothing is touched, nothing is refused")
    with pytest.raises((sqlite3.Error, asyncpg.PostgresError)):
        await database.write(lambda tx: tx.execute(attack))
    rows = await database.read(lambda tx: tx.fetch("SELECT body FROM journal"))
    assert [row["body"] for row in rows] == ["{}"]


@pytest.mark.parametrize("statement", ["UPDATE leave_entry SET minutes = 0", "DELETE FROM leave_entry"])
async def test_the_ledger_refuses_to_forget(database: OpenDatabase, statement: str):
    await database.write(
        lambda tx: tx.execute(
            "INSERT INTO leave_entry (person, number, kind, lot, limited, account_from, account_to, minutes,"
            " valid_from, recorded_ms, effective, cause, ref, actor, note, charges)"
            " VALUES ('p', 1, 'annual', 'l', 1, 'a', 'b', 480, '2026-01-01', 0, '2026-01-01', 'grant', '', '', '', '')"
        )
    )
    with pytest.raises((sqlite3.Error, asyncpg.PostgresError), match="append-only"):
        await database.write(lambda tx: tx.execute(statement))


@pytest.mark.parametrize("url", ["mysql://x", "sqlite://", "sqlite://:memory:", "office.db"])
def test_other_addresses_are_refused(url: str):
    with pytest.raises(ValueError, match=r"address|file"):
        open_database(url)


def test_relative_and_absolute_files():
    assert sqlite_path("sqlite://data/office.db") == Path("data/office.db")
    assert sqlite_path("sqlite:///srv/机关/office.db") == Path("/srv/机关/office.db")


def _dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
