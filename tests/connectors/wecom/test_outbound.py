"""Which of WeCom's forms a message takes, and that nothing leaves that WeCom would refuse."""

from __future__ import annotations

import json
import string
from dataclasses import replace

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
    Style,
    Text,
    Tone,
    Urgent,
)
from connectors.errors import Unsupported
from connectors.wecom import outbound, template_cards
from connectors.wecom.fake import cards as strict
from connectors.wecom.limits import chars, clean, octets

URL = "https://bot.example.gov.cn/office/items/1"
APPROVE, RETURN = Button("同意", "k.approve", Style.PRIMARY), Button("退回", "k.return", Style.DANGER)
SLIP = Card(kind="approval.decide", title="请假申请", subtitle="张三 2 天", buttons=(APPROVE, RETURN), url=URL)


def render(card, task_id="letter-1"):
    body = template_cards.render(card, task_id=task_id)
    strict.check(body)
    return body


def options(count, start=0):
    return tuple(Option(f"o{n}", f"第{n}项") for n in range(start, start + count))


# --- which card


def test_buttons_make_a_button_card():
    body = render(
        replace(SLIP, fields=(Field("申请人", "张三", URL), Field("事由", "家事")), source="办公室", tone=Tone.BAD)
    )
    assert body == {
        "card_type": "button_interaction",
        "task_id": "letter-1",
        "source": {"desc": "办公室", "desc_color": 2},
        "main_title": {"title": "请假申请", "desc": "张三 2 天"},
        "horizontal_content_list": [
            {"keyname": "申请人", "value": "张三", "type": 1, "url": URL},
            {"keyname": "事由", "value": "家事"},
        ],
        "card_action": {"type": 1, "url": URL},
        "button_list": [
            {"text": "同意", "style": 1, "type": 0, "key": "k.approve"},
            {"text": "退回", "style": 2, "type": 0, "key": "k.return"},
        ],
    }


def test_a_button_card_needs_no_page():
    assert "card_action" not in render(replace(SLIP, url=""))


def test_a_short_choice_goes_beside_the_buttons():
    body = render(replace(SLIP, choices=(Choice("kind", "类别", options(3), ("o1",)),)))
    assert body["card_type"] == "button_interaction"
    assert body["button_selection"]["selected_id"] == "o1"
    assert [option["id"] for option in body["button_selection"]["option_list"]] == ["o0", "o1", "o2"]


def test_many_answers_make_check_boxes():
    card = replace(SLIP, choices=(Choice("who", "参会", options(15), ("o2",), many=True),), buttons=(APPROVE,))
    body = render(card)
    assert (body["card_type"], body["checkbox"]["mode"]) == ("vote_interaction", 1)
    assert [option["id"] for option in body["checkbox"]["option_list"] if option["is_checked"]] == ["o2"]
    assert body["submit_button"] == {"text": "同意", "key": "k.approve"}


def test_a_long_single_choice_becomes_a_vote_with_one_answer():
    body = render(replace(SLIP, choices=(Choice("room", "会议室", options(15)),), buttons=(APPROVE,)))
    assert (body["card_type"], body["checkbox"]["mode"]) == ("vote_interaction", 0)


@pytest.mark.parametrize("count", [2, 3])
def test_two_or_three_choices_make_lists(count):
    choices = tuple(Choice(f"q{n}", "题", options(10)) for n in range(count))
    body = render(
        replace(SLIP, choices=choices, buttons=(APPROVE,), fields=(Field("时间", "明天"),), big=("5", "天数"))
    )
    assert body["card_type"] == "multiple_interaction"
    assert len(body["select_list"]) == count
    # These cards show only their title: what must be known is there.
    assert body["main_title"]["desc"] == "张三 2 天；天数：5；时间：明天"


@pytest.mark.parametrize(
    "change",
    [
        {"choices": (Choice("a", "甲", options(3), many=True),)},
        {"choices": tuple(Choice(f"q{n}", "题", options(3)) for n in range(2))},
        {"choices": tuple(Choice(f"q{n}", "题", options(3)) for n in range(4)), "buttons": (APPROVE,)},
        {"choices": (Choice("a", "甲", options(2), many=True), Choice("b", "乙", options(2))), "buttons": (APPROVE,)},
        {"choices": (Choice("a", "甲", ()),)},
        {"choices": (Choice("a", "甲", options(21), many=True),), "buttons": (APPROVE,)},
        {"choices": (Choice("a", "甲", options(2) + options(1)),)},
        {"choices": (Choice("a", "甲", (Option("x" * 129, "长"),)),)},
        {"choices": (Choice("a" * 1025, "甲", options(2)),)},
        {"buttons": (Button("长", "k" * 1025),)},
        {"buttons": (APPROVE, APPROVE)},
        {"buttons": (), "url": ""},
        {"title": " "},
        {"url": "bot.example.gov.cn"},
        {"url": "https://x/" + "x" * 2048},
    ],
)
def test_what_wecom_cannot_say_is_said_to_be_unsupported(change):
    with pytest.raises(Unsupported):
        template_cards.render(replace(SLIP, **change), task_id="letter-1")


