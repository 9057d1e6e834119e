"""The notice for next year comes out after leave was counted without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.days.workdays import UnknownYear
from handlers.leave.book import ledger, rerating
from handlers.leave.book.entries import Cause
from handlers.leave.book.refusals import InsufficientBalance
from handlers.leave.law.counting import DAY, CountRules
from tests.handlers.leave.books import leave, slot, stamp, year_lot


@pytest.fixture
def provisional(book):
    """Leave of the first week of 2027, counted by law alone: Monday 4 to Friday 8 January, five days."""
    book.calendar = replace(book.calendar, unknown_year=UnknownYear.STATUTORY_RULE)
    book.grant(year_lot(2027), 5, "2026-12-01")
    book.request("r1", leave("2027-01-04", "2027-01-09"), "2026-12-01")
    book.approve("r1", "2026-12-02")
    return book


def announced(book, *, off=(), makeup=()):
    """The terms after a notice for 2027 has been loaded."""
    calendar = replace(
        book.calendar,
        years=book.calendar.years | {2027},
        days_off=book.calendar.days_off | frozenset(map(date.fromisoformat, off)),
        makeup_workdays=book.calendar.makeup_workdays | frozenset(map(date.fromisoformat, makeup)),
    )
    return {"annual": replace(book.terms("annual"), calendar=calendar)}


def test_a_notice_that_changes_nothing_proposes_nothing(provisional):
    assert rerating.proposals(provisional.entries, terms=announced(provisional), since=date(2026, 12, 10)) == []


def test_a_day_that_turns_out_to_be_off_is_given_back_once_agreed(provisional):
    (proposal,) = rerating.proposals(
        provisional.entries, terms=announced(provisional, off=["2027-01-04"]), since=date(2026, 12, 10)
    )
    assert proposal.freed == (slot("2027-01-04 am"), slot("2027-01-04 pm"))
    assert provisional.days("2026-12-10") == (0, 0, 5, 0)
    new = ledger.recount(
        provisional.entries, "r1", proposal.charges, stamp=stamp("2026-12-11", actor="hr"), order=provisional.order
    )
    assert [(entry.cause, entry.actor) for entry in provisional.write(new)] == [(Cause.RECOUNT, "hr")]
    assert provisional.days("2026-12-11") == (1, 0, 4, 0)
    provisional.cancel("r1", "2026-12-12")
    assert provisional.days("2026-12-12") == (5, 0, 0, 0)


def test_a_rest_day_that_turns_out_to_work_is_charged_if_there_is_enough(provisional):
    terms = announced(provisional, makeup=["2027-01-09"])
    (proposal,) = rerating.proposals(provisional.entries, terms=terms, since=date(2026, 12, 10))
    assert proposal.minutes == 480
    at = stamp("2026-12-11")
    with pytest.raises(InsufficientBalance):
        ledger.recount(provisional.entries, "r1", proposal.charges, stamp=at, order=provisional.order)
    provisional.adjust(year_lot(2027), 1, "2026-12-11")
    provisional.write(ledger.recount(provisional.entries, "r1", proposal.charges, stamp=at, order=provisional.order))
    assert provisional.days("2026-12-11") == (0, 0, 6, 0)
    assert rerating.proposals(provisional.entries, terms=terms, since=date(2026, 12, 10)) == []


def test_leave_that_is_over_and_kinds_without_terms_are_left_alone(provisional):
    terms = announced(provisional, off=["2027-01-04"])
    assert rerating.proposals(provisional.entries, terms=terms, since=date(2027, 1, 10)) == []
    assert rerating.proposals(provisional.entries, terms={}, since=date(2026, 12, 10)) == []


def test_nothing_is_proposed_while_the_year_is_unknown(provisional):
    strict = replace(
        provisional.terms("annual"), calendar=replace(provisional.calendar, unknown_year=UnknownYear.REFUSE)
    )
    assert rerating.proposals(provisional.entries, terms={"annual": strict}, since=date(2026, 12, 10)) == []


def test_whole_days_are_recounted_whole(new_book):
    """Two and a half days cost three; with one of them off, one and a half cost two."""
    book = new_book(rules=CountRules(unit=DAY))
    book.calendar = replace(book.calendar, unknown_year=UnknownYear.STATUTORY_RULE)
    book.grant(year_lot(2027), 5, "2026-12-01")
    book.request("r1", leave("2027-01-04", "2027-01-06 am"), "2026-12-01")
    (proposal,) = rerating.proposals(book.entries, terms=announced(book, off=["2027-01-04"]), since=date(2026, 12, 10))
    assert proposal.minutes == -DAY
    book.write(ledger.recount(book.entries, "r1", proposal.charges, stamp=stamp("2026-12-11"), order=book.order))
    assert book.days("2026-12-11") == (3, 2, 0, 0)
