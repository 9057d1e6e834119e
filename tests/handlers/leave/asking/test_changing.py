"""Which range is meant by a change, told of a leave from Wednesday 6 to Friday 8 May 2026."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from cards import leave_change
from handlers.days import phrases
from handlers.days.slots import Half
from handlers.leave.asking import changing
from handlers.leave.book import claims, ledger, submission
from handlers.leave.law import counting
from handlers.leave.law.counting import DAY
from tests.handlers.leave.books import Book, leave, packaged_calendar, stamp, year_lot

THREE = leave("2026-05-06", "2026-05-08")
ONE = leave("2026-05-06", "2026-05-06")


def meant(text, old=THREE, minutes=3 * DAY, clock=None):
    found = leave_change.wanted(text)
    reading = phrases.read(found.rest, today=date(2026, 4, 27))
    return changing.meant(found.verb, leave_change.half(found.rest), reading, old, minutes, clock=clock)


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


TWO_HOURS = (time(14), time(16))


@pytest.mark.parametrize(
    ("text", "day", "begin"),
    [("改到5月7日", 7, 14), ("改到下午3点到5点", 6, 15), ("改成5月8日下午3点到5点", 8, 15)],
)
def test_a_leave_by_the_hour_keeps_its_times_on_another_day_and_its_day_at_other_times(text, day, begin):
    span = meant(text, old=leave("2026-05-06 pm", "2026-05-06"), minutes=120, clock=TWO_HOURS)
    assert (span.start, span.end) == (date(2026, 5, day), date(2026, 5, day))
    assert (span.from_time, span.to_time) == (time(begin), time(begin + 2))


def test_hours_without_a_day_are_nobodys_guess_of_a_leave_of_several_days():
    assert meant("改到下午3点到5点") is None
    assert meant("改到上午", old=ONE, minutes=120, clock=TWO_HOURS) is None


def test_a_range_that_grows_by_rest_days_alone_is_on_the_ledger_too():
    book = Book(packaged_calendar())
    book.grant(year_lot(2026), 10, "2026-01-01")
    book.request("r", leave("2026-05-06", "2026-05-08"), "2026-04-20")
    book.approve("r", "2026-04-21")
    before = book.days("2026-12-31")
    wider = leave("2026-05-03", "2026-05-08")
    counted = counting.count(wider, rules=book.rules, calendar=book.calendar)
    new = book.write(
        ledger.recount(
            book.entries, "r", submission.charges_of(counted), stamp=stamp("2026-04-22"), order=book.order, about=wider
        )
    )
    assert [entry.about for entry in new] == [wider]
    claim = claims.claims(book.entries)["r"]
    assert (claim.about, claim.minutes) == (wider, 3 * DAY)
    assert book.days("2026-12-31") == before
    assert claims.overlapping(book.entries, leave("2026-05-04", "2026-05-04"))
    ledger.restore(book.entries, "r", stamp=stamp("2026-04-23"))
