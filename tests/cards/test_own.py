"""What people say of what they have submitted, and what sounds like it and is something else."""

from __future__ import annotations

import pytest

from cards import own


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3号到哪了", 3), ("3号到哪了？", 3), ("12号谁在办", 12), ("3号申请批了吗", 3), ("打印 3", 3), ("看看12号", 12),
        ("帮我查一下3号的进度", 3), ("3", None), ("3号", None),
        ("3号请假", None), ("同意3号", None), ("5月3号到哪了", None),
    ],
)  # fmt: skip
def test_which_one_is_asked_about(text, number):
    assert own.shows(text) == number


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("用车取消", "用车"), ("取消用车", "用车"), ("明天的车不要了", "车"), ("车不用了", "车"), ("不出差了", "出差"),
        ("请取消我的用车申请", "用车"), ("出差不去了", "出差"), ("用印作废", "用印"), ("取消", ""), ("同意", ""),
        ("用车 明天下午2点", ""),
    ],
)  # fmt: skip
def test_what_is_not_wanted_any_more(text, what):
    assert own.not_wanted(text) == what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("用车改到3点", "用车"), ("出差延长一天", "出差"), ("把用印的份数改成3份", "用印"),
        ("明天的车提前半小时", "车"),
        ("改到3点", ""), ("出差 下周一到周三", ""),
    ],
)  # fmt: skip
def test_what_is_to_be_different(text, what):
    assert own.otherwise(text) == what


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1号为什么要加班", 1), ("让孙立新批12号", 12), ("1号和2号都急", None), ("5月3号是周几", None),
        ("三楼2号会议室在哪", None), ("谢谢", None),
    ],
)  # fmt: skip
def test_what_a_sentence_names(text, number):
    assert own.names(text) == number


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("为什么驳回", True), ("谁退回的", True), ("我的加班怎么被退回了？", True), ("驳回原因", True),
        ("驳回 3 材料不全", False), ("退回", False),
    ],
)  # fmt: skip
def test_why_something_was_turned_down(text, asked):
    assert own.asks_why_not(text) is asked
