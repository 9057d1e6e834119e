"""A month in weeks: whose day is whose, halves, holidays and worked Saturdays."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.days.slots import Half, Range, Slot
from handlers.people.directory import Person
from handlers.team import month
from handlers.team.whereabouts import Away
from tests.handlers.leave.books import packaged_calendar


@pytest.fixture(scope="module")
def calendar():
    return packaged_calendar()


def away(first, first_half, last, last_half, name="zhang"):
    about = Range(Slot(date(2026, 5, first), Half(first_half)), Slot(date(2026, 5, last), Half(last_half)))
    return Away(person=Person(id=name, name=name), about=about)


def by_day(weeks):
    return {one.date.day: one for week in weeks for one in week if one.inside}


def test_the_weeks_are_whole_and_the_days_of_neighbours_are_not_inside(calendar):
    weeks = month.weeks(date(2026, 5, 1), [], calendar)
    assert [len(week) for week in weeks] == [7] * 5
    assert weeks[0][0].date == date(2026, 4, 27)
    assert len(by_day(weeks)) == 31


def test_holidays_and_worked_saturdays_are_marked(calendar):
    days = by_day(month.weeks(date(2026, 5, 1), [], calendar))
    assert [days[number].mark for number in (1, 3, 5, 6, 9, 10)] == ["off", "off", "off", "", "makeup", "rest"]


def test_halves_are_known_and_nobody_is_away_on_a_day_off(calendar):
    days = by_day(month.weeks(date(2026, 5, 1), [away(4, "am", 6, "am"), away(6, "pm", 9, "pm")], calendar))
    assert days[5].away == ()
    assert [one.half for one in days[6].away] == ["am", "pm"]
    assert days[6].people == 1
    assert days[9].people == 1
    assert days[10].people == 0


def test_a_year_without_a_notice_says_so(calendar):
    days = by_day(month.weeks(date(2031, 3, 1), [], calendar))
    assert {one.mark for one in days.values()} == {"unknown"}


def test_days_in_a_row_become_blocks():
    days = [date(2026, 5, number) for number in (1, 2, 3, 9, 11)]
    assert [(a.day, b.day) for a, b in month.blocks(days)] == [(1, 3), (9, 9), (11, 11)]
