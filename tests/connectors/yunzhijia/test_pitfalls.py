"""The traps of the platform's notes, one test each, named by the section that tells of it (`yunzhijia.md`)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cards.model import Button, Card, Choice, Input, Option, Schedule, Text
from connectors.errors import CardSpent, PlatformBusy, PlatformRefused, Rejected, Throttled, Unsupported
from connectors.refs import ChatRef, PersonRef
from connectors.sandbox.faults import Fault
from connectors.transport import Reply
from connectors.yunzhijia import directory, messages, outbound, schedules, signing, todo, verdict
from connectors.yunzhijia.fake.world import Refusal
from connectors.yunzhijia.inbound import robot
from connectors.yunzhijia.settings import Settings

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
LI = PersonRef("yzj-main", "u_li")
AGREE = "a1.approve.item-1.3.0123456789abcdef01234567"
SLIP = Card(
    kind="approval.decide",
    title="请假申请",
    buttons=(Button("同意", AGREE), Button("退回", "a1.return.item-1.3.76543210fedcba9876543210")),
    url="https://bot.example.gov.cn/office/items/1",
    replies="请回复“同意 1”",
)
CLOSED = replace(SLIP, buttons=(), state="李四已同意")
EID = "9000001"
SETTINGS = Settings(account="y", eid="9000001", app_id="500400001", app_secret="a", pub="XT-1", pub_secret="p",
                    card_template="act", card_base_template="base", card_key="k", im_secret="i")  # fmt: skip


def reply(status=200, **data):
    return Reply(status, {}, b"{}", data)


async def passing(rig, holds, *, seconds):
    """Moves the clock on, each time something has happened on the wire, until it holds."""
    feed = rig.fake.trace.subscribe()
    try:
        async with asyncio.timeout(10):
            while not holds():
                rig.clock.forward(timedelta(seconds=seconds))
                await feed.get()
    finally:
        rig.fake.trace.unsubscribe(feed)


def items(rig):
    return [(one.source, one.state) for one in rig.fake.api.todos.values()]


def test_0_of_two_ids_the_one_inside_the_team_is_the_person():
    assert directory.person_id({"oId": "team", "openId": "everywhere"}) == "team"
    assert directory.person_id({"openId": "team"}) == "team"


async def test_1_a_clock_four_minutes_off_gets_no_token_and_the_operator_is_told(rig):
    rig.fake.world.clock = type(rig.clock)(rig.clock.now() + timedelta(minutes=4))
    with pytest.raises(PlatformRefused, match="timestamp"):
        await rig.connector.people()


async def test_1_each_scope_has_its_own_token_and_many_callers_fetch_it_once(rig):
    await asyncio.gather(*(rig.connector.departments() for _ in range(5)))
    assert rig.fake.world.issued == 1
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    await rig.connector.update(LI, handle, CLOSED, ref="r1")
    assert rig.fake.world.issued == 2  # the card's update is another secret's


async def test_1_an_expired_token_is_fetched_anew_and_one_refused_twice_waits(rig):
    await rig.connector.departments()
    rig.clock.forward(timedelta(seconds=6500))
    await rig.connector.departments()
    assert rig.fake.world.issued == 2
    dead = verdict.gateway(reply(success=False, errorCode=1, error="accessToken 已过期"), "x")
    assert isinstance(dead, verdict.TokenDead)
    assert isinstance(verdict.gateway(reply(401), "x"), verdict.TokenDead)


async def test_1_a_token_stands_in_the_address_and_in_no_error(rig):
    rig.fake.faults.add(Fault("error", "api", "getallorgs"))
    with pytest.raises(PlatformBusy) as broken:
        await rig.connector.departments()
    token = await rig.connector.client.token("app")
    assert token not in f"{broken.value!r} {broken.value} {broken.value.call} {vars(broken.value)}"


def test_2_pubtoken_sorts_texts_not_numbers_and_keeps_doubles():
    values = ["9", "10", "10", "secret", "1700000000123"]
    made = signing.pubtoken(no="9", pub="10", secret="secret", nonce="10", time="1700000000123")
    assert made == hashlib.sha1("".join(sorted(values)).encode()).hexdigest()
    assert sorted(values)[0] == "10"


async def test_2_the_same_sender_again_is_told_apart_from_too_much(rig):
    rig.fake.faults.add(Fault("lost", "api", "pubsend"))
    with pytest.raises(PlatformBusy):
        await rig.connector.send(LI, Text("一"), ref="r1")
    await rig.connector.send(LI, Text("一"), ref="r1", repeated=True)  # 5005: assumed sent
    assert [shown.text for shown in rig.shown()] == ["一"]
    fresh = verdict.pubsend(reply(code=5005, success=False), "x")
    assert isinstance(fresh, Throttled)


async def test_2_after_ten_minutes_a_repeat_is_marked(rig):
    rig.fake.faults.add(Fault("lost", "api", "pubsend"))
    with pytest.raises(PlatformBusy):
        await rig.connector.send(LI, Text("一"), ref="r1")
    rig.clock.forward(timedelta(minutes=11))
    await rig.connector.send(LI, Text("一"), ref="r1", repeated=True)
    assert "请忽略" in rig.shown()[-1].text


def test_2_only_zero_is_allowed_for_todo_and_the_app_id_brings_the_ticket():
    kind, body = messages.for_person(SLIP, settings=replace(SETTINGS, card_template=""), now=NOW)
    assert (kind, body["todo"], body["appid"]) == (messages.TEXT_LINK, 0, "500400001")
    assert "请回复“同意 1”" in body["text"]


async def test_2_a_message_names_one_person_because_nobody_named_is_everybody(rig):
    """And its address goes as it is: encoded as a whole it could not be opened."""
    url = "https://bot.example.gov.cn/office/items/1?via=y&q=%E5%B9%B4"
    await rig.connector.send(LI, replace(CLOSED, url=url), ref="r1")
    line = next(one for one in rig.fake.trace.lines if "pubsend" in one.name)
    sent = json.loads(line.plain)
    assert sent["to"] == [{"no": EID, "user": ["u_li"]}]
    assert url in json.dumps(sent["msg"], ensure_ascii=False)


def test_2_a_request_above_one_and_a_half_megabytes_is_not_sent():
    with pytest.raises(Unsupported):
        messages.need_size({"text": "字" * 600_000})
    messages.need_size({"text": "字" * 400_000})


@pytest.mark.parametrize(
    ("code", "kind"),
    [(5001, PlatformRefused), (5002, PlatformRefused), (5003, PlatformRefused), (5004, PlatformRefused),
     (5102, Throttled), (500, PlatformBusy), (6001, PlatformBusy)],
)  # fmt: skip
def test_2_every_code_says_who_must_act(code, kind):
    assert type(verdict.pubsend(reply(code=code, success=False), "x")) is kind


def test_2_the_old_path_answers_without_an_envelope():
    assert verdict.pubsend(reply(sourceMsgId="XT-1", pubId="XT"), "x") is None


async def test_2_an_older_installation_is_reached_by_its_path(start):
    rig = await start("text", pubsend_path="/pubacc/pubsend")
    await rig.connector.send(LI, Text("一"), ref="r1")
    assert [shown.text for shown in rig.shown()] == ["一"]


def test_3_1_a_plain_text_for_a_group_has_no_type():
    assert messages.for_robot(Text("周报", ("@all",)), settings=SETTINGS) == {"content": "周报 @ALL"}


async def test_3_1_the_send_url_is_used_as_it_was_given_and_thirty_a_minute_are_kept(rig):
    group = ChatRef("yzj-main", "robot:all")
    for number in range(30):
        await rig.connector.send(group, Text(f"{number}"), ref="r")
    with pytest.raises(Throttled):
        await rig.connector.send(group, Text("31"), ref="r")
    assert len(rig.fake.world.phones["u_wang"].chats["g-all"].messages) == 30
    with pytest.raises(Unsupported):
        await rig.connector.send(ChatRef("yzj-main", "robot:none"), Text("x"), ref="r")


def test_3_2_the_sign_covers_seven_values_in_their_order_and_nothing_else(made):
    body = {"type": 2, "robotId": "rb", "robotName": "n", "operatorOpenid": "u", "operatorName": "甲", "time": 17,
            "msgId": "m", "content": "a,b", "groupId": "g"}  # fmt: skip
    assert signing.robot_sign(body, secret="s") == made.mac("s", "rb,n,u,甲,17,m,a,b")
    assert signing.robot_sign({**body, "groupId": "other"}, secret="s") == signing.robot_sign(body, secret="s")


async def test_3_2_the_probe_of_the_console_is_answered_and_says_nothing_to_anybody(rig):
    await rig.fake.emit("probe", {})
    await rig.fake.idle()
    ((name, status, body),) = rig.answers
    assert (name, status) == ("robot", 200)
    assert b'"success": true' in body
    assert rig.events.empty()


@pytest.mark.parametrize(
    ("said", "heard"),
    [("@助手 待办", "待办"), ("@助手，待办", "待办"), ("@助手长 好", "@助手长 好"), ("待办", "待办"), ("@助手", "")],
)
def test_3_2_a_mention_is_taken_off_only_where_the_name_ends(said, heard):
    assert robot.spoken(said, "助手") == heard


def test_3_2_a_message_from_another_team_is_nobody_s():
    body = {"type": 2, "msgId": "m", "operatorOpenid": "u_li", "content": "同意 1", "eid": "1"}
    event = robot.translate(body, settings=SETTINGS, received=NOW)
    assert event.name == "robot.outsider"


async def test_3_3_the_socket_survives_garbage_silence_and_acknowledges_what_is_durable(start):
    rig = await start("socket")
    await rig.fake.say(rig.user, "一")
    await rig.until(lambda: rig.fake.gateway.acknowledged == {1})
    for _ in range(3):
        await rig.fake.gateway.garbage()
    await rig.until(lambda: not rig.fake.gateway.sockets)
    await passing(rig, lambda: rig.fake.gateway.sockets, seconds=2)
    await rig.fake.say(rig.user, "二")
    await rig.until(lambda: rig.fake.gateway.acknowledged == {1, 2})
    assert rig.connector.socket.opened == 2


async def test_3_3_what_could_not_be_stored_is_not_acknowledged_and_comes_again(start):
    rig = await start("socket")
    tried = []

    async def broken_once(events):
        tried.append(events)
        if len(tried) == 1:
            rig.fake.trace.publish("tried", {})
            raise RuntimeError("no database")

    rig.admit = broken_once
    await rig.fake.say(rig.user, "一")
    await rig.until(lambda: tried)
    assert not rig.fake.gateway.acknowledged
    await passing(rig, lambda: rig.fake.gateway.acknowledged, seconds=91)
    assert len(tried) >= 2


async def test_4_a_to_do_goes_forward_only_and_what_is_open_again_is_a_new_one(rig):
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    (first,) = items(rig)
    assert first == (f"r1:r1:{AGREE}", 0)
    handle = await rig.connector.update(LI, handle, SLIP, ref="r1")
    assert items(rig) == [(first[0], 1)]
    handle = await rig.connector.update(LI, handle, CLOSED, ref="r1")
    assert items(rig) == [(first[0], 2)]
    handle = await rig.connector.update(LI, handle, SLIP, ref="r1")
    assert items(rig) == [(first[0], 2), (f"r1:r2:{AGREE}", 0)]
    await rig.connector.update(LI, handle, CLOSED, ref="r1")
    assert [state for _, state in items(rig)] == [2, 2]
    assert await rig.connector.todo_state(LI, first[0]) == "done"


async def test_4_a_new_version_of_the_item_is_a_new_to_do(rig):
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    newer = replace(SLIP, buttons=(Button("同意", AGREE.replace(".3.", ".4.")),))
    await rig.connector.update(LI, handle, newer, ref="r1")
    assert [state for _, state in items(rig)] == [2, 0]


async def test_4_created_twice_is_there_once_and_a_draft_is_no_to_do(rig):
    await rig.connector.send(LI, SLIP, ref="r1")
    await rig.connector.send(LI, SLIP, ref="r1", repeated=True)
    await rig.connector.send(LI, replace(SLIP, kind="leave.confirm"), ref="r2")
    assert len(items(rig)) == 1


async def test_4_a_change_before_its_create_is_remembered_and_an_unknown_one_does_no_harm(rig):
    handle = {"rung": "card", "track": "r1", "user": "u_li", "at_ms": 0, "todo": f"r1:r1:{AGREE}", "turn": 1}
    await rig.connector._move_todo(LI, handle, CLOSED)
    await rig.connector.send(LI, SLIP, ref="r1")
    assert items(rig) == [(f"r1:r1:{AGREE}", 2)]


@pytest.mark.parametrize("variant", ["cards", "text"])
async def test_4_no_to_do_is_left_behind_by_a_card_that_another_one_follows(start, variant):
    rig = await start(variant)
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    rig.clock.forward(timedelta(days=30))
    with pytest.raises(CardSpent):
        await rig.connector.update(LI, handle, replace(SLIP, note="有人留言"), ref="r1")
    await rig.connector.send(LI, SLIP, ref="r2")
    assert [state for _, state in items(rig)] == [2, 0]


async def test_4_no_to_do_is_left_behind_by_a_message_that_was_refused(rig):
    rig.fake.world.tenant = replace(rig.fake.world.tenant, pub_secret="changed")
    with pytest.raises(PlatformRefused):
        await rig.connector.send(LI, SLIP, ref="r1")
    assert [state for _, state in items(rig)] == [2]


def test_4_success_may_be_a_text():
    assert verdict.todo(reply(success="true", errorCode=200), "x") is None
    assert isinstance(verdict.todo(reply(success="false", errorCode=0, data="param error"), "x"), PlatformRefused)
    assert isinstance(verdict.todo(reply(success="false", errorCode=202), "x"), PlatformBusy)


def test_4_a_change_always_names_whom_it_changes():
    assert todo.change("s", "u_li", done=True, settings=SETTINGS)["openids"] == ["u_li"]


def test_4_an_item_outlives_the_binding_of_a_link():
    assert todo.lasting("https://o/office/items/1?via=y&u=1&k=2") == "https://o/office/items/1?via=y"


async def test_4_a_person_whom_the_list_does_not_know_still_gets_the_message(rig):
    rig.fake.faults.add(Fault("error", "api", "generatetodo", status=404))
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    assert handle["todo"] == ""
    assert rig.shown()[-1].title == "请假申请"


async def test_4_quick_agreement_names_as_done_only_what_is_over(rig):
    await rig.connector.announce(rig.edge)

    async def decided(events):
        await rig._queue(events)
        return CLOSED

    rig.admit = decided
    await rig.connector.send(LI, SLIP, ref="r1")
    (item,) = rig.shown(chat="todo")
    assert await rig.fake.tap("u_li", item.id, "pass", inputs={}) == ""
    event = rig.events.get_nowait()
    assert (event.payload, event.message.id, event.sender) == (AGREE, "r1", LI)
    door = rig.connector.doors["todo"]
    two = rig.delivery("todo", rig.quick("a:r1:x", "b:r1:y"))
    assert b'"successIds": []' in door.answer(two, CLOSED, now=rig.clock.now()).body
    assert b'"successIds": []' in door.answer(rig.delivery("todo", rig.quick()), None, now=rig.clock.now()).body


async def test_5_1_the_approval_s_body_is_text_and_so_is_its_answer(rig):
    await rig.fake.emit("approval", {"nodeType": "END", "actionType": "reach"})
    await rig.fake.idle()
    assert rig.answers == [("approval", 200, b"success")]
    event = rig.events.get_nowait()
    assert (event.area, event.change, event.object) == ("approval", "end.reach", "flow-1")


async def test_5_1_a_test_push_moves_nothing(rig):
    (event,) = rig.connector.doors["approval"].read(rig.approval(dataType=0))
    assert event.name == "approval.user.agree"


async def test_6_contacts_are_asked_for_by_form_and_the_later_row_of_a_person_holds(rig):
    people = {one.id: one for one in await rig.connector.people()}
    assert people["u_li"].departments == ("org-综合科",)
    assert "user-u_li" not in people
    departments = {one.id: one.parent for one in await rig.connector.departments()}
    assert departments["org-综合科"] == "org-中心"
    assert departments["org-中心"] == ""


async def test_7_a_ticket_is_good_once_and_for_our_app_only(rig):
    ticket = rig.fake.ticket("u_li")
    assert await rig.connector.login(ticket) == LI
    with pytest.raises(PlatformRefused) as used:
        await rig.connector.login(ticket)
    assert used.value.code == "ticket"


async def test_8_each_resource_group_has_its_own_secret_and_token(rig):
    place = await rig.connector.schedules.place(LI)
    assert place == {"owner": "u_li"}
    before = rig.fake.world.issued
    file = await rig.connector.upload(b"%PDF-1", name="纪要.pdf", kind="file")
    assert rig.fake.world.issued == before + 1
    assert (await rig.connector.download(file)).data == b"%PDF-1"
    assert rig.fake.files.kept[file][0] == "纪要.pdf"
    im = await rig.connector.client.token("im")
    with pytest.raises(Refusal):
        rig.fake.world.check(im, "resGroupSecret", secret="files")
    with pytest.raises(PlatformRefused):
        await rig.connector.download("file-nobody-knows")


async def test_8_a_file_that_was_refused_for_its_token_is_sent_again_whole(rig):
    await rig.connector.upload(b"a" * 1000, name="a.pdf", kind="file")
    rig.fake.revoke_tokens()
    file = await rig.connector.upload(b"b" * 1000, name="b.pdf", kind="file")
    assert rig.fake.files.kept[file] == ("b.pdf", b"b" * 1000)


async def test_8_a_schedule_whose_answer_was_lost_is_found_again_by_its_words(rig):
    begin = datetime(2026, 5, 8, 2, tzinfo=UTC)
    one = Schedule(uid="e1", sequence=0, title="接待", begin=begin, end=begin + timedelta(hours=1), note="日程编号1")
    own, place = rig.connector.schedules, await rig.connector.schedules.place(LI)
    rig.fake.faults.add(Fault("lost", "api", "newwork/create"))
    with pytest.raises(PlatformBusy):
        await own.keep(LI, place, None, one, ref="c-1", repeated=False)
    await own.keep(LI, place, None, one, ref="c-1", repeated=True)
    assert [title for _, title in rig.fake.schedules("u_li")] == ["接待"]
    await own.keep(LI, place, None, replace(one, note="日程编号2"), ref="c-2", repeated=True)
    assert len(rig.fake.schedules("u_li")) == 2


async def test_8_without_its_secret_nothing_is_promised(start):
    rig = await start("text")
    assert rig.connector.schedules is None
    assert "calendar" not in rig.connector.doors
    with pytest.raises(Unsupported):
        await rig.connector.upload(b"x", name="x.pdf", kind="file")


async def test_8_a_hint_without_a_proof_comes_by_an_address_that_nobody_guesses_and_says_only_where_to_look(rig):
    door = rig.connector.doors["calendar"]
    for method in (1002, "1002"):  # whether it is a text or a number is not documented
        delivery = rig.hinted(method=method)
        door.verify(delivery, now=rig.clock.now())
        (event,) = door.read(delivery)
        assert (event.area, event.change, event.object) == ("schedule", "changed", "work-1")
    (task,) = door.read(rig.hinted(method=2002))
    assert task.name == "calendar.2002"


def test_8_a_schedule_is_one_text_and_a_whole_day_ends_before_midnight():
    begin = datetime(2026, 5, 5, 16, tzinfo=UTC)
    leave = Schedule(uid="e", sequence=0, title="休假\n三天", begin=begin, end=begin + timedelta(days=3), all_day=True,
                     place="", note="日程编号1")  # fmt: skip
    body = schedules.body(leave, owner="u_li")
    assert body["content"] == "休假 三天\n日程编号1"
    assert body["noticeTimes"] == [-1]
    assert body["endDate"] == int((leave.end - timedelta(minutes=1)).timestamp()) * 1000
    back = schedules.there({**body, "workStatus": 0}, leave)
    assert (back.all_day, back.end) == (True, leave.end)


async def test_9_2_both_states_are_updated_and_the_base_has_no_means_to_act(rig):
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    card = rig.fake.cards.cards["r1"]
    assert not any(name.startswith("b1") or "tok" in name for name in card.base)
    await rig.connector.update(LI, handle, CLOSED, ref="r1")
    assert card.base["state"] == card.private["u_li"]["state"] == "李四已同意"


async def test_9_3_a_token_is_one_person_s_on_one_card_for_one_act(made):
    good = {"track": "r1", "oid": "u_li", "key": "k"}
    token = signing.card_token(AGREE, until=NOW + timedelta(days=1), **good)
    signing.check_card_token(token, AGREE, now=NOW, **good)
    for wrong in ({"track": "r2"}, {"oid": "u_zhang"}, {"key": "guess"}):
        with pytest.raises(Rejected):
            signing.check_card_token(token, AGREE, now=NOW, **{**good, **wrong})
    with pytest.raises(Rejected):
        signing.check_card_token(token, "a1.reject.item-1.3.x", now=NOW, **good)
    with pytest.raises(Rejected):
        signing.check_card_token(token, AGREE, now=NOW + timedelta(days=2), **good)


async def test_9_3_the_same_button_of_a_newer_state_is_another_tap(rig):
    def key(delivery):
        return rig.connector.doors["card"].read(delivery)[0].key

    first, newer = rig.delivery("card", rig.tapped()), rig.delivery("card", rig.tapped(ago=-5))
    assert key(first) == key(first) != key(newer)


def test_9_3_the_answer_merges_fields_and_never_replaces_the_card():
    data = outbound.answer(CLOSED, track="r1", oid="u_li", now=NOW, settings=SETTINGS)["data"]
    assert set(data) == {"newUpdateFields"}
    assert data["newUpdateFields"]["b1_text"] == ""


async def test_9_4_after_a_month_a_card_is_followed_by_a_new_one(rig):
    handle = await rig.connector.send(LI, SLIP, ref="r1")
    rig.clock.forward(timedelta(days=30))
    with pytest.raises(CardSpent):
        await rig.connector.update(LI, handle, CLOSED, ref="r1")


def test_9_5_what_the_template_cannot_show_goes_the_next_best_way():
    many = replace(SLIP, choices=(Choice("a", "甲", (Option("o", "一"),)),))
    with pytest.raises(Unsupported):
        outbound.private_state(many, track="r", oid="u", now=NOW, settings=SETTINGS)
    selects = replace(SETTINGS, card_selects=True)
    shown = outbound.private_state(many, track="r", oid="u", now=NOW, settings=selects)
    assert shown["c1_key"] == "a"
    with_line = replace(SLIP, inputs=(Input("opinion", "意见"),))
    assert outbound.private_state(with_line, track="r", oid="u", now=NOW, settings=SETTINGS)["i1_key"] == "opinion"


@pytest.mark.parametrize("judge", [verdict.gateway, verdict.listed, verdict.todo])
def test_10_an_answer_that_is_none_is_nobody_s_refusal(judge):
    assert isinstance(judge(Reply(200, {}, b"<html>", {}), "x"), PlatformBusy)


def test_10_success_is_another_number_in_each_family():
    assert verdict.gateway(reply(success=True, errorCode=0), "x") is None
    assert verdict.listed(reply(success=True, errorCode=100), "x") is None
    assert isinstance(verdict.listed(reply(success=True, errorCode=0), "x"), PlatformRefused)
    assert isinstance(verdict.gateway(reply(success=True, errorCode=100), "x"), PlatformRefused)
