"""What every connector with a calendar must do with it, tried with each platform's rig; the others have none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.office import has_calendar
from cards.model import Schedule
from connectors.errors import PlatformBusy, PlatformRefused, Throttled
from connectors.refs import PersonRef
from connectors.sandbox.faults import Fault

BEGIN = datetime(2026, 5, 8, 2, 0, tzinfo=UTC)
ONE = Schedule(
    uid="e1", sequence=0, title="接待调研组", begin=BEGIN, end=BEGIN + timedelta(hours=1), place="三楼会议室",
    note="日程编号1",
)  # fmt: skip
DAYS = replace(ONE, title="休假", begin=datetime(2026, 5, 5, 16, tzinfo=UTC), end=datetime(2026, 5, 8, 16, tzinfo=UTC),
               all_day=True, place="")  # fmt: skip


@pytest.fixture
async def book(rig):
    if not rig.connector.capabilities.schedules:
        pytest.skip("this platform has no calendar")
    return await Book.open(rig)


class Book:
    """One person's calendar, written by the connector and looked at through the fake."""

    @classmethod
    async def open(cls, rig):
        book = cls()
        book.rig, book.me = rig, PersonRef(rig.account, rig.person)
        book.schedules = rig.connector.schedules
        book.place = await book.schedules.place(book.me)
        return book

    async def keep(self, wanted, handle=None, *, repeated=False):
        return await self.schedules.keep(self.me, self.place, handle, wanted, ref="c-1", repeated=repeated)

    async def read(self, handle, wanted):
        return (await self.schedules.read(self.me, self.place, {"it": (handle, wanted)})).get("it")

    @property
    def titles(self):
        return [title for _, title in self.rig.fake.schedules(self.rig.user)]

    @property
    def only(self):
        ((id_, _),) = self.rig.fake.schedules(self.rig.user)
        return id_


async def test_what_it_says_it_can_is_what_it_can(rig):
    assert rig.connector.capabilities.schedules == (rig.connector.schedules is not None)
    assert rig.connector.capabilities.schedules == has_calendar(getattr(rig, "section", rig.connector))


@pytest.mark.parametrize("wanted", [ONE, DAYS, replace(ONE, title="长" * 200, place="远" * 90), replace(ONE, place="")])
async def test_made_changed_and_taken_off_it_is_one_and_as_we_wrote_it(book, wanted):
    handle = await book.keep(wanted)
    assert await book.read(handle, wanted) is None
    day = timedelta(days=1)
    later = replace(wanted, sequence=1, title="改期", begin=wanted.begin + day, end=wanted.end + day)
    handle = await book.keep(later, handle)
    assert book.titles == ["改期"]
    assert await book.read(handle, later) is None
    handle = await book.keep(replace(later, cancelled=True), handle)
    assert book.titles == []
    await book.keep(replace(later, cancelled=True), handle)
    handle = await book.keep(later, handle)
    assert book.titles == ["改期"]
    assert await book.read(handle, later) is None


async def test_a_hand_in_the_client_is_seen_and_nothing_else(book):
    handle = await book.keep(ONE)
    far = BEGIN + timedelta(days=20)
    await book.rig.fake.move_schedule(book.only, far, far + timedelta(hours=2))
    moved = await book.read(handle, ONE)
    assert (moved.begin, moved.end, moved.gone) == (far, far + timedelta(hours=2), False)
    await book.keep(ONE, handle)
    assert await book.read(handle, ONE) is None
    await book.rig.fake.rename_schedule(book.only, "接待检查组")
    assert (await book.read(handle, ONE)).title == "接待检查组"
    await book.rig.fake.delete_schedule(book.only)
    assert (await book.read(handle, ONE)).gone
    handle = await book.keep(ONE, handle)
    assert book.titles == [ONE.title]
    await book.rig.fake.delete_schedule(book.only)
    assert (await book.keep(replace(ONE, cancelled=True), handle))["id"] == ""


async def test_a_lost_answer_makes_no_second_one(book):
    book.rig.fake.faults.add(Fault("lost", "api"))
    with pytest.raises(PlatformBusy):
        await book.keep(ONE)
    handle = await book.keep(ONE, repeated=True)
    assert book.titles == [ONE.title]
    twin = replace(ONE, uid="e2", note="日程编号2")
    other = await book.schedules.keep(book.me, book.place, None, twin, ref="c-2", repeated=True)
    assert other["id"] != handle["id"]
    assert len(book.titles) == 2


async def test_trouble_is_sorted_by_who_must_act(book):
    handle = await book.keep(ONE)
    book.rig.fake.faults.add(Fault("error", "api"))
    with pytest.raises(PlatformBusy):
        await book.read(handle, ONE)
    book.rig.fake.faults.add(Fault("limit", "api"))
    with pytest.raises(Throttled):
        await book.keep(replace(ONE, sequence=1), handle)
    book.rig.fake.revoke_tokens()
    assert await book.read(handle, ONE) is None


async def test_somebody_who_is_not_there_has_no_calendar(book):
    with pytest.raises(PlatformRefused):
        await book.schedules.place(PersonRef(book.rig.account, "nobody-at-all"))
