"""Two days compared: what is missing, what is too much, and what may differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bot.faults.state import State, differences

TABLES = {"台账": Counter({"职员1 −480分钟": 1}), "消息": Counter({"第1句": 1})}
GOOD = State(tables=TABLES, wrong=[], again=Counter(), replaced=0)


def told(**changes):
    return list(differences(GOOD, replace(GOOD, **changes)))


def test_two_equal_days_have_no_difference():
    assert told() == []


def test_what_is_there_twice_is_a_difference():
    assert told(tables=TABLES | {"台账": Counter({"职员1 −480分钟": 2})}) == ["台账多了：职员1 −480分钟"]


def test_what_is_missing_is_named_with_what_is_there_instead():
    assert told(tables=TABLES | {"台账": Counter({"职员1 −960分钟": 1})}) == [
        "台账少了：职员1 −480分钟；有的是：职员1 −960分钟",
        "台账多了：职员1 −960分钟；有的是：职员1 −480分钟",
    ]


def test_a_message_that_came_only_as_a_marked_repeat_is_there():
    assert told(tables=TABLES | {"消息": Counter()}, again=Counter({"第1句": 1})) == []
    assert told(again=Counter({"第1句": 1})) == []


def test_a_message_twice_without_the_mark_is_one_too_many():
    assert told(tables=TABLES | {"消息": Counter({"第1句": 2})}) == ["消息多了：第1句"]


def test_what_cannot_be_is_told_whatever_the_good_day_has():
    assert told(wrong=["asker1 的手机上没有这张卡片"]) == ["asker1 的手机上没有这张卡片"]
