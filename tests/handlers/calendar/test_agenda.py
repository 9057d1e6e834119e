"""Who sees how much of a calendar, and feeds of those who left."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest

from handlers import errors
from handlers.calendar import agenda, feeds, ics
from handlers.calendar.entry_store import Entry, Share
from handlers.calendar.rules import Level, Period
from handlers.people import directory

_SPEC = importlib.util.spec_from_file_location("calendar_office", Path(__file__).with_name("conftest.py"))
office = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(office)
PERIOD = Period(office.MONDAY, office.MONDAY + timedelta(hours=1))


async def seen(database, people, reader, *shares):
    async def unit(tx):
        ctx = office.context(tx)
        owner = people["李四"]
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('secretary', ?)", people["张三"])
        await agenda.enter(ctx, Entry(uid=agenda.new_uid(ctx.now), owner=owner, period=PERIOD, title="谈话"))
        for who, level, writes in shares:
            await agenda.set_share(ctx, owner, Share(who.replace("张三", people["张三"]), Level(level), writes))
        who = await directory.load(tx, people[reader])
        (one,) = await agenda.seen_by(ctx, owner, who, PERIOD)
        return one.title, (await agenda.sight(ctx, owner, who))[1]

    return await database.write(unit)


@pytest.mark.parametrize(
    ("reader", "shares", "found"),
    [
        ("李四", [], ("谈话", True)),
        ("张三", [], ("忙", False)),
        ("张三", [("all", "full", False)], ("谈话", False)),
        ("张三", [("all", "none", False), ("role:secretary", "full", True)], ("谈话", True)),
        ("王五", [("all", "busy", False), ("role:secretary", "full", True)], ("忙", False)),
        ("张三", [("role:secretary", "full", True), ("person:张三", "busy", False)], ("忙", False)),
    ],
)
async def test_a_person_goes_before_a_role_and_a_role_before_everybody(database, people, reader, shares, found):
    assert await seen(database, people, reader, *shares) == found


async def test_what_is_not_shared_is_refused_by_name(database, people):
    with pytest.raises(errors.NotAllowed) as refused:
        await seen(database, people, "张三", ("person:张三", "none", False))
    assert (refused.value.code, refused.value.circumstances["name"]) == ("no_calendar", "李四")


async def test_the_feed_of_somebody_who_left_is_dead(database, people):
    token = await database.write(lambda tx: feeds.make(office.context(tx), people["张三"]))
    assert await database.read(lambda tx: feeds.read(tx, token, now=office.MONDAY)) is not None
    assert await database.read(lambda tx: feeds.read(tx, token[:-1] + "x", now=office.MONDAY)) is None
    await database.write(lambda tx: tx.execute("UPDATE person SET active = 0 WHERE id = ?", people["张三"]))
    assert await database.read(lambda tx: feeds.read(tx, token, now=office.MONDAY)) is None


async def test_nobody_has_more_than_a_handful_of_addresses(database, people):
    for _ in range(feeds.MOST):
        await database.write(lambda tx: feeds.make(office.context(tx), people["张三"]))
    with pytest.raises(errors.BadRequest, match="feed_many"):
        await database.write(lambda tx: feeds.make(office.context(tx), people["张三"]))


def test_odd_titles_survive_the_file():
    zone = office.office().timezone
    title = "会：a,b;c\\n“引号”\n第二行 " + "长" * 100
    one = Entry(uid="e1", owner="p", period=PERIOD, title=title, note="https://x.y/?a=1;b,2")
    data = ics.written("张三", [one], zone=zone, now=office.MONDAY)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert str(event["SUMMARY"]) == title
    assert event["DTSTART"].dt == PERIOD.begin
