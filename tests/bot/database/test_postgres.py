"""What only a server can suffer: lost connections, lost races, a server that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.database.postgres import PostgresDatabase, numbered
from handlers.errors import DatabaseBusy
from handlers.mailroom import counters
from handlers.transaction import Transaction


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def template(request: pytest.FixtureRequest) -> str:
    name: str = request.getfixturevalue("postgres_template")
    return name


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(database_url)
    yield opened
    await opened.close()


async def count(tx: Transaction) -> int:
    return await counters.take(tx, "n")


async def test_a_connection_that_dies_under_a_unit_is_busy_and_the_next_one_works(database: PostgresDatabase):
    async def die(tx: Transaction) -> None:
        await counters.take(tx, "n")
        await tx.first("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseBusy):
        await database.write(die)
    assert await database.write(count) == 1


async def test_idle_connections_that_died_heal_by_themselves(database: PostgresDatabase, database_url: str):
    await asyncio.gather(*(database.write(count) for _ in range(10)))
    killer = PostgresDatabase(database_url, size=1)
    await killer.read(
        lambda tx: tx.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    await killer.close()
    results = await asyncio.gather(*(database.write(count) for _ in range(20)), return_exceptions=True)
    assert [result for result in results if not isinstance(result, int | DatabaseBusy)] == []
    assert await database.write(count) > 10
    assert await database.healthy()


async def test_units_that_lose_a_deadlock_are_run_again(database: PostgresDatabase):
    for name in ("a", "b"):
        await database.write(lambda tx, name=name: counters.take(tx, name))
    both = asyncio.Barrier(2)
    tries = []

    def crossing(first: str, second: str):
        async def unit(tx: Transaction) -> None:
            tries.append(first)
            await counters.take(tx, first)
            if len(tries) <= 2:
                await both.wait()
            await counters.take(tx, second)

        return unit

    await asyncio.gather(database.write(crossing("a", "b")), database.write(crossing("b", "a")))
    rows = await database.read(lambda tx: tx.fetch("SELECT value FROM counter ORDER BY name"))
    assert [row["value"] for row in rows] == [3, 3]
    assert len(tries) >= 3


async def test_a_server_that_is_not_there_is_busy():
    database = PostgresDatabase("postgres://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseBusy):
        await database.write(count)
    assert not await database.healthy()
    await database.close()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a = ? AND b = ?", "a = $1 AND b = $2"),
        ("a = '?' AND b = ?", "a = '?' AND b = $1"),
        ("a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"),
        ('"odd?" = ? -- why?', '"odd?" = $1 -- why?'),
    ],
)
def test_places_are_numbered_outside_texts(sql: str, expected: str):
    assert numbered(sql) == expected
