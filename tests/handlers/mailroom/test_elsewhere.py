"""A letter that cannot get through goes to the person's next account, once, with its copy and what waits for it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from cards.model import Attachment, Card, Text
from connectors import errors
from connectors.contract import Capabilities
from connectors.refs import ChatRef, PersonRef
from handlers.mailroom import copies, elsewhere, outbox
from handlers.mailroom.deliver import Postman
from handlers.mailroom.letters import Letter
from handlers.people import staff
from handlers.people.matching import Wanted
from tests.handlers.people.offices import ORIGIN, people_of

from .conftest import Platform

SERVED = ("dd", "wecom")
DD, WECOM = PersonRef("dd", "li"), PersonRef("wecom", "lisi")
PAGE = "https://bot.example.gov.cn/office/items/i1?via={}"
HALF_AN_HOUR = timedelta(minutes=30)


def refused(ref, attempt):
    raise errors.PlatformRefused("account disabled", code="40013")


def down(ref, attempt):
    raise errors.PlatformBusy("HTTP 503")


class Post:
    """李四 with two accounts, 王五 with one; a postman for each account."""

    def __init__(self, database, watch, write):
        self.dd, self.wecom = Platform("dd"), Platform("wecom")
        self.watch, self.write = watch, write
        self.postmen = [
            Postman(database, one, watch, owner=one.account, served=SERVED)  # type: ignore[arg-type]
            for one in (self.dd, self.wecom)
        ]

    async def empty(self):
        while sum([await postman.empty() for postman in self.postmen]):
            pass

    async def copy(self, card=None, **options):
        card = card or Card(kind="t", title="请假", url=PAGE.format("dd"))
        return await self.write(
            copies.open_copy, item="i1", person=self.li, to=DD, kind="t", card=card, version=1,
            now=self.watch(), **options,
        )  # fmt: skip

    async def refresh(self, copy, card):
        await self.write(outbox.refresh, copy, card, now=self.watch())

    async def sweep(self, served=SERVED):
        return await self.write(elsewhere.sweep, served=served, patience=HALF_AN_HOUR, now=self.watch())


@pytest.fixture
async def office(database, watch, write):
    rows = [
        Wanted(name="李四", accounts=(DD, WECOM)),
        Wanted(name="王五", accounts=(PersonRef("dd", "wang"),)),
    ]
    await write(staff.bring_in, rows, now=watch(), origin=ORIGIN)
    post = Post(database, watch, write)
    post.li = (await people_of(database))["李四"].id
    return post


async def test_what_one_account_refuses_for_good_goes_to_the_next(office):
    office.dd.plan = refused
    await office.write(outbox.post, Letter(to=DD, message=Text("好"), key="k"), now=office.watch())
    await office.empty()
    assert office.wecom.arrived == [(WECOM, "好")]
    assert await office.write(outbox.counts) == {}


async def test_the_copy_moves_with_its_letter_and_later_states_find_it(office):
    office.dd.plan = refused
    copy = await office.copy()
    await office.empty()
    assert office.wecom.arrived == [(WECOM, "请假")]
    await office.refresh(copy, Card(kind="t", title="已同意"))
    await office.empty()
    moved = await office.write(copies.find, copy)
    assert moved.to == WECOM
    assert office.wecom.shown[moved.ref.id] == "已同意"
    assert len(office.wecom.arrived) == 1  # changed in place, not said again


async def test_the_page_is_then_signed_in_to_by_the_new_account(office, write):
    office.dd.plan = refused
    await office.copy()
    office.wecom.capabilities = Capabilities(action_cards=False)
    await office.postmen[0].empty()
    (row,) = await write(lambda tx: tx.fetch("SELECT message FROM outbox"))
    assert PAGE.format("wecom") in row["message"]
    assert PAGE.format("dd") not in row["message"]


async def test_the_new_state_of_a_card_on_a_phone_that_is_gone_is_said_on_the_other(office):
    copy = await office.copy()
    await office.empty()
    office.dd.plan = refused
    await office.refresh(copy, Card(kind="t", title="已同意"))
    await office.empty()
    assert office.wecom.arrived == [(WECOM, "已同意")]


async def test_a_fleeting_state_is_not(office):
    copy = await office.copy()
    await office.empty()
    office.dd.plan = refused
    await office.refresh(copy, Card(kind="t", title="几秒后生效", fleeting=True))
    await office.empty()
    assert office.wecom.arrived == []


async def test_somebody_with_one_account_is_shown_to_the_operator(office):
    office.dd.plan = refused
    letter = Letter(to=PersonRef("dd", "wang"), message=Text("好"), key="k")
    await office.write(outbox.post, letter, now=office.watch())
    await office.empty()
    (dead,) = await office.write(outbox.list_dead)
    assert dead["recipient"] == "wang"


async def test_where_every_account_refuses_it_ends(office):
    office.dd.plan = office.wecom.plan = refused
    await office.copy()
    await office.empty()
    (dead,) = await office.write(outbox.list_dead)
    assert (dead["account"], dead["tried"]) == ("wecom", "dd")


async def test_files_and_groups_have_one_place(office):
    office.dd.plan = refused
    for number, (to, message) in enumerate([(DD, Attachment("file", "m1")), (ChatRef("dd", "all"), Text("好"))]):
        await office.write(outbox.post, Letter(to=to, message=message, key=str(number)), now=office.watch())
    await office.empty()
    assert office.wecom.arrived == []
    assert (await office.write(outbox.counts))["dead"] == 2


async def test_an_urgent_letter_does_not_wait_for_a_platform_that_is_down(office):
    office.dd.plan = down
    await office.copy(urgent=True)
    await office.empty()
    office.watch.forward(minutes=29)
    assert (await office.sweep()).urgent == 0
    office.watch.forward(minutes=2)
    assert (await office.sweep()).urgent == 1
    await office.empty()
    assert office.wecom.arrived == [(WECOM, "请假")]
    office.dd.plan = lambda ref, attempt: None
    office.watch.forward(hours=1)
    await office.empty()
    assert office.dd.arrived == []


async def test_one_behind_a_letter_that_cannot_get_through_is_late_as_well(office):
    office.dd.plan = down
    await office.write(outbox.post, Letter(to=DD, message=Text("不急"), key="k"), now=office.watch())
    await office.copy(urgent=True)
    await office.empty()
    office.watch.forward(minutes=31)
    await office.sweep()
    await office.empty()
    assert office.wecom.arrived == [(WECOM, "请假")]


async def test_what_is_not_urgent_waits(office):
    office.dd.plan = down
    await office.write(outbox.post, Letter(to=DD, message=Text("不急"), key="k"), now=office.watch())
    await office.empty()
    office.watch.forward(minutes=31)
    assert await office.sweep() == elsewhere.Swept()


async def test_what_perhaps_arrived_is_not_said_twice_for_being_slow(office):
    def lost(ref, attempt):
        raise errors.Unsure("no answer")

    office.dd.plan = lost
    await office.copy(urgent=True)
    await office.empty()
    office.watch.forward(minutes=31)
    assert await office.sweep() == elsewhere.Swept()


async def test_after_three_days_of_trying_it_goes_on_as_a_possible_repeat(office):
    def lost(ref, attempt):
        raise errors.Unsure("no answer")

    office.dd.plan = lost
    office.wecom.capabilities = Capabilities(safe_repeat=frozenset({"Text"}))
    await office.write(outbox.post, Letter(to=DD, message=Text("好"), key="k"), now=office.watch())
    await office.empty()
    office.watch.forward(days=3, hours=1)
    await office.empty()
    assert office.wecom.repeated == ["好"]


async def test_letters_of_an_account_that_is_gone_move_or_die(office):
    await office.copy()
    letter = Letter(to=PersonRef("dd", "wang"), message=Text("好"), key="k")
    await office.write(outbox.post, letter, now=office.watch())
    assert await office.sweep(served=("wecom",)) == elsewhere.Swept(moved=1, dead=1)
    await office.postmen[1].empty()
    assert office.wecom.arrived == [(WECOM, "请假")]
    (dead,) = await office.write(outbox.list_dead)
    assert dead["error"] == elsewhere.GONE


async def test_states_that_wait_for_the_same_copy_follow_it(office):
    copy = await office.copy()
    await office.empty()
    office.dd.plan = down
    await office.refresh(copy, Card(kind="t", title="一"))
    await office.empty()
    await office.refresh(copy, Card(kind="t", title="二"))
    await office.sweep(served=("wecom",))
    await office.postmen[1].empty()
    found = await office.write(copies.find, copy)
    assert office.wecom.shown[found.ref.id] == "二"
    assert [to for to, _ in office.wecom.arrived] == [WECOM]


async def test_a_leaver_gets_nothing_anywhere(office, write):
    await office.copy()
    await write(lambda tx: tx.execute("UPDATE person SET active = 0"))
    assert await office.sweep(served=("wecom",)) == elsewhere.Swept(dead=1)


async def test_somebody_elses_fence_keeps_a_letter_where_it_is(office, database, watch):
    await office.copy()
    claimed = await database.write(partial(outbox.claim, account="dd", owner="other", now=watch(), limit=1))
    assert await office.sweep(served=("wecom",)) == elsewhere.Swept()
    assert await database.write(partial(outbox.sent, letter=claimed[0], handle={}, now=watch()))
