"""A meeting that was called is moved by a sentence: room, calendars, notice, car and everybody who knows of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from form_desk import Desk, office, staff


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def called(desk, **changes):
    """高洁 calls the recorded meeting: 30 April, 15:00 to 17:00, 三楼会议室, 赵六 is shown it."""
    _, item = await desk.submitted("meeting_call", **changes)
    await desk.town.settled()
    return await desk.item(item)


async def says(desk, words, *, name="高洁"):
    await desk.town.say(*desk.phone(name), words)
    await desk.town.settled()


async def moved(desk, words):
    """What 高洁 confirmed."""
    await says(desk, words)
    place = desk.phone("高洁")
    card = await desk.town.open_card(*place, "请确认：会议改期")
    await desk.town.tap(*place, card, "提交")
    await desk.town.settled()
    await desk.town.forward(seconds=10)
    await desk.town.settled()
    return {field.name: field.value for field in card.fields}


async def held(desk):
    rows = await desk.town.rows(
        "SELECT r.begin_ms, r.end_ms, t.name FROM reservation r JOIN resource t ON t.id = r.resource"
        " WHERE r.state IN ('held', 'booked') ORDER BY r.id"
    )
    return [(row["name"], row["begin_ms"], row["end_ms"]) for row in rows]


async def entries(desk):
    """(whose, begin, end, place) of everybody's calendar."""
    names = {person.id: name for name, person in desk.people.items()}
    rows = await desk.town.rows(
        "SELECT owner, begin_ms, end_ms, place FROM agenda_entry WHERE state = 'active' AND kind = 'meeting'"
    )
    return {names[row["owner"]]: (row["begin_ms"], row["end_ms"], row["place"]) for row in rows}


def at(desk, day, hour, minute=0):
    zone = desk.town.service.office.timezone
    return int(datetime(2026, 4, day, hour, minute, tzinfo=zone).timestamp() * 1000)


async def test_one_sentence_moves_everything(desk):
    item = await called(desk, car="yes", car_to="市政府", car_people="3")
    who = set(await entries(desk))
    shown = await moved(desk, "会议改到周四上午9点到11点 二楼会议室 因省里来人")
    assert (shown["会议"], shown["原定"]) == ("年终总结会", "4月30日（周四） 15:00至17:00，三楼会议室")
    assert (shown["新时间"], shown["换会议室"]) == ("4月30日（周四） 09:00至11:00", "二楼会议室")
    new = (at(desk, 30, 9), at(desk, 30, 11))
    assert await held(desk) == [("二楼会议室", *new)]
    assert await entries(desk) == dict.fromkeys(who, (*new, "二楼会议室"))
    assert {field: (await desk.item(item)).fields[field] for field in ("time", "room")} == {
        "time": {"date": "2026-04-30", "start": "09:00", "end": "11:00"}, "room": "二楼会议室"
    }  # fmt: skip
    rides = await desk.town.rows("SELECT state, fields_json FROM item WHERE form = 'vehicle' ORDER BY number")
    assert [row["state"] for row in rides] == ["withdrawn", "pending"]
    assert '"09:00"' in rides[1]["fields_json"].replace("'", '"')
    li = await desk.town.card(*desk.phone("李四"), "年终总结会")
    assert "会议改期（省里来人），原定4月30日（周四） 15:00至17:00，三楼会议室" in li.quote
    await desk.town.text(*desk.phone("赵六"), "高洁召集的“年终总结会”改到4月30日（周四） 09:00至11:00，二楼会议室")
    (notice,) = await desk.town.rows("SELECT reply_by_ms, asked FROM notice")
    assert (notice["reply_by_ms"], notice["asked"]) == (at(desk, 29, 17, 30), 2)


async def test_a_room_that_is_taken_then_leaves_everything_as_it_was(desk):
    await called(desk)
    await says(desk, "会议室 周四上午9点到11点 二楼会议室 例会", name="冯雪")
    before, known = await held(desk), await entries(desk)
    assert len(before) == 2
    await says(desk, "会议改到周四上午10点 二楼会议室")
    place = desk.phone("高洁")
    await desk.town.tap(*place, await desk.town.open_card(*place, "请确认：会议改期"), "提交")
    await desk.town.text(*place, "二楼会议室")
    await desk.town.settled()
    assert (await held(desk), await entries(desk)) == (before, known)
    (notice,) = await desk.town.rows("SELECT version, asked FROM notice")
    assert (notice["version"], notice["asked"]) == (1, 1)
    assert not await desk.town.journal("notice.corrected")


async def test_it_may_overlap_its_own_old_time(desk):
    await called(desk)
    await moved(desk, "会议推迟一小时")
    assert await held(desk) == [("三楼会议室", at(desk, 30, 16), at(desk, 30, 18))]


