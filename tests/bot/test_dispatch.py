from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import asyncpg
import pytest
import structlog

from bot.database.open import OpenDatabase, open_database
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from cards.model import Card
from connectors.clock import MovableClock
from connectors.events import ButtonPressed, TextReceived
from connectors.refs import MessageRef, PersonRef
from handlers import routing
from handlers.context import Context, Office
from handlers.errors import AlreadyDecided, DatabaseBusy
from handlers.mailroom import copies, counters, inbox, prompts

LI = PersonRef("dd", "li")
AT = datetime(2026, 4, 27, 1, tzinfo=UTC)


def said(text: str, key: str = "", by: str = "li") -> TextReceived:
    return TextReceived(account="dd", key=key or text, at=AT, sender=PersonRef("dd", by), text=text)


async def on_text(event: TextReceived, ctx: Context) -> Card | None:
    """An office that counts, and can say no, break, and be slow."""
    number = await counters.take(ctx.tx, "said")
    if event.text == "no":
        raise AlreadyDecided(item="i1")
    if event.text.startswith("break") and not await ctx.tx.first("SELECT 1 AS one FROM counter WHERE name = 'mended'"):
        raise LookupError("a mistake of ours")
    return Card(kind="test", title=f"{number} for {ctx.origin.person}")


async def refusal(error, event, ctx: Context) -> Card | None:
    await counters.take(ctx.tx, f"refused/{error.code}")
    return Card(kind="test", title=error.code)


async def identify(tx, ref: PersonRef) -> str:
    return f"person-{ref.id}"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nobody reads the coloured tracebacks of the broken handlers here, and each takes half a second."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(AT)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def build(database, clock, metrics, **options) -> Dispatcher:
    usual = ((TextReceived, on_text),) if options.pop("first", True) else ()
    router = routing.router(*usual, *options.pop("routes", ()))
    options = {"budget": 30.0} | options
    return Dispatcher(database, router, Office(), clock, refusal=refusal, identify=identify, metrics=metrics, **options)


@pytest.fixture
def dispatcher(database: OpenDatabase, clock: MovableClock, metrics: Metrics) -> Dispatcher:
    return build(database, clock, metrics)


async def counted(database: OpenDatabase, name: str = "said") -> int:
    async def unit(tx):
        row = await tx.first("SELECT value FROM counter WHERE name = ?", name)
        return row["value"] if row else 0

    return await database.read(unit)


def outcomes(metrics: Metrics, outcome: str) -> float:
    return sum(
        sample.value
        for family in metrics.events.collect()
        for sample in family.samples
        if sample.name.endswith("_total") and sample.labels["outcome"] == outcome
    )


async def states(database: OpenDatabase) -> list[str]:
    rows = await database.read(lambda tx: tx.fetch("SELECT state FROM inbox ORDER BY id"))
    return [row["state"] for row in rows]


async def test_the_handler_runs_once_and_its_card_is_the_answer(dispatcher, database):
    card = await dispatcher.admit([said("hello")])
    assert card is not None
    assert card.title == "1 for person-li"
    assert await states(database) == ["done"]


async def test_a_repeated_delivery_gets_the_same_success_and_changes_nothing(dispatcher, database, metrics):
    await asyncio.gather(*(dispatcher.admit([said("hello")]) for _ in range(20)))
    assert await counted(database) == 1
    assert outcomes(metrics, "repeated") == 19


async def test_the_office_saying_no_undoes_the_attempt_and_keeps_the_refusal(dispatcher, database):
    card = await dispatcher.admit([said("no")])
    assert card is not None
    assert card.title == "already_decided"
    assert await counted(database) == 0
    assert await counted(database, "refused/already_decided") == 1
    assert await states(database) == ["done"]


