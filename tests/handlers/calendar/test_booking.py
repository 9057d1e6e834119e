"""One holder at a time: said in words by whom it is held, kept by the database whoever writes."""

from __future__ import annotations

import asyncio
import importlib.util
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.database.open import open_database
from handlers import errors
from handlers.audit import log
from handlers.calendar import booking, rules, store, waiting
from handlers.calendar.booking import Wish
from handlers.calendar.rules import Kind, Need, Period
from handlers.calendar.store import Place, Reservation

_SPEC = importlib.util.spec_from_file_location("calendar_office", Path(__file__).with_name("conftest.py"))
office = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(office)
at, context, MONDAY = office.at, office.context, office.MONDAY


async def number_of(database, name):
    things = await database.read(store.resources)
    return next(one.id for one in things if one.name == name)


async def book(database, person, name, *periods, now=MONDAY, **wish):
    ids = (await number_of(database, name),)
    return await database.write(
        lambda tx: booking.reserve(
            context(tx, now=now, person=person), Wish(resources=ids, periods=periods, person=person, **wish)
        )
    )


async def test_the_second_is_told_who_has_it_and_what_is_free(database, people):
    await book(database, people["张三"], "小会议室", at(28, "15:00", "17:00"))
    with pytest.raises(errors.Clash) as clash:
        await book(database, people["李四"], "小会议室", at(28, "16:00", "17:00"), need=Need(people=6))
    said = str(clash.value.circumstances["said"])
    assert "小会议室 4月28日（周二）15:00-17:00 已由张三（办公室）预订" in said
    assert "这个时间空着的：大会议室（40人）" in said
    assert "14:30" not in said.split("当天还空着：")[1]
    assert "候补 小会议室 4月28日 16:00-17:00" in said


async def test_what_ends_at_ten_does_not_touch_what_begins_at_ten(database, people):
    await book(database, people["张三"], "小会议室", at(28, "09:00", "10:00"))
    await book(database, people["李四"], "小会议室", at(28, "10:00", "11:00"))


async def test_who_sits_in_a_hall_alone_may_be_asked_to_move(database, people):
    await book(database, people["张三"], "大会议室", at(28, "09:00", "10:00"), need=Need(people=4))
    with pytest.raises(errors.Clash) as clash:
        await book(database, people["李四"], "大会议室", at(28, "09:00", "10:00"), need=Need(people=30))
    assert "也可以和张三（办公室）商量换到小会议室" in str(clash.value.circumstances["said"])


async def test_a_series_is_booked_whole_or_the_days_that_clash_are_named(database, people):
    fridays = [
        Period(one.begin + timedelta(weeks=n), one.end + timedelta(weeks=n))
        for one in [at(24, "16:00", "17:00")]
        for n in range(1, 25)
    ]
    await book(database, people["张三"], "小会议室", fridays[20])
    with pytest.raises(errors.Clash) as clash:
        await book(database, people["李四"], "小会议室", *fridays)
    assert "共24次，其中1次有冲突" in str(clash.value.circumstances["said"])
    assert await database.read(lambda tx: store.of_person(tx, people["李四"], since=MONDAY)) == []
    number = await book(database, people["李四"], "小会议室", *fridays[:20])
    assert len(await database.read(lambda tx: store.of_booking(tx, number))) == 20


@pytest.mark.parametrize(
    ("name", "period", "need", "code"),
    [
        ("小会议室", at(28, "09:00", "10:00"), Need(people=9), "book_too_small"),
        ("小会议室", at(28, "09:00", "10:00"), Need(equipment=("投影",)), "book_lacks"),
        ("小会议室", at(28, "10:00", "09:00"), Need(), "invalid_range"),
        ("小会议室", at(26, "09:00", "10:00"), Need(), "book_past"),
        (
            "粤A12345",
            Period(at(28, "09:00", "10:00").begin, at(28, "09:00", "10:00").begin + timedelta(days=63)),
            Need(),
            "book_long",
        ),
        (
            "粤A12345",
            Period(
                at(30, "09:00", "10:00").begin + timedelta(days=62), at(30, "09:00", "10:00").end + timedelta(days=62)
            ),
            Need(),
            "book_expired",
        ),
    ],
)
async def test_what_will_not_do_is_refused_with_the_reason(database, people, name, period, need, code):
    with pytest.raises(errors.BadRequest) as refused:
        await book(database, people["张三"], name, period, need=need)
    assert refused.value.code == code


async def test_the_first_in_the_queue_gets_what_is_given_up(database, people):
    room, period = await number_of(database, "小会议室"), at(28, "15:00", "17:00")
    number = await book(database, people["张三"], "小会议室", period)

    def place(who, people_=0, **more):
        return Place(
            id=0, kind=Kind.ROOM, resource=room, period=period, person=people[who], subject="", state="waiting",
            need=Need(people=people_), **more,
        )  # fmt: skip

    async def queue(tx):
        ctx = context(tx)
        for one in (place("王五", 20), place("李四"), place("吴刚"), place("李四")):
            await waiting.join(ctx, one)
        await booking.cancel(ctx, await store.of_booking(tx, number))
        held = [one for one in await store.between(tx, period) if one.resource == room]
        letters = await tx.fetch("SELECT message FROM outbox")
        return held, [row["message"] for row in letters]

    held, letters = await database.write(queue)
    assert [one.person for one in held] == [people["李四"]]  # 王五 needs more seats than there are
    assert len(letters) == 1
    assert "已经替您订好" in letters[0]


