"""The worker itself: woken by a commit, several accounts side by side, several instances on one database."""

from __future__ import annotations

import asyncio

from bot.database.open import open_database
from connectors import errors
from connectors.contract import Capabilities
from connectors.refs import PersonRef
from handlers.errors import DatabaseBusy
from handlers.mailroom import outbox
from handlers.mailroom.deliver import Postman


async def until(condition, bell: asyncio.Event) -> None:
    """Waits for the platform to be called until the condition holds."""
    while not condition():
        bell.clear()
        await asyncio.wait_for(bell.wait(), 20)


async def test_runs_until_cancelled_and_lets_what_is_in_the_air_land(post, write, postman, platform):
    taken_off, landing = asyncio.Event(), asyncio.Event()
    send = platform.send

    async def slow(*args, **options):
        taken_off.set()
        await landing.wait()
        return await send(*args, **options)

    platform.send = slow
    task = asyncio.create_task(postman.run())
    await post("li", "x")
    postman.wake()
    await asyncio.wait_for(taken_off.wait(), 20)
    task.cancel()
    landing.set()
    await asyncio.gather(task, return_exceptions=True)
    assert [words for _, words in platform.arrived] == ["x"]
    assert await write(outbox.counts) == {}


async def test_the_next_letter_of_a_lane_follows_without_a_wake(post, postman, platform):
    bell = asyncio.Event()
    platform.plan = lambda ref, attempt: bell.set()
    for number in range(5):
        await post("li", str(number))
    task = asyncio.create_task(postman.run())
    await until(lambda: len(platform.arrived) == 5, bell)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [words for _, words in platform.arrived] == ["0", "1", "2", "3", "4"]


async def test_two_instances_send_each_letter_once_and_in_order(database, database_url, post, platform, watch):
    for number in range(40):
        await post(f"p{number % 4}", str(number))
    other = open_database(database_url)
    both = [Postman(one, platform, watch, owner=name) for one, name in ((database, "a"), (other, "b"))]
    while (await database.read(outbox.counts)).get("waiting"):
        await asyncio.gather(*(postman.empty() for postman in both))
    await other.close()
    for person in range(4):
        its = [int(words) for to, words in platform.arrived if to == PersonRef("dd", f"p{person}")]
        assert its == list(range(person, 40, 4))


async def test_a_letter_of_another_account_is_another_postmans(post, postman, platform, write, watch):
    platform.account = "wecom"
    await post("li", "for dd")
    assert await postman.empty() == 0


async def test_a_mistake_in_a_connector_costs_a_possible_repeat_and_no_letter(post, postman, platform, watch):
    def broken(ref, attempt):
        if attempt == 1:
            raise KeyError("message_id")

    platform.plan = broken
    await post("li", "x")
    await postman.empty()
    watch.forward(minutes=1)
    await postman.empty()
    assert platform.repeated == ["x"]


async def test_what_was_sent_is_noted_even_when_the_database_is_busy_for_a_while(
    database, post, postman, platform, monkeypatch
):
    monkeypatch.setattr("handlers.mailroom.deliver._TICK_S", 0)
    await post("li", "x")
    write, refusals = database.write, []

    async def moody(unit):
        if platform.arrived and len(refusals) < 3:
            refusals.append(unit)
            raise DatabaseBusy("disk full")
        return await write(unit)

    monkeypatch.setattr(database, "write", moody)
    await postman.empty()
    assert len(refusals) == 3
    assert [words for _, words in platform.arrived] == ["x"]
    assert await database.read(outbox.counts) == {}


async def test_the_platforms_own_pause_is_kept(post, postman, platform, watch):
    def busy(ref, attempt):
        if attempt == 1:
            raise errors.PlatformBusy("HTTP 503", retry_after=300)

    platform.plan = busy
    await post("li", "x")
    await postman.empty()
    watch.forward(seconds=299)
    assert await postman.empty() == 0
    watch.forward(seconds=2)
    assert await postman.empty() == 1


async def test_an_urgent_card_goes_before_a_digest_to_hundreds_where_calls_are_counted(database, post, platform, watch):
    platform.capabilities = Capabilities(sends_per_second=4)
    postman = Postman(database, platform, watch, owner="one")
    for number in range(40):
        await post(f"p{number}", f"digest {number}")
    for _ in range(5):
        assert await postman.empty() == 1  # the limit, not the lanes
        watch.forward(seconds=0.25)
    await post("boss", "a card to decide", urgent=True)
    await post("p39", "more news")
    assert await postman.empty() == 1
    assert platform.arrived[-1][1] == "a card to decide"


async def test_asked_to_stop_it_begins_nothing_and_what_is_in_the_air_lands(post, write, postman, platform):
    taken_off, landing = asyncio.Event(), asyncio.Event()
    send = platform.send

    async def slow(*args, **options):
        taken_off.set()
        await landing.wait()
        return await send(*args, **options)

    platform.send = slow
    await post("li", "in the air")
    task = asyncio.create_task(postman.run())
    async with asyncio.timeout(20):
        await taken_off.wait()
    postman.stop()
    await post("wang", "too late")
    landing.set()
    async with asyncio.timeout(20):
        await task
    assert [words for _, words in platform.arrived] == ["in the air"]
    assert await write(outbox.counts) == {"waiting": 1}


async def test_what_was_claimed_ahead_of_its_place_is_given_back_at_the_stop(database, post, write, platform, watch):
    """As if it had never been claimed: whoever comes next sends it, and not as a repetition."""
    landing, bell = asyncio.Event(), asyncio.Event()
    send, in_the_air = platform.send, []

    async def slow(*args, **options):
        in_the_air.append(args)
        bell.set()
        await landing.wait()
        return await send(*args, **options)

    platform.send = slow
    for person in ("li", "wang", "zhao"):
        await post(person, f"to {person}")
    one = Postman(database, platform, watch, owner="one", places=2)
    task = asyncio.create_task(one.run())
    await until(lambda: len(in_the_air) == 2, bell)
    rows = await database.read(lambda tx: tx.fetch("SELECT owner FROM outbox WHERE state = 'waiting'"))
    assert [row["owner"] for row in rows] == ["one"] * 3
    one.stop()
    landing.set()
    async with asyncio.timeout(20):
        await task
    assert [words for _, words in platform.arrived] == ["to li", "to wang"]
    assert await Postman(database, platform, watch, owner="two").empty() == 1
    assert (platform.arrived[-1][1], platform.repeated) == ("to zhao", [])


async def test_whoever_does_not_serve_the_account_leaves_its_letters_alone(database, post, platform, watch):
    ours = {"a": False, "b": True}

    def serving(name):
        async def answer():
            return ours[name]

        return Postman(database, platform, watch, owner=name, ours=answer)

    one, other = serving("a"), serving("b")
    await post("li", "x")
    assert (await one.empty(), await other.empty()) == (0, 1)