async def test_a_broken_handler_leaves_the_event_to_be_tried_again(dispatcher, database, clock, metrics):
    assert await dispatcher.admit([said("break")]) is None
    assert await counted(database) == 0
    assert [row["error"] for row in await database.read(inbox.list_failed)] == ["LookupError"]
    clock.forward(timedelta(minutes=1))
    await dispatcher.resume()
    assert await states(database) == ["failed"]
    await database.write(lambda tx: counters.take(tx, "mended"))
    clock.forward(timedelta(minutes=5))
    assert await dispatcher.resume() == 1
    assert await states(database) == ["done"]
    assert await counted(database) == 1
    assert outcomes(metrics, "failed") == 2


async def test_an_event_that_keeps_breaking_is_given_up_and_can_be_sent_again(dispatcher, database, clock):
    await dispatcher.admit([said("break")])
    for _ in range(12):
        clock.forward(timedelta(minutes=20))
        await dispatcher.resume()
    (dead,) = await database.read(inbox.list_failed)
    assert (dead["state"], dead["attempts"]) == ("dead", 10)
    await database.write(lambda tx: counters.take(tx, "mended"))
    await database.write(lambda tx: inbox.resend(tx, dead["id"], now=clock.now()))
    await dispatcher.resume()
    assert await states(database) == ["done"]


async def test_a_repetition_of_a_broken_event_is_not_tried_twice(dispatcher, database):
    await dispatcher.admit([said("break")])
    await dispatcher.admit([said("break")])
    assert await states(database) == ["failed"]


async def test_one_broken_event_of_a_delivery_does_not_stop_the_others(dispatcher, database):
    await dispatcher.admit([said("one"), said("break"), said("two", by="wang")])
    assert await states(database) == ["done", "failed", "done"]
    assert await counted(database) == 2


async def test_out_of_time_the_event_is_kept_and_a_worker_goes_on(database, clock, metrics):
    hurried = build(database, clock, metrics, budget=0.0)
    assert await hurried.admit([said("hello")]) is None
    assert await states(database) == ["pending"]
    assert await hurried.resume() == 1
    assert await states(database) == ["done"]
    assert await counted(database) == 1


@pytest.mark.parametrize("budget", [0.0, 30.0])
async def test_what_a_worker_does_later_came_in_at_its_own_door(database, clock, metrics, budget):
    doors = []

    async def noting(event: TextReceived, ctx: Context) -> None:
        doors.append(ctx.origin.door)
        if budget and len(doors) == 1:
            raise LookupError

    dispatcher = build(database, clock, metrics, first=False, routes=((TextReceived, noting),), budget=budget)
    await dispatcher.admit([said("hello")], door="robot")
    clock.forward(timedelta(minutes=1))
    assert await dispatcher.resume() == 1
    assert set(doors) == {"robot"}
    assert await states(database) == ["done"]


async def test_a_tap_done_later_by_a_worker_sends_the_card_because_no_answer_brings_it(database, clock, metrics):
    card = Card(kind="test", title="shown")
    opened = await database.write(
        lambda tx: copies.open_copy(tx, item="i1", person="p", to=LI, kind="test", card=card, version=1, now=AT)
    )
    await database.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sent'"))
    tap = ButtonPressed(account="dd", key="tap", at=AT, sender=LI, message=MessageRef("dd", opened), payload="p")

    async def on_tap(event: ButtonPressed, ctx: Context) -> Card | None:
        return Card(kind="test", title="done")

    async def answered():
        rows = await database.read(lambda tx: tx.fetch("SELECT answered FROM outbox WHERE kind = 'update'"))
        return [row["answered"] for row in rows]

    in_time, late = (
        build(database, clock, metrics, routes=((ButtonPressed, on_tap),), budget=budget) for budget in (30.0, 0.0)
    )
    assert await in_time.admit([tap]) is not None
    assert await answered() == [1]
    assert await late.admit([replace(tap, key="again")]) is None
    assert await late.resume() == 1
    assert await answered() == [0]


