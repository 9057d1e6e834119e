"""`officebot calendar`: who has what on a day; the addresses of a lost phone are dead at once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from bot import office as offices
from bot.__main__ import run
from bot.commands import options
from bot.database.open import open_database
from config.loader import load
from handlers.audit.facts import Origin
from handlers.calendar import booking, entry_store, feeds, resources
from handlers.calendar.booking import Wish
from handlers.calendar.rules import Kind, Period, Thing
from handlers.context import Context
from handlers.people import directory


@pytest.fixture
def furnished(office):
    """孙八 has the hall from ten to eleven of 28 April, and two subscription addresses."""
    configuration = load(office.folder / "office.yaml", env={}, today=options.today())
    values = offices.build(configuration)
    begin = office.now + timedelta(hours=25)

    async def unit(tx):
        ctx = Context(tx=tx, now=office.now, trace="", origin=Origin(), office=values)
        await resources.bring_in(ctx, (Thing(kind=Kind.ROOM, name="大会议室", seats=40),))
        (person,) = await directory.named(tx, "孙八")
        period = Period(begin, begin + timedelta(hours=1))
        await booking.reserve(ctx, Wish(resources=(1,), periods=(period,), person=person.id))
        return person.id, [await feeds.make(ctx, person.id) for _ in range(2)]

    async def work(read):
        database = open_database(configuration.settings.database.url.get_secret_value())
        try:
            return await database.write(read)
        finally:
            await database.close()

    office.person, office.tokens = asyncio.run(work(unit))
    office.ask = lambda read: asyncio.run(work(read))
    return office


def test_the_rooms_of_a_day(furnished, capsys):
    capsys.readouterr()
    assert run(["calendar", "rooms", "--on", "2026-04-28", "--config", furnished.config]) == 0
    assert capsys.readouterr().out == "大会议室　10:00-11:00　孙八\n"
    assert run(["calendar", "rooms", "--on", "2026-04-29", "--config", furnished.config]) == 0
    assert "没有预订" in capsys.readouterr().out
    assert run(["calendar", "rooms", "--on", "2026-04-28", "--json", "--config", furnished.config]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "booked"


def test_the_addresses_of_a_lost_phone_are_revoked(furnished, capsys):
    capsys.readouterr()
    assert run(["calendar", "revoke", "孙八", "--config", furnished.config]) == 0
    assert "2个订阅地址已停用" in capsys.readouterr().out
    assert furnished.ask(lambda tx: entry_store.feeds(tx, furnished.person)) == []
    assert furnished.ask(lambda tx: feeds.read(tx, furnished.tokens[0], now=furnished.now)) is None
    assert run(["calendar", "revoke", "孙七", "--config", furnished.config]) == 1
