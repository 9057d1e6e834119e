from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days.slots import Half, whole_days
from handlers.days.workdays import HalfHoliday
from handlers.leave.book.refusals import ZeroDays
from handlers.leave.law import counting, skipping
from handlers.leave.law.counting import Counting, CountRules
from tests.handlers.leave.books import leave, packaged_calendar

CALENDAR = packaged_calendar()
WORKDAYS = CountRules(half_holiday_free=True)


def skips(first, last, **choices):
    return skipping.skips(leave(first, last), calendar=CALENDAR, **{"rules": WORKDAYS, **choices})


def spans(found):
    return [(one.first.isoformat(), one.last.isoformat(), one.why) for one in found.skipped]


def test_a_holiday_takes_its_weekend_along_and_the_makeup_saturday_is_charged():
    found = skips("2026-04-30", "2026-05-10")
    assert spans(found) == [("2026-05-01", "2026-05-05", "holiday"), ("2026-05-10", "2026-05-10", "rest")]
    assert found.makeup == (date(2026, 5, 9),)


def test_two_weekends_are_two():
    assert [why for *_, why in spans(skips("2026-03-13", "2026-03-23"))] == ["rest", "rest"]


def test_leave_on_working_days_skips_nothing():
    assert skips("2026-05-06", "2026-05-08") == skipping.Skips()


def test_calendar_days_skip_nothing_and_calendar_days_less_holidays_only_the_legal_ones():
    assert skips("2026-05-01", "2026-05-31", rules=CountRules(counting=Counting.CALENDAR_DAYS)) == skipping.Skips()
    less = CountRules(counting=Counting.CALENDAR_DAYS_MINUS_STATUTORY)
    assert spans(skips("2026-04-30", "2026-05-10", rules=less)) == [("2026-05-01", "2026-05-02", "legal")]


def test_womens_day_skips_the_half_that_a_woman_has_off():
    half = HalfHoliday(month=3, day=8, half=Half.PM, sex="female")
    year = replace(CALENDAR, half_holidays=(half,), years=CALENDAR.years | {2027})
    asked = leave("2027-03-08", "2027-03-08")
    (hers,) = skipping.skips(asked, rules=WORKDAYS, calendar=year, sex="female").skipped
    assert (hers.why, hers.half) == ("half_holiday", "pm")
    assert skipping.skips(asked, rules=WORKDAYS, calendar=year, sex="male").skipped == ()


def test_a_year_that_nobody_knows_is_left_to_the_refusal():
    assert skips("2026-12-31", "2027-01-04") == skipping.Skips()


@given(st.dates(date(2024, 1, 1), date(2026, 12, 1)), st.integers(0, 30), st.sampled_from(Counting))
def test_what_is_charged_and_what_is_skipped_make_up_the_whole_range(first, length, way):
    last = date.fromordinal(first.toordinal() + length)
    rules = CountRules(counting=way)
    about = whole_days(first, last)
    try:
        charged = {slot.day for slot in counting.count(about, rules=rules, calendar=CALENDAR).slots}
    except ZeroDays:
        charged = set()
    skipped = [
        date.fromordinal(day)
        for one in skipping.skips(about, rules=rules, calendar=CALENDAR).skipped
        for day in range(one.first.toordinal(), one.last.toordinal() + 1)
    ]
    assert sorted([*charged, *skipped]) == [date.fromordinal(first.toordinal() + n) for n in range(length + 1)]


@pytest.mark.parametrize("half", ["am", "pm"])
def test_half_a_day_skips_the_rest_day_whole(half):
    assert spans(skips(f"2026-05-09 {half}", "2026-05-10 am")) == [("2026-05-10", "2026-05-10", "rest")]
