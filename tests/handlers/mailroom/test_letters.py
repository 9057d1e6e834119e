"""What is written of a message reads back as the same message."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

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
    Schedule,
    Style,
    Text,
    Tone,
    Urgent,
)
from handlers.mailroom import letters

AT = datetime(2026, 4, 27, 1, tzinfo=UTC)
FULL = Card(
    kind="approval.decide", title="张三的年假3天", subtitle="办公室", source="请休假", big=("3天", "年假"),
    quote="请批准", fields=(Field("类型", "年假"), Field("附件", "证明.pdf", "https://x/1")), note="小字",
    choices=(Choice("to", "转给", (Option("a", "李四"),), ("a",), True),), inputs=(Input("why", "意见", "可不填"),),
    buttons=(Button("同意", "p1", Style.PRIMARY), Button("查看", url="https://x/2")), tone=Tone.WAITING,
    url="https://x/3", replies="请回复“1 同意”", fleeting=True,
)  # fmt: skip
MESSAGES = (
    FULL,
    Card(kind="test", title="短"),
    Text("你好"),
    Text("你好", ("@all",)),
    Markdown("标题", "内容"),
    Link("标题", "说明", "https://x/4"),
    News((Article("标题", "说明", "https://x/5"),)),
    Attachment("file", "m1", "表.xlsx"),
    Urgent("催办", "sms"),
    Schedule(uid="e1", sequence=0, title="休假", begin=AT, end=AT),
    Schedule(uid="e1", sequence=3, title="休假", begin=AT, end=AT, all_day=True, note="注", cancelled=True),
)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_read_as_it_was_written(message):
    assert letters.load(*letters.dump(message)) == message


def test_what_is_as_always_is_not_written():
    assert json.loads(letters.dump(Card(kind="test", title="短"))[1]) == {"kind": "test", "title": "短"}
