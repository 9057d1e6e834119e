from __future__ import annotations

import pytest

from cards import leave_change
from cards.leave_change import END, MORE, MOVE


@pytest.mark.parametrize(
    ("text", "verb", "number", "rest"),
    [
        ("改到5月9日", MOVE, 0, "5月9日"),
        ("改成3天", MOVE, 0, "3天"),
        ("把年假改到5月9日到12日", MOVE, 0, "5月9日到12日"),
        ("3号改成下周三", MOVE, 3, "下周三"),
        ("休到5月9日", END, 0, "5月9日"),
        ("延长2天", MORE, 0, "2天"),
        ("我想把假期改为5月11日。", MOVE, 0, "5月11日"),
        ("能改到5月11日吗", MOVE, 0, "5月11日"),
        ("可以改成事假吗？", MOVE, 0, "事假"),
        ("改到5月13日行不行", MOVE, 0, "5月13日"),
    ],
)
def test_a_change_is_understood(text, verb, number, rest):
    found = leave_change.wanted(text)
    assert (found.verb, found.number, found.rest) == (verb, number, rest)


@pytest.mark.parametrize(
    "text",
    ["改到什么时候合适？", "事假改成年假了吗", "年假 5月6日到8日 回家", "改", "怎么改成病假", "年假 5月6日 修改到方案"]
)
def test_other_words_are_left_alone(text):
    assert leave_change.wanted(text) is None


def test_a_half_alone_is_a_half():
    assert leave_change.half("下午") == "pm"
    assert leave_change.half("5月6日下午") == ""


def test_the_leave_may_be_named_by_its_day():
    found = leave_change.wanted("我5月6号的年假能改成5月12日到13日吗")
    assert (found.on, found.rest) == ("5月6号", "5月12日到13日")
