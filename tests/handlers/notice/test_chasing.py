"""Budgets, quotas and hours of reminders, on rows as they lie in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.refs import PersonRef
from handlers import errors
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.days import workdays
from handlers.days.workdays import WorkCalendar, WorkHours
from handlers.mailroom.due import Due
from handlers.notice import chasing, publishing, store, views
from handlers.notice.publishing import Draft
from handlers.notice.rules import Chasing, Grade, Notices
from handlers.people import changes
from handlers.people.directory import Person
from handlers.people.plan import Known, Link, Plan

MONDAY = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
ROW = Due(id=1, key="sweep", kind="notice.sweep", due=MONDAY, payload={}, attempts=1, owner="", fence=0)
HOURS = WorkHours(periods=workdays.as_periods([["08:30", "12:00"], ["14:30", "17:30"]]))
HOLIDAY = date(2026, 5, 1)
CALENDAR = WorkCalendar(
    years=frozenset({2026}), statutory=frozenset({HOLIDAY}), days_off=frozenset({HOLIDAY}), makeup_workdays=frozenset()
)
NAMES = ("li", "zhang", "wang")


USUAL = Chasing()


class Desk:
    """One office with three people; notices are published and swept at moments of our choice."""

    def __init__(self, database, chasing_rules=USUAL):
        self.database = database
        self.office = Office(
            accounts=("wecom-main",), calendar=CALENDAR, hours=HOURS, card_key=b"k" * 32,
            areas={Notices: Notices(chasing_rules)},
        )  # fmt: skip
        self.number = 0

    async def at(self, now, unit):
        async def within(tx):
            return await unit(Context(tx=tx, now=now, trace="t", origin=Origin(), office=self.office))

        return await self.database.write(within)

    async def open(self):
        known = tuple(Known(person=Person(id=name, name=name, department="办公室"), accounts={}) for name in NAMES)
        linked = tuple(Link(person=name, ref=PersonRef("wecom-main", name)) for name in NAMES)
        plan = Plan(joined=known, linked=linked)
        await self.at(MONDAY, lambda ctx: changes.apply(ctx.tx, plan, now=ctx.now, origin=ctx.origin))
        return self

    async def publish(self, *, now=MONDAY, **changed):
        self.number += 1
        draft = Draft(id=f"n{self.number}", number=self.number, sender="li", title="值班", body="请报送", to="zhang")
        return await self.at(now, lambda ctx: publishing.publish(ctx, replace(draft, **changed)))

    async def sweep(self, now):
        await self.at(now, lambda ctx: chasing.on_sweep(replace(ROW, key=f"s{now}", due=now), ctx))

    async def rows(self, sql):
        async def unit(tx):
            return [dict(row) for row in await tx.fetch(sql)]

        return await self.database.read(unit)

    async def reminders(self):
        return [(row["person"], row["rung"], row["notices"]) for row in await self.rows(
            "SELECT person, rung, notices FROM notice_reminder ORDER BY id"
        )]  # fmt: skip


@pytest.fixture
async def desk(database):
    return await Desk(database).open()


AFTERNOON = MONDAY + timedelta(hours=7)  # 16:00, after four working hours


async def test_several_notices_to_one_person_are_one_message(desk):
    for _ in range(3):
        await desk.publish()
    await desk.sweep(AFTERNOON)
    await desk.sweep(AFTERNOON + timedelta(minutes=10))
    assert await desk.reminders() == [("zhang", "card", 3)]
    texts = await desk.rows("SELECT message FROM outbox WHERE message_kind = 'Text'")
    assert len([row for row in texts if "3件通知等回执" in row["message"]]) == 1


async def test_a_day_has_a_budget_that_only_the_gravest_pass(desk):
    for grade in (Grade.URGENT, Grade.URGENT, Grade.URGENT):
        await desk.publish(grade=grade)
    for hour in (3, 7, 8):
        await desk.sweep(MONDAY + timedelta(hours=hour))
    await desk.publish(grade=Grade.URGENT, now=MONDAY + timedelta(hours=5, minutes=40))
    await desk.sweep(MONDAY + timedelta(hours=8, minutes=10))
    assert len(await desk.reminders()) == 2
    await desk.publish(grade=Grade.CRITICAL, now=MONDAY + timedelta(hours=7))
    await desk.sweep(MONDAY + timedelta(hours=8, minutes=20))
    assert len(await desk.reminders()) == 3


@pytest.mark.parametrize(
    ("now", "reminded"),
    [
        (datetime(2026, 4, 27, 15, 0, tzinfo=UTC), set()),  # 23:00
        (datetime(2026, 4, 27, 22, 30, tzinfo=UTC), set()),  # 06:30
        (datetime(2026, 4, 28, 5, 0, tzinfo=UTC), {"wang"}),  # 13:00, the lunch break
        (datetime(2026, 5, 1, 2, 0, tzinfo=UTC), {"wang"}),  # a holiday
        (datetime(2026, 4, 28, 2, 0, tzinfo=UTC), {"wang", "zhang"}),
    ],
)
async def test_at_night_nobody_and_off_duty_only_of_what_is_critical(desk, now, reminded):
    await desk.publish()
    await desk.publish(to="wang", grade=Grade.CRITICAL)
    await desk.sweep(now)
    assert {person for person, _, _ in await desk.reminders()} == reminded


async def test_a_quota_that_is_used_up_becomes_a_reminder_in_the_app(database):
    desk = await Desk(database, Chasing(sms=1, a_day=20)).open()
    for person in ("zhang", "wang"):
        await desk.publish(to=person, grade=Grade.CRITICAL)
    for hour in (2, 4):
        await desk.sweep(MONDAY + timedelta(hours=hour, minutes=30 * (hour == 4)))
    await desk.sweep(MONDAY + timedelta(hours=6))
    rungs = [rung for _, rung, _ in await desk.reminders()]
    assert sorted(rungs) == ["app", "app", "app", "sms"]


async def test_who_has_no_account_is_counted_and_not_chased(database):
    desk = await Desk(database).open()
    ghost = Known(person=Person(id="ghost", name="ghost", department="办公室"), accounts={})
    await desk.at(MONDAY, lambda ctx: changes.apply(ctx.tx, Plan(joined=(ghost,)), now=ctx.now, origin=ctx.origin))
    await desk.publish(to="ghost、zhang")
    await desk.sweep(AFTERNOON)
    assert [person for person, _, _ in await desk.reminders()] == ["zhang"]
    assert await desk.at(AFTERNOON, lambda ctx: store.unreachable(ctx.tx, "n1")) == 1


async def test_who_has_left_is_neither_chased_nor_waited_for(desk):
    notice = await desk.publish(to="zhang、wang")
    await desk.at(MONDAY, lambda ctx: ctx.tx.execute("UPDATE person SET active = 0 WHERE id = 'zhang'"))
    await desk.sweep(AFTERNOON)
    assert [person for person, _, _ in await desk.reminders()] == ["wang"]
    view = await desk.at(AFTERNOON, lambda ctx: views.counts_view(ctx, notice))
    assert (view.total, view.silent_names) == (1, ("wang",))


@pytest.mark.parametrize("now", [MONDAY + timedelta(hours=14), datetime(2026, 5, 1, 2, 0, tzinfo=UTC)])
async def test_the_sender_s_own_reminder_keeps_the_same_hours(desk, now):
    notice = await desk.publish()
    with pytest.raises(errors.BadRequest, match="reminder_hours"):
        await desk.at(now, lambda ctx: chasing.now(ctx, notice))
    assert await desk.reminders() == []


async def test_a_planned_notice_to_nobody_any_more_ends_and_is_told(desk):
    at = MONDAY + timedelta(days=1)
    await desk.publish(to="zhang", at=at)
    await desk.at(MONDAY, lambda ctx: ctx.tx.execute("UPDATE person SET active = 0 WHERE id = 'zhang'"))
    payload = {"notice": "n1", "to": "zhang", "people": [], "groups": []}
    await desk.at(at, lambda ctx: publishing.on_out(replace(ROW, kind=publishing.OUT, payload=payload), ctx))
    assert (await desk.at(at, lambda ctx: store.load(ctx.tx, "n1"))).state == "closed"
    texts = await desk.rows("SELECT message FROM outbox WHERE message_kind = 'Text'")
    assert any("没有发出" in row["message"] for row in texts)


async def test_the_month_s_report_counts_and_names_nobody(desk):
    await desk.publish()
    await desk.sweep(AFTERNOON)
    await desk.at(MONDAY, lambda ctx: ctx.tx.execute("INSERT INTO person_role (role, person) VALUES ('admin', 'li')"))
    first = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
    await desk.at(first, lambda ctx: chasing.on_burden(replace(ROW, key="burden", due=first), ctx))
    (row,) = [one for one in await desk.rows("SELECT message FROM outbox") if "减负月报" in one["message"]]
    assert "2026年4月：发布通知1件，请1人次回执；提醒1次" in row["message"]
