"""Deliveries at the three doors, made by hand from the notes' field tables and by dingtalk-sdk."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Challenge, Delivery
from connectors.dingtalk.inbound import card, events, robot
from connectors.dingtalk.inbound.fields import Fields, sign
from connectors.dingtalk.settings import Settings
from connectors.errors import Rejected
from connectors.events import (
    AppNotice,
    ButtonPressed,
    ChatChanged,
    DepartmentsChanged,
    MediaReceived,
    MessageRead,
    ObjectChanged,
    PeopleChanged,
    TagChanged,
    TextReceived,
    Unknown,
    dump,
    load,
)
from connectors.refs import ChatRef, PersonRef

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = Settings(
    account="dd", client_id="dingapp", client_secret="s", corp_id="dingcorp", robot_code="dingapp", api_secret="a"
)
VECTORS = json.loads((Path(__file__).parents[2] / "recordings" / "callback_vectors.json").read_text())["vectors"]
SIGNATURES = [vector for vector in VECTORS["dingtalk"] if "sign_b64" in vector["expect"]]
SEALED = [vector for vector in VECTORS["dingtalk"] if vector["kind"] == "event_callback_decrypt"]
LI = PersonRef("dd", "u_li")


def pushed(name, **fields):
    return events.translate(events.streamed("dd", {"eventType": name, "eventId": "e1"}, fields, received=NOW))


def said(**fields):
    whole = {"msgId": "m1", "createAt": 1767225600000, "conversationType": "1", "conversationId": "c1",
             "senderStaffId": "u_li", "senderCorpId": "dingcorp", "msgtype": "text", **fields}  # fmt: skip
    return robot.translate(whole, settings=SETTINGS, received=NOW)


def tapped(token="t1", **fields):
    whole = {"type": "actionCallback", "outTrackId": "letter-1", "corpId": "dingcorp", "userId": "u_li", **fields}
    return card.translate(whole, settings=SETTINGS, received=NOW, token=token)


@pytest.mark.parametrize("vector", SIGNATURES, ids=[vector["id"] for vector in SIGNATURES])
def test_every_signature_vector_is_reproduced(vector):
    secret, text = vector["input"]["secret"], vector["input"]["string_to_sign"]
    assert sign(secret, text) == vector["expect"]["sign_b64"]


@pytest.mark.parametrize("vector", SEALED, ids=[vector["id"] for vector in SEALED])
def test_every_sealed_vector_passes_the_door_in_its_time(vector):
    given = vector["input"]
    settings = Settings(account="dd", client_id=given["owner_key"], client_secret="s", corp_id="c", robot_code="r",
                        token=given["token"], encoding_aes_key=given["encoding_aes_key"])  # fmt: skip
    door = events.EventsDoor(settings)
    stamp = given["timestamp"]
    now = datetime.fromtimestamp(int(stamp) / (1000 if len(stamp) > 11 else 1), UTC)
    query = {"signature": given["msg_signature"], "timeStamp": stamp, "nonce": given["nonce"]}
    body = json.dumps({"encrypt": given["encrypt"]}).encode()
    delivery = Delivery("dd", "events", "POST", query, {}, body, now)
    door.verify(delivery, now=now)
    if vector["expect"]["plaintext"] == "success":  # a receiver's reply, not an event
        with pytest.raises(Rejected):
            door.read(delivery)
    else:
        assert door.read(delivery) == Challenge("success")
    with pytest.raises(Rejected, match="too old"):
        door.verify(delivery, now=now + timedelta(seconds=601))


@pytest.mark.parametrize("owner", ["CLIENT", "CORP"])
async def test_an_answer_carries_the_owner_key_that_came_in(http, made, owner):
    owner = getattr(made, owner)
    delivery = http.event({"EventType": "check_url"}, owner=owner)
    door = http.connector.doors["events"]
    answer = json.loads(door.answer(delivery, door.read(delivery), now=http.clock.now()).body)
    crypto = made.DingTalkCrypto(made.TOKEN, made.KEY, owner)
    parts = (answer["msg_signature"], answer["timeStamp"], answer["nonce"], answer["encrypt"])
    assert crypto.decrypt_encrypt_str(*parts) == "success"


@pytest.mark.parametrize(
    ("name", "fields", "kind", "expected"),
    [
        ("bpms_instance_change", {"processInstanceId": "p1", "type": "finish", "result": "agree"}, ObjectChanged,
         {"area": "approval", "change": "finish", "object": "p1", "fields": {"result": "agree"}}),
        ("bpms_task_change", {"taskId": 81, "type": "start", "processInstanceId": "p1"}, ObjectChanged,
         {"area": "approval_task", "change": "start", "object": "81", "fields": {"processInstanceId": "p1"}}),
        ("user_add_org", {"userId": ["u_li", "u2"]}, PeopleChanged,
         {"change": "joined", "people": (LI, PersonRef("dd", "u2"))}),
        ("user_modify_org", {"UserId": ["u_li"]}, PeopleChanged, {"change": "changed", "people": (LI,), "fields": {}}),
        ("user_leave_org", {"userid": "u_li"}, PeopleChanged, {"change": "left", "people": (LI,)}),
        ("user_active_org", {"userId": ["u_li"]}, PeopleChanged, {"change": "activated"}),
        ("org_dept_create", {"deptId": [7, 8]}, DepartmentsChanged, {"change": "created", "departments": ("7", "8")}),
        ("org_dept_remove", {"DeptId": [7]}, DepartmentsChanged, {"change": "removed", "departments": ("7",)}),
        ("label_user_change", {"labelIdList": [5], "userIdList": ["u_li"], "action": "add"}, TagChanged, {"tag": "5"}),
        ("check_in", {"staffId": "u_li"}, ObjectChanged, {"area": "check_in", "object": "u_li", "change": "done"}),
        ("calendar_event_change", {"calendarEventId": "c1", "changeType": "updated", "unionIdList": ["x"]},
         ObjectChanged, {"area": "calendar", "change": "updated", "object": "c1", "fields": {"unionIdList": ["x"]}}),
        ("todo_task_delete", {"taskId": "t1"}, ObjectChanged, {"area": "todo", "change": "removed", "object": "t1"}),
        ("chat_add_member", {"OpenConversationId": "cid", "chatId": "old", "userId": ["u_li"]}, ChatChanged,
         {"chat": ChatRef("dd", "cid"), "change": "members_added", "people": (LI,)}),
        ("chat_disband", {"openConversationId": "cid"}, ChatChanged, {"change": "disbanded"}),
        ("chat_update_title", {"openConversationId": "cid", "title": "新"}, ChatChanged, {"fields": {"title": "新"}}),
        ("robot_msg_read", {"userId": "u_li", "processQueryKey": "k"}, MessageRead, {"reader": LI, "message": "k"}),
        ("robot_msg_recall", {"processQueryKey": "k"}, MessageRead, {"reader": None, "recalled": True}),
        ("invented_yesterday", {"a": 1}, Unknown, {"name": "invented_yesterday", "raw": {"a": 1}}),
    ],
)  # fmt: skip
def test_the_table_of_events(name, fields, kind, expected):
    event = pushed(name, **fields)
    assert type(event) is kind
    assert event.key == "event:e1"
    for field, value in expected.items():
        assert getattr(event, field) == value, field


def test_old_events_without_an_id_are_told_apart_by_content():
    def key(**fields):
        return events.translate(events.streamed("dd", {"eventType": "user_leave_org"}, fields, received=NOW)).key

    assert key(userId=["a"], timeStamp=1) == key(timeStamp=1, userId=["a"])
    assert key(userId=["a"], timeStamp=1) != key(userId=["a"], timeStamp=2)
    assert key(userId=["a"], timeStamp=1) != key(userId=["b"], timeStamp=1)


def test_text_loses_the_space_after_an_at_and_keeps_its_group():
    (event,) = said(text={"content": " 年假 明天 "}, conversationType="2", conversationId="cidG")
    assert event == TextReceived(
        account="dd", key="robot:m1", at=NOW, raw=event.raw, sender=LI, text="年假 明天", chat=ChatRef("dd", "cidG")
    )


@pytest.mark.parametrize(
    ("msgtype", "content", "kind", "name", "text"),
    [
        ("picture", {"downloadCode": "d", "pictureDownloadCode": "p"}, "image", "", ""),
        ("audio", {"downloadCode": "d", "recognition": "请假两天"}, "voice", "", "请假两天"),
        ("video", {"downloadCode": "d", "videoType": "mp4"}, "video", "", ""),
        ("file", {"downloadCode": "d", "fileName": "a.pdf"}, "file", "a.pdf", ""),
    ],
)
def test_media(msgtype, content, kind, name, text):
    (event,) = said(msgtype=msgtype, content=content)
    assert isinstance(event, MediaReceived)
    assert (event.kind, event.media, event.name, event.text) == (kind, "d", name, text)


def test_rich_text_with_two_pictures_is_two_events_with_two_keys():
    runs = [{"text": "见图"}, {"type": "picture", "downloadCode": "a"}, {"type": "picture", "downloadCode": "b"}]
    first, second = said(msgtype="richText", content={"richText": runs})
    assert (first.media, first.text, second.media, second.text) == ("a", "见图", "b", "")
    assert first.key != second.key
    (words,) = said(msgtype="richText", content={"richText": [{"text": "年假 "}, {"text": "明天"}]})
    assert words.text == "年假 明天"


@pytest.mark.parametrize("fields", [{"errorCode": 20001}, {"errCode": "20001", "errMsg": "超出"}])
def test_a_message_over_quota_has_no_text_and_is_a_notice(fields):
    (event,) = said(**fields)
    assert isinstance(event, AppNotice)
    assert event.kind == "push_quota_used_up"


def test_outsiders_and_unknown_kinds_are_kept_and_nobodys_word():
    (stranger,) = said(senderStaffId=None, text={"content": "同意"})
    (foreign,) = said(senderCorpId="dingother", text={"content": "同意"})
    (odd,) = said(msgtype="unknownMsgType")
    assert [one.name for one in (stranger, foreign, odd)] == [
        "robot.outsider",
        "robot.outsider",
        "robot.unknownMsgType",
    ]
    assert stranger.sender is None
    assert odd.sender == LI


def test_the_reply_address_is_not_kept():
    (event,) = said(text={"content": "a"}, sessionWebhook="https://oapi.dingtalk.com/robot/sendBySession?session=x")
    assert "session=x" not in repr(event)


def test_a_word_that_a_reply_button_said_is_a_tap():
    (event,) = said(text={"content": "同意 a1.approve.item.3.0123456789abcdef01234567"})
    assert isinstance(event, ButtonPressed)
    assert event.payload == "a1.approve.item.3.0123456789abcdef01234567"
    (words,) = said(text={"content": "同意 3"})
    assert words.text == "同意 3"


PARAMS = {
    "payload": "p1",
    "reason": "同意",
    "kind": {"index": 1, "value": "b"},
    "many": {"value": ["x", "y"]},
    "none": "",
}
INPUTS = {"reason": ("同意",), "kind": ("b",), "many": ("x", "y"), "none": ()}


@pytest.mark.parametrize(
    "fields",
    [
        {"content": json.dumps({"cardPrivateData": {"actionIds": ["act"], "params": PARAMS}})},
        {"value": json.dumps({"cardPrivateData": {"actionIds": ["act"], "params": PARAMS}})},
        {"content": {"cardPrivateData": {"actionIds": ["act"]}, "params": PARAMS}},
        {"Content": json.dumps({"cardPrivateData": {"params": json.dumps(PARAMS)}})},
    ],
)
def test_params_are_found_in_all_four_places(fields):
    event = tapped(**fields)
    assert isinstance(event, ButtonPressed)
    assert (event.sender, event.message.id, event.payload) == (LI, "letter-1", "p1")
    assert event.inputs == INPUTS


def test_two_taps_differ_and_one_tap_twice_does_not():
    content = json.dumps({"cardPrivateData": {"params": {"payload": "p"}}})
    assert tapped(content=content).key == tapped(content=content).key
    assert tapped(content=content).key != tapped(content=content, token="t2").key
    assert tapped(content=content).key != tapped(content=content, userId="u2").key


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"corpId": "dingother"}, "card.outsider"),
        ({"userIdType": 2}, "card.nobody"),
        ({"userId": ""}, "card.nobody"),
        ({"type": "dynamicDataCallback"}, "card.dynamicDataCallback"),
    ],
)
def test_a_tap_that_is_not_one_of_our_peoples_is_unknown(fields, name):
    event = tapped(**fields)
    assert isinstance(event, Unknown)
    assert event.name == name


async def test_card_callbacks_over_http_without_a_secret_are_never_believed(start, made):
    rig = await start(transport="http", api_secret="")
    delivery = rig.card(rig.tapped(), secret="")
    with pytest.raises(Rejected, match="api_secret"):
        rig.connector.doors["card"].verify(delivery, now=rig.clock.now())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["msgId", "createAt", "senderStaffId", "msgtype", "text", "content", "errorCode", "conversationType",
         "userId", "outTrackId", "value", "params", "cardPrivateData", "actionIds", "richText",
         "eventType", "deptId"]  # fmt: skip
objects = st.dictionaries(st.sampled_from(NAMES), json_values | st.sampled_from(["text", "richText", "file", "u_li"]))


@given(objects, st.sampled_from([*events._TABLE, "x"]))
def test_no_shape_of_payload_breaks_a_translator(payload, name):
    assert robot.translate(payload, settings=SETTINGS, received=NOW)
    assert card.translate(payload, settings=SETTINGS, received=NOW, token="")
    assert pushed(name, **payload)


surrogates = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)


@given(
    st.binary(max_size=60) | st.sampled_from([b"{}", b'{"encrypt":"\\ud800"}', b'{"encrypt":1}', b"[" * 90_000]),
    st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce", "sign"]), surrogates),
)
def test_whatever_comes_unsigned_is_refused_and_nothing_worse(data, words):
    doors = {"events": events.EventsDoor(replace(SETTINGS, token="t", encoding_aes_key="A" * 43)),
             "robot": robot.RobotDoor(SETTINGS), "card": card.CardDoor(SETTINGS)}  # fmt: skip
    for name, door in doors.items():
        delivery = Delivery("dd", name, "POST", words, {**words, "x-ddpaas-signature": "\udcff"}, data, NOW)
        with pytest.raises(Rejected):
            door.verify(delivery, now=NOW)


@pytest.mark.parametrize("text", [r'"\ud800"', "[" * 40 + "1" + "]" * 40, "9" * 5000, "1" + "]"])
async def test_what_could_not_be_stored_is_refused_at_the_door(http, text):
    delivery = http.robot(f'{{"msgId":"m","senderStaffId":"u_li","msgtype":"text","x":{text}}}'.encode())
    with pytest.raises(Rejected):
        http.connector.doors["robot"].read(delivery)


@given(st.text(max_size=30))
def test_every_text_survives_storage(text):
    (event,) = said(text={"content": text})
    assert load(*dump(event)) == event
    assert "\0" not in event.text


def test_fields_are_found_whatever_their_case():
    fields = Fields({"OpenConversationId": "x", "TimeStamp": "1767225600000", "EventTime": 1767225600})
    assert fields.text("openConversationId") == "x"
    assert fields.instant("timestamp") == fields.instant("eventtime") == NOW
