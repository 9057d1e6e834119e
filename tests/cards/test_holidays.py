"""What people ask about days off."""

import pytest

from cards import holidays
from cards.holidays import Asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("五一放几天", Asked(festival="labour")),
        ("五一放几天假？", Asked(festival="labour")),
        ("国庆怎么放假", Asked(festival="national")),
        ("国庆节我们放几天", Asked(festival="national")),
        ("十一 放假吗", Asked(festival="national")),
        ("明年春节什么时候放假", Asked(festival="spring", year="明年")),
        ("2027年元旦放假安排", Asked(festival="new_year", year="2027年")),
        ("春节放到几号", Asked(festival="spring")),
        ("中秋上班吗", Asked(festival="mid_autumn")),
        ("放假安排", Asked(festival="all")),
        ("今年节假日安排", Asked(festival="all", year="今年")),
        ("什么时候放假", Asked(festival="next")),
        ("下一个节假日是什么时候", Asked(festival="next")),
        ("明天上班吗", Asked(day="明天")),
        ("5月9日要不要上班", Asked(day="5月9日")),
        ("5月9日是工作日吗", Asked(day="5月9日")),
        ("这周六放不放假", Asked(day="这周六")),
    ],
)
def test_questions_about_days_off(text, asked):
    assert holidays.asks(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "年假 五一后 回家", "五一期间休年假", "年假放几天", "五一加班", "今天不上班了，发烧", "明天上班",
        "通知 全体：五一放假安排", "我的假期", "请假", "五一值班安排怎么填", "加班 五一", "放假期间谁值班",
    ],
)  # fmt: skip
def test_other_words_ask_for_none(text):
    assert holidays.asks(text) is None
