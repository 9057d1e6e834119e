"""Rules in plain Chinese, and the days they name on the statutory calendar."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import workdays
from handlers.days.phrases import recurring
from handlers.days.phrases.recurring import Every, OnHoliday, Rule

TODAY = date(2026, 4, 27)
CALENDAR = workdays.from_data(
    [
        {
            "year": 2026,
            "statutory": ["2026-05-01", "2026-05-02", "2026-10-01..2026-10-03"],
            "days_off": ["2026-05-01..2026-05-05", "2026-10-01..2026-10-07"],
            "makeup_workdays": ["2026-05-09", "2026-10-10"],
        }
    ]
)


def days(text, *, until=date(2026, 12, 31), start=TODAY):
    found = recurring.read(text, today=TODAY)
    return [f"{day:%m-%d}" for day in recurring.occurrences(found.rule, start=start, until=until, calendar=CALENDAR)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("每周五下午四点", ["05-01", "05-08", "05-15"]),
        ("每星期一、三", ["04-27", "04-29", "05-04"]),
        ("每周一到周三", ["04-27", "04-28", "04-29"]),
        ("每两周周五", ["05-01", "05-15", "05-29"]),
        ("隔周周三", ["04-29", "05-13", "05-27"]),
        ("每月最后一个工作日", ["04-30", "05-29", "06-30"]),
        ("每月倒数第二个工作日", ["04-29", "05-28", "06-29"]),
        ("每月第一个工作日", ["05-06", "06-01", "07-01"]),
        ("每月第二个周五", ["05-08", "06-12", "07-10"]),
        ("每月最后一个周一", ["04-27", "05-25", "06-29"]),
        ("每月5号、20号", ["05-05", "05-20", "06-05"]),
        ("每月5日，遇节假日顺延", ["05-06", "06-05", "07-06"]),
        ("每月5日，遇节假日提前", ["04-30", "06-05", "07-03"]),
        ("每周五，节假日除外", ["05-08", "05-15", "05-22"]),
        ("每月31号", ["05-31", "07-31", "08-31"]),
        ("每月最后一天", ["04-30", "05-31", "06-30"]),
        ("每季度最后一个工作日", ["06-30", "09-30", "12-31"]),
        ("每季度第一天", ["07-01", "10-01"]),
        ("每年5月6日", ["05-06"]),
        ("每个工作日", ["04-27", "04-28", "04-29"]),
        ("每周六", ["05-02", "05-09", "05-16"]),
        ("从6月1日起 每周二", ["06-02", "06-09", "06-16"]),
    ],
)
def test_the_days_of_a_rule(text, first):
    assert days(text)[:3] == first


def test_a_rule_ends_where_it_says():
    assert days("每周五 到6月底")[-1] == "06-26"
    assert days("每周五 共3次") == ["05-01", "05-08", "05-15"]
    assert days("每周五到5月15日")[-1] == "05-15"


@pytest.mark.parametrize(
    ("text", "begin", "end", "rest"),
    [
        ("每周五下午四点 例会", time(16), None, "例会"),
        ("每周五下午4点到5点半 例会 到年底", time(16), time(17, 30), "例会"),
        ("请每月最后一个工作日上午9:00提醒报送报表", time(9), None, "提醒报送报表"),
        ("每天", None, None, ""),
    ],
)
def test_the_time_and_what_is_left(text, begin, end, rest):
    found = recurring.read(text, today=TODAY)
    assert (found.rule.begin, found.rule.end) == (begin, end)
    assert found.rest.removeprefix("请") == rest


@pytest.mark.parametrize(
    "text", ["", "每周", "每月32号", "每年2月30日", "每月第六个周五", "周五下午四点", "明天", "每个人", "隔壁周五"]
)
def test_what_is_no_rule_is_none(text):
    assert recurring.read(text, today=TODAY) is None


def test_working_days_of_an_unknown_year_are_refused_and_plain_days_are_not():
    rule = recurring.read("每月最后一个工作日", today=TODAY).rule
    with pytest.raises(workdays.CalendarMissing):
        recurring.occurrences(rule, start=TODAY, until=date(2027, 3, 1), calendar=CALENDAR)
    assert len(days("每周五", until=date(2027, 12, 31))) == 88


@given(
    st.text(alphabet="每周月年天日号第个最后一二三四五六十1234567890工作节假顺延到底共次从起 上下午点，、", max_size=30)
)
def test_no_text_breaks_the_reading(text):
    recurring.read(text, today=TODAY)


@given(
    st.sets(st.integers(0, 6), min_size=1), st.integers(1, 4), st.integers(0, 200), st.integers(0, 200),
    st.sampled_from(list(OnHoliday)),
)  # fmt: skip
def test_days_are_in_order_once_and_inside(weekdays, interval, shift, length, mode):
    start = TODAY + timedelta(days=shift % 100)
    until = min(start + timedelta(days=length), date(2026, 11, 30))
    rule = Rule(every=Every.WEEK, weekdays=tuple(sorted(weekdays)), interval=interval, on_holiday=mode, first=start)
    found = recurring.occurrences(rule, start=start, until=until, calendar=CALENDAR)
    assert found == sorted(set(found))
    assert all(start <= day <= until for day in found)
    if mode is not OnHoliday.KEEP:
        assert all(CALENDAR.is_working(day) for day in found)
