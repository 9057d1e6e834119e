"""Every packaged form from its values to its end, by the people whom its simulation names, on both platforms.

What is filled in stands in tests/recordings/packaged_forms.yaml. The strict sandboxes refuse a card that breaks a limit
of its platform; that a card is on a phone therefore says that it could be shown there.
"""

from __future__ import annotations

import pytest
from form_desk import BOOK, Desk, left_to, office, staff

from handlers import errors
from handlers.approval import act, engine, rebuilding, store, submitting
from handlers.approval.engine import Kind, State, Verb
from handlers.audit import log

STORIES = {"notice_fix", "meeting_move", "minutes", "trip_report"}
OTHERS = [code for code in BOOK["forms"] if not code.startswith("leave") and code not in STORIES]
"""A leave is asked for in words and charged to a ledger: test_leave_story.py, test_leave_return.py. A correction
needs the notice that it is about (test_notices.py), minutes the meeting (test_one_step.py), a move as well
(test_meeting_move.py), a report the trip (test_trip_report.py)."""
ENDS = ("已同意", "已办结", "已生效")
"""What nobody was asked about is not agreed to: it is done, or in force."""


@pytest.fixture(params=[0, 1], ids=["clerk-on-dingtalk", "clerk-on-wecom"])
async def desk(request, open_town):
    people = staff(request.param)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def decided(desk, code):
    """Plays a form to its end; who acted, in order, each from a card that was on their phone."""
    applicant, item = await desk.submitted(code)
    acted = []
    while item.request.state is State.PENDING:
        index = engine.present(item.request)[0]
        person = next(one for one in desk.people.values() if one.id == engine.waiting_for(item.request)[0])
        acted.append(f"{item.request.steps[index].name} {person.name}")
        item = await agreed(desk, code, item, person, applicant)
    platform, user = desk.phone(applicant.name)
    await desk.town.until(
        lambda: any(card.title.endswith(ENDS) for card in desk.town.cards(platform, user, _title(desk, code))),
        f"{applicant.name} sees that {code} is approved",
    )
    return item, acted


def _title(desk, code):
    return desk.form(code).title


async def agreed(desk, code, item, person, applicant):
    """A tap where a tap is enough, the page where people or evidence have to be named."""
    request = item.request
    index = engine.present(request)[0]
    platform, user = desk.phone(person.name)
    card = await desk.town.open_card(platform, user, f"{applicant.name}的{desk.form(code).title}")
    if request.steps[index].kind is not Kind.DECIDE or left_to(request, index):
        return await desk.consent(code, item, person)
    await desk.town.tap(platform, user, card, "同意")

    async def moved():
        return (await desk.item(item)).request.version > request.version

    await desk.town.until(moved, f"{person.name} agrees to {code}")
    return await desk.item(item)


def _asked_for(item):
    return {one.key for step in item.request.steps for one in step.task}


async def test_every_packaged_form_reaches_its_end_on_both_platforms(desk):
    for code in OTHERS:
        try:
            item, acted = await decided(desk, code)
            assert item.request.state is State.APPROVED
            assert acted == BOOK["forms"][code]["decides"]
            assert set(BOOK["forms"][code].get("evidence", {})) & _asked_for(item) <= set(item.fields)
        except Exception as error:
            error.add_note(f"in the form {code}")
            raise
        await desk.town.forward(minutes=2)  # our own limit: so many cards a minute for one person
    await desk.town.settled()
    states = {row["state"] for row in await desk.town.rows("SELECT DISTINCT state FROM outbox")}
    assert states <= {"sent", "done", "waiting", "replaced"}


async def test_a_number_plate_that_is_none_sends_no_car(desk):
    _, item = await desk.submitted("vehicle")
    dispatcher = desk.people["吴刚"]
    for wrong in ("12345", ""):
        with pytest.raises(errors.BadRequest) as refused:
            await desk.consent("vehicle", item, dispatcher, plate=wrong)
        assert [one.path for one in refused.value.circumstances["problems"]] == [("plate",)]
    assert (await desk.item(item)).request.version == item.request.version


async def test_a_trip_by_bus_needs_neither_plate_nor_driver(desk):
    _, item = await desk.submitted("vehicle")
    dispatcher = desk.people["吴刚"]
    item = await desk.consent("vehicle", item, dispatcher, arrangement="公共交通", plate="", driver="")
    none = {"odometer_out": "", "mileage": "", "road_note": ""}
    item = await desk.consent("vehicle", item, dispatcher, road_cost="6.50", **none)
    assert item.request.state is State.APPROVED
    assert item.fields["road_cost"] == 650
    assert "odometer_back" not in item.fields


async def test_the_meter_of_a_car_that_came_back_is_computed(desk):
    _, item = await desk.submitted("vehicle")
    for _ in range(2):
        item = await desk.consent("vehicle", item, desk.people["吴刚"])
    assert item.fields["odometer_back"] == 56018
    assert item.fields["road_cost"] == 2500


async def test_a_keeper_finishes_a_task_with_words(desk):
    """`办结` with the evidence by its title: money is yuan, as people say it."""
    _, item = await desk.submitted("visitor")
    item = await desk.consent("visitor", item, desk.people["何军"])
    platform, user = desk.phone("郑海")
    await desk.town.open_card(platform, user, "高洁的访客预约")
    await desk.town.say(platform, user, f"办结 {item.number} 实到人数 1 离开时刻 10:40")

    async def over():
        return (await desk.item(item)).request.state is State.APPROVED

    await desk.town.until(over, "the gate has registered the visitor")
    fields = (await desk.item(item)).fields
    assert (fields["arrived"], fields["left_at"]) == (1, "10:40")