async def test_it_may_go_elsewhere(desk):
    await called(desk)
    assert (await moved(desk, "会议地点改到市政府一楼大厅"))["换会议室"] == "市政府一楼大厅"
    assert not await held(desk)
    assert {place for _, _, place in (await entries(desk)).values()} == {"市政府一楼大厅"}


async def test_who_could_not_come_then_is_asked_again_and_who_was_sent_still_goes(desk):
    await called(desk)
    everybody = set(await entries(desk))
    await says(desk, "不参加，去省里开会", name="李四")
    await says(desk, "派周敏参加", name="王五")
    await desk.town.forward(seconds=10)
    await desk.town.settled()
    assert set(await entries(desk)) == everybody - {"李四", "王五"} | {"周敏"}
    await moved(desk, "年终总结会改到周三上午9点")
    assert set(await entries(desk)) == everybody - {"王五"} | {"周敏"}
    await desk.town.text(*desk.phone("周敏"), "有更正，请按新的办")
    await says(desk, "参加", name="王五")
    await desk.town.forward(seconds=10)
    await desk.town.settled()
    assert set(await entries(desk)) == everybody


async def test_the_button_asks_when(desk):
    await called(desk)
    place = desk.phone("高洁")
    await desk.town.tap(*place, await desk.town.open_card(*place, "一键开会"), "改期")
    await desk.town.text(*place, "新时间？")
    shown = await moved(desk, "周三下午2点到4点")
    assert shown["新时间"] == "4月29日（周三） 14:00至16:00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("会议改到周四下午3点", "时间和会议室都没有变"),
        ("会议改到昨天下午3点", "不能改到已经过去的时间"),
        ("会议改到周四上午", "请写明几点"),
        ("会议改到那间大的", "没有看懂改到什么时候"),
    ],
)
async def test_what_cannot_be_is_said(desk, words, told):
    await called(desk)
    await says(desk, words)
    await desk.town.text(*desk.phone("高洁"), told)
    assert not await desk.town.rows("SELECT id FROM item WHERE form = 'meeting_move' AND state <> 'draft'")


async def test_only_who_called_it_moves_it(desk):
    item = await called(desk)
    await says(desk, f"{item.number}号会议改到周三上午9点", name="李四")
    await desk.town.text(*desk.phone("李四"), "会议只能由召集人改期")
    await says(desk, "会议改到周三上午9点", name="李四")
    await desk.town.text(*desk.phone("李四"), "您没有召集还没开的会")
    await desk.town.forward(days=4)
    await says(desk, f"改会议 {item.number} 下周三上午9点")
    await desk.town.text(*desk.phone("高洁"), "会议已经开始或者已经开过")


async def test_several_meetings_are_told_apart(desk):
    first = await called(desk)
    second = await called(desk, topic="党课", room="二楼会议室")
    place = desk.phone("高洁")
    await says(desk, "会议改到周五上午9点")
    listed = await desk.town.text(*place, "您召集的会有几个")
    assert f"{first.number}号 年终总结会" in listed.text
    assert f"{second.number}号 党课" in listed.text
    await says(desk, "取消会议")
    await desk.town.text(*place, f"例如“取消{second.number}号会议”")
    assert (await moved(desk, "党课改到周三上午9点到10点"))["会议"] == "党课"
    assert (await moved(desk, "周三的会提前半小时"))["新时间"] == "4月29日（周三） 08:30至09:30"


async def test_words_about_a_meeting_may_be_somebodys_reason(desk):
    """高洁 is asked why; that the meeting is off is her answer, not a wish."""
    await called(desk)
    await desk.town.say(*desk.phone("李四"), "通知 高洁：周五下午三点开会，请回执是否参加。")
    await desk.town.settled()
    li = desk.phone("李四")
    await desk.town.tap(*li, await desk.town.open_card(*li, "请确认"), "不涉密，提交")
    place = desk.phone("高洁")
    card = await desk.town.open_card(*place, "周五下午三点开会")
    await desk.town.tap(*place, card, "不能参加")
    await says(desk, "会议改到周五了")
    (answer,) = await desk.town.journal("notice.answered")
    assert answer["reply"] == "decline"


@pytest.mark.parametrize(("leaders", "button"), [([], "取消会议"), (["赵六"], "撤回")])
async def test_calling_it_off_shows_the_card_that_does(desk, leaders, button):
    await called(desk, leaders=leaders)
    await says(desk, "周四的会不开了")
    place = desk.phone("高洁")
    await desk.town.text(*place, f"在下面的卡片上点“{button}”")
    await desk.town.tap(*place, await desk.town.open_card(*place, "一键开会"), button)
    await desk.town.settled()
    assert not await held(desk)
    assert not await entries(desk)
