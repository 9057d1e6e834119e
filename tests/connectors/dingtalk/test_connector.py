"""The connector against the strict stand-in over real sockets: what a person sees, and what each refusal becomes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from cards.model import (
    Article,
    Attachment,
    Button,
    Card,
    Choice,
    Field,
    Input,
    Markdown,
    News,
    Option,
    Text,
    Tone,
    Urgent,
)
from connectors.dingtalk import client
from connectors.errors import CardSpent, PlatformBusy, PlatformRefused, Throttled, Unsupported, Unsure
from connectors.events import ButtonPressed, MediaReceived, ObjectChanged, PeopleChanged, TextReceived
from connectors.refs import ChatRef, PersonRef
from connectors.sandbox.faults import Fault

APPROVE = Button("同意", "a1.approve.i.3.0123456789abcdef01234567")
SLIP = Card(kind="approval.decide", title="请假", fields=(Field("事由", "回家"),), buttons=(APPROVE,))
CLOSED = replace(SLIP, buttons=(), state="李四已同意", tone=Tone.GOOD)
ASKING = replace(
    SLIP,
    choices=(Choice("kind", "类别", (Option("a", "甲"), Option("b", "乙")), ("a",)),
             Choice("who", "抄送", (Option("x", "张"), Option("y", "王")), many=True)),
    inputs=(Input("reason", "意见"),),
)  # fmt: skip
LI, ZHANG, ALL = PersonRef("dd-main", "u_li"), PersonRef("dd-main", "u_zhang"), ChatRef("dd-main", "cidAll==")
GROUP_ROBOT = ChatRef("dd-main", "robot:all")


def answering(rig, card):
    async def admit(events):
        await rig._queue(events)
        return card

    rig.admit = admit


async def test_a_tap_is_answered_with_the_new_card_in_either_transport(rig):
    answering(rig, CLOSED)
    await rig.connector.send(LI, SLIP, ref="letter-1")
    toast = await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    (shown,) = rig.shown()
    assert toast == "已收到"
    assert (shown.state, shown.buttons, shown.tone) == ("李四已同意", [], "good")
    assert shown.fields[0].value == "回家"
    assert (await rig.next(ButtonPressed)).payload == APPROVE.payload


async def test_the_answer_reaches_the_tapper_only_and_the_update_everybody(rig):
    answering(rig, CLOSED)
    handle = await rig.connector.send(ALL, SLIP, ref="letter-1")
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    assert [rig.shown(user)[0].state for user in ("u_li", "u_zhang")] == ["李四已同意", ""]
    await rig.connector.update(ALL, handle, CLOSED, ref="letter-1")
    assert [rig.shown(user)[0].state for user in ("u_li", "u_zhang")] == ["李四已同意", "李四已同意"]


async def test_choices_and_words_come_back(rig):
    await rig.connector.send(LI, ASKING, ref="letter-1")
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={"kind": ["b"], "who": ["x", "y"], "reason": ["早去早回"]})
    event = await rig.next(ButtonPressed)
    assert event.inputs == {"kind": ("b",), "who": ("x", "y"), "reason": ("早去早回",)}


async def test_what_was_preselected_comes_back_untouched(rig):
    await rig.connector.send(LI, ASKING, ref="letter-1")
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    assert (await rig.next(ButtonPressed)).inputs == {"kind": ("a",), "who": (), "reason": ()}


async def test_a_forwarded_card_calls_back_with_the_stranger_who_tapped(rig):
    await rig.connector.send(LI, SLIP, ref="letter-1")
    await rig.fake.tap("u_wang", "letter-1", "b0", inputs={})
    event = await rig.next(ButtonPressed)
    assert event.sender == PersonRef("dd-main", "u_wang")
    assert rig.shown("u_wang") == []


async def test_when_nothing_was_stored_the_client_says_that_it_failed(rig):
    async def broken(events):
        raise RuntimeError("disk full")

    await rig.connector.send(LI, SLIP, ref="letter-1")
    rig.admit = broken
    assert await rig.fake.tap("u_li", "letter-1", "b0", inputs={}) == "操作失败，请稍后重试"
    assert rig.shown()[0].buttons


async def test_an_answer_after_two_seconds_comes_too_late(rig):
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(events):
        reached.set()
        await go_on.wait()
        return CLOSED

    await rig.connector.send(LI, SLIP, ref="letter-1")
    rig.admit = slow
    tap = asyncio.create_task(rig.fake.tap("u_li", "letter-1", "b0", inputs={}))
    await reached.wait()
    rig.clock.forward(timedelta(seconds=3))
    assert await tap == "操作失败，请稍后重试"
    assert rig.shown()[0].state == ""
    go_on.set()


async def test_a_tap_delivered_twice_has_one_key(rig):
    await rig.connector.send(LI, SLIP, ref="letter-1")
    rig.fake.faults.add(Fault("duplicate", "callback", match="card"))
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    first, second = await rig.next(ButtonPressed), await rig.next(ButtonPressed)
    assert first.key == second.key
    await rig.fake.tap("u_li", "letter-1", "b0", inputs={})
    if rig.transport == "stream":
        assert (await rig.next(ButtonPressed)).key != first.key


async def test_a_callback_that_is_lost_shows_an_error_and_changes_nothing(rig):
    await rig.connector.send(LI, SLIP, ref="letter-1")
    rig.fake.faults.add(Fault("lost", "callback", match="card"))
    assert await rig.fake.tap("u_li", "letter-1", "b0", inputs={}) == "操作失败，请稍后重试"
    assert rig.events.empty()


async def test_callbacks_can_overtake_each_other(rig):
    rig.fake.faults.add(Fault("reorder", "callback", match="robot"))
    await rig.fake.say("u_li", "一")
    await rig.fake.say("u_li", "二")
    assert [(await rig.next(TextReceived)).text for _ in range(2)] == ["二", "一"]


async def test_events_and_files_arrive(rig):
    await rig.fake.emit("bpms_task_change", {"taskId": 81, "type": "start"})
    assert (await rig.next(ObjectChanged)).object == "81"
    await rig.fake.emit("user_leave_org", {"userId": ["u_wang"], "timeStamp": "1767225600000"})
    assert (await rig.next(PeopleChanged)).people == (PersonRef("dd-main", "u_wang"),)
    await rig.fake.send_media("u_li", kind="file", name="盖章.pdf", data=b"%PDF" * 100_000)
    event = await rig.next(MediaReceived)
    assert event.name == "盖章.pdf"
    assert (await rig.connector.download(event.media)).data == b"%PDF" * 100_000


async def test_words_in_a_group_carry_the_group(rig):
    await rig.fake.say("u_li", "待办", chat="cidAll==")
    event = await rig.next(TextReceived)
    assert (event.text, event.chat) == ("待办", ALL)


async def test_without_a_template_a_tap_is_a_word_and_comes_back_as_a_tap(start):
    rig = await start(template="")
    handle = await rig.connector.send(LI, SLIP, ref="letter-1")
    (shown,) = rig.shown()
    assert shown.source == "sampleActionCard"
    await rig.fake.tap("u_li", shown.id, "b0", inputs={})
    event = await rig.next(ButtonPressed)
    assert (event.sender, event.payload) == (LI, APPROVE.payload)
    with pytest.raises(CardSpent):
        await rig.connector.update(LI, handle, CLOSED, ref="letter-1")
    assert await rig.connector.recall(handle)
    assert rig.shown()[0].recalled
    assert not rig.connector.capabilities.safe_repeat


async def test_a_card_beyond_the_template_takes_the_rung_below(stream):
    many = replace(SLIP, buttons=(APPROVE,) * 9, url="https://office.example/1")
    handle = await stream.connector.send(LI, many, ref="letter-1")
    assert handle["rung"] == "robot"
    with pytest.raises(CardSpent):
        await stream.connector.update(LI, {"rung": "card", "track": "x"}, many, ref="x")


async def test_a_lost_answer_is_unsure_and_the_repeat_shows_one_card(stream):
    stream.fake.faults.add(Fault("lost", match="createAndDeliver"))
    with pytest.raises(Unsure):
        await stream.connector.send(LI, SLIP, ref="letter-1")
    handle = await stream.connector.send(LI, SLIP, ref="letter-1", repeated=True)
    assert len(stream.shown()) == 1
    await stream.connector.update(LI, handle, CLOSED, ref="letter-1")
    assert stream.shown()[0].state == "李四已同意"


async def test_a_space_that_got_nothing_is_found_behind_the_200(stream):
    with pytest.raises(PlatformRefused) as refused:
        await stream.connector.send(PersonRef("dd-main", "u_gone"), SLIP, ref="letter-1")
    assert refused.value.code == "deliverResults"


async def test_a_person_whom_the_robot_does_not_know_is_found_behind_the_200(stream):
    with pytest.raises(PlatformRefused) as refused:
        await stream.connector.send(PersonRef("dd-main", "u_gone"), Text("好"), ref="letter-1")
    assert refused.value.code == "invalidStaffIdList"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("error", status=503), PlatformBusy),
        (Fault("error", status=504), Unsure),
        (Fault("limit"), Throttled),
        (Fault("down"), Unsure),
    ],
)
async def test_a_bad_day_is_sorted_by_who_must_act(stream, fault, kind):
    await stream.connector.client.token.get()
    stream.fake.faults.add(replace(fault))
    with pytest.raises(PlatformBusy) as busy:
        await stream.connector.send(LI, Text("好"), ref="one")
    assert type(busy.value) is kind
    await stream.connector.send(LI, Text("好"), ref="one")


async def test_a_missing_permission_names_its_scope(stream):
    stream.fake.world.scopes.discard("Card.Instance.Write")
    with pytest.raises(PlatformRefused, match=r"Card\.Instance\.Write"):
        await stream.connector.send(LI, SLIP, ref="letter-1")


async def test_an_unknown_template_is_refused(start):
    rig = await start(template="another.schema")
    with pytest.raises(PlatformRefused) as refused:
        await rig.connector.send(LI, SLIP, ref="letter-1")
    assert refused.value.code == "param.templateNotExist"


async def test_tokens_that_expired_or_were_revoked_are_fetched_once_more(stream):
    await stream.connector.send(LI, Text("一"), ref="1")
    stream.clock.forward(timedelta(hours=3))
    await stream.connector.send(LI, Text("二"), ref="2")
    stream.fake.revoke_tokens()
    await asyncio.gather(*(stream.connector.send(LI, Text(f"三{n}"), ref=f"3{n}") for n in range(5)))
    calls = [line.name for line in stream.fake.trace.lines if "accessToken" in line.name]
    assert len(calls) == 3
    assert len(stream.shown()) == 7


async def test_an_old_family_call_survives_a_dead_token_too(stream):
    await stream.connector.departments()
    stream.fake.revoke_tokens()
    assert {one.name for one in await stream.connector.departments()} == {"中心", "综合科", "人事科"}
    media = await stream.connector.upload(b"x" * 10, name="a.txt", kind="file")
    stream.fake.revoke_tokens()
    again = await stream.connector.upload(b"x" * 10, name="a.txt", kind="file")
    assert stream.fake.file(media) == stream.fake.file(again) == ("a.txt", b"x" * 10)


async def test_a_file_reaches_the_phone(stream):
    media = await stream.connector.upload(b"%PDF", name="通知.pdf", kind="file")
    await stream.connector.send(LI, Attachment("file", media, "通知.pdf"), ref="1")
    (shown,) = stream.shown()
    assert (shown.kind, shown.file_name) == ("file", "通知.pdf")
    assert stream.fake.file(shown.file_id) == ("通知.pdf", b"%PDF")


class Turns:
    """Stands where the limiter does: how many turns of which rate were taken."""

    made: ClassVar[list[Turns]] = []

    def __init__(self, at_once, per):
        self.most_in_a_second, self.taken = at_once + at_once / per, 0
        self.made.append(self)

    async def acquire(self):
        self.taken += 1


async def test_every_call_waits_for_a_turn_and_no_second_has_more_than_twenty(stream, monkeypatch):
    """Judged where we send: how close together a busy machine lets calls arrive is not our pace."""
    monkeypatch.setattr(client, "AsyncLimiter", Turns)
    monkeypatch.setattr(Turns, "made", [])
    monkeypatch.setattr(stream.fake.world, "too_many", lambda api: False)
    await asyncio.gather(*(stream.connector.send(LI, Text(f"{n}"), ref=f"r{n}") for n in range(30)))
    assert len(stream.shown()) == 30
    assert max(one.taken for one in Turns.made) == 30
    assert all(int(one.most_in_a_second) == 20 for one in Turns.made)


async def test_urgent_rings_and_where_it_may_not_it_is_said_plainly(stream):
    handle = await stream.connector.send(LI, Urgent("请处理", "phone"), ref="1")
    assert stream.shown()[-1].title == "DING（电话）"
    await stream.connector.recall(handle)
    assert stream.shown()[-1].recalled
    stream.fake.world.scopes.discard("Premium.Ding.Write")
    await stream.connector.send(LI, Urgent("请处理"), ref="2")
    assert (stream.shown()[-1].kind, stream.shown()[-1].text) == ("text", "请处理")


async def test_a_group_robot_speaks_once_per_letter_and_twenty_times_a_minute(stream):
    for _ in range(2):
        await stream.connector.send(GROUP_ROBOT, Markdown("周报", "3 项"), ref="letter-1")
    assert [one.text for one in stream.shown("u_wang")] == ["3 项"]
    for n in range(18):
        await stream.connector.send(GROUP_ROBOT, Text("好"), ref=f"r{n}")
    with pytest.raises(Throttled) as waiting:
        await stream.connector.send(GROUP_ROBOT, Text("好"), ref="r19")
    assert 0 < waiting.value.retry_after <= 60
    with pytest.raises(Unsupported):
        await stream.connector.send(ChatRef("dd-main", "robot:other"), Text("好"), ref="x")


async def test_a_work_notice_can_change_its_status_and_a_second_same_one_is_found_out(stream):
    handle = await stream.connector.send_work_notice(LI, SLIP, ref="letter-1")
    await stream.connector.update(LI, handle, CLOSED, ref="letter-1")
    assert stream.shown()[-1].state == "李四已同意"
    with pytest.raises(PlatformRefused, match="143106"):
        await stream.connector.send_work_notice(LI, SLIP, ref="letter-1")
    await stream.connector.send_work_notice(LI, SLIP, ref="letter-2")
    assert len(stream.shown()) == 2


async def test_whom_the_robot_cannot_reach_gets_a_work_notice(start):
    rig = await start(template="")
    rig.fake.world.without_robot.add("u_li")
    handle = await rig.connector.send(LI, SLIP, ref="letter-1")
    assert rig.shown()[0].source == "work/oa"
    await rig.connector.update(LI, handle, CLOSED, ref="letter-1")
    assert rig.shown()[0].state == "李四已同意"
    await rig.connector.send(LI, Text("好"), ref="letter-2")
    assert rig.shown()[1].text.startswith("好")
    assert await rig.connector.recall(handle)
    assert rig.shown()[0].recalled


async def test_without_an_agent_id_there_is_no_such_rung(start):
    rig = await start(template="", agent_id=None)
    rig.fake.world.without_robot.add("u_li")
    with pytest.raises(PlatformRefused) as refused:
        await rig.connector.send(LI, SLIP, ref="letter-1")
    assert refused.value.code == "robot.oto.notExist"


async def test_a_group_hears_the_robot_and_a_message_can_be_taken_back(stream):
    handle = await stream.connector.send(ALL, Markdown("周报", "3 项"), ref="letter-1")
    assert [stream.shown(user)[0].text for user in ("u_li", "u_zhang", "u_wang")] == ["3 项"] * 3
    assert stream.shown("u_zhao") == []
    assert await stream.connector.recall(handle)
    assert stream.shown("u_wang")[0].recalled
    with pytest.raises(PlatformRefused) as refused:
        await stream.connector.send(ChatRef("dd-main", "cidOther"), Text("好"), ref="x")
    assert refused.value.code == "resource.unavailable"


async def test_news_through_a_group_robot_are_a_feed_and_cannot_be_taken_back(stream):
    news = News((Article("一", "说明", "https://x/1"), Article("二", "说明", "https://x/2", "https://x/2.png")))
    handle = await stream.connector.send(GROUP_ROBOT, news, ref="letter-1")
    assert [one.title for one in stream.shown("u_wang")[0].articles] == ["一", "二"]
    assert not await stream.connector.recall(handle)


async def test_the_directory_has_managers_leaders_and_both_ids(stream):
    people = {one.id: one for one in await stream.connector.people()}
    departments = {one.name: one for one in await stream.connector.departments()}
    assert people["u_zhang"].manager == "u_li"
    assert people["u_li"].leads == (departments["综合科"].id,)
    assert departments["综合科"].parent == departments["中心"].id
    assert people["u_zhang"].union_id == "UNION1"
    assert await stream.connector.directory.user_id("UNION2") == "u_li"
    assert await stream.connector.directory.union_id("u_wang") == "union-u_wang"


async def test_a_login_code_works_once_for_five_minutes(stream):
    code = stream.fake.auth_code("u_li")
    assert await stream.connector.login(code) == LI
    with pytest.raises(PlatformRefused) as used:
        await stream.connector.login(code)
    assert used.value.code == "40078"
    late = stream.fake.auth_code("u_li")
    stream.clock.forward(timedelta(minutes=6))
    with pytest.raises(PlatformRefused):
        await stream.connector.login(late)


async def test_the_service_registers_its_own_card_address(http):
    http.fake.cards.routes.clear()
    with pytest.raises(PlatformRefused):
        await http.connector.send(LI, SLIP, ref="1")
    await http.connector.register_card_callback(f"{http.edge}/card")
    await http.connector.send(LI, SLIP, ref="1")
    await http.fake.tap("u_li", "1", "b0", inputs={})
    assert (await http.next(ButtonPressed)).message.id == "1"


async def test_a_download_from_a_foreign_host_is_not_opened(stream, monkeypatch):
    async def elsewhere(*_, **__):
        return {"downloadUrl": "https://evil.example/x.dingtalk.com.evil.example"}

    monkeypatch.setattr(stream.connector.client, "new", elsewhere)
    with pytest.raises(PlatformRefused, match="foreign host"):
        await stream.connector.download("code")


async def test_diagnose_names_what_is_missing(start):
    rig = await start(template="")
    rig.fake.world.scopes.discard("qyapi_get_department_list")
    found = {one.what: one for one in await rig.connector.diagnose()}
    assert found["token"].ok
    assert (found["directory"].ok, found["directory"].code) == (False, "60011")
    assert not found["cards"].ok
    assert found["calls"].detail["limit"] == "5000"


async def test_wrong_credentials_are_the_operators(start):
    rig = await start(transport="http", client_secret="wrong")
    with pytest.raises(PlatformRefused) as refused:
        await rig.connector.send(LI, Text("好"), ref="1")
    assert refused.value.code == "invalidClientIdOrSecret"
    assert "wrong" not in str(refused.value)


async def test_the_page_that_signs_in_learns_whom_to_ask(stream, made):
    url = stream.connector.login_url(redirect="https://office.example/office/login?to=%2Fx", state="once")
    assert url.startswith("https://office.example/office/login?to=%2Fx&")
    query = dict(parse_qsl(urlsplit(url).query))
    assert query == {"to": "/x", "corpId": made.CORP, "clientId": made.CLIENT, "state": "once"}


async def test_inside_the_client_the_page_gets_a_code_for_its_reader(stream):
    async with aiohttp.ClientSession() as session:
        asked = {"user": "u_li", "redirect": "https://office.example/login", "state": "once"}
        async with session.get(f"{stream.base}/_client/login", params=asked, allow_redirects=False) as answer:
            query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert query["state"] == "once"
    assert await stream.connector.login(query["code"]) == LI
