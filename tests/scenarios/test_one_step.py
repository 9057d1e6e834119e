"""One submission calls a meeting: notice and receipts, leader, room, calendars, car; all of it or nothing, one undo."""

from __future__ import annotations

import pytest
from form_desk import Desk, office, staff

from handlers import errors
from handlers.approval import act, engine
from handlers.approval.meetings import notice_files
from handlers.approval.papers import files

HELD = "SELECT COUNT(*) AS n FROM reservation WHERE state IN ('held', 'booked')"
ENTRIES = "SELECT COUNT(*) AS n FROM agenda_entry WHERE state = 'active'"


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def count(desk, sql):
    (row,) = await desk.town.rows(sql)
    return row["n"]


async def places(desk):
    """Everything that a meeting writes."""
    tables = ("item", "notice", "notice_receipt", "reservation", "agenda_entry", "copy")
    everything = await desk.town.everything()
    told = await desk.town.rows("SELECT id FROM journal WHERE kind LIKE 'notice.%' OR kind LIKE 'approval.%'")
    return {table: everything[table] for table in tables} | {"told": told}


async def called(desk, **changes):
    """高洁 calls the recorded meeting."""
    _, item = await desk.submitted("meeting_call", **changes)
    await desk.town.settled()
    return await desk.item(item)


async def test_one_submission_and_three_taps_put_everything_in_place(desk):
    item = await called(desk, car="yes", car_to="市政府", car_people="3")
    assert await count(desk, HELD) == 1
    invited = await desk.town.rows("SELECT person FROM notice_receipt")
    assert await count(desk, ENTRIES) == len(invited) + 2  # who called it and the leader
    (ride,) = await desk.town.rows("SELECT id, state, number FROM item WHERE form = 'vehicle'")
    assert ride["state"] == "pending"
    leader, user = desk.phone("赵六")
    card = await desk.town.card(leader, user, "年终总结会")
    await desk.town.tap(leader, user, card, "已阅")
    platform, li = desk.phone("李四")
    notice = await desk.town.card(platform, li, "年终总结会")
    assert "三楼会议室" in notice.quote
    await desk.town.tap(platform, li, notice, "参加")
    await desk.town.settled()
    assert (await desk.item(item)).request.state == "approved"
    (answer,) = await desk.town.journal("notice.answered")
    assert answer["reply"] == "attend"


async def test_a_room_that_is_taken_refuses_the_whole_and_leaves_nothing(desk):
    await called(desk)
    before = await places(desk)
    with pytest.raises(errors.Clash):
        await called(desk, topic="另一个会")
    assert await places(desk) == before


async def test_a_name_that_nobody_has_refuses_the_whole(desk):
    before = await places(desk)
    with pytest.raises(errors.BadRequest, match="notice_unknown"):
        await called(desk, to="保卫科")
    assert await places(desk) == before


async def test_one_withdrawal_takes_everything_back(desk):
    item = await called(desk, car="yes", car_to="市政府", car_people="3")
    platform, user = desk.phone("高洁")
    await desk.town.say(platform, user, f"撤回 {item.number}")
    await desk.town.settled()
    assert [row["state"] for row in await desk.town.rows("SELECT state FROM notice")] == ["recalled"]
    assert await count(desk, HELD) == 0
    assert await count(desk, ENTRIES) == 0
    (ride,) = await desk.town.rows("SELECT state FROM item WHERE form = 'vehicle'")
    assert ride["state"] == "withdrawn"
    li = desk.phone("李四")
    await desk.town.until(
        lambda: [card for card in desk.town.cards(*li, "年终总结会") if card.state == "已撤回"],
        "who was invited sees that it is off",
    )


async def test_one_sentence_is_enough(desk):
    platform, user = desk.phone("高洁")
    await desk.town.say(platform, user, "开会 周四下午3点到5点 三楼会议室 办公室、各科长 年终总结会 呈赵六")
    card = await desk.town.card(platform, user, "请确认")
    shown = {field.name: field.value for field in card.fields}
    assert (shown["会议室"], shown["呈阅领导"]) == ("三楼会议室", "赵六")
    await desk.town.tap(platform, user, card, "不涉密，提交")
    await desk.town.card(*desk.phone("李四"), "年终总结会")
    await desk.town.settled()
    assert await count(desk, HELD) == 1


async def test_materials_are_asked_for_and_minutes_become_tasks(desk):
    item = await called(desk, materials_from=["张三"], materials_by="2026-04-29", leaders=[])
    (duty,) = await desk.town.rows("SELECT id, state FROM item WHERE form = 'duty'")
    assert duty["state"] == "pending"
    card = await desk.town.card(*desk.phone("张三"), "报送“年终总结会”的材料")
    assert "办好了" in [button.text for button in card.buttons]
    _, minutes = await desk.submitted("minutes", number=str(item.number))
    signed = await desk.consent("minutes", minutes, desk.people["何军"])
    assert signed.request.state == "approved"
    tasks = await desk.town.rows("SELECT fields_json AS fields FROM item WHERE form = 'duty' AND id <> ?", duty["id"])
    assert [desk.people["张三"].id in row["fields"] for row in tasks] == [True]
    await desk.town.card(*desk.phone("李四"), "年终总结会纪要")
    await desk.town.settled()


async def progress(desk):
    """What the caller's card of the meeting says now, line by line."""
    platform, user = desk.phone("高洁")
    return {field.name: field.value for field in desk.town.cards(platform, user, "一键开会")[-1].fields}


