"""A duty in one sentence, the day by which it is to be done, and questions for those that were given."""

from __future__ import annotations

from datetime import date

import pytest

from cards import duty
from cards.duty import Given


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("交办 张三 周五前报安全生产总结", (["张三"], "周五前报安全生产总结")),
        ("督办 张三、李主任 5月8日前完成档案整理", (["张三", "李主任"], "5月8日前完成档案整理")),
        ("请交办给张三：整理会议室", (["张三"], "整理会议室")),
        ("交办 整理会议材料", None), ("交办", None), ("我交办的", None), ("安排任务", None),
    ],
)  # fmt: skip
def test_who_is_to_do_what(text, said):
    assert duty.said(text) == said


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("周五前报总结", ("周五", "报总结")), ("5月8日之前完成档案整理", ("5月8日", "完成档案整理")),
        ("明天下班前务必交材料", ("明天", "交材料")), ("报总结，周五前", ("周五", "报总结")),
        ("整理档案 下周三以前完成", ("下周三", "整理档案")),
    ],
)  # fmt: skip
def test_until_when(what, found):
    assert found in duty.deadlines(what)


def test_without_a_day_there_is_no_deadline():
    assert duty.deadlines("整理档案") == []


@pytest.mark.parametrize(
    "text", ["我交办的", "我交办的事情办得怎么样了", "督办进展情况", "我布置的工作完成了吗", "交办的事项落实得如何"]
)
def test_what_was_given_is_asked_for(text):
    assert duty.asks_given(text)


@pytest.mark.parametrize("text", ["交办", "督办", "安排任务", "布置工作", "我的申请", "办结 3", "安排"])
def test_a_form_is_no_question(text):
    assert not duty.asks_given(text)
    assert not duty.asks_undone(text)


def test_what_is_not_done_is_asked_for_by_whoever_gave_it_or_has_it():
    assert all(duty.asks_undone(text) for text in ("还有哪些没办完", "有什么事没办？", "还有几件没完成"))
    assert not duty.asks_undone("还有哪些没批")


def test_the_list_says_who_and_until_when():
    rows = [Given(1, "报总结", ["张三"], date(2026, 5, 1)), Given(2, "整理档案", ["张三", "陈静"], None)]
    told = duty.listed(rows, today=date(2026, 5, 4))
    assert "· 1号 报总结：等张三办，5月1日前（已过期）\n· 2号 整理档案：等张三、陈静办\n" in told
    assert told.endswith("回复“催办 1”。")
    assert duty.listed([], today=date(2026, 5, 4)).startswith("您交办的事项都办完了。")
