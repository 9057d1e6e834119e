"""Some people out of many, asked for in a statement or remembered."""

from __future__ import annotations

import random

import pytest

from handlers.people import directory, lookup

STAFF = [f"p{number}" for number in range(12)]


async def _engaged(tx, dice):
    """Managers at random: lines, circles, people who left, and somebody whom nobody knows."""
    for one in STAFF:
        await tx.execute(
            "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile, category,"
            " joined_unit, continuous_since, prefer, active, updated_ms)"
            " VALUES (?, ?, '', ?, '', ?, '', '', '', '', '', '', '', ?, 0)",
            one, one, dice.choice(("办公室", "财务处")), dice.choice([*STAFF, "nobody", ""]), int(dice.random() < 0.8),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_the_line_above_is_the_same_remembered_as_asked(database, seed):
    async def unit(tx):
        dice = random.Random(seed)
        await _engaged(tx, dice)
        directory.forget(tx)
        for _ in range(8):
            some = dice.sample([*STAFF, "nobody"], 3)
            asked = {one.id: one for one in await lookup.upwards(tx, some)}
            for one in [*STAFF, "nobody"]:
                await directory.load(tx, one)
            assert {one.id: one for one in await lookup.upwards(tx, some)} == asked
            directory.forget(tx)

    await database.write(unit)


async def test_who_moved_to_another_department_is_found_there(database):
    async def unit(tx):
        await _engaged(tx, random.Random(1))
        before = {one.id for one in await lookup.where(tx, "department", ["财务处"])}
        mover = min(before)
        await tx.execute("UPDATE person SET department = '办公室' WHERE id = ?", mover)
        directory.forget(tx)
        assert {one.id for one in await lookup.where(tx, "department", ["财务处"])} == before - {mover}
        assert mover in {one.id for one in await lookup.where(tx, "department", ["办公室"])}
        assert await lookup.where(tx, "department", [""]) == []

    await database.write(unit)