async def test_a_driver_is_named_in_words(desk):
    _, item = await desk.submitted("vehicle")
    platform, user = desk.phone("吴刚")
    await desk.town.open_card(platform, user, "高洁的用车申请")
    await desk.town.say(platform, user, f"办结 {item.number} 派车方式 单位派车 车牌号 粤A12345 驾驶员 郑海")

    async def dispatched():
        return (await desk.item(item)).fields.get("driver") == desk.people["郑海"].id

    await desk.town.until(dispatched, "the dispatcher sends 郑海")


async def test_an_incoming_paper_is_assigned_done_and_filed_in_words(desk):
    _, item = await desk.submitted("incoming")
    item = await desk.consent("incoming", item, desk.people["李四"])
    number = item.number
    await desk.said("孙立新", f"批办 {number} 何军")
    await desk.said("何军", f"办结 {number} 办理结果 已书面回复无意见")
    await desk.said("李四", f"同意 {number}")
    await desk.said("张三", f"办结 {number} 归档号 2026-收-0087")
    item = await desk.item(item)
    assert item.request.state is State.APPROVED
    assert (item.fields["result"], item.fields["archive_number"]) == ("已书面回复无意见", "2026-收-0087")


async def test_a_paper_for_information_is_read_by_everybody_whom_the_office_names(desk):
    _, item = await desk.submitted("incoming", handling="阅件")
    number = item.number
    await desk.said("李四", f"批办 {number} 何军、王五")
    await desk.said("何军", f"已阅 {number}")
    assert [one.status for one in (await desk.item(item)).request.steps][1] is engine.Status.OPEN
    await desk.said("王五", f"已阅 {number}")
    await desk.said("张三", f"办结 {number} 归档号 2026-收-0088")
    assert (await desk.item(item)).request.state is State.APPROVED


async def returned(desk, name, item, *, resume=False):
    """`name` sends the item back to its applicant."""
    wanted = engine.Act(verb=Verb.RETURN, opinion="请补上近期同类采购", resume=resume)
    return await desk.write(desk.people[name], lambda ctx: act.perform(ctx, item.id, wanted, by=desk.people[name]))


async def again(desk, applicant, item, raw):
    """The applicant mends the item on the page and submits it once more."""

    async def unit(ctx):
        await submitting.change(ctx, await store.lock(ctx.tx, item.id), applicant, {**item.fields, **raw})
        return await act.perform(ctx, item.id, engine.Act(verb=Verb.RESUBMIT), by=applicant)

    return await desk.write(applicant, unit)


def going(item):
    """The steps of the route that counts, by their state."""
    return [f"{one.name} {one.status}" for one in item.request.steps if one.status is not engine.Status.DROPPED]


async def rebuilt(desk, item):
    facts = await desk.town.service.database.read(lambda tx: log.read(tx, item.id))
    return rebuilding.rebuilt(facts)


async def test_a_returned_item_with_another_amount_goes_another_way(desk):
    applicant, item = await desk.submitted("procurement")
    item = await desk.consent("procurement", item, desk.people["何军"])
    assert "leader ahead" not in going(item)
    item = await returned(desk, "冯雪", item, resume=True)
    item = await again(desk, applicant, item, {"recent": 700050})
    assert going(item) == ["manager open", "finance ahead", "office ahead", "leader ahead", "buy ahead", "accept ahead"]
    (reopened,) = await desk.town.journal("approval.item_reopened")
    assert [one["name"] for one in reopened["route"]] == ["manager", "finance", "office", "leader", "buy", "accept"]
    assert await rebuilt(desk, item) == (await desk.item(item)).request
    platform, user = desk.phone("何军")
    await desk.town.settled()  # the card of the first time is closed by then
    await desk.town.tap(platform, user, await desk.town.open_card(platform, user, "高洁的采购"), "同意")

    async def on():
        return "finance open" in going(await desk.item(item))

    await desk.town.until(on, "何军 agrees once more")


async def test_a_returned_item_that_goes_the_same_way_comes_straight_back(desk):
    applicant, item = await desk.submitted("procurement")
    item = await desk.consent("procurement", item, desk.people["何军"])
    item = await returned(desk, "冯雪", item, resume=True)
    item = await again(desk, applicant, item, {"recent": 700049})
    assert going(item)[:2] == ["manager done", "finance open"]
    (reopened,) = await desk.town.journal("approval.item_reopened")
    assert reopened["route"] == []
    assert await rebuilt(desk, item) == (await desk.item(item)).request


async def test_a_returned_item_that_is_no_longer_right_stays_with_its_applicant(desk):
    applicant, item = await desk.submitted("procurement")
    item = await returned(desk, "何军", item)
    with pytest.raises(errors.BadRequest) as refused:
        await again(desk, applicant, item, {"recent": 25000000})
    assert [one.path for one in refused.value.circumstances["problems"]] == [("minutes",)]
    assert (await desk.item(item)).request.state is State.RETURNED


async def test_what_was_bought_or_stamped_is_not_taken_back_by_a_button(desk):
    applicant, item = await desk.submitted("overtime")
    item = await desk.consent("overtime", item, desk.people["何军"])
    assert item.request.state is State.APPROVED
    cards = desk.town.cards(*desk.phone(applicant.name), desk.form("overtime").title)
    assert not any(button.text.startswith("取消") for card in cards for button in card.buttons)
    with pytest.raises(errors.NotAllowed, match="not_cancellable"):
        await desk.write(applicant, lambda ctx: act.perform(ctx, item.id, engine.Act(verb=Verb.CANCEL), by=applicant))
