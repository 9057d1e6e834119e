from __future__ import annotations

import pytest

from handlers.people import directory, roles, staff
from handlers.people.roles import RolesSet, Unfilled
from tests.handlers.people.offices import ORIGIN, facts_of, row


@pytest.fixture
async def people(database, office, now):
    """The office, in the tables."""
    await database.write(lambda tx: staff.bring_in(tx, office, now=now, origin=ORIGIN))
    return database


async def give(database, now, **wanted):
    return await database.write(lambda tx: roles.set_roles(tx, wanted, now=now, origin=ORIGIN))


async def holders(database, role):
    return [person.name for person in await database.read(lambda tx: directory.in_role(tx, role))]


async def test_roles_by_name_number_and_post(people, now):
    await give(people, now, admin=("王五",), director=("001",), clerks=("科员",))
    assert await holders(people, "admin") == ["王五"]
    assert await holders(people, "director") == ["赵六"]
    assert sorted(await holders(people, "clerks")) == ["李四", "王五"]


async def test_holders_stand_in_the_order_of_the_file(people, now):
    await give(people, now, admin=("王五", "赵六", "李四"))
    assert await holders(people, "admin") == ["王五", "赵六", "李四"]


async def test_the_same_roles_again_change_nothing(people, now):
    await give(people, now, admin=("王五",), clerks=("科员", "李四"))
    before = await facts_of(people)
    assert await give(people, now, admin=("王五",), clerks=("科员", "李四")) == RolesSet()
    assert await facts_of(people) == before


async def test_who_is_no_longer_named_loses_the_role(people, now):
    await give(people, now, admin=("王五",), seal=("李四",))
    await give(people, now, admin=("李四",))
    assert await holders(people, "admin") == ["李四"]
    assert await holders(people, "seal") == []
    assert sorted((await facts_of(people))[-3:]) == [
        "people.role_granted", "people.role_withdrawn", "people.role_withdrawn",
    ]  # fmt: skip


async def test_a_role_follows_the_post(people, office, now):
    await give(people, now, director=("主任",))
    promoted = [row("赵六", "wecom:zhaoliu", staff_no="001"), row("王五", "wecom:wangwu", post="主任"), office[2]]
    await people.write(lambda tx: staff.bring_in(tx, promoted, now=now, origin=ORIGIN))
    await give(people, now, director=("主任",))
    assert await holders(people, "director") == ["王五"]


async def test_a_leaver_loses_every_role(people, office, now):
    await give(people, now, admin=("李四",))
    await people.write(lambda tx: staff.bring_in(tx, office[:2], now=now, origin=ORIGIN, leavers=True))
    given = await give(people, now, admin=("李四",))
    assert given.unfilled == (Unfilled(role="admin", word="李四", people=0),)
    assert len(given.withdrawn) == 1


async def test_a_name_that_two_people_have_gives_the_role_to_neither(people, office, now):
    namesake = [*office, row("李四", "wecom:li2", staff_no="009")]
    await people.write(
        lambda tx: staff.bring_in(
            tx,
            [*office[:2], row("李四", "dd:lisi01", staff_no="003", manager="001"), namesake[-1]],
            now=now,
            origin=ORIGIN,
        )
    )
    given = await give(people, now, admin=("李四",), seal=("009",))
    assert given.unfilled == (Unfilled(role="admin", word="李四", people=2),)
    assert await holders(people, "admin") == []
    assert await holders(people, "seal") == ["李四"]