async def test_one_card_of_the_caller_tells_how_far_everything_has_come(desk):
    item = await called(desk, car="yes", car_to="市政府", car_people="3", materials_from=["张三"])
    first = await progress(desk)
    assert first["会议室"] == "三楼会议室（已订）"
    assert first["呈阅领导"] == "赵六未阅"
    assert first["用车"] == "等派车"
    assert first["材料"] == "已交0/1，等张三"
    assert first["日程"].startswith("已写入")
    assert first["回执"].startswith("0/")
    leader = desk.phone("赵六")
    his = await desk.town.card(*leader, "年终总结会")
    assert his.subtitle.endswith("等您阅知")
    await desk.town.tap(*leader, his, "已阅")
    li = desk.phone("李四")
    notice = [card for card in desk.town.cards(*li, "年终总结会") if any(b.text == "参加" for b in card.buttons)][-1]
    await desk.town.tap(*li, notice, "参加")
    await desk.town.settled()
    await desk.town.forward(seconds=10)
    await desk.town.settled()
    platform, user = desk.phone("高洁")
    await desk.town.say(platform, user, f"进展 {item.number}")
    await desk.town.settled()
    now = await progress(desk)
    assert now["呈阅领导"] == "赵六已阅"
    assert now["回执"].startswith("1/")
    assert "参加1" in now["回执"]
    other, stranger = desk.phone("李四")
    await desk.town.say(other, stranger, f"进展 {item.number}")
    await desk.town.settled()
    assert not desk.town.cards(other, stranger, "一键开会")


async def test_who_is_invited_finds_the_papers_that_went_out_and_those_that_came_in(desk):
    item = await called(desk, materials="议程.docx", materials_from=["张三"], leaders=[])
    (row,) = await desk.town.rows("SELECT id FROM item WHERE form = 'duty'")
    sheet = {"id": "5" * 64, "name": "办公室总结.docx", "size": 1000, "type": "application/octet-stream"}

    async def names():
        return await desk.write(desk.people["高洁"], lambda ctx: notice_files.of(ctx, item))

    assert [one["name"] for one in await names()] == ["议程.docx"]

    async def hand_in(ctx):
        zhang = desk.people["张三"]
        await files.add(ctx.tx, files.File(**sheet, person=zhang.id, at=ctx.now))
        done = engine.Act(verb=engine.Verb.CONFIRM, evidence={"result": "已报送", "paper": sheet["id"]})
        return await act.perform(ctx, row["id"], done, by=zhang)

    await desk.write(desk.people["张三"], hand_in)
    await desk.town.settled()
    assert [one["name"] for one in await names()] == ["议程.docx", "办公室总结.docx"]
    assert (await progress(desk))["材料"] == "已交1/1"


@pytest.mark.parametrize("read", [False, True])
async def test_the_notice_s_own_button_takes_the_whole_meeting_back(desk, read):
    await called(desk, car="yes", car_to="市政府", car_people="3")
    if read:
        leader = desk.phone("赵六")
        await desk.town.tap(*leader, await desk.town.card(*leader, "年终总结会"), "已阅")
        await desk.town.settled()
    platform, user = desk.phone("高洁")
    counts = [card for card in desk.town.cards(platform, user, "年终总结会") if "撤回通知" in str(card.buttons)][-1]
    await desk.town.tap(platform, user, counts, "撤回通知")
    await desk.town.settled()
    assert [row["state"] for row in await desk.town.rows("SELECT state FROM notice")] == ["recalled"]
    assert await count(desk, HELD) == 0
    assert await count(desk, ENTRIES) == 0
    (ride,) = await desk.town.rows("SELECT state FROM item WHERE form = 'vehicle'")
    assert ride["state"] == "withdrawn"


async def test_minutes_of_somebody_else_s_meeting_are_refused(desk):
    item = await called(desk)
    desk.people["高洁"] = desk.people["张三"]
    with pytest.raises(errors.NotAllowed):
        await desk.submitted("minutes", number=str(item.number))
    with pytest.raises(errors.NotFound):
        await desk.submitted("minutes", number="99999")


async def test_calendars_follow_who_comes(desk):
    """Who had declined was still reminded of the meeting, and who went in their place was not."""
    town, li = desk.town, desk.phone("李四")
    await called(desk)
    everybody = await whose(desk)

    async def answers(words):
        await town.say(*li, words)
        await town.settled()
        await town.forward(seconds=10)
        await town.settled()
        return await whose(desk) ^ everybody

    assert await answers("不参加，去省里开会") == {"李四"}
    assert await answers("参加") == set()
    assert await answers("派周敏参加") == {"李四", "周敏"}
    assert await answers("派林晓参加") == {"李四", "林晓"}
    assert await answers("参加") == set()
    assert await answers("派周敏参加") == {"李四", "周敏"}
    await town.say(*desk.phone("高洁"), "撤回 1")
    await town.settled()
    await town.forward(seconds=10)
    await town.settled()
    assert await whose(desk) == set()


async def whose(desk):
    """The names of those in whose calendar the meeting stands."""
    names = {person.id: name for name, person in desk.people.items()}
    entries = await desk.town.rows("SELECT owner FROM agenda_entry WHERE state = 'active'")
    return {names[row["owner"]] for row in entries}


@pytest.mark.parametrize("room", ["市政府会议厅", "市局四楼会议室"])
async def test_a_meeting_may_be_elsewhere(desk, room):
    """The form says so, and every place that is no room of the office was refused."""
    await called(desk, room=room)
    assert await count(desk, HELD) == 0
    assert room in (await desk.town.card(*desk.phone("李四"), "年终总结会")).quote


@pytest.mark.parametrize("room", ["三楼会议市", "四楼会议室", "会议室"])
async def test_a_slip_of_the_pen_is_not_taken_for_another_place(desk, room):
    with pytest.raises(errors.BadRequest, match="no_room") as refused:
        await called(desk, room=room)
    assert "三楼会议室" in str(refused.value.circumstances["rooms"])
