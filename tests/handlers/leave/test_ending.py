"""Leave that is about to lapse: who is told of it, when, and only once; on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.leave import ending, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Lot
from handlers.leave.law.counting import DAY, CountRules
from handlers.leave.law.policy import AnnualPolicy, BracketChange, Kind
from handlers.leave.law.practice import Practice, Toil, practice_from
from handlers.leave.law.rules import LeaveRules, Policy
from handlers.mailroom.due import Due
from tests.handlers.leave.books import packaged_calendar, stamp, year_lot

ANNUAL = AnnualPolicy(brackets=((1, 5),), bracket_change=BracketChange.SAME_DAY_FULL)
KINDS = {
    code: Kind(code=code, title=title, aliases=(), rules=CountRules(), limited=True)
    for code, title in (("annual", "年假"), ("toil", "调休"))
}
SATURDAY, FIRST_WORKDAY, WEEK_AFTER = date(2026, 10, 10), date(2026, 10, 8), date(2026, 10, 12)
"""The National Day holiday ends with the 7th; the 10th is a Saturday that is worked."""


class Desk:
    """Wang is personnel, without a first-work date; Gone has left, Mute has no account."""

    def __init__(self, database):
        self.database = database

    async def morning(self, day, practice=None, kinds=KINDS):
        """The rule's row and whatever it puts after itself."""
        policy = Policy(name="organ", annual=ANNUAL, kinds=kinds, practice=practice or Practice())
        rules = LeaveRules(policies={"organ": (policy,)}, default="organ")
        office = Office(calendar=packaged_calendar(), areas={LeaveRules: rules})
        now = datetime(day.year, day.month, day.day, 1, 20, tzinfo=UTC)
        waiting = {"planned": day.isoformat()}
        while waiting is not None:
            row = Due(id=1, key="k", kind=ending.KIND, due=now, payload=waiting, attempts=1, owner="", fence=1)

            async def unit(tx, row=row):
                ctx = Context(tx=tx, now=now, trace="", origin=Origin(), office=office)
                await ending.on_due(row, ctx)
                (*_, later) = [None, *await tx.fetch("SELECT payload FROM due WHERE state = 'waiting'")]
                await tx.execute("UPDATE due SET state = 'done'")
                return json.loads(later["payload"]) if later else None

            waiting = await self.database.write(unit)

    async def said(self):
        rows = await self.database.read(lambda tx: tx.fetch("SELECT recipient, message FROM outbox ORDER BY id"))
        return [(row["recipient"], json.loads(row["message"])["content"]) for row in rows]

    async def told(self):
        return [who for who, _ in await self.said()]

    async def gives(self, person, *lots, ref=""):
        """(lot, days) that the person has from now on, or no more."""

        async def unit(tx):
            ctx = Context(tx=tx, now=datetime(2026, 7, 1, tzinfo=UTC), trace="", origin=Origin(), office=Office())
            entries = await store.load(tx, person)
            for lot, days in lots:
                write = ledger.grant if days > 0 else ledger.adjust
                entries += (new := write(entries, lot, int(days * DAY), stamp=stamp("2026-07-01"), ref=ref))
                await store.append(ctx, person, new)

        await self.database.write(unit)


def overtime(until, name="周末加班"):
    return Lot("toil", name, date(2026, 6, 1), date.fromisoformat(until))


@pytest.fixture
async def desk(database):
    async def unit(tx):
        for person, worked, active in (
            ("anna", "2015-05-01", 1), ("bo", "2015-05-01", 1), ("gone", "2015-05-01", 0), ("mute", "2015-05-01", 1),
            ("wang", "", 1),
        ):  # fmt: skip
            await tx.execute(
                "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile,"
                " category, joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
                " VALUES (?, ?, '', '', '', '', ?, 'female', '', '', '', '', '', ?, 0, '', '')",
                person, person, worked, active,
            )  # fmt: skip
            if person != "mute":
                await tx.execute(
                    "INSERT INTO person_account (account, platform_id, person, union_id)"
                    " VALUES ('wecom-main', ?, ?, '')",
                    person, person,
                )  # fmt: skip
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('personnel', 'wang')")

    await database.write(unit)
    desk = Desk(database)
    whole = year_lot(2026, name="annual-2026")
    await desk.gives("bo", (whole, 5), ref="entitlement-2026")
    await desk.gives("bo", (whole, -5))
    return desk