def test_nothing_to_tap_makes_a_notice():
    card = replace(SLIP, buttons=(Button("打开", url=URL),), big=("5 天", "剩余"), note="请于周五前", quote="原文")
    body = render(card)
    assert body["card_type"] == "text_notice"
    assert body["emphasis_content"] == {"title": "5 天", "desc": "剩余"}
    assert body["sub_title_text"] == "请于周五前"
    assert body["quote_area"] == {"type": 0, "quote_text": "原文"}
    assert body["jump_list"] == [{"type": 1, "title": "打开", "url": URL}]


def test_a_closed_card_sent_afresh_is_a_notice_with_its_state():
    body = render(replace(SLIP, state="已同意"))
    assert body["card_type"] == "text_notice"
    assert body["emphasis_content"]["title"] == "已同意"
    with_number = render(replace(SLIP, state="已同意", big=("5", "天")))
    assert with_number["sub_title_text"].startswith("已同意")


def test_a_closed_card_in_place_has_one_grey_button_and_needs_no_page():
    body = template_cards.replacement(replace(SLIP, state="李四已同意", url=""), task_id="letter-1")
    strict.check(body)
    assert (body["card_type"], body["replace_text"]) == ("button_interaction", "李四已同意")
    assert [button["key"] for button in body["button_list"]] == ["closed"]


def test_an_update_that_leaves_buttons_is_the_card_as_sent():
    assert template_cards.replacement(SLIP, task_id="letter-1") == render(SLIP)


def test_one_article_with_a_picture_is_a_picture_card():
    article = Article("通知", "请阅", URL, "https://pic.example.gov.cn/1.png")
    body = outbound.for_person(News((article,)), ref="r")
    strict.check(body["template_card"])
    assert body["template_card"]["card_type"] == "news_notice"


# --- too much for a card


def test_nine_buttons_fill_card_and_menu():
    body = render(replace(SLIP, buttons=tuple(Button(f"{n}", f"k{n}") for n in range(9))))
    assert [button["key"] for button in body["button_list"]] == [f"k{n}" for n in range(6)]
    assert [action["key"] for action in body["action_menu"]["action_list"]] == ["k6", "k7", "k8"]


def test_more_buttons_are_left_to_the_page_if_there_is_one():
    crowd = tuple(Button(f"{n}", f"k{n}") for n in range(12))
    assert len(render(replace(SLIP, buttons=crowd))["action_menu"]["action_list"]) == 3
    with pytest.raises(Unsupported):
        template_cards.render(replace(SLIP, buttons=crowd, url=""), task_id="x")


def test_links_come_after_acts_and_give_way_to_them():
    link = Button("查看", url=URL)
    assert render(replace(SLIP, buttons=(link, APPROVE)))["button_list"][1] == {
        "text": "查看", "style": 3, "type": 1, "url": URL,
    }  # fmt: skip
    crowd = tuple(Button(f"{n}", f"k{n}") for n in range(6))
    assert all(button["type"] == 0 for button in render(replace(SLIP, buttons=(link, *crowd)))["button_list"])
    with pytest.raises(Unsupported):
        template_cards.render(replace(SLIP, buttons=(link, *crowd), url=""), task_id="x")


def test_fields_that_do_not_fit_are_told_below_in_full():
    fields = (Field("事由", "很" * 40), *(Field(f"项{n}", f"值{n}") for n in range(7)))
    body = render(replace(SLIP, fields=fields, note="备注"))
    assert len(body["horizontal_content_list"]) == 6
    assert body["horizontal_content_list"][0]["value"] == "很" * 29 + "…"
    assert body["sub_title_text"] == f"事由：{'很' * 40}\n项5：值5\n项6：值6\n备注"


def test_inputs_are_left_to_the_chat():
    assert "inputs" not in json.dumps(render(replace(SLIP, inputs=(Input("why", "理由"),))))


@pytest.mark.parametrize("task_id", ["", "a:b", "a/b", "a.b", "x" * 129, "任务"])
def test_a_task_id_outside_wecoms_letters_is_a_bug_of_ours(task_id):
    with pytest.raises(ValueError, match="task id"):
        template_cards.render(SLIP, task_id=task_id)


# --- any card at all

words = st.text(max_size=80)
keys = st.text(string.ascii_letters + string.digits + ".-_", min_size=1, max_size=40)
buttons = st.builds(Button, text=words, payload=st.one_of(st.just(""), keys), style=st.sampled_from(Style),
                    url=st.sampled_from(["", URL]))  # fmt: skip
