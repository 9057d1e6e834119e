"""The ledger in the words of a ledger. Balances read (available, held, used, expired), in days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.days.workdays import CalendarMissing
from handlers.leave.book import claims, ledger, submission
from handlers.leave.book.allocation import UseOrder
from handlers.leave.book.entries import Account, Cause, Lot
from handlers.leave.book.refusals import InsufficientBalance, InvalidRange, Overlap, WrongState, ZeroDays
from handlers.leave.law import counting
from handlers.leave.law.counting import DAY, HALF_DAY, CountRules
from tests.handlers.leave.books import leave, stamp, year_lot


def test_a_request_is_held_then_used(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    assert book.days("2025-03-04") == (5, 5, 0, 0)
    book.approve("r1", "2025-03-05")
    assert book.days("2025-03-05") == (5, 0, 5, 0)
    assert book.days("2025-03-04") == (5, 5, 0, 0)


def test_a_rejected_request_gives_all_back(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.reject("r1", "2025-03-04")
    assert book.days("2025-03-04") == (10, 0, 0, 0)


def test_a_rejected_request_may_be_made_again_under_its_number(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.reject("r1", "2025-03-04")
    book.request("r1", leave("2025-03-11", "2025-03-12"), "2025-03-05")
    book.approve("r1", "2025-03-06")
    assert book.days("2025-03-06") == (3, 0, 2, 0)


def test_back_at_noon_gives_back_the_afternoon_and_frees_it(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    book.back("r1", "2025-03-13 pm", "2025-03-13")
    assert book.days("2025-03-13") == (6.5, 0, 3.5, 0)
    book.request("r2", leave("2025-03-13 pm", "2025-03-14"), "2025-03-13")
    with pytest.raises(Overlap):
        book.request("r3", leave("2025-03-13", "2025-03-13 am"), "2025-03-13")


def test_back_earlier_still_gives_back_only_what_is_left(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    book.back("r1", "2025-03-13", "2025-03-13")
    book.back("r1", "2025-03-11", "2025-03-14")
    assert book.days("2025-03-14") == (9, 0, 1, 0)
    book.cancel("r1", "2025-03-15")
    assert book.days("2025-03-15") == (10, 0, 0, 0)


def test_back_after_the_end_gives_nothing_back(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    assert book.back("r1", "2025-03-15", "2025-03-15") == []


def test_the_first_reason_is_the_one_told(book):
    book.grant(year_lot(2026), 1, "2026-01-01")
    book.request("r1", leave("2026-03-14", "2026-03-16 am"), "2026-03-02")
    with pytest.raises(InvalidRange):
        book.request("r2", leave("2026-03-16 pm", "2026-03-16 am"), "2026-03-02")
    with pytest.raises(Overlap) as overlap:
        book.request("r2", leave("2026-03-14", "2027-03-20"), "2026-03-02")
    assert overlap.value.circumstances["with_ref"] == "r1"
    with pytest.raises(CalendarMissing):
        book.request("r2", leave("2026-12-28", "2027-01-04"), "2026-03-02")
    with pytest.raises(ZeroDays):
        book.request("r2", leave("2026-10-01", "2026-10-02"), "2026-03-02")
    with pytest.raises(InsufficientBalance) as short:
        book.request("r2", leave("2026-03-17", "2026-03-18"), "2026-03-02")
    assert short.value.circumstances == {"day": date(2026, 3, 17), "minutes": 2 * DAY, "short": 3 * HALF_DAY}


def test_rest_days_inside_a_leave_belong_to_it(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-14", "2025-03-17"), "2025-03-03")
    with pytest.raises(Overlap):
        book.request("r2", leave("2025-03-15", "2025-03-15"), "2025-03-03", kind="sick", limited=False)


def test_a_trip_outside_the_ledger_is_in_the_way_too(book):
    with pytest.raises(Overlap):
        claims.check_free([], leave("2025-03-10", "2025-03-14"), busy=[("trip-7", leave("2025-03-14", "2025-03-20"))])


@pytest.mark.parametrize(
    ("act", "state"),
    [("approve", "used"), ("reject", "used"), ("approve", "released"), ("cancel", "held"), ("cancel", "released")],
)
def test_an_act_out_of_turn_is_refused(book, act, state):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    if state == "used":
        book.approve("r1", "2025-03-04")
    if state == "released":
        book.reject("r1", "2025-03-04")
    with pytest.raises(WrongState) as refused:
        getattr(book, act)("r1", "2025-03-05")
    assert refused.value.circumstances["state"] == state


def test_what_was_never_accepted_cannot_be_approved(book):
    with pytest.raises(WrongState):
        book.approve("r9", "2025-03-05")


@pytest.mark.parametrize(
    ("order", "used"),
    [
        (UseOrder.OLDEST_FIRST, {"2024": 1, "2024-carried": 2, "2025": 0}),
        (UseOrder.NEWEST_FIRST, {"2024": 0, "2024-carried": 0, "2025": 3}),
        (UseOrder.EARLIEST_EXPIRY, {"2024": 0, "2024-carried": 2, "2025": 1}),
    ],
)
def test_the_order_of_use_is_the_policys(new_book, order, used):
    """2024 lasts longest, its carried part ends first; a carried lot ranks just after the one it came from."""
    book = new_book(order=order)
    old = Lot("annual", "2024", date(2024, 1, 1), date(2026, 12, 31))
    book.grant(old, 3, "2024-01-01")
    book.grant(year_lot(2025), 5, "2025-01-01")
    into = Lot("annual", "2024-carried", date(2025, 1, 1), date(2025, 6, 30), "2024")
    book.write(ledger.carry_over(book.entries, old, into, 2 * DAY, stamp=stamp("2025-01-01")))
    book.request("r1", leave("2025-03-10", "2025-03-12"), "2025-03-03")
    book.approve("r1", "2025-03-03")
    assert {name: book.days("2025-03-31", lot=name)[2] for name in used} == used


def test_never_more_is_carried_over_than_there_is_or_may_be(book):
    book.grant(year_lot(2024), 3, "2024-01-01")
    into = year_lot(2025, name="2024-carried", parent="2024")
    carry = ledger.carry_over(book.entries, year_lot(2024), into, 9 * DAY, stamp=stamp("2024-12-31"), most=2 * DAY)
    assert [entry.minutes for entry in carry] == [2 * DAY, 2 * DAY]
    book.write(carry)
    book.write(ledger.carry_over(book.entries, year_lot(2024), into, 9 * DAY, stamp=stamp("2024-12-31")))
    assert book.days("2025-01-01", lot="2024") == (0, 0, 0, 0)
    assert book.days("2025-01-01", lot="2024-carried") == (3, 0, 0, 0)


def test_what_has_expired_cannot_be_carried_over_unless_it_counts_from_before(book):
    book.grant(year_lot(2024), 3, "2024-01-01")
    book.expire("2025-01-05")
    into = year_lot(2025, name="2024-carried", parent="2024")
    late = ledger.carry_over(book.entries, year_lot(2024), into, DAY, stamp=stamp("2025-01-10"))
    assert late == []
    book.write(ledger.carry_over(book.entries, year_lot(2024), into, DAY, stamp=stamp("2025-01-10", "2024-12-31")))
    assert book.days("2025-01-10", lot="2024") == (0, 0, 0, 2)
    assert book.days("2025-01-10", lot="2024-carried") == (1, 0, 0, 0)


def test_held_days_survive_the_year_and_expire_when_they_come_back(book):
    book.grant(year_lot(2025), 2, "2025-01-01")
    book.request("r1", leave("2025-12-30", "2025-12-31"), "2025-12-29")
    assert book.days("2026-01-02") == (0, 2, 0, 0)
    book.reject("r1", "2026-01-04")
    assert book.days("2026-01-03") == (0, 2, 0, 0)
    assert book.days("2026-01-04") == (0, 0, 0, 2)


def test_held_days_may_be_approved_after_the_year(book):
    book.grant(year_lot(2025), 2, "2025-01-01")
    book.request("r1", leave("2025-12-30", "2025-12-31"), "2025-12-29")
    book.approve("r1", "2026-01-04")
    assert book.days("2026-01-04") == (0, 0, 2, 0)


def test_a_return_recorded_after_the_year_expires_unless_it_counts_from_before(new_book):
    for effective, carried in ((None, 0), ("2025-12-31", 1)):
        book = new_book()
        book.grant(year_lot(2025), 2, "2025-01-01")
        book.request("r1", leave("2025-12-30", "2025-12-31"), "2025-12-29")
        book.approve("r1", "2025-12-29")
        book.back("r1", "2025-12-31", "2026-01-04", effective=effective)
        assert book.days("2026-01-04") == (0, 0, 1, 1)
        assert book.days("2025-12-31")[0] == carried


def test_a_late_request_spends_what_was_there_on_its_day(book):
    """补办: recorded after the lot ended and was written off, effective when the leave was taken."""
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.expire("2026-01-01")
    with pytest.raises(InsufficientBalance):
        book.request("r1", leave("2025-12-30", "2025-12-31"), "2026-01-05")
    book.request("r1", leave("2025-12-30", "2025-12-31"), "2026-01-05", effective="2025-12-30")
    book.approve("r1", "2026-01-05")
    assert book.days("2026-01-05") == (0, 0, 2, 3)
    assert book.days("2026-01-05", known="2026-01-04") == (0, 0, 0, 5)
    book.expire("2026-01-06")
    assert plain_sum(book, "2026-01-06") == book.days("2026-01-06")


def test_a_correction_changes_the_past_only_for_those_who_know_it(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.adjust(year_lot(2025), 5, "2025-09-01", effective="2025-01-01")
    assert book.days("2025-06-30", known="2025-06-30")[0] == 5
    assert book.days("2025-06-30", known="2025-09-01")[0] == 10


def test_a_debt_is_shown_and_does_not_expire(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.request("r1", leave("2025-06-23", "2025-06-27"), "2025-06-16")
    book.approve("r1", "2025-06-17")
    book.adjust(year_lot(2025), -2, "2025-09-01")
    assert book.days("2025-09-01") == (-2, 0, 5, 0)
    assert book.days("2026-06-30") == (-2, 0, 5, 0)
    assert book.expire("2026-06-30") == []


def test_what_comes_back_after_the_end_expires_even_where_there_is_a_debt(book):
    book.grant(year_lot(2025), 2, "2025-01-01")
    book.request("r1", leave("2025-12-30", "2025-12-31"), "2025-12-29")
    book.adjust(year_lot(2025), -1, "2025-12-30")
    book.reject("r1", "2026-01-04")
    assert book.days("2026-01-04") == (-1, 0, 0, 2)


def test_a_debt_is_not_carried_over(book):
    book.grant(year_lot(2025), 1, "2025-01-01")
    book.adjust(year_lot(2025), -2, "2025-06-01")
    into = year_lot(2026, name="2025-carried", parent="2025")
    assert ledger.carry_over(book.entries, year_lot(2025), into, DAY, stamp=stamp("2025-12-31")) == []


def test_a_correction_after_the_end_touches_only_what_is_left(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.expire("2026-01-01")
    book.adjust(year_lot(2025), -2, "2026-02-01")
    assert book.days("2026-02-01") == (-2, 0, 0, 5)
    book.adjust(year_lot(2025), 3, "2026-03-01")
    assert book.days("2026-03-01") == (0, 0, 0, 6)
    book.expire("2026-03-02")
    assert plain_sum(book, "2026-03-02") == (0, 0, 0, 6)


def test_expiry_is_written_once_and_on_the_day_it_happened(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    (entry,) = book.expire("2026-01-20")
    assert (entry.effective, entry.recorded.date()) == (date(2026, 1, 1), date(2026, 1, 20))
    assert (entry.account_from, entry.account_to, entry.minutes) == (Account.AVAILABLE, Account.EXPIRED, 5 * DAY)
    assert book.expire("2026-01-21") == []
    assert book.expire("2025-06-01") == []


def test_an_expiry_that_late_knowledge_proves_wrong_is_written_back(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.expire("2026-01-01")
    book.adjust(year_lot(2025), -2, "2026-02-01", effective="2025-03-01")
    (entry,) = book.expire("2026-02-02")
    assert (entry.account_from, entry.account_to, entry.minutes) == (Account.EXPIRED, Account.AVAILABLE, 2 * DAY)
    assert book.days("2026-02-02") == plain_sum(book, "2026-02-02") == (0, 0, 0, 3)


def test_looking_back_unwrites_no_later_expiry(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.adjust(year_lot(2025), 1, "2026-03-01")
    book.expire("2026-03-02")
    assert book.expire("2026-02-01") == []


def test_an_entry_is_known_at_the_very_moment_of_its_recording(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    (entry,) = book.entries
    just_before = entry.recorded - timedelta(milliseconds=1)
    assert ledger.balance(book.entries, on=date(2025, 1, 1), known_at=entry.recorded).available == 5 * DAY
    assert ledger.balance(book.entries, on=date(2025, 1, 1), known_at=just_before).available == 0


def test_a_lot_without_an_end_never_expires(book):
    book.grant(Lot("toil", "2025-03-29", date(2025, 3, 29)), 1, "2025-03-29")
    assert book.days("2099-01-01") == (1, 0, 0, 0)
    assert book.expire("2099-01-01") == []


def test_leave_that_is_only_reckoned_up_needs_no_grant(new_book):
    book = new_book()
    book.request("s1", leave("2025-12-31", "2026-01-05"), "2025-12-31", kind="sick", limited=False)
    book.approve("s1", "2026-01-05")
    assert book.days("2026-01-31", kind="sick", lot="2025") == (0, 0, 1, 0)
    assert book.days("2026-01-31", kind="sick", lot="2026") == (0, 0, 2, 0)
    book.cancel("s1", "2026-02-01")
    assert book.days("2026-02-01", kind="sick") == (0, 0, 0, 0)


def test_kinds_do_not_spend_each_others_lots(book):
    book.grant(year_lot(2025, kind="toil"), 5, "2025-01-01")
    with pytest.raises(InsufficientBalance):
        book.request("r1", leave("2025-03-10", "2025-03-10"), "2025-03-03")


def test_half_a_day_in_whole_days_costs_a_day_and_keeps_costing_it(new_book):
    book = new_book(rules=CountRules(unit=DAY))
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-12 am"), "2025-03-03")
    assert book.days("2025-03-03") == (7, 3, 0, 0)
    book.approve("r1", "2025-03-03")
    book.back("r1", "2025-03-11 pm", "2025-03-11")
    assert book.days("2025-03-11") == (8, 0, 2, 0)


def test_a_slot_may_be_borne_by_two_lots_and_goes_back_to_both(book):
    small = Lot("annual", "a", date(2025, 1, 1), date(2025, 12, 31))
    book.grant(small, 0.25, "2025-01-01")
    book.grant(year_lot(2025), 1, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-10"), "2025-03-03")
    book.approve("r1", "2025-03-03")
    assert book.days("2025-03-03", lot="a") == (0, 0, 0.25, 0)
    book.back("r1", "2025-03-10 pm", "2025-03-04")
    assert book.days("2025-03-04") == (0.75, 0, 0.5, 0)
    book.cancel("r1", "2025-03-04")
    assert book.days("2025-03-04", lot="a") == (0.25, 0, 0, 0)
    assert book.days("2025-03-04", lot="2025") == (1, 0, 0, 0)


def test_what_counts_from_later_cannot_be_spent_before(book):
    book.grant(year_lot(2025), 1, "2025-01-01")
    book.adjust(year_lot(2025), 5, "2025-03-01", effective="2025-07-01")
    with pytest.raises(InsufficientBalance):
        book.request("r1", leave("2025-06-02", "2025-06-06"), "2025-03-03")
    book.request("r2", leave("2025-07-07", "2025-07-11"), "2025-03-03")


def test_next_years_leave_asked_for_in_december_counts_from_next_year(book):
    """The lot of 2026 is known in December and counts from 1 January; no balance of December may show a debt."""
    book.write(ledger.grant(book.entries, year_lot(2026), 5 * DAY, stamp=stamp("2025-12-10", "2026-01-01")))
    book.request("r1", leave("2026-01-05", "2026-01-07"), "2025-12-15")
    book.approve("r1", "2025-12-16")
    assert book.days("2025-12-31") == (0, 0, 0, 0)
    assert book.days("2026-01-01") == (2, 0, 3, 0)
    with pytest.raises(InsufficientBalance):
        book.request("r2", leave("2026-01-12", "2026-01-14"), "2025-12-17")
    book.cancel("r1", "2025-12-18")
    assert book.days("2025-12-31") == (0, 0, 0, 0)
    assert book.days("2026-01-01") == (5, 0, 0, 0)


def test_what_is_promised_away_later_cannot_be_spent_now(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.adjust(year_lot(2025), -3, "2025-03-01", effective="2025-07-01")
    with pytest.raises(InsufficientBalance):
        book.request("r1", leave("2025-06-03", "2025-06-05"), "2025-03-03")


def test_entries_are_numbered_on_without_gaps_so_that_two_acts_at_once_collide(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    before = list(book.entries)
    first = book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.entries = before
    second = book.request("r2", leave("2025-03-17", "2025-03-21"), "2025-03-03")
    assert [entry.number for entry in first] == [entry.number for entry in second] == [2]


def test_an_entry_needs_an_aware_time(book):
    naive = stamp("2025-01-01").__class__(
        recorded=stamp("2025-01-01").recorded.replace(tzinfo=None), effective=date(2025, 1, 1)
    )
    with pytest.raises(ValueError, match="aware"):
        ledger.grant([], year_lot(2025), DAY, stamp=naive)


def test_the_books_of_a_lot_close(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.adjust(year_lot(2025), -1, "2025-02-01")
    into = year_lot(2026, name="2025-carried", parent="2025")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.write(ledger.carry_over(book.entries, year_lot(2025), into, DAY, stamp=stamp("2025-12-31")))
    for amount in ledger.balances(book.entries, on=date(2026, 6, 1)).values():
        assert amount.granted + amount.carried == amount.available + amount.held + amount.used + amount.expired


def plain_sum(book, on):
    """The accounts added up entry by entry, without any rule about time but the day."""
    accounts = (Account.AVAILABLE, Account.HELD, Account.USED, Account.EXPIRED)
    counted = [entry for entry in book.entries if entry.effective <= date.fromisoformat(on)]
    return tuple(
        sum(entry.minutes * ((entry.account_to is account) - (entry.account_from is account)) for entry in counted)
        / DAY
        for account in accounts
    )


def test_an_early_return_names_its_cause_and_its_slots(book):
    book.grant(year_lot(2025), 10, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    (entry,) = book.back("r1", "2025-03-13 pm", "2025-03-13")
    assert entry.cause is Cause.RETURN_EARLY
    assert [charge.slot.day for charge in entry.charges] == [date(2025, 3, 13) + timedelta(days=n) for n in (0, 1, 1)]


def _charges(book, about):
    return submission.charges_of(counting.count(about, rules=book.rules, calendar=book.calendar))


def _changed(book, ref, about, day):
    charges = _charges(book, about)
    return ledger.recount(book.entries, ref, charges, stamp=stamp(day), order=book.order, about=about)


def test_a_change_swaps_the_days_and_the_range_in_one_go(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    book.entries += _changed(book, "r1", leave("2025-03-12", "2025-03-18"), "2025-03-06")
    assert book.days("2025-03-06") == (0, 0, 5, 0)
    claim = claims.claims(book.entries)["r1"]
    assert claim.about == leave("2025-03-12", "2025-03-18")
    assert sorted({charge.slot.day.day for _, charge in claim.spent}) == [12, 13, 14, 17, 18]
    book.back("r1", "2025-03-18", "2025-03-18")
    assert book.days("2025-03-18") == (1, 0, 4, 0)


def test_a_change_that_waits_holds_only_what_it_costs_more(book):
    book.grant(year_lot(2025), 6, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    wanted = leave("2025-03-13", "2025-03-20")
    about = {"about": wanted, "stamp": stamp("2025-03-06"), "order": book.order}
    book.entries += ledger.reserve(book.entries, "c1", "r1", _charges(book, wanted), **about)
    assert book.days("2025-03-06") == (0, 1, 5, 0)
    with pytest.raises(InsufficientBalance):
        ledger.reserve(book.entries, "c2", "r1", _charges(book, leave("2025-03-10", "2025-03-18")), **about)
    book.entries += ledger.release(book.entries, "c1", stamp=stamp("2025-03-07"))
    book.entries += _changed(book, "r1", wanted, "2025-03-07")
    assert book.days("2025-03-07") == (0, 0, 6, 0)


def test_a_change_to_the_same_cost_holds_nothing(book):
    book.grant(year_lot(2025), 5, "2025-01-01")
    book.request("r1", leave("2025-03-10", "2025-03-14"), "2025-03-03")
    book.approve("r1", "2025-03-05")
    wanted = leave("2025-04-14", "2025-04-18")
    held = ledger.reserve(
        book.entries, "c1", "r1", _charges(book, wanted), about=wanted, stamp=stamp("2025-03-06"), order=book.order
    )
    assert held == []