async def test_out_of_time_in_the_middle_nothing_is_half_done(database, clock, metrics):
    spent = []

    async def slow(event, ctx: Context) -> None:
        await counters.take(ctx.tx, "half")
        if not spent:
            spent.append(True)
            ctx.tx.deadline = 0.0  # the budget runs out between two statements
        await counters.take(ctx.tx, "other half")

    dispatcher = Dispatcher(
        database, routing.router((TextReceived, slow)), Office(), clock,
        refusal=refusal, identify=identify, metrics=metrics, budget=30.0,
    )  # fmt: skip
    await dispatcher.admit([said("hello")])
    assert (await states(database), await counted(database, "half")) == (["pending"], 0)
    await dispatcher.resume()
    assert (await counted(database, "half"), await counted(database, "other half")) == (1, 1)


async def test_no_success_without_a_durable_row(dispatcher, database):
    await database.close()
    with pytest.raises(DatabaseBusy):
        await dispatcher.admit([said("hello")])


async def test_the_code_of_a_tap_is_kept_even_when_the_office_says_no(database, clock, metrics):
    async def always_no(event, ctx):
        raise AlreadyDecided(item="i1")

    dispatcher = build(database, clock, metrics, routes=((ButtonPressed, always_no),))
    card = Card(kind="test", title="请假")
    copy = await database.write(
        lambda tx: copies.open_copy(tx, item="i1", person="p", to=LI, kind="test", card=card, version=1, now=AT)
    )
    tap = ButtonPressed(
        account="dd", key="tap", at=AT, sender=LI, message=MessageRef("dd", copy), payload="x", code="one-time"
    )
    await dispatcher.admit([tap])
    rows = await database.read(lambda tx: tx.fetch("SELECT copy, code FROM tap_code"))
    assert [(row["copy"], row["code"]) for row in rows] == [(copy, "one-time")]


async def test_two_instances_handle_one_event_once(database, database_url, clock, metrics):
    other = open_database(database_url)
    first, second = build(database, clock, metrics), build(other, clock, metrics)
    await asyncio.gather(*(one.admit([said(str(n))]) for n in range(30) for one in (first, second)))
    await other.close()
    assert await counted(database) == 30


async def test_waiting_for_anothers_lock_the_platform_still_gets_its_answer(database, database_url, clock, metrics):
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite's writer is one: nothing waits inside a unit")
    await database.write(lambda tx: counters.take(tx, "said"))
    other = await asyncpg.connect(database_url)
    holding = other.transaction()
    await holding.start()
    await other.execute("UPDATE counter SET value = value WHERE name = 'said'")
    impatient = build(database, clock, metrics, budget=0.2)
    assert await impatient.admit([said("hello")]) is None
    assert await states(database) == ["pending"]
    await holding.rollback()
    await other.close()
    await impatient.resume()
    assert (await states(database), await counted(database)) == (["done"], 2)


