"""Trips and overtime in personnel's sheet: the part that lies in the month, halves and companions counted."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from bot import outings
from handlers.leave.reports import sheets
from handlers.people.directory import Person

PEOPLE = {name: Person(id=name, name=name, department="办公室") for name in ("zhang", "li")}
MAY = sheets.month(2026, 5)


def item(form, **fields):
    return SimpleNamespace(form=form, fields=fields, request=SimpleNamespace(applicant="zhang"), number=7)


@pytest.mark.parametrize(
    ("period", "first", "halves"),
    [
        ({"start": "2026-05-06", "end": "2026-05-08"}, date(2026, 5, 6), 6),
        ({"start": "2026-05-06", "end": "2026-05-08", "start_half": "pm"}, date(2026, 5, 6), 5),
        ({"start": "2026-04-29", "end": "2026-05-02", "end_half": "am"}, date(2026, 5, 1), 3),
        ({"start": "2026-05-30", "end": "2026-06-03"}, date(2026, 5, 30), 4),
    ],
)
def test_of_a_trip_only_the_days_of_the_month_count(period, first, halves):
    (one,) = outings._of(item("trip", period=period), MAY, PEOPLE)
    assert (one.first, one.halves) == (first, halves)


def test_companions_count_once_each_and_strangers_not():
    day = {"start": "2026-05-06", "end": "2026-05-06"}
    found = outings._of(item("trip", period=day, companions=["li", "zhang", "gone"]), MAY, PEOPLE)
    assert [one.person.id for one in found] == ["zhang", "li"]


def test_overtime_counts_its_hours_in_its_month_and_an_old_shape_breaks_nothing():
    (one,) = outings._of(item("overtime", time={"date": "2026-05-09"}, hours="3.5"), MAY, PEOPLE)
    assert one.hours == 3.5
    assert not list(outings._of(item("overtime", time={"date": "2026-06-09"}, hours="3.5"), MAY, PEOPLE))
    assert not list(outings._of(item("overtime", time=None), MAY, PEOPLE))
    assert not list(outings._of(item("trip", period="last week"), MAY, PEOPLE))
