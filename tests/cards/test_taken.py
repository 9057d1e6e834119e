"""Who has a room or a car: questions that are understood, words that are something else, and the list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cards import taken as words
from cards.taken import Asked, Held

ROOMS = frozenset({"三楼会议室", "小会议室"})
NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("谁在用车", Asked("vehicle", "", "")), ("明天谁用车？", Asked("vehicle", "", "明天")),
        ("谁明天要用车", Asked("vehicle", "", "明天")), ("本周用车情况", Asked("vehicle", "", "本周")),
        ("今天派车安排", Asked("vehicle", "", "今天")), ("车都谁开出去了", Asked("vehicle", "", "")),
        ("三楼会议室明天谁订了", Asked("room", "三楼会议室", "明天")),
        ("周五三楼会议室有人用吗", Asked("room", "三楼会议室", "周五")),
        ("明天会议室使用情况", Asked("room", "", "明天")), ("下周会议室安排", Asked("room", "", "下周")),
        ("谁占着小会议室", Asked("room", "小会议室", "")),
    ],
)  # fmt: skip
def test_who_has_it_is_asked_for(text, asked):
    assert words.asks(text, ROOMS) == asked


@pytest.mark.parametrize(
    "text",
    [
        "用车 明天下午2点到5点 去市财政局", "谁在", "明天的安排", "订三楼会议室 明天上午", "哪辆车有空", "会议室",
        "用车", "报修 三楼会议室空调", "", "我的预订", "车坏了谁来修",
    ],
)  # fmt: skip
def test_other_words_are_something_else(text):
    assert words.asks(text, ROOMS) is None


def test_the_list_says_when_what_and_who():
    day = (NOW - timedelta(hours=9), NOW + timedelta(hours=15))
    asked = Asked("vehicle", "", "")
    held = Held(NOW, NOW + timedelta(hours=2), "粤A12345", "张三（办公室）", waits=True)
    told = words.listed(asked, [held], day, now=NOW, url="https://x/rooms")
    assert told.splitlines()[1] == "· 09:00-11:00 粤A12345：张三（办公室）（待批）"
    assert told.splitlines()[-1] == "按天看全部：https://x/rooms"
    week = (day[0], day[0] + timedelta(days=7))
    assert words.listed(asked, [held], week, now=NOW, url="").splitlines()[0] == "4月27日至5月3日车辆："
    assert "· 4月27日（周一）09:00-11:00 粤A12345" in words.listed(asked, [held], week, now=NOW, url="")
    assert words.listed(asked, [], day, now=NOW, url="") == "4月27日（周一）没有派出去的车。"
    assert words.listed(asked, [held] * 25, day, now=NOW, url="").splitlines()[-1] == "另有5次。"