class Heard:
    """An office that notes what it heard, in its own transactions, and may be slow or broken."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    async def on_text(self, event: TextReceived, ctx: Context) -> None:
        await ctx.tx.execute(
            "INSERT INTO prompt (person, kind, data, asked_ms, until_ms) VALUES (?, 'heard', '', ?, 0)",
            event.text, await counters.take(ctx.tx, ctx.origin.person),
        )  # fmt: skip
        if ctx.tx.dialect == "postgres" and event.text.startswith("slow"):
            await ctx.tx.first("SELECT pg_sleep(0.05)")
        if event.text in self.broken:
            raise LookupError("a mistake of ours")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def in_order(database, clock, metrics, heard) -> Dispatcher:
    return build(database, clock, metrics, routes=((TextReceived, heard.on_text),), first=False)


async def order(database: OpenDatabase) -> list[str]:
    rows = await database.read(
        lambda tx: tx.fetch("SELECT person, asked_ms FROM prompt WHERE kind = 'heard' ORDER BY asked_ms, person")
    )
    return [row["person"] for row in rows]


async def test_words_of_one_person_said_quickly_are_heard_in_their_order(database, in_order):
    words = [f"{'slow' if n % 3 == 0 else 'quick'} {n:02}" for n in range(30)]
    await asyncio.gather(*(in_order.admit([said(one)]) for one in words))
    assert await order(database) == words
    assert not in_order._turns  # nothing of a line stays in memory


async def test_nobody_waits_for_another_person(database, clock, metrics):
    dispatcher = build(database, clock, metrics)
    with dispatcher._turns.queued("dd li"):
        waiting = asyncio.create_task(dispatcher.admit([said("li waits")]))
        await dispatcher.admit([said("wang does not", by="wang")])
        assert not waiting.done()
    await waiting
    assert await states(database) == ["done", "done"]


async def test_what_comes_behind_something_late_waits_for_it(database, clock, metrics, heard):
    routes = ((TextReceived, heard.on_text),)
    hurried = build(database, clock, metrics, routes=routes, first=False, budget=0.0)
    patient = build(database, clock, metrics, routes=routes, first=False)
    await hurried.admit([said("first")])
    assert await patient.admit([said("second"), said("third")]) is None
    assert await states(database) == ["pending"] * 3
    assert outcomes(metrics, "behind") == 2
    while await patient.resume():
        continue
    assert await states(database) == ["done"] * 3
    assert await order(database) == ["first", "second", "third"]


async def test_whose_time_is_up_in_the_line_is_not_overtaken_either(database, clock, metrics, heard):
    impatient = build(database, clock, metrics, routes=((TextReceived, heard.on_text),), first=False, budget=0.05)
    with impatient._turns.queued("dd li"):
        await impatient.admit([said("late")])
    impatient._budget = 30.0
    await impatient.admit([said("after it")])
    while await impatient.resume():
        continue
    assert await order(database) == ["late", "after it"]


async def test_a_broken_event_holds_its_sender_for_some_seconds_and_then_steps_aside(
    database, clock, metrics, heard, in_order
):
    heard.broken.add("broken")
    await in_order.admit([said("broken"), said("next")])
    assert await states(database) == ["failed", "pending"]
    for _ in range(3):
        clock.forward(timedelta(seconds=5))
        while await in_order.resume():
            continue
    assert await states(database) == ["failed", "done"]
    await in_order.admit([said("free again")])
    assert await states(database) == ["failed", "done", "done"]


async def test_overtaken_words_answer_no_question_that_was_asked_since(database, clock, metrics, heard, in_order):
    heard.broken.add("broken")
    await in_order.admit([said("broken")])
    for _ in range(3):
        clock.forward(timedelta(seconds=5))
        await in_order.resume()
    ask = partial(prompts.ask, person="person-li", kind="else", data={}, until=clock.now() + timedelta(days=1))
    await database.write(lambda tx: ask(tx, now=clock.now()))
    heard.broken.clear()
    clock.forward(timedelta(minutes=20))
    assert await in_order.resume() == 1
    assert (await states(database), await order(database)) == (["done"], [])
    assert await counted(database, "refused/overtaken") == 1
    assert outcomes(metrics, "refused") == 1


async def test_two_instances_hear_one_person_one_word_at_a_time(database, database_url, clock, metrics):
    """A handler that reads, waits and writes would lose counts if two of them ran at once."""

    async def careless(event, ctx: Context) -> None:
        row = await ctx.tx.first("SELECT value FROM counter WHERE name = 'careless'")
        if ctx.tx.dialect == "postgres":
            await ctx.tx.first("SELECT pg_sleep(0.002)")
        await counters.put(ctx.tx, "careless", (row["value"] if row else 0) + 1)

    other = open_database(database_url)
    routes = ((TextReceived, careless),)
    both = [build(one, clock, metrics, routes=routes, first=False) for one in (database, other)]
    await asyncio.gather(*(one.admit([said(f"{n} {at}")]) for n in range(15) for at, one in enumerate(both)))
    await other.close()
    assert await counted(database, "careless") == 30
