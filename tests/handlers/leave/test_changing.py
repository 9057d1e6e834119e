"""Which range is meant by a change, told of a leave from Wednesday 6 to Friday 8 May 2026."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cards import leave_change
from handlers.days import phrases
from handlers.days.slots import Half
from handlers.leave import changing
from handlers.leave.counting import DAY
from tests.handlers.leave.books import leave

THREE = leave("2026-05-06", "2026-05-08")
ONE = leave("2026-05-06", "2026-05-06")


def meant(text, old=THREE, minutes=3 * DAY):
    found = leave_change.wanted(text)
    reading = phrases.read(found.rest, today=date(2026, 4, 27))
    return changing.meant(found.verb, leave_change.half(found.rest), reading, old, minutes)


def ends(span):
    return (span.start.day, span.start_half.value, span.end.day, span.end_half.value)


def test_a_single_day_moves_the_whole_leave():
    span = meant("改到5月11日")
    assert (span.start.day, span.duration_days) == (11, Decimal(3))


def test_a_range_is_taken_as_it_stands():
    assert ends(meant("改成5月11日到12日上午")) == (11, "am", 12, "am")


def test_a_last_day_keeps_the_first():
    assert ends(meant("休到5月9日")) == (6, "am", 9, "pm")


@pytest.mark.parametrize(("text", "days"), [("改成2天", 2), ("延长1天", 4), ("改成1.5天", Decimal("1.5"))])
def test_a_number_of_days_keeps_the_first_day(text, days):
    span = meant(text)
    assert (span.start.day, span.duration_days) == (6, Decimal(days))


def test_a_half_of_a_single_day():
    span = meant("改成下午", ONE, DAY)
    assert ends(span) == (6, "pm", 6, "pm")
    assert meant("改成下午") is None


def test_a_single_day_moves_with_its_half():
    afternoon = leave("2026-05-06 pm", "2026-05-06 pm")
    span = meant("改到5月7日", afternoon, DAY // 2)
    assert (span.start.day, span.start_half, span.end_half) == (7, Half.PM, Half.PM)


def test_what_is_no_time_is_not_guessed():
    assert meant("改到以后再说") is None