async def test_who_has_leave_left_hears_of_it_on_the_first_working_day_three_months_before(desk):
    await desk.morning(date(2026, 9, 28))
    await desk.morning(date(2026, 10, 5))  # Monday, a holiday
    assert await desk.said() == []
    await desk.morning(FIRST_WORKDAY)
    (anna, own), (wang, all_of_it) = await desk.said()
    assert (anna, wang) == ("anna", "wang")
    assert own.startswith("您还有5天年假没有休，12月31日到期。想休直接说“年假 下周一到周三”")
    assert "提醒了1人，共5天" in all_of_it


async def test_everybody_is_told_once_and_personnel_only_of_news(desk):
    await desk.morning(FIRST_WORKDAY)
    for day in (FIRST_WORKDAY, SATURDAY, WEEK_AFTER, date(2026, 10, 19)):
        await desk.morning(day)
    assert await desk.told() == ["anna", "wang"]
    await desk.gives("bo", (overtime("2026-11-10"), 1.5))
    await desk.morning(date(2026, 10, 19))
    assert (await desk.said())[2:] == [
        ("bo", "您还有调休1.5天，11月10日到期。要用直接说“调休 下周一上午”就行。"),
        ("wang", (await desk.said())[-1][1]),
    ]


async def test_a_week_in_which_the_office_was_down_is_made_good_by_the_next(desk):
    await desk.morning(date(2026, 10, 9))  # not the first working day of its week: its rule had its chance
    assert await desk.said() == []
    await desk.morning(WEEK_AFTER)
    assert await desk.told() == ["anna", "wang"]


async def test_many_people_are_done_in_parts_and_personnel_hear_the_sum(desk, monkeypatch):
    monkeypatch.setattr(ending, "_AT_ONCE", 1)
    await desk.gives("bo", (overtime("2026-11-01"), 2))
    await desk.morning(FIRST_WORKDAY)
    assert await desk.told() == ["anna", "bo", "wang"]
    assert "提醒了2人，共7天" in (await desk.said())[-1][1]


async def test_what_was_carried_over_is_named_beside_the_years_own(desk):
    carried = Lot("annual", "carried-2025", date(2026, 1, 1), date(2026, 12, 31), "annual-2025")
    await desk.gives("anna", (carried, 2))
    await desk.morning(FIRST_WORKDAY)
    assert "您还有7天年假没有休：2025年（结转）2天，12月31日到期；2026年5天" in (await desk.said())[0][1]


async def test_time_off_in_lieu_says_what_ends_first(desk):
    await desk.gives("bo", (overtime("2026-11-01", "早的"), 0.5), (overtime("2027-03-01", "晚的"), 2))
    await desk.morning(FIRST_WORKDAY)
    assert ("bo", "您还有调休2.5天，最早的0.5天11月1日到期。要用直接说“调休 下周一上午”就行。") in await desk.said()


async def test_an_office_may_say_when_or_never(desk):
    await desk.gives("bo", (overtime("2026-11-01"), 1))
    await desk.morning(FIRST_WORKDAY, practice=Practice(ending_within=0, toil=Toil(ending_within=0)))
    assert await desk.said() == []
    assert practice_from({"ending_within": 30, "toil": {"ending_within": 7}}) == Practice(
        ending_within=30, toil=Toil(ending_within=7)
    )
    await desk.morning(FIRST_WORKDAY, practice=Practice(ending_within=30))
    assert await desk.told() == ["bo", "wang"]


async def test_a_kind_that_the_rules_have_no_more_keeps_nobody_from_hearing_of_the_rest(desk):
    await desk.gives("anna", (overtime("2026-11-01"), 1))
    await desk.morning(FIRST_WORKDAY, kinds={"annual": KINDS["annual"]})
    assert await desk.told() == ["anna", "wang"]
