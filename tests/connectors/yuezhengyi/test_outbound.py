"""The ladder of a private deployment (yuezhengyi.md 6.3), rung by rung."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.model import Article, Attachment, Button, Card, Choice, Link, Markdown, News, Option, Style, Text
from connectors.errors import Unsupported
from connectors.yuezhengyi import outbound
from connectors.yuezhengyi.settings import Flags

ON = Flags(callback=True, template_card=True, update_template_card=True, taskcard=True, textcard=True, markdown=True)
OFF = Flags(taskcard=False, textcard=False, markdown=False, appchat=False)
URL = "https://bot.example.gov.cn/office/items/1?via=yzy-main&k=1"
SLIP = Card(
    kind="approval.decide", title="张三的年假3天", note="事由：回家", url=URL, replies="请回复“同意 3”",
    buttons=(Button("同意", "a1.approve", Style.PRIMARY), Button("退回", "a1.return", Style.DANGER)),
)  # fmt: skip


def kinds(message, flags, *, words=True):
    return [body["msgtype"] for body in outbound.rungs(message, ref="r1", flags=flags, words=words)]


def only(message, flags, kind, *, words=True):
    return next(b[kind] for b in outbound.rungs(message, ref="r1", flags=flags, words=words) if b["msgtype"] == kind)


def test_every_rung_in_its_order():
    assert kinds(SLIP, ON) == ["template_card", "taskcard", "textcard", "text"]
    assert kinds(SLIP, Flags()) == ["textcard", "text"]  # unknown: what is read is tried, what is tapped is not
    assert kinds(SLIP, OFF) == ["text"]


def test_without_a_callback_no_card_is_sent_that_nobody_would_hear():
    assert kinds(SLIP, replace(ON, callback=False)) == ["textcard", "text"]


def test_without_a_page_the_words_are_the_last_rung():
    assert kinds(replace(SLIP, url=""), OFF) == ["text"]


def test_a_closed_card_is_never_an_interactive_one():
    closed = replace(SLIP, buttons=(), state="李四已同意")
    assert kinds(closed, ON) == ["textcard", "text"]
    assert "李四已同意" in only(closed, ON, "textcard")["description"]


def test_the_words_to_answer_with_are_there_where_somebody_hears_them_and_only_there():
    for kind, field in (("textcard", "description"), ("text", "content")):
        assert "同意 3" in only(SLIP, Flags(), kind)[field]
        assert "同意 3" not in only(SLIP, Flags(), kind, words=False)[field]


def test_an_over_long_card_loses_neither_its_address_nor_the_words_to_answer_with():
    long = replace(SLIP, note="事由" * 2000, quote="引" * 2000)
    assert len(only(long, Flags(), "textcard")["description"]) <= 512
    assert only(long, Flags(), "textcard")["description"].endswith("请回复“同意 3”")
    content = only(long, Flags(), "text")["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith(URL)


def test_a_task_card_has_two_buttons_and_the_rest_is_on_the_page():
    more = replace(SLIP, buttons=(*SLIP.buttons, Button("转办", "a1.transfer")))
    task = only(more, ON, "taskcard")
    assert [(one["key"], one["color"]) for one in task["btn"]] == [("a1.approve", "blue"), ("a1.return", "red")]
    assert task["url"] == URL
    assert task["task_id"] == "r1"
    assert "taskcard" not in kinds(replace(more, url=""), ON)  # the third button would be lost


def test_a_choice_has_no_place_on_a_task_card():
    asking = replace(SLIP, choices=(Choice("kind", "类别", (Option("a", "甲"), Option("b", "乙"))),))
    assert "taskcard" not in kinds(asking, ON)


def test_markdown_news_and_links_step_down_to_words():
    assert kinds(Markdown("周报", "# 待办"), Flags()) == ["markdown", "text"]
    assert kinds(Markdown("周报", "# 待办"), OFF) == ["text"]
    assert kinds(News((Article("一", "", URL),)), Flags()) == ["textcard", "text"]
    assert kinds(News((Article("一", "", URL), Article("二", "", URL))), ON) == ["text"]
    assert kinds(Link("通知", "请阅", URL), OFF) == ["text"]
    assert URL in only(Link("通知", "请阅", URL), OFF, "text")["content"]
    assert kinds(Text("收到"), OFF) == ["text"]
    assert kinds(Attachment("file", "m1", "a.pdf"), OFF) == ["file"]


def test_nothing_to_say_is_said_aloud():
    with pytest.raises(Unsupported):
        list(outbound.rungs(Text("  "), ref="r1", flags=OFF, words=False))
