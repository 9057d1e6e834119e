"""How many are left: by department and by post, on working days, by the half."""

from __future__ import annotations

from datetime import date

from handlers.leave import staffing
from handlers.leave.staffing import Minimum
from handlers.people.directory import Person
from tests.handlers.leave.books import leave

OFFICE = [Person(id=one, name=one, department="办公室", post=post) for one, post in
          (("a", "主任"), ("b", "科员"), ("c", "科员"))]  # fmt: skip
OTHER = Person(id="z", name="z", department="财务科", post="科员")


def short(minimum, about, away):
    found = staffing.shortages(
        [minimum],
        person=OFFICE[1],
        staff=[*OFFICE, OTHER],
        away=away,
        about=about,
        works=lambda day: day.weekday() < 5,
    )
    return [(one.day, one.present) for one in found]


def test_the_first_working_day_with_too_few_is_named():
    away = {"c": [leave("2026-05-07", "2026-05-08")]}
    minimum = Minimum(department="办公室", present=2)
    assert short(minimum, leave("2026-05-06", "2026-05-08"), away) == [(date(2026, 5, 7), 1)]


def test_a_morning_and_an_afternoon_do_not_meet():
    away = {"c": [leave("2026-05-07", "2026-05-07 am")]}
    minimum = Minimum(department="办公室", posts=("科员",), present=1)
    assert short(minimum, leave("2026-05-07 pm", "2026-05-07"), away) == []
    assert short(minimum, leave("2026-05-07", "2026-05-07"), away) == [(date(2026, 5, 7), 0)]


def test_a_weekend_needs_nobody_and_another_department_is_not_asked():
    assert short(Minimum(department="办公室", present=3), leave("2026-05-09", "2026-05-10"), {}) == []
    assert short(Minimum(department="财务科", present=5), leave("2026-05-06", "2026-05-06"), {}) == []
