"""The ledger against itself: every random history agrees, every tampering is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from handlers.leave import selfcheck
from handlers.leave.book import claims
from handlers.leave.book.entries import Account
from tests.handlers.leave.books import Book, leave, packaged_calendar, year_lot
from tests.handlers.leave.test_ledger_properties import histories


def moved(entries):
    return [(entry.number, entry.cause.value, entry.minutes) for entry in entries]


def states(entries):
    """Items as the service would have them."""
    words = {"held": "pending", "used": "approved", "released": "withdrawn", "cancelled": "cancelled"}
    return {ref: words[claim.state.value] for ref, claim in claims.claims(entries).items()}


@given(book=histories())
def test_whatever_happened_the_books_agree(book):
    found = selfcheck.differences(book.entries, moved=moved(book.entries), items=states(book.entries))
    assert found == []


@pytest.fixture
def story():
    """Ten days, two of them used and one waiting."""
    book = Book(packaged_calendar())
    book.grant(year_lot(2026), 10, "2026-01-05")
    book.request("a", leave("2026-03-02", "2026-03-03"), "2026-02-02")
    book.approve("a", "2026-02-03")
    book.request("b", leave("2026-04-01", "2026-04-01"), "2026-03-02")
    return book.entries


def codes(entries, *, journal=None, items=None):
    found = selfcheck.differences(
        entries, moved=moved(entries if journal is None else journal), items=items or {}
    )
    return [one.code for one in found]


def test_an_entry_taken_away_is_missed(story):
    assert "numbers" in codes([*story[:1], *story[2:]])
    assert codes(story[:-1], journal=story) == ["journal"]


def test_an_amount_that_was_altered_is_seen(story):
    altered = [replace(entry, minutes=960 if entry.number == 4 else entry.minutes) for entry in story]
    assert codes(altered, journal=story) == ["claims", "journal"]


def test_an_account_that_was_altered_is_seen(story):
    altered = [replace(entry, account_from=Account.USED) if entry.number == 4 else entry for entry in story]
    assert "claims" in codes(altered)


@pytest.mark.parametrize(
    ("item", "state", "agrees"),
    [
        ("a", "approved", True),
        ("a", "pending", False),
        ("a", "rejected", False),
        ("b", "pending", True),
        ("b", "approved", False),
        ("c", "pending", False),
        ("c", "withdrawn", False),
    ],
)
def test_an_item_and_its_entries_say_the_same(story, item, state, agrees):
    assert (codes(story, items={item: state}) == []) is agrees


