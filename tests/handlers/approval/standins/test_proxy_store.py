"""Who stands in is remembered from one unit to the next, and never longer than it is true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from handlers.approval.standins import proxy_store
from handlers.approval.standins.proxies import Proxy

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def away(principal, begin=NOW, end=NOW + 2 * DAY):
    return Proxy(id=0, principal=principal, proxy="wang", begin=begin, end=end)


async def of_wang(database, at):
    return await database.write(partial(proxy_store.principals, person="wang", form="leave", at=at))


async def test_a_proxy_counts_from_its_begin_until_before_its_end(database):
    assert await of_wang(database, NOW) == ()
    await database.write(lambda tx: proxy_store.add(tx, away("li", begin=NOW + DAY), now=NOW))
    moments = [NOW, NOW + DAY, NOW + 2 * DAY - timedelta(milliseconds=1), NOW + 2 * DAY]
    assert [await of_wang(database, at) for at in moments] == [(), ("li",), ("li",), ()]


async def test_what_was_over_when_it_was_read_is_still_known_for_an_earlier_moment(database):
    await database.write(lambda tx: proxy_store.add(tx, away("li"), now=NOW))
    assert await of_wang(database, NOW + 3 * DAY) == ()
    assert await of_wang(database, NOW) == ("li",)


async def test_an_ended_proxy_is_forgotten_and_one_that_was_rolled_back_was_never_there(database):
    given = await database.write(lambda tx: proxy_store.add(tx, away("li"), now=NOW))
    assert await of_wang(database, NOW) == ("li",)
    await database.write(lambda tx: proxy_store.end(tx, given.id, now=NOW))
    assert await of_wang(database, NOW) == ()

    async def fails(tx):
        await proxy_store.add(tx, away("zhao"), now=NOW)
        assert await proxy_store.principals(tx, "wang", form="leave", at=NOW) == ("zhao",)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fails)
    assert await of_wang(database, NOW) == ()
