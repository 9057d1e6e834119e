"""An office with two rooms, a car, a driver and some people, straight on a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.refs import PersonRef
from handlers.audit.facts import Origin
from handlers.calendar import resources
from handlers.calendar.rules import CalendarRules, Kind, Period, Thing
from handlers.context import Context, Office
from handlers.days.workdays import WorkHours, as_periods
from handlers.people import staff
from handlers.people.matching import Wanted

MONDAY = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
"""09:00 in China."""
THINGS = (
    Thing(kind=Kind.ROOM, name="大会议室", seats=40, equipment=("投影", "话筒")),
    Thing(kind=Kind.ROOM, name="小会议室", seats=8),
    Thing(kind=Kind.VEHICLE, name="粤A12345", seats=5, valid_until=datetime(2026, 6, 30, tzinfo=UTC).date()),
    Thing(kind=Kind.DRIVER, name="吴刚"),
)


def office(**rules):
    hours = WorkHours(periods=as_periods([["08:30", "12:00"], ["14:30", "17:30"]]))
    return Office(
        name="示例单位", hours=hours, accounts=("wecom-main",), card_key=b"k" * 32,
        areas={CalendarRules: CalendarRules(things=THINGS, **rules)},
    )  # fmt: skip


def context(tx, *, now=MONDAY, person="system", settings=None):
    origin = Origin(person=person, trace="t")
    return Context(tx=tx, now=now, trace="t", origin=origin, office=settings or office())


def at(day, begin, end):
    """`at(28, "15:00", "17:00")`: that day of April 2026 in China."""

    def moment(text):
        hour, minute = text.split(":")
        return datetime(2026, 4, day, tzinfo=UTC) + timedelta(hours=int(hour) - 8, minutes=int(minute))

    return Period(moment(begin), moment(end))


async def furnish(tx):
    """People and things; person ids by name."""
    wanted = [
        Wanted(name=name, department="办公室", accounts=(PersonRef("wecom-main", f"u{n}"),), line=n)
        for n, name in enumerate(("张三", "李四", "王五", "吴刚"), 2)
    ]
    await staff.bring_in(tx, wanted, now=MONDAY, origin=Origin(door="import"))
    await resources.bring_in(context(tx), THINGS)
    return {row["name"]: row["id"] for row in await tx.fetch("SELECT id, name FROM person")}


@pytest.fixture
async def people(database):
    return await database.write(furnish)
