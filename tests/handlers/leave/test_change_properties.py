"""Any course of changes and returns of one leave: nothing is lost, nothing is spent twice, nobody overspends."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.days.slots import Half, Range, Slot
from handlers.leave import selfcheck
from handlers.leave.book import claims, ledger, submission
from handlers.leave.book.refusals import InsufficientBalance, ZeroDays
from handlers.leave.law import counting
from handlers.leave.law.counting import DAY
from tests.handlers.leave.books import Book, leave, packaged_calendar, stamp, year_lot

CALENDAR = packaged_calendar()
MONDAY = date(2025, 3, 10)
ranges = st.builds(
    lambda begin, half, slots: (begin, half, slots), st.integers(0, 40), st.sampled_from(Half), st.integers(1, 24)
)


def about(begin, half, slots):
    last = first = Slot(MONDAY + timedelta(days=begin), half)
    for _ in range(slots - 1):
        last = last.next()
    return Range(first, last)


@given(st.lists(st.tuples(ranges, st.booleans()), max_size=6), st.one_of(st.none(), st.integers(0, 40)))
def test_changes_and_a_return_keep_every_account(changes, back):
    book = Book(CALENDAR)
    book.grant(year_lot(2025), 8, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    for number, (wanted, approved) in enumerate(changes):
        _change(book, f"c{number}", about(*wanted), approved)
    if back is not None:
        slot = Slot(MONDAY + timedelta(days=back))
        claim = claims.claims(book.entries)["r1"]
        if claim.about is not None and claim.spent and slot > claim.about.first:
            book.entries += ledger.restore(book.entries, "r1", stamp=stamp("2025-03-09"), back=slot)
    found = ledger.balance(book.entries, on=date(2025, 12, 31))
    assert found.available >= 0
    assert found.held == 0
    assert found.available + found.used == 8 * DAY
    assert claims.claims(book.entries)["r1"].minutes == found.used
    moved = [(entry.number, entry.cause.value, entry.minutes) for entry in book.entries]
    assert selfcheck.differences(book.entries, moved=moved, items={"r1": "approved"}) == []


def _change(book, ref, wanted, approved):
    """Submitted, then approved or rejected; what cannot be paid is refused at the submission and not later."""
    try:
        charges = submission.charges_of(counting.count(wanted, rules=book.rules, calendar=book.calendar))
        held = ledger.reserve(
            book.entries, ref, "r1", charges, about=wanted, stamp=stamp("2025-03-06"), order=book.order
        )
    except (InsufficientBalance, ZeroDays):
        return
    book.entries += held
    if held:
        book.entries += ledger.release(book.entries, ref, stamp=stamp("2025-03-07"))
    if approved:
        swap = ledger.recount(
            book.entries, "r1", charges, stamp=stamp("2025-03-07"), order=book.order, about=wanted
        )
        book.entries += swap
