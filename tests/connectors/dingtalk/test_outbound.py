"""Cards as template variables and as the rungs below, pure."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.model import (
    Article,
    Attachment,
    Button,
    Card,
    Choice,
    Field,
    Input,
    Link,
    Markdown,
    News,
    Option,
    Text,
    Urgent,
)
from connectors.dingtalk import messages, outbound
from connectors.dingtalk.fake import views
from connectors.dingtalk.settings import Settings
from connectors.errors import Unsupported
from connectors.refs import ChatRef, PersonRef

SETTINGS = Settings(
    account="dd", client_id="dingapp", client_secret="s", corp_id="dingcorp", robot_code="dingapp",
    card_template_id="t.schema", card_route_key="route",
)  # fmt: skip
LI = PersonRef("dd", "u_li")
APPROVE = Button("同意", "a1.approve.i.3.0123456789abcdef01234567")
SLIP = Card(kind="approval.decide", title="请假", fields=(Field("事由", "回家"),), buttons=(APPROVE,))
CLOSED = replace(SLIP, buttons=(), state="已同意")


def test_the_variables_are_exactly_those_of_the_template():
    named = {
        one["name"] if n == 1 else f"{one['name']}_{n}"
        for one in views.TEMPLATE["variables"]
        for n in range(1, one.get("parts", 1) + 1)
    }
    assert set(outbound.variables(SLIP)) == named
    assert set(outbound.variables(CLOSED)) == named


def test_what_the_template_calls_private_is_what_goes_into_private_data():
    body = outbound.create(LI, SLIP, track="letter-1", settings=SETTINGS)
    private = {one["name"] for one in views.TEMPLATE["variables"] if not one["public"]}
    assert {
        name.split("_")[0] if name != "can_act" else name for name in body["privateData"]["u_li"]["cardParamMap"]
    } == private
    assert body["cardData"]["cardParamMap"]["buttons"] == "[]"
    assert APPROVE.payload in body["privateData"]["u_li"]["cardParamMap"]["buttons"]


def test_in_a_group_everybody_gets_the_buttons():
    body = outbound.create(ChatRef("dd", "cid=="), SLIP, track="letter-1", settings=SETTINGS)
    assert "privateData" not in body
    assert body["openSpaceId"] == "dtv1.card//IM_GROUP.cid=="
    assert APPROVE.payload in body["cardData"]["cardParamMap"]["buttons"]


def test_the_transport_decides_who_is_called_back():
    stream = outbound.create(LI, SLIP, track="x", settings=SETTINGS)
    http = outbound.create(LI, SLIP, track="x", settings=replace(SETTINGS, transport="http"))
    assert (stream["callbackType"], "callbackRouteKey" in stream) == ("STREAM", False)
    assert (http["callbackType"], http["callbackRouteKey"]) == ("HTTP", "route")


def test_an_update_changes_by_key_and_a_closed_card_leaves_nothing_to_tap():
    body = outbound.update(CLOSED, track="letter-1", user="u_li")
    assert body["cardUpdateOptions"] == {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    assert body["privateData"]["u_li"]["cardParamMap"]["buttons"] == "[]"
    assert body["privateData"]["u_li"]["cardParamMap"]["can_act"] == "false"
    assert body["cardData"]["cardParamMap"]["status"] == "已同意"


def test_the_answer_without_a_card_names_one_unchanged_variable():
    answer = outbound.callback_answer(None)
    assert answer["cardData"]["cardParamMap"] == {"toast_ok": "true"}
    assert answer["cardUpdateOptions"]["updateCardDataByKey"] is True


words = st.text(max_size=700)
cards = st.builds(
    Card,
    kind=st.just("k"),
    title=words,
    note=words,
    quote=words,
    state=st.sampled_from(["", "已同意"]),
    fields=st.lists(st.builds(Field, words, words), max_size=20).map(tuple),
    inputs=st.lists(st.builds(Input, st.just("reason"), words), max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, words, st.just("p" * 90)), max_size=8).map(tuple),
)


@given(cards)
def test_every_value_is_text_of_at_most_a_kilobyte_and_every_list_is_whole(card):
    found = outbound.variables(card)
    for name, value in found.items():
        assert isinstance(value, str)
        assert len(value.encode()) <= outbound.VALUE_BYTES, name
    assert len(views.rows(found, "buttons")) == (0 if card.state else len(card.buttons))
    rows = views.rows(found, "fields")
    assert len(rows) == len(card.fields) or rows[-1]["name"] == "…"


@given(st.text(), st.integers(min_value=3, max_value=50))
def test_a_clip_is_whole_characters_within_the_bytes(text, limit):
    clipped = outbound.clip(text, limit)
    assert len(clipped.encode()) <= limit
    assert clipped == outbound.clip(clipped, limit)


def test_a_long_address_is_left_out_rather_than_cut():
    assert outbound.variables(replace(SLIP, url="https://x/" + "a" * 1100))["url"] == ""


def test_what_the_lists_cannot_hold_is_said_aloud():
    many = replace(SLIP, buttons=(APPROVE,) * 9)
    options = tuple(Option(f"o{n}", "很长的选项" * 8) for n in range(20))
    for card in (many, replace(SLIP, choices=(Choice("k", "类别", options),))):
        with pytest.raises(Unsupported):
            outbound.variables(card)


# The rungs below


def reply(url):
    return parse_qs(urlsplit(url).query)["content"][0]


def test_one_button_without_a_page_becomes_a_word_that_the_client_says():
    key, param = messages.robot_message(SLIP)
    assert key == "sampleActionCard"
    assert param["singleURL"].startswith("dtmd://dingtalkclient/sendMessage?content=")
    assert reply(param["singleURL"]) == f"同意 {APPROVE.payload}"


def test_two_buttons_and_a_page_are_three_links_in_order():
    card = replace(SLIP, buttons=(APPROVE, Button("退回", "a1.return.i.3.x")), url="https://office.example/1")
    key, param = messages.robot_message(card)
    assert key == "sampleActionCard3"
    assert [param[f"actionTitle{n}"] for n in (1, 2, 3)] == ["同意", "退回", "查看详情"]
    assert "url=https://office.example/1" in unquote(param["actionURL3"])


def test_no_button_is_a_link_that_would_act_when_opened():
    card = replace(SLIP, buttons=(APPROVE, Button("退回", "a1.return.i.3.x")), url="https://office.example/1")
    _, param = messages.robot_message(card)
    for name, value in param.items():
        if "URL" in name and "a1." in unquote(value):
            assert value.startswith("dtmd://")


def test_choices_leave_only_the_page_and_without_one_nothing_is_left():
    card = replace(SLIP, choices=(Choice("k", "类别", (Option("a", "甲"),)),))
    key, param = messages.robot_message(replace(card, url="https://office.example/1"))
    assert key == "sampleActionCard"
    assert "page/link" in param["singleURL"]
    with pytest.raises(Unsupported):
        messages.robot_message(card)


def test_peoples_words_cannot_pass_for_links_or_headings():
    bad = "[点此领取](https://evil.example) # 大字\n- 列表\n1. 一\n<font color=red>"
    _, param = messages.robot_message(replace(SLIP, quote=bad, buttons=()))
    assert "[点此领取](" not in param["text"]
    assert "\\[点此领取\\]\\(" in param["text"]
    assert "\n- 列表" not in param["text"]
    assert "\n1. 一" not in param["text"]
    assert "<font" not in param["text"].replace("\\<font", "")


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (Text("好"), "sampleText"),
        (Urgent("快"), "sampleText"),
        (Markdown("题", "文"), "sampleMarkdown"),
        (Link("题", "说明", "https://x/1"), "sampleActionCard"),
        (News((Article("题", "说明", "https://x/1", "https://x/p.png"),)), "sampleMarkdown"),
        (Attachment("file", "@m", "a.pdf"), "sampleFile"),
        (Attachment("image", "@m"), "sampleImageMsg"),
        (Attachment("voice", "@m", seconds=3), "sampleAudio"),
        (Attachment("video", "@m", "a.mp4"), "sampleFile"),
        (CLOSED, "sampleMarkdown"),
    ],
)
def test_every_message_has_its_key(message, key):
    found, param = messages.robot_message(message)
    assert found == key
    assert all(isinstance(value, str) for value in param.values())


def test_a_possible_repeat_says_so():
    for message in (Text("好"), Markdown("题", "文"), SLIP):
        _, param = messages.robot_message(message, repeated=True)
        assert "如已收到" in "".join(param.values())


def test_a_group_robot_names_people_in_the_text_as_well():
    body = messages.webhook(Text("开会", mentions=("u1", "@all")), ref="r1")
    assert body["at"] == {"atUserIds": ["u1"], "isAtAll": True}
    assert body["text"]["content"] == "开会 @u1"
    assert body["msgUuid"] == "r1"


def test_a_group_robot_cannot_ask():
    with pytest.raises(Unsupported):
        messages.webhook(SLIP, ref="r1")
    body = messages.webhook(replace(SLIP, url="https://x/1"), ref="r1")
    assert "dtmd" not in json.dumps(body)


@given(cards)
def test_a_work_notice_fits_or_says_that_it_does_not(card):
    try:
        sent = messages.work_notice(card, serial="x1")
    except Unsupported:
        return
    assert len(outbound.compact(sent).encode()) <= messages.NOTICE_BYTES
