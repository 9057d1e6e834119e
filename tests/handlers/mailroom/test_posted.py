"""A unit's letters, gathered: in order, the newest state of each card once, and seen by whoever asks in between."""

from __future__ import annotations

import pytest

from cards.model import Card, Text
from connectors.refs import PersonRef
from handlers.mailroom import copies, outbox, posted, schedules
from handlers.mailroom.letters import Letter
from handlers.people import directory

LI = PersonRef("dd", "li")


def card(title):
    return Card(kind="test", title=title)


async def opened(tx, watch, title="待审"):
    return await copies.open_copy(
        tx, item="i1", person="p", to=LI, kind="test", card=card(title), version=1, now=watch()
    )


async def letters(tx):
    rows = await tx.fetch("SELECT kind, message, answered FROM outbox ORDER BY id")
    return [(row["kind"], "".join(word for word in ("一", "二", "三") if word in row["message"]), row["answered"])
            for row in rows]  # fmt: skip


async def test_held_letters_are_written_in_order_when_the_unit_says_so(database, watch):
    async def unit(tx):
        posted.hold(tx)
        for number, word in enumerate(("一", "二", "三", "三")):
            await outbox.post(tx, Letter(to=LI, message=Text(word), key=f"k{min(number, 2)}"), now=watch())
        before = await letters(tx)
        await posted.write(tx)
        await posted.write(tx)
        return before, await letters(tx)

    assert await database.write(unit) == ([], [("send", "一", 0), ("send", "二", 0), ("send", "三", 0)])


async def test_a_card_that_changes_twice_in_a_unit_is_one_letter_with_its_last_state(database, watch):
    copy = await database.write(lambda tx: opened(tx, watch))
    await database.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sent'"))

    async def unit(tx):
        posted.hold(tx)
        await outbox.refresh(tx, copy, card("一"), now=watch(), skip_answer=True)
        await outbox.refresh(tx, copy, card("二"), now=watch())
        last = card("三")
        await outbox.refresh(tx, copy, last, now=watch())
        await outbox.refresh(tx, copy, last, now=watch(), skip_answer=True)
        await posted.write(tx)
        return (await letters(tx))[1:]

    assert await database.write(unit) == [("update", "三", 1)]


async def test_a_card_that_is_held_changes_in_its_letter(database, watch):
    async def unit(tx):
        posted.hold(tx)
        copy = await opened(tx, watch, "一")
        await outbox.refresh(tx, copy, card("二"), now=watch())
        await posted.write(tx)
        return await letters(tx)

    assert await database.write(unit) == [("send", "二", 0)]


async def test_who_asks_about_letters_sees_the_held_ones(database, watch):
    async def unit(tx):
        posted.hold(tx)
        return await schedules.is_echo(tx, await opened(tx, watch), now=watch())

    assert await database.write(unit)


async def test_held_letters_outlive_what_the_unit_forgets(database, watch):
    """Whoever writes people forgets all that was read; what was posted before is not something that was read."""

    async def unit(tx):
        posted.hold(tx)
        await outbox.post(tx, Letter(to=LI, message=Text("一"), key="k1"), now=watch())
        directory.forget(tx)
        await outbox.post(tx, Letter(to=LI, message=Text("二"), key="k2"), now=watch())
        await posted.write(tx)
        return await letters(tx)

    assert await database.write(unit) == [("send", "一", 0), ("send", "二", 0)]


async def test_held_copies_are_found_by_whoever_asks(database, watch):
    async def unit(tx):
        posted.hold(tx)
        one, two = await opened(tx, watch), await opened(tx, watch)
        assert {copy.id for copy in await copies.of_item(tx, "i1")} == {one, two}
        three = await opened(tx, watch)
        found = await copies.find(tx, three)
        assert found is not None
        assert found.to == LI
        await posted.write(tx)
        assert {copy.id for copy in await copies.of_item(tx, "i1")} == {one, two, three}
        return await letters(tx)

    assert len(await database.write(unit)) == 3


async def test_a_letter_that_waits_takes_the_new_state_although_the_copy_was_read_before(database, watch):
    """Read with its copy, changed, sent on as an update of its own, changed again: always the newest letter."""
    first, second = [await database.write(lambda tx: opened(tx, watch, "一")) for _ in range(2)]
    await database.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sent' WHERE copy = ?", second))

    async def unit(tx):
        await copies.find(tx, first)
        for word in ("一", "二", "三"):
            await outbox.refresh_all(tx, {first: card(word), second: card(word)}, now=watch())
        return await letters(tx)

    assert await database.write(unit) == [("send", "三", 0), ("send", "一", 0), ("update", "三", 0)]


async def test_a_unit_that_forgets_its_letters_is_undone(database, watch):
    async def unit(tx):
        await outbox.post(tx, Letter(to=LI, message=Text("一"), key="k1"), now=watch())
        posted.hold(tx)
        await outbox.post(tx, Letter(to=LI, message=Text("二"), key="k2"), now=watch())

    with pytest.raises(RuntimeError, match="letters"):
        await database.write(unit)
    assert await database.read(letters) == []
