"""Six digits: one person's, for one platform, ten minutes, once; guessing ends before it finds anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.refs import PersonRef
from handlers.people import link_codes
from handlers.people.link_codes import Code

HERE, THERE = PersonRef("wecom", "zhangsan"), PersonRef("dd", "zs")
KEY = b"k" * 32


@pytest.fixture
def do(database):
    async def run(function, *args, **options):
        return await database.write(lambda tx: function(tx, *args, **options))

    return run


async def issued(do, now, person="p1"):
    return await do(link_codes.issue, Code(person=person, target="dingtalk", asked=HERE), key=KEY, now=now)


async def test_it_says_whose_it_is_until_it_is_used(do, now):
    digits = await issued(do, now)
    assert len(digits) == 6
    assert digits.isdigit()
    found = await do(link_codes.look, digits, key=KEY, now=now)
    assert (found.person, found.target, found.asked) == ("p1", "dingtalk", HERE)
    assert await do(link_codes.use, digits, key=KEY, now=now)
    assert not await do(link_codes.use, digits, key=KEY, now=now)
    assert await do(link_codes.look, digits, key=KEY, now=now) is None


async def test_it_is_over_after_ten_minutes_and_when_a_new_one_is_asked_for(do, now):
    old = await issued(do, now)
    new = await issued(do, now)
    if old != new:
        assert await do(link_codes.look, old, key=KEY, now=now) is None
    later = now + link_codes.LIFE
    assert await do(link_codes.look, new, key=KEY, now=later - timedelta(seconds=1))
    assert not await do(link_codes.use, new, key=KEY, now=later)


async def test_the_table_does_not_say_the_digits(database, do, now):
    digits = await issued(do, now)
    rows = await database.read(lambda tx: tx.fetch("SELECT * FROM link_code"))
    assert digits not in repr([dict(row) for row in rows])
    assert await do(link_codes.look, digits, key=b"other" * 8, now=now) is None


async def test_five_wrong_ones_lock_an_account_for_an_hour(do, now):
    for number in range(5):
        assert not await do(link_codes.locked, THERE, now=now), number
        await do(link_codes.wrong, THERE, platform="dingtalk", now=now)
    assert await do(link_codes.locked, THERE, now=now)
    assert not await do(link_codes.locked, PersonRef("dd", "other"), now=now)
    assert not await do(link_codes.locked, THERE, now=now + timedelta(hours=1))


async def test_many_accounts_that_guess_close_the_code_itself(do, now):
    digits = await issued(do, now)
    for number in range(10):
        await do(link_codes.wrong, PersonRef("dd", f"u{number}"), platform="dingtalk", now=now)
    assert await do(link_codes.look, digits, key=KEY, now=now) is None


async def test_guesses_on_another_platform_do_not(do, now):
    digits = await issued(do, now)
    for number in range(10):
        await do(link_codes.wrong, PersonRef("yzj", f"u{number}"), platform="yunzhijia", now=now)
    assert await do(link_codes.look, digits, key=KEY, now=now) is not None


async def test_what_is_long_over_is_forgotten(database, do, now):
    await issued(do, now)
    await do(link_codes.wrong, THERE, platform="dingtalk", now=now)
    await do(link_codes.prune, before=now + timedelta(days=1))
    for table in ("link_code", "link_guess"):
        assert not await database.read(lambda tx, table=table: tx.fetch(f"SELECT * FROM {table}"))
