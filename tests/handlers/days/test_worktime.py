"""Time counted in working minutes: what reminders and deadlines run on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import workdays
from handlers.days.workdays import SHANGHAI, CalendarMissing, Season, WorkHours

HOURS = WorkHours(periods=workdays.as_periods([["08:30", "12:00"], ["14:00", "17:30"]]))
START = datetime(2024, 1, 1, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-10 09:00", 60, "2026-03-10 10:00"),
        ("2026-03-10 11:30", 60, "2026-03-10 14:30"),
        ("2026-03-10 11:30", 30, "2026-03-10 12:00"),
        ("2026-03-10 17:00", 60, "2026-03-11 09:00"),
        ("2026-03-13 17:00", 60, "2026-03-16 09:00"),
        ("2026-02-13 17:00", 60, "2026-02-14 09:00"),
        ("2026-02-14 17:00", 60, "2026-02-24 09:00"),
        ("2026-03-10 22:00", 0, "2026-03-11 08:30"),
        ("2026-03-10 09:00", 0, "2026-03-10 09:00"),
        ("2026-03-10 08:30", 420, "2026-03-10 17:30"),
        ("2026-03-10 08:30", 840, "2026-03-11 17:30"),
    ],
    ids=[
        "within a period", "over lunch", "to the end of a period", "over night", "over a weekend",
        "into a make-up Saturday", "over Spring Festival", "nothing, at night", "nothing, at work", "a day", "two days",
    ],
)  # fmt: skip
def test_working_minutes_pass_only_while_the_office_works(packaged, start, minutes, end):
    assert workdays.add_working_minutes(at(start), minutes, calendar=packaged, hours=HOURS) == at(end)


def test_the_answer_is_in_utc(packaged):
    end = workdays.add_working_minutes(at("2026-03-10 09:00"), 60, calendar=packaged, hours=HOURS)
    assert end.tzinfo is UTC


def test_the_way_into_an_unknown_year_is_refused(packaged):
    with pytest.raises(CalendarMissing):
        workdays.add_working_minutes(at("2026-12-31 17:00"), 60, calendar=packaged, hours=HOURS)


def test_working_minutes_do_not_run_backwards(packaged):
    with pytest.raises(ValueError, match="forward"):
        workdays.add_working_minutes(at("2026-03-10 09:00"), -1, calendar=packaged, hours=HOURS)


@pytest.mark.parametrize(
    ("moment", "working"),
    [
        ("2026-03-10 08:30", True),
        ("2026-03-10 12:00", False),
        ("2026-03-10 13:59", False),
        ("2026-02-28 10:00", True),
        ("2026-03-01 10:00", False),
    ],
)
def test_a_moment_is_working_time_or_not(packaged, moment, working):
    assert workdays.is_working_moment(at(moment), calendar=packaged, hours=HOURS) is working


def test_the_timetable_may_change_with_the_season(packaged):
    winter, summer = workdays.as_periods([["08:30", "17:30"]]), workdays.as_periods([["08:00", "18:00"]])
    hours = WorkHours(
        periods=(), seasons=(Season(month=10, day=1, periods=winter), Season(month=5, day=1, periods=summer))
    )
    assert workdays.is_working_moment(at("2026-07-01 08:10"), calendar=packaged, hours=hours)
    assert not workdays.is_working_moment(at("2026-11-02 08:10"), calendar=packaged, hours=hours)
    assert not workdays.is_working_moment(at("2026-03-02 08:10"), calendar=packaged, hours=hours)


@given(begin=st.integers(0, 1_000_000), minutes=st.integers(1, 5_000))
def test_what_was_added_is_what_lies_between(packaged, begin, minutes):
    start = START + timedelta(minutes=begin)
    end = workdays.add_working_minutes(start, minutes, calendar=packaged, hours=HOURS)
    assert workdays.working_minutes_between(start, end, calendar=packaged, hours=HOURS) == minutes


@given(begin=st.integers(0, 1_000_000), first=st.integers(0, 3_000), second=st.integers(1, 3_000))
def test_two_waits_in_a_row_are_one_wait(packaged, begin, first, second):
    start = START + timedelta(minutes=begin)
    halfway = workdays.add_working_minutes(start, first, calendar=packaged, hours=HOURS)
    in_two = workdays.add_working_minutes(halfway, second, calendar=packaged, hours=HOURS)
    assert in_two == workdays.add_working_minutes(start, first + second, calendar=packaged, hours=HOURS)


def test_nothing_lies_between_an_end_and_an_earlier_start(packaged):
    late, early = at("2026-03-10 15:00"), at("2026-03-10 09:00")
    assert workdays.working_minutes_between(late, early, calendar=packaged, hours=HOURS) == 0
