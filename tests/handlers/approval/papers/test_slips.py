"""A numbered paper: asked about by its number and code, the same within the hour, gone with its item's words."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.erasing import plan
from handlers.approval import engine, facts, store
from handlers.approval.papers import slips
from handlers.audit import erasing, log
from handlers.audit.erasing import Warrant
from handlers.audit.facts import Origin
from handlers.context import Context, Office

WORDS = {"title": "请休假单", "lines": [["事由", "看望奶奶"]]}
OFFICE = Office(card_key=b"k" * 32)


@pytest.fixture
def item(now):
    request = engine.Request(id="i1", applicant="p1")
    return store.Item(request=request, form="leave", number=1, fields={}, created=now, changed=now)


async def issued(database, item, now, *, person="p2", words=WORDS):
    async def unit(tx):
        ctx = Context(tx=tx, now=now, trace="t", origin=Origin(person=person), office=OFFICE)
        return await slips.issue(ctx, item, person, words)

    return await database.write(unit)


async def found(database, serial, code):
    return await database.read(partial(slips.find, serial=serial, code=code))


async def test_it_is_found_by_what_is_printed_on_it_however_that_is_typed(database, item, now):
    paper = await issued(database, item, now)
    assert (await found(database, paper.serial, paper.code)).shown == WORDS
    assert (await found(database, f" {paper.serial[:4]}-{paper.serial[4:]} ".lower(), paper.code)).item == "i1"
    assert await found(database, paper.serial, "AAAAAAAA") is None
    assert await found(database, "AAAAAAAA", paper.code) is None
    assert await found(database, "", "") is None


async def test_the_same_print_within_the_hour_is_the_same_paper(sqlite_database, item, now):
    again = partial(issued, sqlite_database, item)
    first = await again(now)
    assert await again(now + timedelta(minutes=59)) == first
    assert await again(now + timedelta(minutes=59), person="p3") != first
    assert await again(now + timedelta(minutes=59), words={**WORDS, "state": "已同意"}) != first
    assert await again(now + timedelta(minutes=61)) != first


async def test_its_words_are_erased_with_the_items(sqlite_database, item, now):
    paper = await issued(sqlite_database, item, now)
    rows = await sqlite_database.read(partial(plan._beside, item="i1"))
    assert [row["kind"] for row in rows] == [facts.SlipIssued.KIND]

    async def unit(tx):
        numbers = [row["journal"] for row in rows]
        warrant = Warrant(reason="本人申请")
        await erasing.erase(tx, numbers, ["shown"], about="i1", warrant=warrant, origin=Origin(), now=now)
        return await log.read(tx, f"slip:{paper.serial}")

    (fact,) = await sqlite_database.write(unit)
    assert fact.erased == {"shown"}
    assert (await found(sqlite_database, paper.serial, paper.code)).shown is None
