"""The entitlement explains itself, and nobody can bend an explanation without being found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.leave.law import entitlement
from handlers.leave.law.entitlement import RULES, Absences, Disqualified, Facts
from handlers.leave.law.policy import (
    AfterTaking,
    AnnualPolicy,
    BracketChange,
    Eligibility,
    Feb29,
    Proration,
    Rounding,
    YearsCompleteOn,
)
from handlers.leave.law.service import Gap, add_years, gap_days
from handlers.leave.law.trace import Contradiction, recompute

BRACKETS = ((1, 5), (10, 10), (20, 15))
ORGAN = AnnualPolicy(brackets=BRACKETS, bracket_change=BracketChange.NEXT_MONTH_FULL, bases={"bracket": "art. 3"})

some_days = st.dates(date(1990, 1, 1), date(2026, 12, 31))
policies = st.builds(
    AnnualPolicy,
    brackets=st.just(BRACKETS),
    bracket_change=st.sampled_from(BracketChange),
    years_complete_on=st.sampled_from(YearsCompleteOn),
    feb29_anniversary=st.sampled_from(Feb29),
    joining=st.sampled_from(Proration),
    leaving=st.sampled_from(Proration),
    eligibility=st.sampled_from(Eligibility),
    rounding=st.sampled_from(Rounding),
    personal_limit_days=st.none() | st.just(Fraction(20)),
    sick_limit_days=st.just({5: Fraction(60), 10: Fraction(90), 15: Fraction(120)}),
    school_top_up=st.booleans(),
    disqualified_after_taking=st.sampled_from(AfterTaking),
)
counts = st.integers(0, 130).map(Fraction)
facts = st.builds(
    Facts,
    first_work_date=some_days,
    gaps=st.lists(st.builds(Gap, some_days, some_days), max_size=3).map(tuple),
    joined_unit=st.none() | some_days,
    continuous_since=st.none() | some_days,
    leaving_date=st.none() | some_days,
    taken=st.integers(0, 20).map(lambda halves: Fraction(halves, 2)),
    absences=st.builds(
        Absences, personal_days=counts, pay_deducted=st.booleans(), sick_days=counts, school_vacation_days=counts
    ),
)


@given(person=facts, policy=policies, year=st.integers(2020, 2026), as_of=st.none() | some_days)
def test_every_explanation_recomputes_to_the_days(person, policy, year, as_of):
    found = entitlement.entitlement(person, policy=policy, year=year, as_of=as_of)
    entitlement.check_trace(found)
    assert found.days >= 0
    assert found.disqualified is Disqualified.NONE or found.days == person.taken


@given(person=facts, policy=policies, year=st.integers(2020, 2026))
def test_more_service_never_means_less_leave(person, policy, year):
    person = replace(person, absences=Absences(), gaps=())
    earlier = replace(person, first_work_date=date(1985, 3, 1))
    less = entitlement.entitlement(person, policy=policy, year=year).days
    assert entitlement.entitlement(earlier, policy=policy, year=year).days >= less


def found_for(**changes):
    return entitlement.entitlement(
        Facts(first_work_date=date(2015, 6, 18), **changes), policy=ORGAN, year=2025, as_of=date(2025, 7, 1)
    )


def test_an_explanation_names_its_rules_in_order_with_their_basis():
    trace = found_for().trace
    names = [step.rule for step in trace]
    assert names == [
        *["completion", "starts"] * 3, "bracket", "share", "rounded", "due", "sick_limit", "disqualified",
        "next_year_lost", "days_of_the_year",
    ]  # fmt: skip
    (bracket,) = [step for step in trace if step.rule == "bracket"]
    assert (bracket.basis, bracket.result) == ("art. 3", 10)
    assert dict(bracket.figures["changes"])[date(2025, 7, 1)] == 10


@pytest.mark.parametrize("rule", ["completion", "bracket", "share", "rounded", "due", "disqualified"])
def test_an_explanation_with_another_result_is_found_out(rule):
    found = found_for()
    bent = [replace(step, result="another") if step.rule == rule else step for step in found.trace]
    with pytest.raises(Contradiction):
        recompute(bent, RULES)


def test_an_explanation_with_a_cut_link_is_found_out():
    found = found_for()
    bent = [
        replace(step, figures={**step.figures, "bracket": 15}, result=Fraction(15)) if step.rule == "share" else step
        for step in found.trace
    ]
    with pytest.raises(Contradiction, match="share takes bracket=15"):
        recompute(bent, RULES)


def test_an_explanation_of_other_days_is_found_out():
    with pytest.raises(Contradiction):
        entitlement.check_trace(replace(found_for(), days=Fraction(15)))


def test_what_is_seen_after_the_year_is_the_years_last_word():
    person = Facts(first_work_date=date(2016, 1, 20))
    assert entitlement.entitlement(person, policy=ORGAN, year=2025, as_of=date(2026, 3, 1)).days == 5


def test_pay_deducted_or_not_decides_on_personal_leave():
    twenty = Absences(personal_days=Fraction(20))
    policy = replace(ORGAN, personal_limit_days=Fraction(20))
    person = Facts(first_work_date=date(2010, 5, 1), absences=twenty)
    assert entitlement.entitlement(person, policy=policy, year=2025).disqualified is Disqualified.PERSONAL_LEAVE
    deducted = replace(person, absences=replace(twenty, pay_deducted=True))
    assert entitlement.entitlement(deducted, policy=policy, year=2025).disqualified is Disqualified.NONE


@pytest.mark.parametrize(
    ("feb29", "years", "day"),
    [(Feb29.FEB28, 1, date(2017, 2, 28)), (Feb29.MAR1, 1, date(2017, 3, 1)), (Feb29.MAR1, 4, date(2020, 2, 29))],
)
def test_the_29_february_has_an_anniversary_every_year(feb29, years, day):
    assert add_years(date(2016, 2, 29), years, feb29) == day


def test_days_in_two_gaps_are_counted_once_and_those_before_the_first_job_not_at_all():
    gaps = [Gap(date(2018, 1, 1), date(2018, 1, 10)), Gap(date(2018, 1, 6), date(2018, 1, 15))]
    assert gap_days(gaps, since=date(2014, 1, 1), until=date(2024, 1, 1)) == 15
    assert gap_days(gaps, since=date(2018, 1, 11), until=date(2024, 1, 1)) == 5
    assert gap_days(gaps, since=date(2014, 1, 1), until=date(2018, 1, 4)) == 3
