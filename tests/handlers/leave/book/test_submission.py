"""A request measured by its terms: half-holidays, rounding, amounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.days.slots import Half
from handlers.days.workdays import HalfHoliday
from handlers.leave.book import ledger, submission
from handlers.leave.book.entries import Lot
from handlers.leave.book.refusals import InsufficientBalance, ZeroDays
from handlers.leave.law.counting import DAY, HALF_DAY, CountRules
from tests.handlers.leave.books import leave, stamp, year_lot

WOMENS_DAY = HalfHoliday(month=3, day=8, half=Half.PM, sex="female")
HOURS = Lot("toil", "OT-2025-03-29", date(2025, 3, 29), date(2025, 6, 28))


def test_a_half_holiday_is_held_by_nobody_it_was_given_to(book):
    book.grant(year_lot(2024), 5, "2024-01-01")
    calendar = replace(book.calendar, half_holidays=(WOMENS_DAY,))
    terms = replace(book.terms("annual"), calendar=calendar, rules=CountRules(half_holiday_free=True), sex="female")
    accepted = submission.submit(
        book.entries, "r1", leave("2024-03-07", "2024-03-08"), terms=terms, stamp=stamp("2024-03-01")
    )
    assert accepted.minutes == 3 * HALF_DAY
    assert [charge.slot.half for charge in accepted.entries[0].charges] == [Half.AM, Half.PM, Half.AM]


def test_what_rounding_adds_falls_on_the_last_slot(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    terms = replace(book.terms("annual"), rules=CountRules(unit=DAY))
    accepted = submission.submit(
        book.entries, "r1", leave("2025-03-10", "2025-03-11 am"), terms=terms, stamp=stamp("2025-03-01")
    )
    assert [charge.minutes for charge in accepted.entries[0].charges] == [HALF_DAY, HALF_DAY, DAY]


def test_an_amount_needs_a_lot_of_its_day_and_no_calendar(book):
    book.write(ledger.grant([], HOURS, 360, stamp=stamp("2025-03-31")))
    terms = book.terms("toil")
    saturday = date(2025, 4, 12)
    book.write(
        submission.submit_amount(book.entries, "c1", saturday, 240, terms=terms, stamp=stamp("2025-04-10")).entries
    )
    book.write(
        submission.submit_amount(book.entries, "c2", saturday, 60, terms=terms, stamp=stamp("2025-04-10")).entries
    )
    with pytest.raises(InsufficientBalance):
        submission.submit_amount(book.entries, "c3", saturday, 61, terms=terms, stamp=stamp("2025-04-10"))
    with pytest.raises(InsufficientBalance):
        submission.submit_amount(book.entries, "c3", date(2025, 6, 29), 60, terms=terms, stamp=stamp("2025-04-10"))


def test_an_amount_given_back_is_that_of_its_day(book):
    book.write(ledger.grant([], HOURS, 360, stamp=stamp("2025-03-31")))
    on = date(2025, 4, 11)
    book.write(
        submission.submit_amount(
            book.entries, "c1", on, 100, terms=book.terms("toil"), stamp=stamp("2025-04-10")
        ).entries
    )
    book.approve("c1", "2025-04-10")
    assert book.back("c1", "2025-04-12", "2025-04-11") == []
    (entry,) = book.back("c1", "2025-04-11", "2025-04-11")
    assert entry.minutes == 100


def test_an_amount_of_nothing_is_refused(book):
    with pytest.raises(ZeroDays):
        submission.submit_amount([], "c1", date(2025, 4, 11), 0, terms=book.terms("toil"), stamp=stamp("2025-04-10"))
