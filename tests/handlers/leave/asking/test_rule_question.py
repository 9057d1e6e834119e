"""Which questions are about the rules of leave, and which words only look like one."""

from __future__ import annotations

from datetime import date

import pytest

from cards import leave_rules
from handlers.leave.asking import rule_question
from handlers.leave.asking.rule_question import Asked
from tests.handlers.leave.asking.test_request import WEDNESDAY

KINDS = {
    "annual": ("年假", "年休假", "年休"),
    "sick": ("病假",),
    "personal": ("事假",),
    "toil": ("调休", "补休"),
    "marriage": ("婚假",),
    "maternity": ("产假",),
    "paternity": ("陪产假",),
    "childcare": ("育儿假",),
    "bereavement": ("丧假",),
    "home_visit": ("探亲假",),
}


def about(text: str, *, today: date = WEDNESDAY) -> Asked | None:
    return rule_question.about(text, kinds=KINDS, today=today)


@pytest.mark.parametrize(("text", "kinds", "points"), [
    ("病假要什么证明", "sick", "proof"),
    ("请病假需要医院证明吗", "sick", "proof"),
    ("婚假包括周末吗", "marriage", "counting"),
    ("五一放假算年假吗", "annual", "counting"),
    ("年假可以分几次休", "annual", "least"),
    ("事假能按小时请吗", "personal", "least"),
    ("加班换的调休什么时候过期", "toil", "over"),
    ("年假能不能留到明年？", "annual", "over"),
    ("产假有工资吗", "maternity", "pay"),
    ("请事假找谁批", "personal", "approval"),
    ("产假晚了可以补办吗", "maternity", "late"),
    ("调休能跟年假连着休吗", "toil annual", "together"),
    ("年假怎么算", "annual", "days counting"),
    ("丧假公婆去世可以请吗", "bereavement", "days who"),
    ("男的能请陪产假吗", "paternity", "who"),
    ("探亲假规定", "home_visit", ""),
    ("病假怎么请", "sick", ""),
    ("请假流程", "", ""),
    ("请假要谁批", "", "approval"),
])  # fmt: skip
def test_a_question_about_the_rules_says_of_which_kinds_and_what(text, kinds, points):
    assert about(text) == Asked(tuple(kinds.split()), tuple(points.split()))


@pytest.mark.parametrize("text", [
    "年假 5月6日到8日", "明天请事假可以吗", "我可以明天请事假吗", "下周三到周五休年假行吗", "五一请年假行吗",
    "请半天病假", "我的年假批了吗", "年假还剩几天", "年假怎么取消", "病假改成年假可以吗", "年假能改到后天吗",
    "想请三天年假", "我想请假",
    "张三在休年假吗", "李四请假了吗", "会议几点", "在职证明怎么开", "通知 各科室：年假规定", "驳回 3 超过年假规定",
    "超过规定天数 请补充材料", "忘了请假流程", "学习 产假政策", "年假" * 30 + "怎么算",
])  # fmt: skip
def test_requests_and_words_about_a_leave_that_there_is_are_none(text):
    assert about(text) is None


def test_every_point_that_may_be_asked_for_is_told():
    assert rule_question.POINTS.keys() == leave_rules.POINTS.keys() | {leave_rules.TOGETHER}