async def test_an_odometer_never_goes_back(database, people):
    async def drive(tx, out, back, day):
        ctx = context(tx)
        car = next(one for one in await store.resources(tx, Kind.VEHICLE))
        wish = Wish(resources=(car.id,), periods=(at(day, "09:00", "10:00"),), person=people["张三"])
        (one,) = await store.of_booking(tx, await booking.reserve(ctx, wish))
        await booking.returned(ctx, one, odometer_out=out, odometer_back=back)
        return (await store.resource(tx, car.id)).odometer

    assert await database.write(lambda tx: drive(tx, 1000, 1050, 28)) == 1050
    with pytest.raises(errors.BadRequest, match="odometer_back"):
        await database.write(lambda tx: drive(tx, 1000, 1040, 29))


async def test_a_driver_is_found_though_the_staff_list_came_later(database, people):
    async def found(tx, name):
        await tx.execute("UPDATE resource SET person = '' WHERE kind = 'driver'")
        one = await booking.of_driver(context(tx), people[name])
        return one.name if one else None

    assert await database.write(lambda tx: found(tx, "吴刚")) == "吴刚"
    assert await database.write(lambda tx: found(tx, "张三")) is None


async def test_what_is_over_earlier_is_free_for_the_rest_and_every_step_is_a_fact(database, people):
    number = await book(database, people["张三"], "小会议室", at(28, "09:00", "17:00"))

    async def end(tx):
        ctx = context(tx, now=at(28, "11:00", "12:00").begin)
        (one,) = await store.of_booking(tx, number)
        await booking.ended(ctx, one)
        return [(one.kind, one.data.get("state")) for one in await log.read(tx, str(number))]

    facts = await database.write(end)
    assert facts == [("calendar.reserved", "booked"), ("calendar.reservation_moved", "used")]
    await book(database, people["李四"], "小会议室", at(28, "11:00", "12:00"))


async def test_the_database_itself_refuses_an_overlap(database, people):
    room = await number_of(database, "小会议室")

    async def raw(tx, begin, end, state="booked"):
        one = Reservation(id=0, booking=1, resource=room, period=at(28, begin, end), state=state, person="p")
        return await store.add(tx, one, now=MONDAY)

    first = await database.write(lambda tx: raw(tx, "09:00", "11:00"))
    for begin, end in (("10:00", "12:00"), ("08:00", "12:00"), ("09:30", "10:00"), ("12:00", "12:00")):
        with pytest.raises(Exception, match=r"overlap|one_holder|lasts|range"):
            await database.write(lambda tx, begin=begin, end=end: raw(tx, begin, end))
    await database.write(lambda tx: raw(tx, "10:00", "12:00", "cancelled"))
    later = await database.write(lambda tx: raw(tx, "11:00", "12:00"))
    with pytest.raises(Exception, match=r"overlap|one_holder"):
        await database.write(
            lambda tx: store.move(tx, first, state="booked", end=at(28, "09:00", "11:30").end, now=MONDAY)
        )
    await database.write(lambda tx: store.move(tx, later, state="booked", end=at(28, "09:00", "11:45").end, now=MONDAY))


async def test_two_processes_book_at_random_and_nothing_ever_overlaps(database, database_url, people):
    seeds = [random.randrange(1 << 30) for _ in range(2)]
    command = [sys.executable, "-W", "ignore", __file__, database_url, people["张三"]]
    workers = [await asyncio.create_subprocess_exec(*command, str(seed), stdout=subprocess.PIPE) for seed in seeds]
    async with asyncio.timeout(120):
        counts = [(await one.communicate())[0].split() for one in workers]
    assert [one.returncode for one in workers] == [0, 0]
    assert sum(int(booked) for booked, _ in counts) > 0, seeds
    assert sum(int(refused) for _, refused in counts) > 0, seeds

    async def live(tx):
        return await tx.fetch(
            "SELECT a.id FROM reservation a JOIN reservation b ON a.resource = b.resource AND a.id < b.id"
            " AND a.begin_ms < b.end_ms AND b.begin_ms < a.end_ms"
            f" AND a.state IN {store.LIVE} AND b.state IN {store.LIVE}"
        )

    assert list(await database.read(live)) == [], seeds


async def _work(url, person, seed):
    """What one of the two processes does: books, of which most clash, and gives some up again."""
    dice = random.Random(seed)
    database = open_database(url)
    rooms = [one.id for one in await database.read(store.resources) if one.kind is Kind.ROOM]
    booked, refused = [], 0

    async def once():
        nonlocal refused
        begin = MONDAY + timedelta(minutes=30 * dice.randrange(1, 40))
        period = Period(begin, begin + timedelta(minutes=30 * dice.randrange(1, 5)))
        days = [
            Period(period.begin + timedelta(days=n), period.end + timedelta(days=n))
            for n in range(dice.randrange(1, 3))
        ]
        wish = Wish(resources=tuple(dice.sample(rooms, dice.randrange(1, 3))), periods=tuple(days), person=person)
        try:
            booked.append(await database.write(lambda tx: booking.reserve(context(tx), wish)))
        except errors.Clash:
            refused += 1

    for _ in range(12):
        await asyncio.gather(*(once() for _ in range(5)))
        if booked:
            number = dice.choice(booked)
            await database.write(lambda tx, number=number: _give_up(tx, number))
    await database.close()
    print(len(booked), refused)  # noqa: T201


async def _give_up(tx, number):
    await booking.cancel(context(tx), await store.of_booking(tx, number))


def test_lists_of_free_times_are_the_nearest_and_apart():
    found = rules.free_times(
        [at(28, "15:00", "17:00")], at(28, "15:00", "16:00"), hours=office.office().hours,
        zone=office.office().timezone, not_before=MONDAY,
    )  # fmt: skip
    assert [one.begin for one in found] == sorted(one.begin for one in found)
    assert all(not one.meets(at(28, "15:00", "17:00")) for one in found)


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
