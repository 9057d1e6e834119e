"""Overtime as time off in lieu: odd minutes are dropped, every overtime has its own end."""

from __future__ import annotations

from datetime import date, time

import pytest

from handlers.leave import toil
from handlers.leave.book import ledger
from handlers.leave.law.practice import Toil
from tests.handlers.leave.books import stamp

DAY = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("begin", "until", "step", "minutes"),
    [("18:00", "21:06", 30, 180), ("18:00", "18:29", 30, 0), ("22:00", "01:00", 30, 180), ("18:00", "21:06", 60, 180),
     ("18:00", "20:50", 15, 165), ("08:30", "17:30", 240, 480)],
)  # fmt: skip
def test_odd_minutes_are_dropped(begin, until, step, minutes):
    found = toil.earned(DAY, time.fromisoformat(begin), time.fromisoformat(until), Toil(step=step))
    assert found.minutes == minutes


def test_it_ends_some_months_later_on_the_months_last_day_at_the_latest():
    assert toil.earned(DAY, time(18), time(21), Toil(months=6)).until == date(2027, 2, 28)


def test_it_is_granted_once_with_its_own_end():
    found = toil.earned(DAY, time(18), time(21), Toil())
    entries = toil.granted([], DAY, found, ref="i1", stamp=stamp("2026-09-01"))
    assert toil.granted(entries, DAY, found, ref="i1", stamp=stamp("2026-09-02")) == []
    assert ledger.balance(entries, on=date(2027, 2, 28), kind="toil").available == 180
    assert ledger.balance(entries, on=date(2027, 3, 1), kind="toil").expired == 180


def test_less_than_a_step_is_no_lot():
    found = toil.earned(DAY, time(18), time(18, 20), Toil())
    assert toil.granted([], DAY, found, ref="i1", stamp=stamp("2026-09-01")) == []
