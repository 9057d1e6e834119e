"""Connector and fake over real sockets: what only WeCom has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from yarl import URL

from cards.model import Attachment, Button, Card, Choice, Link, Markdown, Option, Text
from connectors import errors
from connectors.events import ButtonPressed, ChatOpened, MediaReceived, PeopleChanged
from connectors.refs import ChatRef, PersonRef
from connectors.sandbox.faults import Fault

LISI, WANGWU = PersonRef("wecom-main", "lisi"), PersonRef("wecom-main", "wangwu")
GROUP, ROBOT = ChatRef("wecom-main", "wrAll"), ChatRef("wecom-main", "robot:all")
SLIP = Card(
    kind="approval.decide", title="请假申请", subtitle="张三 2 天",
    buttons=(Button("同意", "k.approve"), Button("退回", "k.return")),
)  # fmt: skip
DONE = replace(SLIP, buttons=(), state="已同意")
RETURNED = replace(SLIP, buttons=(), state="已退回")


def bubbles(rig, user="lisi", chat="bot"):
    phone = next(phone for phone in rig.fake.phones() if phone.id == user)
    return phone.chats[chat].messages


async def tap(rig, button="k.approve", user="lisi", inputs=None):
    card = [message for message in bubbles(rig, user) if message.kind == "card"][-1]
    await rig.fake.tap(user, card.id, button, inputs=inputs or {})
    return await rig.next(ButtonPressed)


# --- update by response code


async def test_the_handle_keeps_the_code_of_the_send_and_of_each_tap(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    assert (handle["task_id"], len(handle["codes"])) == ("l1", 1)
    event = await tap(rig)
    handle = rig.connector.tapped(handle, event.code, now=rig.clock.now())
    assert rig.connector.tapped(handle, event.code, now=rig.clock.now()) == handle
    assert [code["code"] for code in handle["codes"]][-1] == event.code
    assert len(handle["codes"]) == 2


async def test_each_code_changes_the_card_once_and_then_it_is_spent(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    event = await tap(rig)
    handle = rig.connector.tapped(handle, event.code, now=rig.clock.now())
    handle = await rig.connector.update(LISI, handle, DONE, ref="l1")
    handle = await rig.connector.update(LISI, handle, RETURNED, ref="l1")
    assert bubbles(rig)[-1].state == "已退回"
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(LISI, handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == "已退回"


async def test_codes_die_after_72_hours(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    rig.clock.forward(timedelta(hours=73))
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(LISI, handle, DONE, ref="l1")


async def test_a_lost_answer_to_an_update_is_a_success_when_tried_again(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    rig.fake.faults.add(Fault("lost", match="update_template_card"))
    with pytest.raises(errors.Unsure) as lost:
        await rig.connector.update(LISI, handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == "已同意"
    again = await rig.connector.update(LISI, lost.value.handle, DONE, ref="l1")
    assert again["codes"] == []
    assert bubbles(rig)[-1].updates == 1


async def test_a_lost_update_that_never_arrived_is_made_when_tried_again(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    rig.fake.faults.add(Fault("down", match="update_template_card"))
    with pytest.raises(errors.Unsure) as lost:
        await rig.connector.update(LISI, handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == ""
    await rig.connector.update(LISI, lost.value.handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == "已同意"


async def test_a_lost_update_does_not_pass_for_a_different_one(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    rig.fake.faults.add(Fault("lost", match="update_template_card"))
    with pytest.raises(errors.Unsure) as lost:
        await rig.connector.update(LISI, handle, DONE, ref="l1")
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(LISI, lost.value.handle, RETURNED, ref="l1")
    assert bubbles(rig)[-1].state == "已同意"


async def test_a_refusal_that_is_not_about_the_code_keeps_it(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    rig.fake.faults.add(Fault("limit", match="update_template_card"))
    with pytest.raises(errors.Throttled):
        await rig.connector.update(LISI, handle, DONE, ref="l1")
    await rig.connector.update(LISI, handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == "已同意"


async def test_only_those_who_got_the_card_have_it_changed(rig):
    handle = await rig.connector.send(LISI, SLIP, ref="l1")
    with pytest.raises(errors.PlatformRefused) as refused:
        await rig.connector.update(WANGWU, handle, DONE, ref="l1")
    assert refused.value.code == "invaliduser"


# --- send


async def test_errcode_0_with_our_receiver_invalid_is_no_delivery(rig):
    with pytest.raises(errors.PlatformRefused) as refused:
        await rig.connector.send(PersonRef("wecom-main", "nobody"), Text("x"), ref="l1")
    assert refused.value.code == "81013"


async def test_an_unlicensed_receiver_is_no_delivery(rig, monkeypatch):
    async def answer(*_):
        return {"errcode": 0, "invaliduser": "", "unlicenseduser": "a|LiSi", "msgid": "m"}

    monkeypatch.setattr(rig.connector._client, "post", answer)
    with pytest.raises(errors.PlatformRefused) as refused:
        await rig.connector.send(LISI, Text("x"), ref="l1")
    assert refused.value.code == "unlicenseduser"


async def test_a_repeat_after_a_lost_answer_shows_once_and_another_letter_shows_too(rig):
    rig.fake.faults.add(Fault("lost", match="message/send"))
    with pytest.raises(errors.Unsure):
        await rig.connector.send(LISI, Text("收到"), ref="l1")
    await rig.connector.send(LISI, Text("收到"), ref="l1", repeated=True)
    assert [bubble.text for bubble in bubbles(rig)] == ["收到"]
    await rig.connector.send(LISI, Text("收到"), ref="l2")
    assert [bubble.text for bubble in bubbles(rig)] == ["收到", "收到"]


async def test_a_repeated_card_can_still_be_closed_after_its_tap(rig):
    await rig.connector.send(LISI, SLIP, ref="l1")
    handle = await rig.connector.send(LISI, SLIP, ref="l1", repeated=True)
    assert handle["codes"] == []
    event = await tap(rig)
    handle = rig.connector.tapped(handle, event.code, now=rig.clock.now())
    await rig.connector.update(LISI, handle, DONE, ref="l1")
    assert bubbles(rig)[-1].state == "已同意"


async def test_our_own_limit_speaks_before_wecom_drops_messages(rig):
    for number in range(28):
        await rig.connector.send(LISI, Text(f"{number}"), ref=f"l{number}")
    with pytest.raises(errors.Throttled) as slow:
        await rig.connector.send(LISI, Text("too many"), ref="l28")
    assert 0 < slow.value.retry_after <= 60
    await rig.connector.send(WANGWU, Text("another"), ref="w")
    rig.clock.forward(timedelta(seconds=61))
    await rig.connector.send(LISI, Text("later"), ref="l28")
    assert len(bubbles(rig)) == 29


async def test_sending_fails_in_the_right_way_on_a_bad_day(rig):
    for kind, error in (("error", errors.PlatformBusy), ("limit", errors.Throttled), ("down", errors.Unsure)):
        rig.fake.faults.add(Fault(kind, match="message/send"))
        with pytest.raises(errors.PlatformError) as raised:
            await rig.connector.send(LISI, Text(kind), ref=kind)
        assert type(raised.value) is error


# --- groups


async def test_a_group_chat_gets_text_and_its_repeat_is_marked(rig):
    await rig.connector.send(GROUP, Text("周报", ("@all",)), ref="g1")
    await rig.connector.send(GROUP, Text("周报"), ref="g1", repeated=True)
    assert [bubble.text for bubble in bubbles(rig, chat="wrAll")] == ["周报", "↻ 周报"]
    assert bubbles(rig, "wangwu", "wrAll")[0].note == "@@all"
    with pytest.raises(errors.Unsupported):
        await rig.connector.send(GROUP, SLIP, ref="g2")


async def test_a_robot_gets_markdown_and_notices_at_most_nineteen_a_minute(rig):
    await rig.connector.send(ROBOT, Markdown("t", "# 待办"), ref="r0")
    await rig.connector.send(ROBOT, Link("通知", "请阅", "https://bot.example.gov.cn/1"), ref="r1")
    await rig.connector.send(ROBOT, replace(SLIP, buttons=(), url="https://bot.example.gov.cn/1"), ref="r2")
    assert [bubble.kind for bubble in bubbles(rig, chat="wrAll")] == ["markdown", "card", "card"]
    for number in range(16):
        await rig.connector.send(ROBOT, Text(f"{number}"), ref=f"r{number}")
    with pytest.raises(errors.Throttled):
        await rig.connector.send(ROBOT, Text("20"), ref="r20")


async def test_an_unknown_robot_or_chat_is_refused(rig):
    for chat in ("robot:none", "wrNone"):
        with pytest.raises(errors.PlatformRefused):
            await rig.connector.send(ChatRef("wecom-main", chat), Text("x"), ref="x")


async def test_a_card_in_a_group_cannot_be_updated(rig):
    with pytest.raises(errors.CardSpent):
        await rig.connector.update(GROUP, {"task_id": "g"}, DONE, ref="g")


# --- choices, menus, other events


async def test_check_boxes_and_lists_bring_their_answers(rig):
    boxes = Choice("who", "参会", tuple(Option(f"o{n}", f"{n}") for n in range(12)), ("o1",), many=True)
    await rig.connector.send(LISI, replace(SLIP, choices=(boxes,), buttons=SLIP.buttons[:1]), ref="l1")
    assert (await tap(rig)).inputs == {"who": ("o1",)}
    assert (await tap(rig, inputs={"who": ["o2", "o3"]})).inputs == {"who": ("o2", "o3")}
    lists = tuple(Choice(key, "题", (Option("a", "甲"), Option("b", "乙"))) for key in ("x", "y"))
    await rig.connector.send(LISI, replace(SLIP, choices=lists, buttons=SLIP.buttons[:1]), ref="l2")
    assert (await tap(rig, inputs={"x": ["b"], "y": ["a"]})).inputs == {"x": ("b",), "y": ("a",)}


async def test_a_button_in_the_cards_menu_comes_back_too(rig):
    crowd = replace(SLIP, buttons=tuple(Button(f"{n}", f"k{n}") for n in range(8)))
    await rig.connector.send(LISI, crowd, ref="l1")
    event = await tap(rig, "k7")
    assert (event.payload, event.message.id) == ("k7", "l1")
    assert event.raw["Event"] == "template_card_menu_event"


async def test_an_opened_chat_a_picture_and_a_leaver(rig):
    await rig.fake.open_chat("ZhangSan")
    assert (await rig.next(ChatOpened)).sender.id == "zhangsan"
    await rig.fake.send_media("lisi", kind="image", name="a.png", data=b"\x89PNG....")
    event = await rig.next(MediaReceived)
    assert (await rig.connector.download(event.media)).data == b"\x89PNG...."
    await rig.fake.emit("change_contact", {"ChangeType": "delete_user", "UserID": "WangWu"})
    assert (await rig.next(PeopleChanged)).people == (WANGWU,)
    assert rig.deliveries[-1].door == "contact"


# --- media, directory, login, doctor


async def test_a_file_goes_up_and_out_and_comes_down(rig):
    media = await rig.connector.upload("请假条".encode(), name="请假条.txt", kind="file")
    await rig.connector.send(LISI, Attachment("file", media, "请假条.txt"), ref="l1")
    assert (bubbles(rig)[-1].kind, bubbles(rig)[-1].file_name) == ("file", "请假条.txt")
    large = await rig.connector.upload(b"x" * 5_000_000, name="large.bin", kind="file")
    assert len((await rig.connector.download(large)).data) == 5_000_000
    found = await rig.connector.download(media)
    assert (found.data.decode(), found.name) == ("请假条", "请假条.txt")
    rig.clock.forward(timedelta(days=4))
    with pytest.raises(errors.PlatformRefused):
        await rig.connector.download(media)


async def test_the_directory_with_folded_ids_and_who_leads(rig):
    people = {person.id: person for person in await rig.connector.people()}
    assert set(people) == {"zhangsan", "lisi", "wangwu", "zhaoliu"}
    assert (people["zhangsan"].manager, people["zhangsan"].post, people["zhangsan"].leads) == ("lisi", "科员", ())
    assert people["lisi"].leads == people["lisi"].departments
    departments = {department.name: department for department in await rig.connector.departments()}
    assert departments["综合科"].parent == departments["中心"].id
    assert departments["中心"].parent == ""


async def test_the_directory_is_read_page_by_page(rig, monkeypatch):
    from connectors.wecom import connector

    monkeypatch.setattr(connector, "_PAGE", 3)
    assert len(await rig.connector.people()) == 4


async def test_a_member_signs_in_once_with_a_code(rig):
    url = rig.connector.login_url(redirect="https://bot.example.gov.cn/office/login?a=1", state="s1")
    assert url.endswith("#wechat_redirect")
    code = await redirected(url.replace("#wechat_redirect", "&user=LiSi"))
    assert code["state"] == "s1"
    assert code["a"] == "1"
    assert await rig.connector.login(code["code"]) == LISI
    with pytest.raises(errors.PlatformRefused) as used:
        await rig.connector.login(code["code"])
    assert used.value.code == "40029"


async def test_an_outsider_does_not_sign_in(rig):
    url = rig.connector.login_url(redirect="https://bot.example.gov.cn/login", state="s1")
    code = await redirected(url.replace("#wechat_redirect", "&user=stranger"))
    with pytest.raises(errors.PlatformRefused):
        await rig.connector.login(code["code"])


async def redirected(url):
    """The query of the place that the login page sends the browser to."""
    async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
        assert response.status == 302
        return dict(URL(response.headers["Location"]).query)


@pytest.mark.parametrize("state", ["", "a b", "a-b", "x" * 129])
def test_a_state_that_wecom_would_not_carry_is_a_bug_of_ours(state):
    from connectors.clock import SystemClock
    from connectors.transport import Http
    from connectors.wecom.connector import WeComConnector
    from connectors.wecom.settings import Settings

    made = WeComConnector(Settings(account="w", corp_id="c", agent_id=1, secret="s"), http=Http(), clock=SystemClock())
    with pytest.raises(ValueError, match="state"):
        made.login_url(redirect="https://x", state=state)


async def test_the_doctor_finds_all_well_and_names_what_is_not(rig):
    assert all(finding.ok for finding in await rig.connector.diagnose())
    rig.fake.faults.add(Fault("error", match="department/list", status=502))
    found = {finding.what: finding for finding in await rig.connector.diagnose()}
    assert (found["departments"].ok, found["token"].ok) == (False, True)


async def test_a_message_can_be_taken_back_for_a_day(rig):
    handle = await rig.connector.send(LISI, Text("错"), ref="l1")
    await rig.connector.recall(handle)
    assert bubbles(rig)[-1].recalled
    rig.clock.forward(timedelta(hours=25))
    with pytest.raises(errors.PlatformRefused):
        await rig.connector.recall(handle)


async def test_a_repeat_is_safe_to_a_person_and_not_to_a_group(rig):
    safely = rig.connector.capabilities.repeats_safely
    assert safely(LISI, Text("x"))
    assert safely(LISI, SLIP)
    assert not safely(GROUP, Text("x"))
    assert not safely(ROBOT, Text("x"))
