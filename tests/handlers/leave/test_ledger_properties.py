"""What holds for every history: random acts, in any order, with late knowledge of the past."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers import errors
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import SHANGHAI
from handlers.leave.book import ledger, submission
from handlers.leave.book.allocation import UseOrder
from handlers.leave.book.entries import Account, Lot, Stamp, from_rows, to_row
from handlers.leave.law.counting import DAY, HALF_DAY, CountRules
from tests.handlers.leave.books import Book, packaged_calendar, year_lot

CALENDAR = packaged_calendar()
YEARS = (2024, 2025, 2026)
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
REFS = tuple(f"r{number}" for number in range(6))
ACCOUNTS = (Account.AVAILABLE, Account.HELD, Account.USED, Account.EXPIRED)

days = st.dates(FIRST, LAST)
halves = st.sampled_from(Half)
acts = st.sampled_from(
    ["grant", "request", "request", "approve", "approve", "reject", "cancel", "back", "carry", "adjust", "expire"]
)


@st.composite
def ranges(draw):
    first = draw(days)
    return Range(Slot(first, draw(halves)), Slot(first + timedelta(days=draw(st.integers(0, 12))), draw(halves)))


@st.composite
def histories(draw, *, corrections=True):
    """A book after a dozen acts, recorded in order. With `corrections`, some count from earlier or take away."""
    book = Book(CALENDAR, rules=draw(units), order=draw(st.sampled_from(UseOrder)))
    for year in YEARS:
        book.write(
            ledger.grant(book.entries, year_lot(year), draw(st.integers(0, 12)) * HALF_DAY, stamp=stamp_of(FIRST))
        )
    for recorded in sorted(draw(st.lists(days, max_size=14))):
        late = draw(st.integers(0, 400)) if corrections and draw(st.booleans()) else 0
        with contextlib.suppress(errors.RuleError):
            book.write(act_of(draw, book, stamp_of(recorded, late), corrections=corrections))
    return book


units = st.sampled_from([CountRules(), CountRules(unit=DAY)])


def stamp_of(recorded, late=0):
    moment = datetime.combine(recorded, time(12), tzinfo=SHANGHAI)
    return Stamp(recorded=moment, effective=recorded - timedelta(days=late))


def act_of(draw, book, stamp, *, corrections):
    act, ref, lot = draw(acts), draw(st.sampled_from(REFS)), year_lot(draw(st.sampled_from(YEARS)))
    minutes = draw(st.integers(1, 10)) * HALF_DAY
    match act:
        case "grant":
            # known now and counting from later, as next year's leave is in December
            stamp = replace(stamp, effective=stamp.effective + timedelta(days=draw(st.integers(0, 60))))
            return ledger.grant(book.entries, lot, minutes, stamp=stamp)
        case "request":
            return submission.submit(book.entries, ref, draw(ranges()), terms=book.terms("annual"), stamp=stamp).entries
        case "approve":
            return ledger.consume(book.entries, ref, stamp=stamp)
        case "reject":
            return ledger.release(book.entries, ref, stamp=stamp)
        case "cancel":
            return ledger.restore(book.entries, ref, stamp=stamp)
        case "back":
            back = Slot(draw(days), draw(halves))
            return ledger.restore(book.entries, ref, stamp=stamp, back=back, unit=book.rules.unit)
        case "carry":
            into = Lot("annual", f"{lot.name}-carried", lot.valid_from, lot.valid_to + timedelta(days=200), lot.name)
            return ledger.carry_over(book.entries, lot, into, minutes, stamp=stamp)
        case "adjust":
            sign = -1 if corrections and draw(st.booleans()) else 1
            return ledger.adjust(book.entries, lot, sign * minutes, stamp=stamp)
    return ledger.expire(book.entries, on=stamp.recorded.date(), stamp=stamp)


def added_up(entries, on):
    """Each account of each lot as the plain sum of its entries, with no rule but the effective day."""
    sums = {}
    for entry in entries:
        if entry.effective <= on:
            own = sums.setdefault(entry.lot, dict.fromkeys(Account, 0))
            own[entry.account_from] -= entry.minutes
            own[entry.account_to] += entry.minutes
    return {lot: tuple(own[account] for account in ACCOUNTS) for lot, own in sums.items()}


def four(balance):
    return (balance.available, balance.held, balance.used, balance.expired)


@given(book=histories(), on=days, known=days)
def test_a_balance_is_the_sum_of_its_entries_on_every_day_and_as_known_at_every_time(book, on, known):
    moment = datetime.combine(known, time.max, tzinfo=SHANGHAI)
    heard = [entry for entry in book.entries if entry.recorded <= moment]
    heard += ledger.expire(heard, on=on, stamp=stamp_of(known))
    found = ledger.balances(book.entries, on=on, known_at=moment)
    assert {lot: four(amount) for lot, amount in found.items()} == added_up(heard, on)


@given(book=histories(), on=days)
def test_the_books_of_every_lot_close_on_every_day(book, on):
    for amount in ledger.balances(book.entries, on=on).values():
        assert amount.granted + amount.carried == sum(four(amount))


@given(book=histories(corrections=False), on=days)
def test_nothing_is_ever_overspent(book, on):
    for lot, amount in ledger.balances(book.entries, on=on).items():
        assert min(four(amount)) >= 0, lot


@given(book=histories(), on=days)
def test_writing_expiries_down_changes_no_balance_and_happens_once(book, on):
    before = ledger.balances(book.entries, on=LAST)
    book.write(ledger.expire(book.entries, on=on, stamp=stamp_of(LAST)))
    assert ledger.balances(book.entries, on=LAST) == before
    assert ledger.expire(book.entries, on=on, stamp=stamp_of(LAST)) == []


@given(book=histories(), asked=ranges(), on=days)
def test_a_refund_after_consumption_restores_every_lot_exactly(book, asked, on):
    recorded = min(on, asked.first.day)
    before = ledger.balances(book.entries, on=LAST)
    with contextlib.suppress(errors.RuleError):
        book.request("new", asked, recorded.isoformat())
        book.approve("new", recorded.isoformat())
        book.cancel("new", recorded.isoformat())
    after = ledger.balances(book.entries, on=LAST)
    assert {lot: four(amount) for lot, amount in after.items()} == {lot: four(amount) for lot, amount in before.items()}


@given(book=histories(), asked=ranges(), cut=ranges())
def test_an_early_return_and_a_cancellation_give_back_what_a_cancellation_gives(book, asked, cut):
    recorded = min(asked.first.day, cut.first.day)
    try:
        book.request("new", asked, recorded.isoformat())
    except errors.RuleError:
        return
    book.approve("new", recorded.isoformat())
    at_once = ledger.restore(book.entries, "new", stamp=stamp_of(recorded))
    book.write(ledger.restore(book.entries, "new", stamp=stamp_of(recorded), back=cut.first, unit=book.rules.unit))
    book.cancel("new", recorded.isoformat())
    in_two = [entry for entry in book.entries if entry.ref == "new" and entry.account_from is Account.USED]
    assert minutes_by_lot(in_two) == minutes_by_lot(at_once)


def minutes_by_lot(entries):
    sums = {}
    for entry in entries:
        sums[entry.lot] = sums.get(entry.lot, 0) + entry.minutes
    return sums


@given(granted=st.integers(0, 20), wanted=st.lists(ranges(), max_size=8), order=st.sampled_from(UseOrder))
def test_no_order_of_requests_spends_more_than_there_is(granted, wanted, order):
    book = Book(CALENDAR, order=order)
    for year in YEARS:
        book.write(ledger.grant(book.entries, year_lot(year), granted * HALF_DAY, stamp=stamp_of(FIRST)))
    for number, asked in enumerate(wanted):
        with contextlib.suppress(errors.RuleError):
            book.request(f"w{number}", asked, FIRST.isoformat())
    for amount in ledger.balances(book.entries, on=FIRST).values():
        assert amount.available >= 0
        assert amount.available + amount.held == granted * HALF_DAY


@given(book=histories())
def test_entries_survive_the_table(book):
    rows = [to_row(entry) for entry in book.entries]
    assert from_rows(reversed(rows)) == book.entries
