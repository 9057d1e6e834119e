"""Sick or personal leave reaches the limit of the law, before or after the annual leave of the year was taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from handlers.leave import forfeiture, standing
from handlers.leave.book import ledger, submission
from handlers.leave.book.submission import Terms
from handlers.leave.law import counting
from handlers.leave.law.counting import DAY, Counting, CountRules
from handlers.leave.law.entitlement import Disqualified
from handlers.leave.law.policy import AfterTaking, AnnualPolicy, BracketChange, Kind
from handlers.leave.law.rules import Policy
from handlers.people.directory import Person
from tests.handlers.leave.books import leave, packaged_calendar, stamp

CALENDAR = packaged_calendar()
ANNUAL = AnnualPolicy(
    brackets=((1, 5), (10, 10), (20, 15)),
    bracket_change=BracketChange.NEXT_MONTH_FULL,
    personal_limit_days=Fraction(20),
    sick_limit_days={5: Fraction(60), 10: Fraction(90), 15: Fraction(120)},
)


def kind(code, counting=Counting.WORKDAYS, **more):
    rules = CountRules(counting=counting)
    return Kind(code=code, title=code, aliases=(), rules=rules, limited=code == "annual", **more)


KINDS = {
    "annual": kind("annual"),
    "sick": kind("sick", Counting.CALENDAR_DAYS, counts_toward="sick"),
    "personal": kind("personal", counts_toward="personal"),
}
POLICY = Policy(name="organ", annual=ANNUAL, kinds=KINDS)
ANNA = Person(id="anna", name="anna", first_work_date="2012-07-01")
AT = stamp("2026-11-02", actor="hr")


class Year:
    """2026 of somebody with ten days."""

    def __init__(self, policy=POLICY):
        self.policy = policy
        self.entries = standing.due([], ANNA, policy, 2026, stamp=stamp("2026-01-05"))
        self.refs = 0

    def took(self, kind, first, last):
        self.refs += 1
        ref, at = f"r{self.refs}", stamp(first)
        own = self.policy.kinds[kind]
        terms = Terms(kind=kind, rules=own.rules, calendar=CALENDAR, limited=own.limited)
        self.entries += submission.submit(self.entries, ref, leave(first, last), terms=terms, stamp=at).entries
        self.entries += ledger.consume(self.entries, ref, stamp=at)
        return self

    def proposal(self, **more):
        return forfeiture.proposal(self.entries, ANNA, self.policy, 2026, today=date(2026, 11, 2), **more)

    def confirmed(self):
        found = self.proposal()
        self.entries += forfeiture.write(self.entries, ANNA, self.policy, found, stamp=AT)
        return self

    def available(self, year):
        lot = standing.annual_lot(year).name
        on = date(year, 6, 30) if year > 2026 else AT.effective
        return ledger.balance(self.entries, on=on, lot=lot).available / DAY


def test_below_the_limit_nothing_is_proposed():
    assert Year().took("sick", "2026-03-02", "2026-05-29").proposal() is None  # 89 days


def test_the_limit_itself_costs_what_is_left_of_this_year():
    found = Year().took("sick", "2026-03-02", "2026-05-30").proposal()
    assert (found.why, found.sick_days, found.now, found.next_year) == (Disqualified.SICK_LEAVE, 90, 10 * DAY, False)


def test_confirmed_before_any_was_taken_this_year_ends_and_the_next_stays():
    year = Year().took("sick", "2026-03-02", "2026-05-30").confirmed()
    assert year.available(2026) == 0
    following = standing.due(year.entries, ANNA, POLICY, 2027, stamp=stamp("2027-01-04"))
    assert sum(entry.minutes for entry in following) == 10 * DAY


def test_after_the_taking_the_next_year_is_lost_and_stays_lost():
    year = Year().took("annual", "2026-02-02", "2026-02-04").took("sick", "2026-03-02", "2026-05-30")
    found = year.proposal()
    assert (found.taken, found.now, found.next_year) == (3, 7 * DAY, True)
    year.confirmed()
    assert (year.available(2026), year.available(2027)) == (0, 0)
    assert standing.due(year.entries, ANNA, POLICY, 2027, stamp=stamp("2027-08-02")) == []
    law, taken = year.entries[-2:]
    assert [(entry.actor, entry.ref, entry.effective) for entry in (law, taken)] == [
        ("", "entitlement-2027", date(2027, 1, 1)), ("hr", "forfeited-2026", date(2027, 1, 1)),
    ]  # fmt: skip


def test_what_is_confirmed_is_not_proposed_again():
    assert Year().took("sick", "2026-03-02", "2026-05-30").confirmed().proposal() is None


def test_personal_leave_asks_whether_pay_was_deducted():
    year = Year().took("personal", "2026-03-02", "2026-03-27")
    assert (year.proposal().why, year.proposal().asks_pay) == (Disqualified.PERSONAL_LEAVE, True)
    assert year.proposal(pay_deducted=True) is None


@pytest.mark.parametrize(("days", "lost"), [("2026-02-04", False), ("2026-02-13", True)])
def test_an_office_may_spare_the_next_year_of_whoever_took_only_a_part(days, lost):
    strict = replace(ANNUAL, disqualified_after_taking=AfterTaking.ONLY_IF_ALL_TAKEN)
    year = Year(replace(POLICY, annual=strict)).took("annual", "2026-02-02", days)
    assert year.took("sick", "2026-03-02", "2026-05-30").proposal().next_year is lost


def test_the_bracket_in_force_decides_how_much_sick_leave_is_too_much():
    junior = replace(ANNA, first_work_date="2020-07-01")
    entries = Year().took("sick", "2026-03-02", "2026-04-30").entries  # 60 days
    found = forfeiture.proposal(entries, junior, POLICY, 2026, today=AT.effective)
    assert found is not None
    assert found.sick_days == counting.in_days(60 * DAY)