choices = st.builds(
    Choice, key=keys, title=words, many=st.booleans(),
    options=st.lists(st.builds(Option, id=keys, text=words.filter(str.strip)), max_size=25).map(tuple),
)  # fmt: skip
any_card = st.builds(
    Card, kind=st.just("any"), title=words, subtitle=words, source=words, quote=words, note=words,
    big=st.one_of(st.none(), st.tuples(words, words)),
    fields=st.lists(st.builds(Field, name=words, value=words, url=st.sampled_from(["", URL])), max_size=9).map(tuple),
    buttons=st.lists(buttons, max_size=12).map(tuple), choices=st.lists(choices, max_size=4).map(tuple),
    state=st.one_of(st.just(""), words), tone=st.sampled_from(Tone), url=st.sampled_from(["", URL]),
)  # fmt: skip
MOST = {"title": 36, "desc": 160, "keyname": 5, "value": 30, "sub_title_text": 160, "text": 17}


def lengths(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lengths(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from lengths(inner, name)
    elif isinstance(value, str):
        yield name, len(value)


@given(any_card)
def test_no_card_leaves_that_wecom_would_refuse(card):
    for make in (template_cards.render, template_cards.replacement):
        try:
            body = make(card, task_id="letter-1")
        except Unsupported:
            continue
        strict.check(body)
        assert all(length <= MOST.get(name, 4096) for name, length in lengths(body))
        # What json must escape even in UTF-8 would be refused with 40033.
        assert "\\u" not in json.dumps(body, ensure_ascii=False).replace("\\\\", "")


# --- the plain kinds


def test_texts_are_cut_at_bytes_between_characters():
    body = outbound.for_person(Text("假" * 1000), ref="r")
    assert len(body["text"]["content"].encode()) <= 2048
    assert body["text"]["content"].endswith("假…")


def test_an_urgent_message_is_a_text():
    assert outbound.for_person(Urgent("快"), ref="r") == {"msgtype": "text", "text": {"content": "快"}}


def test_markdown_for_a_person_and_the_longer_one_for_a_robot():
    long = Markdown("t", "假" * 2000)
    assert len(outbound.for_person(long, ref="r")["markdown"]["content"].encode()) <= 2048
    assert 4090 < len(outbound.for_robot(long, ref="r")["markdown"]["content"].encode()) <= 4096


def test_a_link_is_a_text_card_and_on_a_robot_a_notice():
    link = Link("标" * 200, "", URL, "查看详情吧")
    card = outbound.for_person(link, ref="r")["textcard"]
    assert (len(card["title"]), card["url"], len(card["btntxt"])) == (128, URL, 4)
    assert card["description"]
    notice = outbound.for_robot(link, ref="r")["template_card"]
    strict.check(notice)
    assert notice["card_type"] == "text_notice"


def test_news_has_one_to_eight_articles():
    article = Article("标题", "说明", URL)
    assert len(outbound.for_person(News((article,) * 8), ref="r")["news"]["articles"]) == 8
    for count in (0, 9):
        with pytest.raises(Unsupported):
            outbound.for_person(News((article,) * count), ref="r")


@pytest.mark.parametrize("kind", ["file", "image", "voice", "video"])
def test_attachments_by_kind(kind):
    body = outbound.for_person(Attachment(kind, "m1", "名"), ref="r")
    assert (body["msgtype"], body[kind]["media_id"]) == (kind, "m1")


@pytest.mark.parametrize("message", [Text(" "), Markdown("t", ""), Link("", "d", URL), Attachment("sculpture", "m")])
def test_empty_or_unknown_plain_messages_are_unsupported(message):
    with pytest.raises(Unsupported):
        outbound.for_person(message, ref="r")


def test_groups_take_no_cards_with_buttons_and_robots_no_app_media():
    with pytest.raises(Unsupported):
        outbound.for_chat(SLIP)
    with pytest.raises(Unsupported):
        outbound.for_robot(SLIP, ref="r")
    with pytest.raises(Unsupported):
        outbound.for_robot(Attachment("file", "m1"), ref="r")


def test_mentions_and_the_sign_of_a_possible_repeat_in_groups():
    text = Text("开会", ("@all",))
    assert outbound.for_chat(text)["text"] == {"content": "开会", "mentioned_list": ["@all"]}
    assert outbound.for_robot(text, ref="r", repeated=True)["text"]["content"] == "↻ 开会"
    assert outbound.for_chat(Markdown("t", "# x"), repeated=True)["markdown"]["content"].startswith("↻ ")
    assert outbound.for_chat(Link("t", "d", URL), repeated=True)["textcard"]["title"] == "↻ t"


# --- cutting


@given(st.text(), st.integers(4, 60))
def test_cutting_never_exceeds_and_never_breaks_a_character(text, most):
    assert len(chars(text, most)) <= most
    assert len(octets(text, most).encode()) <= most
    assert "\ufffd" not in octets(text.replace("\ufffd", ""), most)
    if len(clean(text).encode()) <= most:
        assert octets(text, most) == clean(text)


def test_control_characters_go_and_lines_stay():
    assert clean("a\x00b\x1fc\r\nd\te\ud800") == "abc\nd\te"
