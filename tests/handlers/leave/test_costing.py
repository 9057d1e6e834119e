"""Leave by the clock: working time missed, rounded up to the kind's step, never more than the half-day costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from handlers import errors
from handlers.days.phrases import Span
from handlers.days.slots import Half, Slot
from handlers.days.workdays import WorkHours, as_periods
from handlers.leave import costing
from handlers.leave.book.refusals import InvalidRange, ZeroDays
from handlers.leave.costing import Scale
from handlers.leave.law.counting import DAY, CountRules
from handlers.leave.law.policy import Kind
from handlers.leave.standing import Who
from handlers.people.directory import Person

WEDNESDAY = date(2026, 4, 29)
HOURS = WorkHours(periods=as_periods([["08:30", "12:00"], ["14:30", "17:30"]]))
TOIL = Kind(code="toil", title="调休", aliases=(), rules=CountRules(), limited=True, hour_step=30)


@pytest.fixture
def scale(calendar):
    return Scale(kind=TOIL, calendar=calendar, timetable=HOURS, who=Who.of(Person(id="a", name="a")))


def at(text):
    return time.fromisoformat(text)


@pytest.mark.parametrize(
    ("begin", "until", "minutes"),
    [
        ("14:00", "16:00", 90),  # the afternoon begins at half past two
        ("11:00", "15:30", 120),  # an hour before and an hour after lunch
        ("09:00", "09:10", 30),  # rounded up to the step
        ("08:00", "18:00", 390),  # all that is worked on a day
        ("16:30", "23:00", 60),  # what lies behind the day's end costs nothing
    ],
)
def test_only_working_time_costs(scale, begin, until, minutes):
    assert costing.of_clock(scale, WEDNESDAY, (at(begin), at(until))).minutes == minutes


def test_the_half_days_that_it_touches_are_its_range(scale):
    found = costing.of_clock(scale, WEDNESDAY, (at("11:00"), at("15:30")))
    assert found.about == (Slot(WEDNESDAY), Slot(WEDNESDAY, Half.PM))
    assert [charge.minutes for charge in found.charges] == [60, 60]


def test_a_long_afternoon_costs_no_more_than_the_half_day(scale):
    long = replace(scale, timetable=WorkHours(periods=as_periods([["08:00", "12:00"], ["13:00", "19:00"]])))
    assert costing.of_clock(long, WEDNESDAY, (at("13:00"), at("19:00"))).minutes == DAY / 2


@pytest.mark.parametrize(
    ("begin", "until", "refusal"), [("12:10", "14:20", ZeroDays), ("16:00", "14:00", InvalidRange)]
)
def test_lunch_alone_or_a_clock_that_runs_back_is_refused(scale, begin, until, refusal):
    with pytest.raises(refusal):
        costing.of_clock(scale, WEDNESDAY, (at(begin), at(until)))


def test_a_rest_day_costs_nothing(scale):
    with pytest.raises(ZeroDays):
        costing.of_clock(scale, date(2026, 4, 26), (at("09:00"), at("10:00")))


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"from_time": at("14:00")}, "which_hours"),
        ({"duration_minutes": 120}, "which_hours"),
        ({"from_time": at("14:00"), "to_time": at("15:00"), "end": date(2026, 4, 30)}, "hours_one_day"),
    ],
)
def test_hours_without_both_ends_or_over_night_are_asked_about(scale, span, code):
    with pytest.raises(errors.BadRequest, match=code):
        costing.of_span(scale, Span(start=WEDNESDAY, **({"end": WEDNESDAY} | span)))


def test_a_kind_without_hours_names_its_unit(scale):
    whole = replace(scale, kind=replace(TOIL, hour_step=0))
    with pytest.raises(errors.BadRequest) as refused:
        costing.of_span(whole, Span(start=WEDNESDAY, end=WEDNESDAY, from_time=at("14:00"), to_time=at("15:00")))
    assert refused.value.circumstances["unit"] == "0.5天"


def test_the_ledgers_note_remembers_the_times():
    clock = (at("14:00"), at("16:30"))
    assert costing.clock_of(f"补办 {costing.clock_note(clock)}") == clock
    assert costing.clock_of("补办") is None
