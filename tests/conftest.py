"""Shared fixtures: a fresh database per test, on SQLite and, where `OFFICEBOT_TEST_POSTGRES` names one, PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import structlog

from bot.database.open import OpenDatabase, open_database
from bot.database.schema import migrate

# A busy machine is no failure: nothing here asserts a time, hypothesis neither.
hypothesis.settings.register_profile(
    "office", deadline=None, max_examples=60, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("office")

# The development renderer shows every local variable of a traceback, which takes half a minute for a whole service.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

POSTGRES = os.environ.get("OFFICEBOT_TEST_POSTGRES", "")
"""A database of the server on which databases may be created."""
_DATABASE = Path(__file__).parent / "bot" / "database"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL a test runs the lines of its twin on SQLite, and counting them takes as long again as running
    them; only what is below the statements differs, and `tests/bot/database` counts that."""
    for item in items:
        if item.get_closest_marker("postgres") and _DATABASE not in item.path.parents:
            item.add_marker("no_cover")


@pytest.fixture
def now() -> datetime:
    """Monday morning before the May holiday of the sample calendar: 2026-04-27 09:00 in China."""
    return datetime(2026, 4, 27, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file; tests copy it, which takes a fraction of a migration."""
    path = tmp_path_factory.mktemp("template") / "office.db"
    asyncio.run(migrate(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated, empty database for CREATE DATABASE ... TEMPLATE."""
    if not POSTGRES:
        pytest.skip("OFFICEBOT_TEST_POSTGRES names no server")
    name = f"office_{secrets.token_hex(6)}"
    asyncio.run(_administer(f"CREATE DATABASE {name}"))
    asyncio.run(migrate(at_database(name)))
    yield name
    asyncio.run(_administer(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def template(request: pytest.FixtureRequest) -> Path | str:
    """The migrated file, or the name of the migrated database."""
    found: Path | str = request.getfixturevalue(f"{request.param}_template")
    return found


@pytest.fixture
async def database_url(template: Path | str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a fresh, migrated database, thrown away afterwards."""
    if isinstance(template, Path):
        path = tmp_path / "office.db"
        shutil.copyfile(template, path)
        yield f"sqlite://{path}"
        return
    name = f"office_{secrets.token_hex(6)}"
    await _administer(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield at_database(name)
    await _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[OpenDatabase]:
    """A fresh database; the test runs once on SQLite and once on PostgreSQL."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[OpenDatabase]:
    """For tests of what does not depend on the database."""
    path = tmp_path / "office.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_database(f"sqlite://{path}")
    yield opened
    await opened.close()


def at_database(name: str) -> str:
    """The address of another database of the test server."""
    return f"{POSTGRES.rpartition('/')[0]}/{name}"


async def _administer(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
