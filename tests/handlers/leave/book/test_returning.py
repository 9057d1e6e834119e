"""What a return from leave gives back, told in days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import errors
from handlers.leave.book import claims, returning
from handlers.leave.book.refusals import WrongState
from handlers.leave.book.returning import Outcome
from handlers.leave.law.counting import DAY, Counting, CountRules
from tests.handlers.leave.books import leave, slot, stamp, year_lot


def approved(book, about=("2025-03-10", "2025-03-14")):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave(*about), "2025-03-03")
    book.approve("r1", "2025-03-05")


def back(book, last, day, *, rules=None):
    rules = rules or book.rules
    return returning.reckon(book.entries, "r1", slot(last), rules=rules, calendar=book.calendar, stamp=stamp(day))


def test_what_comes_after_the_last_half_day_taken_comes_back(book):
    approved(book)
    found = back(book, "2025-03-12 am", "2025-03-12")
    assert (found.outcome, found.minutes, found.kept) == (Outcome.EARLY, 2.5 * DAY, 2.5 * DAY)
    assert (found.before, found.after) == (5 * DAY, 7.5 * DAY)
    assert found.taken == leave("2025-03-10", "2025-03-12 am")
    assert claims.claims([*book.entries, *found.entries])["r1"].about == found.taken


def test_the_first_of_two_half_days_is_kept(book):
    approved(book, ("2025-03-10", "2025-03-10"))
    found = back(book, "2025-03-10 am", "2025-03-10")
    assert (found.minutes, found.kept) == (DAY / 2, DAY / 2)


def test_nothing_taken_gives_all_back_and_leaves_no_range(book):
    approved(book)
    found = back(book, "2025-03-09 pm", "2025-03-10")
    assert (found.minutes, found.kept, found.taken) == (5 * DAY, 0, None)
    book.entries += found.entries
    with pytest.raises(errors.BadRequest, match="returned_already"):
        back(book, "2025-03-09 pm", "2025-03-11")


def test_the_last_day_itself_or_the_weekend_behind_it_is_on_time(book):
    approved(book)
    for last in ("2025-03-14 pm", "2025-03-15 pm", "2025-03-16 pm"):
        assert back(book, last, "2025-03-17").outcome is Outcome.ON_TIME


def test_a_working_day_behind_the_leave_is_overdue_and_gives_nothing_back(book):
    approved(book)
    found = back(book, "2025-03-17 am", "2025-03-18")
    assert (found.outcome, found.minutes, found.entries) == (Outcome.OVERDUE, 0, ())


def test_back_in_the_weekend_that_ends_the_leave_has_nothing_to_give_back(book):
    approved(book, ("2025-03-10", "2025-03-16"))
    found = back(book, "2025-03-15 pm", "2025-03-16")
    assert (found.outcome, found.minutes) == (Outcome.ON_TIME, 0)


def test_back_in_the_weekend_of_a_leave_counted_in_calendar_days_gives_the_sunday_back(new_book):
    book = new_book(rules=CountRules(counting=Counting.CALENDAR_DAYS))
    approved(book, ("2025-03-10", "2025-03-16"))
    assert back(book, "2025-03-15 pm", "2025-03-15").minutes == DAY


def test_a_lot_that_has_ended_gets_nothing_back(book):
    approved(book, ("2025-12-29", "2025-12-31"))
    found = back(book, "2025-12-29 pm", "2026-01-05")
    assert [(one.minutes, one.ended) for one in found.backs] == [(2 * DAY, True)]
    assert found.before == found.after


def test_a_unit_of_whole_days_keeps_the_day_that_was_begun(new_book):
    book = new_book(rules=CountRules(unit=DAY))
    approved(book)
    assert back(book, "2025-03-12 am", "2025-03-12").minutes == 2 * DAY


def test_the_second_return_of_the_same_day_gives_nothing_back(book):
    approved(book)
    first = back(book, "2025-03-12 am", "2025-03-12")
    book.entries += first.entries
    second = back(book, "2025-03-12 am", "2025-03-13")
    assert (second.outcome, second.minutes) == (Outcome.ON_TIME, 0)


def test_only_an_approved_leave_is_returned_from(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    with pytest.raises(WrongState):
        back(book, "2025-03-12 am", "2025-03-12")


def test_leave_without_a_limit_says_no_balance(book):
    approved(book)
    lots = {entry.lot for entry in book.entries}
    endless = {lot: replace(lot, limited=False) for lot in lots}
    book.entries = [replace(entry, lot=endless[entry.lot]) for entry in book.entries]
    found = back(book, "2025-03-12 am", "2025-03-12")
    assert (found.before, found.after) == (None, None)
