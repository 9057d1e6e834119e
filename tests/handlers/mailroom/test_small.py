"""Leases, prompts, numbers, copies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.model import Card
from connectors.refs import ChatRef, PersonRef
from handlers.mailroom import copies, counters, leases, prompts


async def test_a_lease_has_one_holder_until_it_runs_out(write, watch):
    assert await write(leases.take, "seal", "a", now=watch(), seconds=60) == 1
    assert await write(leases.take, "seal", "b", now=watch(), seconds=60) is None
    watch.forward(seconds=61)
    assert await write(leases.take, "seal", "b", now=watch(), seconds=60) == 2
    assert not await write(leases.renew, "seal", "a", 1, now=watch(), seconds=60)


async def test_renewing_keeps_the_lease_and_its_fence(write, watch):
    fence = await write(leases.take, "seal", "a", now=watch(), seconds=60)
    watch.forward(seconds=50)
    assert await write(leases.renew, "seal", "a", fence, now=watch(), seconds=60)
    watch.forward(seconds=50)
    assert await write(leases.take, "seal", "b", now=watch(), seconds=60) is None
    assert await write(leases.take, "seal", "a", now=watch(), seconds=60) == fence


async def test_a_released_lease_is_free_at_once_under_a_new_fence(write, watch):
    fence = await write(leases.take, "seal", "a", now=watch(), seconds=60)
    await write(leases.release, "seal", "a", fence)
    assert await write(leases.take, "seal", "b", now=watch(), seconds=60) == fence + 1


async def test_the_newest_question_counts_and_is_answered_once(write, watch):
    until = watch() + timedelta(minutes=10)
    await write(prompts.ask, "p", "reason", {"item": "1"}, until=until, now=watch())
    await write(prompts.ask, "p", "reason", {"item": "二"}, until=until, now=watch())
    assert await write(prompts.take, "p", now=watch()) == prompts.Prompt("p", "reason", {"item": "二"})
    assert await write(prompts.take, "p", now=watch()) is None


async def test_within_one_unit_too_the_newest_question_counts_and_is_answered_once(database, watch):
    async def unit(tx):
        until = watch() + timedelta(minutes=10)
        assert await prompts.take(tx, "p", now=watch()) is None
        for item in ("1", "2"):
            await prompts.ask(tx, "p", "reason", {"item": item}, until=until, now=watch())
            assert (await prompts.peek(tx, "p", now=watch())).data == {"item": item}
        assert (await prompts.take(tx, "p", now=watch())).data == {"item": "2"}
        assert await prompts.take(tx, "p", now=watch()) is None
        assert not await prompts.waits(tx, "p", now=watch())

    await database.write(unit)


async def test_an_old_question_is_no_question(write, watch):
    await write(prompts.ask, "p", "reason", {}, until=watch() + timedelta(minutes=10), now=watch())
    watch.forward(minutes=10)
    assert await write(prompts.take, "p", now=watch()) is None


async def test_a_rolled_back_number_is_given_out_again(database, write):
    async def broken(tx):
        await counters.take(tx, "leave/2026")
        raise LookupError

    assert await write(counters.take, "leave/2026") == 1
    with pytest.raises(LookupError):
        await database.write(broken)
    assert await write(counters.take, "leave/2026") == 2


async def test_copies_are_found_by_item_and_id(write, watch):
    card = Card(kind="test", title="请假")
    common = {"item": "i1", "person": "p1", "kind": "decide", "card": card, "version": 3, "now": watch()}
    one = await write(copies.open_copy, to=PersonRef("dd", "li"), **common)
    two = await write(copies.open_copy, to=ChatRef("wecom", "g"), **common)
    assert {copy.id for copy in await write(copies.of_item, "i1")} == {one, two}
    found = await write(copies.find, two)
    assert (found.to, found.version, found.handle) == (ChatRef("wecom", "g"), 3, None)
    assert await write(copies.find, "c-unknown") is None
    assert await write(copies.find, "'; DROP TABLE copy") is None


@pytest.mark.parametrize("number", [1, 8, 9, 30])
async def test_all_copies_of_an_item_are_the_same_however_they_were_found(database, write, watch, number):
    card, made = Card(kind="test", title="请假"), []
    for place in range(number):
        common = {"item": "i1", "person": f"p{place}", "kind": "decide", "card": card, "version": 3}
        made.append(await write(copies.open_copy, to=PersonRef("dd", f"u{place}"), now=watch(), **common))
        watch.forward(seconds=place % 2)
    await write(copies.open_copy, to=PersonRef("dd", "u"), now=watch(), **common | {"item": "i2"})

    async def tapped(tx):
        return [await copies.find(tx, id) for id in made], await copies.of_item(tx, "i1")

    found, all_of_them = await database.write(tapped)
    assert all_of_them == await write(copies.of_item, "i1")
    assert [one.id for one in found] == made
    assert set(found) == set(all_of_them)
