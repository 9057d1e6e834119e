"""What every database promises of a unit of work: whole or not at all, and alone with its errors."""

from __future__ import annotations

import asyncio

import pytest

from bot.database.open import OpenDatabase
from handlers.mailroom import counters
from handlers.transaction import Transaction


async def value(database: OpenDatabase, name: str = "n") -> int:
    async def unit(tx: Transaction) -> int:
        row = await tx.first("SELECT value FROM counter WHERE name = ?", name)
        return 0 if row is None else int(row["value"])

    return await database.read(unit)


async def count(tx: Transaction) -> int:
    return await counters.take(tx, "n")


async def count_and_break(tx: Transaction) -> None:
    await counters.take(tx, "n")
    raise LookupError("mine")


async def test_returns_the_value_of_the_unit_and_keeps_its_rows(database: OpenDatabase):
    assert await database.write(count) == 1
    assert await value(database) == 1


async def test_a_failing_unit_rolls_back_and_says_why(database: OpenDatabase):
    with pytest.raises(LookupError, match="mine"):
        await database.write(count_and_break)
    assert await value(database) == 0


async def test_a_failing_unit_harms_none_of_its_batch(database: OpenDatabase):
    units = [count if n % 3 else count_and_break for n in range(60)]
    results = await asyncio.gather(*(database.write(unit) for unit in units), return_exceptions=True)
    assert sorted(result for result in results if isinstance(result, int)) == list(range(1, 41))
    assert sum(isinstance(result, LookupError) for result in results) == 20
    assert await value(database) == 40


async def test_a_constraint_that_fails_belongs_to_its_unit(database: OpenDatabase):
    async def twice(tx: Transaction) -> None:
        for _ in range(2):
            await tx.execute("INSERT INTO counter (name, value) VALUES ('twice', 1)")

    results = await asyncio.gather(database.write(count), database.write(twice), return_exceptions=True)
    assert results[0] == 1
    assert "Integrity" in type(results[1]).__name__ or "Unique" in type(results[1]).__name__
    assert await value(database, "twice") == 0


async def test_a_cancelled_caller_leaves_a_whole_unit(database: OpenDatabase):
    async def both(tx: Transaction) -> None:
        await counters.take(tx, "left")
        await counters.take(tx, "right")

    tasks = [asyncio.create_task(database.write(both)) for _ in range(200)]
    for number, task in enumerate(tasks):
        if number % 3 == 0:
            await asyncio.sleep(0)
        if number % 2:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await database.write(count)  # nothing hangs afterwards

    async def look(tx: Transaction) -> dict[str, int]:
        rows = await tx.fetch("SELECT name, value FROM counter WHERE name IN ('left', 'right')")
        return {row["name"]: row["value"] for row in rows}

    # in one look: on PostgreSQL units whose callers went away may still be on their way
    values = await database.read(look)
    assert values["left"] == values["right"] >= sum(result is None for result in results)


async def test_units_of_many_tasks_take_numbers_without_gaps(database: OpenDatabase):
    numbers = await asyncio.gather(*(database.write(count) for _ in range(100)))
    assert sorted(numbers) == list(range(1, 101))


async def test_a_reader_sees_one_moment(database: OpenDatabase):
    await database.write(count)

    async def look_twice(tx: Transaction) -> list[int]:
        rows = [await tx.first("SELECT value FROM counter WHERE name = 'n'") for _ in range(2)]
        return [row["value"] for row in rows if row]

    views = await asyncio.gather(
        *(part for _ in range(20) for part in (database.read(look_twice), database.write(count)))
    )
    for view in views:
        if isinstance(view, list):
            assert view[0] == view[1]


async def test_a_reader_cannot_write(database: OpenDatabase):
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await database.read(count)


async def test_is_healthy_until_closed(database: OpenDatabase):
    assert await database.healthy()
    await database.close()
    assert not await database.healthy()


async def test_question_marks_in_texts_are_no_places_for_values(database: OpenDatabase):
    async def unit(tx: Transaction) -> object:
        row = await tx.first("SELECT 'who?' AS \"a?\", CAST(? AS TEXT) AS b -- and this?", "x")
        assert row is not None
        return row["a?"], row["b"]

    assert await database.write(unit) == ("who?", "x")
