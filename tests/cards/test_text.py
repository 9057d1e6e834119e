"""Cards as words: nothing of the card is lost, nothing a person wrote can format or link."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cards import text
from cards.model import Button, Card, Field

CARD = Card(
    kind="t", title="张三的年假3天", subtitle="办公室", source="请休假", fields=(Field("事由", "回家"),),
    quote="李四 同意", note="小字", big=("7天", "可用"), replies="请回复“同意 3”",
)  # fmt: skip


def test_plain_text_has_everything_the_card_says_and_the_words_to_answer():
    words = text.plain(CARD)
    for part in ("张三的年假3天", "办公室", "请休假", "事由：回家", "李四 同意", "小字", "可用：7天", "请回复“同意 3”"):
        assert part in words


def test_a_closed_card_asks_for_no_answer():
    closed = Card(kind="t", title="t", state="已同意", replies="请回复“同意 3”")
    assert "请回复" not in text.plain(closed)


def test_links_of_buttons_are_written_out():
    card = Card(kind="t", title="t", buttons=(Button("填写", url="https://x.example"),))
    assert "填写：https://x.example" in text.plain(card)


@given(st.text(max_size=80))
def test_what_a_person_wrote_neither_formats_nor_links(words):
    content = text.markdown(Card(kind="t", title="t", fields=(Field("事由", words),))).content
    (line,) = content.split("\n")[1:]
    assert line.startswith("> 事由：")
    assert not set(line[2:]) & set("<>[]`*#")
