"""A calendar changes under leaves that were counted without it: personnel see the list and decide."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cards import actions
from cards import leave_recount as cards
from connectors.dingtalk import outbound
from connectors.events import ButtonPressed, TextReceived
from connectors.refs import MessageRef, PersonRef
from connectors.wecom import template_cards
from handlers import errors
from handlers.audit.facts import Origin
from handlers.context import Context, Office
from handlers.days.workdays import UnknownYear
from handlers.leave import recounting, store
from handlers.leave.book import ledger, submission
from handlers.leave.book.entries import Cause
from handlers.leave.law import counting
from handlers.leave.law.counting import DAY, CountRules
from handlers.leave.law.policy import AnnualPolicy, BracketChange, Kind
from handlers.leave.law.rules import LeaveRules, Policy
from handlers.mailroom.due import Due
from tests.handlers.leave.books import leave, packaged_calendar, stamp, year_lot

NOW = datetime(2026, 12, 10, 1, tzinfo=UTC)
KEY = b"k" * 32
KINDS = {
    "annual": Kind(code="annual", title="年假", aliases=(), rules=CountRules(), limited=True),
    "sick": Kind(
        code="sick", title="病假", aliases=(), rules=CountRules(counting=counting.Counting.CALENDAR_DAYS), limited=False
    ),
}
ANNUAL = AnnualPolicy(brackets=((1, 5),), bracket_change=BracketChange.SAME_DAY_FULL)
RULES = LeaveRules(
    policies={"organ": (Policy(name="organ", annual=ANNUAL, kinds=KINDS, unknown_year=UnknownYear.STATUTORY_RULE),)},
    default="organ",
)
BEFORE = replace(packaged_calendar(), unknown_year=UnknownYear.STATUTORY_RULE)
AFTER = replace(
    BEFORE,
    years=BEFORE.years | {2027},
    statutory=BEFORE.statutory | BEFORE.statutory_without_notice,
    days_off=BEFORE.days_off | {date(2027, 1, 1), date(2027, 1, 4)},
    makeup_workdays=BEFORE.makeup_workdays | {date(2027, 1, 9)},
)
DIGEST = "0123456789abcdef" * 4


class Desk:
    """Anna and Bo asked for the first week of 2027; Wang and Chen are personnel."""

    def __init__(self, database):
        self.database = database
        self.office = Office(calendar=AFTER, areas={LeaveRules: RULES}, card_key=KEY)
        self.taps = 0

    def ctx(self, tx, person=""):
        return Context(tx=tx, now=NOW, trace="t", origin=Origin(person=person), office=self.office)

    async def arrived(self):
        payload = {"digest": DIGEST, "since": "2027-01-01"}
        row = Due(
            id=1, key="k", kind=recounting.KIND, due=NOW, payload=payload, attempts=1, owner="", fence=1
        )
        await self.database.write(lambda tx: recounting.on_due(row, self.ctx(tx)))

    async def tap(self, who, *options, act=recounting.CONFIRM):
        self.taps += 1
        item = f"recount-{DIGEST[:16]}-20270101"
        payload = actions.pack(actions.Action(act, item), to=who, key=KEY)
        event = ButtonPressed(
            account="wecom-main",
            key=f"tap{self.taps}",
            raw={},
            sender=PersonRef("wecom-main", who),
            message=MessageRef("wecom-main", f"m{self.taps}"),
            at=NOW,
            payload=payload,
            inputs={cards.LEAVES: options} if options else {},
        )
        return await self.database.write(lambda tx: recounting.on_button(event, self.ctx(tx, who)))

    async def said(self, who, text):
        self.taps += 1
        event = TextReceived(
            account="wecom-main", key=f"text{self.taps}", at=NOW, sender=PersonRef("wecom-main", who), text=text
        )
        return await self.database.write(lambda tx: recounting.on_text(event, self.ctx(tx, who)))

    async def causes(self, person):
        entries = await self.database.read(lambda tx: store.load(tx, person))
        return [entry.cause for entry in entries], ledger.balance(entries, on=date(2027, 1, 31)).used / DAY

    async def messages(self, kind="text"):
        rows = await self.database.read(lambda tx: tx.fetch("SELECT recipient, message FROM outbox ORDER BY id"))
        return [(row["recipient"], json.loads(row["message"])) for row in rows]

    async def offered(self):
        return [to for to, said in await self.messages() if "放假安排有变" in str(said)]


@pytest.fixture
async def desk(database):
    async def unit(tx):
        ctx = Context(tx=tx, now=NOW, trace="", origin=Origin(), office=Office())
        for person in ("anna", "bo", "wang", "chen"):
            await tx.execute(
                "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile,"
                " category, joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
                " VALUES (?, ?, '', '', '', '', '2010-05-01', 'female', '', '', '', '', '', 1, 0, '', '')",
                person, person,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO person_account (account, platform_id, person, union_id) VALUES ('wecom-main', ?, ?, '')",
                person, person,
            )  # fmt: skip
        for person in ("wang", "chen"):
            await tx.execute("INSERT INTO person_role (role, person) VALUES ('personnel', ?)", person)
        terms = submission.Terms(kind="annual", rules=CountRules(), calendar=BEFORE)
        for person, last in (("anna", "2027-01-08"), ("bo", "2027-01-10")):
            given = ledger.grant([], year_lot(2027), 6 * DAY, stamp=stamp("2026-12-01"))
            asked = leave("2027-01-04", last)
            given += submission.submit(given, f"r-{person}", asked, terms=terms, stamp=stamp("2026-12-01")).entries
            given += ledger.consume(given, f"r-{person}", stamp=stamp("2026-12-02"))
            await store.append(ctx, person, given)

    await database.write(unit)
    return Desk(database)


async def test_personnel_get_the_list_and_nothing_is_written(desk):
    await desk.arrived()
    assert await desk.offered() == ["wang", "chen"]
    (_, card), _ = [(to, said) for to, said in await desk.messages() if "放假安排有变" in str(said)]
    assert [field["value"] for field in card["fields"]] == [
        "年假 2027年1月4日（周一） 至 1月8日（周五）：5天 → 4天",
        "年假 2027年1月4日（周一） 至 1月10日（周日）：天数不变，换了日子",
    ]
    assert (await desk.causes("anna"))[1] == 5


async def test_a_confirmed_leave_becomes_an_entry_and_its_person_is_told(desk):
    await desk.arrived()
    card = await desk.tap("wang", "r-anna:-480")
    assert [field.name for field in card.fields] == ["bo"]
    assert (await desk.tap("chen", "r-bo:0")).state == "已办完"
    assert await desk.causes("anna") == ([Cause.GRANT, Cause.HOLD, Cause.CONSUME, Cause.RECOUNT], 4)
    assert [said["content"] for to, said in await desk.messages() if to == "anna"] == [
        "您2027年1月4日（周一） 至 1月8日（周五）的年假，按新的放假安排由5天改为4天，差额已记入余额。发“解释”看明细。"
    ]


async def test_a_second_tap_writes_nothing_more(desk):
    await desk.arrived()
    await desk.tap("wang", "r-anna:-480")
    await desk.tap("chen", "r-anna:-480")
    assert len((await desk.causes("anna"))[0]) == 4


async def test_what_was_shown_differently_is_not_written(desk):
    await desk.arrived()
    await desk.tap("wang", "r-anna:-960")
    assert (await desk.causes("anna"))[1] == 5


async def test_none_of_them_is_remembered_for_this_calendar(desk):
    await desk.arrived()
    card = await desk.tap("wang", act=recounting.DECLINE)
    assert "2份不调整" in card.subtitle
    said = len(await desk.messages())
    await desk.arrived()
    assert len(await desk.messages()) == said
    assert (await desk.causes("anna"))[1] == 5


async def test_the_line_for_none_of_them_declines_whatever_else_is_ticked(desk):
    await desk.arrived()
    card = await desk.tap("wang", "r-anna:-480", cards.NONE)
    assert "2份不调整" in card.subtitle
    assert (await desk.causes("anna"))[1] == 5


@pytest.mark.parametrize(("words", "days"), [("重算 全部", 4), ("重算 不调整", 5)])
async def test_words_stand_for_the_tap(desk, words, days):
    await desk.arrived()
    await desk.said("wang", words)
    assert (await desk.causes("anna"))[1] == days
    assert [said["content"] for to, said in await desk.messages() if to == "wang" and "content" in said][-1].startswith(
        "已调整2份" if days == 4 else "2份不调整"
    )


async def test_the_card_can_be_shown_on_both_platforms(desk):
    await desk.arrived()
    card = await desk.tap("wang")
    assert template_cards.render(card, task_id="t1")["card_type"] == "vote_interaction"
    assert outbound.variables(card)


async def test_without_a_tick_nothing_happens(desk):
    await desk.arrived()
    card = await desk.tap("wang")
    assert card.buttons
    assert (await desk.causes("anna"))[1] == 5


async def test_only_personnel_may_decide(desk):
    await desk.arrived()
    with pytest.raises(errors.NotAllowed):
        await desk.tap("bo", "r-anna:-480")


async def test_where_nothing_changes_nobody_is_asked(desk):
    desk.office = replace(desk.office, calendar=BEFORE)
    await desk.arrived()
    assert await desk.offered() == []
