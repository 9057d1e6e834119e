"""Old texts go; how much is read for that does not grow with what went before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.model import Text
from connectors.refs import PersonRef
from handlers.mailroom import emptying, outbox
from handlers.mailroom.letters import Letter


@pytest.fixture
def posted(write, watch):
    """Letters a day apart, all of them sent."""

    async def posted(days):
        for _ in range(days):
            await write(outbox.post, Letter(to=PersonRef("dd", "li"), message=Text("x"), key=f"{watch()}"), now=watch())
            watch.forward(days=1)

        async def sent(tx):
            await tx.execute("UPDATE outbox SET state = 'sent' WHERE state = 'waiting'")

        await write(sent)

    return posted


async def texts(database):
    rows = await database.read(lambda tx: tx.fetch("SELECT message FROM outbox ORDER BY id"))
    return "".join("." if row["message"] == "" else "x" for row in rows)


async def test_what_is_old_enough_is_emptied_over_several_portions(database, write, watch, posted, monkeypatch):
    monkeypatch.setattr(emptying, "_PORTION", 3)
    await posted(10)
    assert await write(outbox.prune, before=watch() - timedelta(days=2)) == 8
    assert await texts(database) == "........xx"


async def test_a_letter_that_waits_among_them_keeps_its_text(database, write, watch, posted, monkeypatch):
    monkeypatch.setattr(emptying, "_PORTION", 2)
    await posted(6)

    async def waits(tx):
        await tx.execute("UPDATE outbox SET state = 'waiting' WHERE id IN (SELECT MIN(id) + 2 FROM outbox)")

    await write(waits)
    assert await write(outbox.prune, before=watch()) == 5
    assert await texts(database) == "..x..."


async def test_the_work_of_nights_before_is_not_done_again(database, write, watch, posted, monkeypatch):
    monkeypatch.setattr(emptying, "_PORTION", 2)
    monkeypatch.setattr(emptying, "_ENOUGH", 1)
    await posted(6)
    await write(outbox.prune, before=watch())
    await posted(3)

    async def counted(tx):
        asked = []
        execute = tx.execute

        class Counting:
            dialect, first = tx.dialect, tx.first

            async def execute(self, sql, *values):
                asked.append(sql)
                return await execute(sql, *values)

        number = await emptying.empty(
            Counting(), "outbox", "message", states=("sent",), at="created_ms", before=watch()
        )
        return number, len(asked)

    assert await write(counted) == (3, 3)  # two portions with something in them, one that has nothing
