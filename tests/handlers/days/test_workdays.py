"""Which days work, and what becomes of a year that nobody has announced."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar import constants

from handlers.days import workdays
from handlers.days.slots import Half, Slot
from handlers.days.workdays import CalendarMissing, DayType


def days_of(first, last):
    return [date(first, 1, 1) + timedelta(days=n) for n in range((date(last + 1, 1, 1) - date(first, 1, 1)).days)]


@pytest.mark.parametrize("year", range(2004, 2027))
def test_every_day_of_the_packaged_years_agrees_with_chinesecalendar(packaged, year):
    wrong = [day for day in days_of(year, year) if packaged.is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


def test_every_day_since_2004_agrees_when_the_calendar_is_built_from_the_same_notices():
    built = workdays.WorkCalendar(
        years=frozenset(range(2004, 2027)),
        statutory=frozenset(),
        days_off=frozenset(constants.holidays),
        makeup_workdays=frozenset(constants.workdays),
    )
    wrong = [day for day in days_of(2004, 2026) if built.is_working(day) != chinese_calendar.is_workday(day)]
    assert wrong == []


@pytest.mark.parametrize(("year", "working"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_packaged_years_have_the_working_days_of_the_notices(packaged, year, working):
    assert sum(packaged.is_working(day) for day in days_of(year, year)) == working


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), DayType.MAKEUP_WORKDAY),
        (date(2025, 6, 2), DayType.BRIDGE_DAY),
        (date(2026, 4, 5), DayType.STATUTORY_HOLIDAY),
        (date(2026, 4, 4), DayType.REST_DAY),
        (date(2026, 4, 7), DayType.WORKDAY),
    ],
)
def test_a_day_has_the_type_that_the_notice_gives_it(packaged, day, expected):
    assert packaged.day_type(day) is expected


def test_a_year_without_a_notice_is_refused(packaged):
    with pytest.raises(CalendarMissing) as missing:
        packaged.is_working(date(2027, 1, 4))
    assert missing.value.code == "calendar_missing"
    assert missing.value.circumstances["year"] == 2027


def test_a_year_without_a_notice_may_be_counted_by_law_alone_and_says_so(provisional):
    assert provisional.day_type(date(2027, 2, 8)) is DayType.STATUTORY_HOLIDAY
    assert provisional.day_type(date(2027, 2, 9)) is DayType.WORKDAY
    assert provisional.day_type(date(2027, 2, 13)) is DayType.REST_DAY
    assert provisional.is_provisional(date(2027, 2, 9))
    assert not provisional.is_provisional(date(2026, 2, 9))


def test_local_days_go_before_the_notice_in_both_directions_and_need_no_notice(year_files):
    local = {"kind": "local", "days_off": ["2026-04-20..2026-04-21", "2027-03-09"], "work_days": ["2026-04-25"]}
    calendar = workdays.from_data([*year_files.values(), local])
    assert calendar.day_type(date(2026, 4, 21)) is DayType.LOCAL_OFF
    assert calendar.day_type(date(2026, 4, 25)) is DayType.LOCAL_WORK
    assert not calendar.is_working(date(2027, 3, 9))
    assert not calendar.is_provisional(date(2027, 3, 9))


def test_a_local_day_off_is_no_legal_holiday(year_files):
    local = {"kind": "local", "days_off": ["2026-04-20"], "work_days": ["2026-05-01"]}
    calendar = workdays.from_data([*year_files.values(), local])
    assert not calendar.is_statutory(date(2026, 4, 20))
    assert calendar.is_statutory(date(2026, 5, 1))


def test_an_offices_own_file_of_a_year_replaces_the_packaged_one(year_files):
    own = {**year_files["2026"], "makeup_workdays": []}
    calendar = workdays.from_data([*year_files.values(), own])
    assert not calendar.is_working(date(2026, 2, 28))
    assert calendar.is_working(date(2025, 10, 11))


def test_half_a_day_is_free_for_those_it_was_given_to(year_files):
    holiday = {"month_day": "03-08", "half": "pm", "sex": "female"}
    calendar = workdays.from_data([*year_files.values(), {"kind": "local", "half_holidays": [holiday]}])
    afternoon = Slot(date(2024, 3, 8), Half.PM)
    assert calendar.is_half_holiday(afternoon, sex="female")
    assert not calendar.is_half_holiday(afternoon, sex="male")
    assert not calendar.is_half_holiday(afternoon, sex=None)
    assert not calendar.is_half_holiday(Slot(date(2024, 3, 8), Half.AM), sex="female")


def test_half_a_day_may_belong_to_a_group(year_files):
    holiday = {"month_day": "05-04", "half": "pm", "group": "youth"}
    calendar = workdays.from_data([{"kind": "local", "half_holidays": [holiday]}])
    afternoon = Slot(date(2026, 5, 4), Half.PM)
    assert calendar.is_half_holiday(afternoon, sex=None, groups=frozenset({"youth"}))
    assert not calendar.is_half_holiday(afternoon, sex=None)


@pytest.mark.parametrize(
    ("value", "day"),
    [("2005-09", date(2005, 9, 1)), ("2005-09-03", date(2005, 9, 3)), (date(2005, 9, 3), date(2005, 9, 3))],
)
def test_a_day_is_read_from_text_or_from_what_yaml_made_of_it(value, day):
    assert workdays.as_day(value) == day


@pytest.mark.parametrize(("value", "minute"), [("08:30", 510), (660, 660), ("24:00", 1440)])
def test_a_time_is_read_from_text_or_from_what_yaml_made_of_it(value, minute):
    assert workdays.as_minute(value) == minute


@pytest.mark.parametrize("pairs", [[["12:00", "08:30"]], [["08:30", "12:00"], ["11:00", "18:00"]]])
def test_working_periods_that_cannot_be_are_refused(pairs):
    with pytest.raises(ValueError, match="working period"):
        workdays.as_periods(pairs)
