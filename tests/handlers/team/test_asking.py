"""Which days a question is about; and that a request for leave is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.team import asking
from handlers.team.asking import Asked

PEOPLE = {"张三": "张三", "李四": "李四", "李主任": "李四"}
TODAY = date(2026, 4, 29)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("谁不在", "2026-04-29", "2026-04-29"),
        ("今天有几个人请假", "2026-04-29", "2026-04-29"),
        ("上个月谁请假最多", "2026-03-01", "2026-03-31"),
        ("本周一共有多少人不在？", "2026-04-27", "2026-05-03"),
        ("今天谁休假？", "2026-04-29", "2026-04-29"),
        ("明天有谁请假了", "2026-04-30", "2026-04-30"),
        ("本周谁休假", "2026-04-27", "2026-05-03"),
        ("这周都有谁不在？", "2026-04-27", "2026-05-03"),
        ("谁下周出差", "2026-05-04", "2026-05-10"),
        ("下下周谁不在", "2026-05-11", "2026-05-17"),
        ("团队日历", "2026-04-01", "2026-04-30"),
        ("休假日历", "2026-04-01", "2026-04-30"),
        ("6月休假安排", "2026-06-01", "2026-06-30"),
        ("6月份的休假安排表", "2026-06-01", "2026-06-30"),
        ("2027年1月休假安排", "2027-01-01", "2027-01-31"),
        ("5月6日谁不在", "2026-05-06", "2026-05-06"),
        ("下个月请假情况", "2026-05-01", "2026-05-31"),
        ("12月谁休假", "2025-12-01", "2025-12-31"),
    ],
)
def test_the_days_that_are_meant(text, first, last):
    assert asking.read(text, today=TODAY) == Asked(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    [
        "年假 5月6日到8日 回家", "我要休假", "请假", "5月6日请假一天", "我的假期", "我的休假安排", "谁批的", "同意 3",
        "请假情况说明已补交，请领导审批", "谁不在我就不等了", "13月休假安排", "2月30日谁不在", "", "日历",
    ],
)  # fmt: skip
def test_what_is_something_else(text):
    assert asking.read(text, today=TODAY) is None


def test_a_department_that_the_asker_may_see_is_understood():
    departments = ("办公室", "人事科", "办公室财务组")
    assert asking.read("人事科下周谁不在", today=TODAY, departments=departments).department == "人事科"
    assert asking.read("办公室财务组休假安排", today=TODAY, departments=departments).department == "办公室财务组"
    assert asking.read("保卫科谁不在", today=TODAY, departments=departments) is None


def test_the_nearest_month_is_meant_around_new_year():
    november, january = date(2026, 11, 20), date(2027, 1, 5)
    assert asking.read("2月休假安排", today=november).first == date(2027, 2, 1)
    assert asking.read("12月休假安排", today=january).first == date(2026, 12, 1)


@pytest.mark.parametrize(("text", "ahead"), [
    ("张三在不在", 0), ("张三今天在吗？", 0), ("明天张三请假了没有", 1), ("张三休假到几号", 0), ("请问张三来了吗", 0),
    ("明天下午张三在不在", 1), ("张三下午在吗", 0), ("张三去哪了", 0), ("张三哪去了", 0), ("张三人呢", 0),
    ("张三什么时候回来？", 0), ("张三回来了没有", 0), ("张三人在哪", 0),
])  # fmt: skip
def test_a_colleague_whom_the_asker_may_see_is_asked_about_by_name(text, ahead):
    asked = asking.read(text, today=TODAY, people=PEOPLE)
    day = TODAY + timedelta(ahead)
    assert asked == Asked(day, day, person="张三")


@pytest.mark.parametrize("text", ["张三明天请假", "张三，同意", "年假 今天 张三请假了吗", "王五在吗", "在吗", "张三"])
def test_other_words_with_a_name_ask_for_nobody(text):
    assert asking.read(text, today=TODAY, people=PEOPLE) is None
