from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.events import DepartmentsChanged, PeopleChanged
from connectors.refs import PersonRef
from handlers.context import Context, Office
from handlers.mailroom import due
from handlers.people import directory, staff
from handlers.roster import handler
from tests.handlers.people.offices import ORIGIN, row

MINUTE = timedelta(minutes=1)


def changed(now, *numbers: str, **fields: object) -> PeopleChanged:
    people = tuple(PersonRef("wecom", number) for number in numbers)
    return PeopleChanged(account="wecom", key="k", at=now, change="changed", people=people, **fields)


@pytest.fixture
def happen(database):
    """Gives an event to the routes, as the dispatcher would."""

    async def run(event, *, at) -> None:
        async def unit(tx) -> None:
            ctx = Context(tx=tx, now=at, trace="t", origin=ORIGIN, office=Office())
            await handler.ROUTES.handle(event, ctx)

        await database.write(unit)

    return run


@pytest.fixture
def claimed(database):
    """What is due at a time."""

    async def run(at):
        return await database.write(lambda tx: due.claim(tx, owner="w", now=at, limit=9))

    return run


async def test_a_burst_of_events_is_one_reading_a_minute_after_the_first(database, happen, claimed, now):
    for second in range(0, 50, 10):
        await happen(changed(now, "a"), at=now + timedelta(seconds=second))
    assert await claimed(now + timedelta(seconds=59)) == []
    rows = await claimed(now + MINUTE)
    assert [(row.kind, row.payload) for row in rows] == [(handler.KIND, {"account": "wecom"})]


async def test_an_event_during_the_reading_asks_for_another_one(database, happen, claimed, now):
    await happen(changed(now, "a"), at=now)
    (reading,) = await claimed(now + MINUTE)
    await happen(changed(now, "b"), at=now + MINUTE)
    assert not await database.write(lambda tx: due.finish(tx, reading))
    assert len(await claimed(now + 2 * MINUTE)) == 1


async def test_an_event_after_the_reading_asks_for_another_one(database, happen, claimed, now):
    await happen(changed(now, "a"), at=now)
    (reading,) = await claimed(now + MINUTE)
    assert await database.write(lambda tx: due.finish(tx, reading))
    await happen(
        DepartmentsChanged(account="wecom", key="d", at=now, change="changed", departments=("2",)), at=now + MINUTE
    )
    assert len(await claimed(now + 2 * MINUTE)) == 1


async def test_a_changed_id_is_the_same_person_at_once(database, happen, now):
    await database.write(lambda tx: staff.bring_in(tx, [row("甲", "wecom:old")], now=now, origin=ORIGIN))
    await happen(changed(now, "old", renamed_to=PersonRef("wecom", "new")), at=now)
    assert (await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "new")))).name == "甲"
    assert await database.read(lambda tx: directory.by_ref(tx, PersonRef("wecom", "old"))) is None
