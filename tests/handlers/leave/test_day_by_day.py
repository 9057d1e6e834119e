"""Entitlement under every combination of choices, against a plain reading of the case format that counts day by day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from handlers.leave.casebook import cases

ONE = timedelta(days=1)
BRACKETS, SICK = {1: 5, 10: 10, 20: 15}, {5: 60, 10: 90, 15: 120}
CALENDARS = {"cn-2024-2026": {"years": [2024, 2025, 2026]}}

choices = st.fixed_dictionaries({
    "feb29_anniversary": st.sampled_from(["feb28", "mar1"]),
    "years_complete_on": st.sampled_from(["anniversary", "day_before"]),
    "brackets": st.just(BRACKETS),
    "bracket_change": st.sampled_from(
        ["next_month_full", "same_day_full", "at_year_start", "whole_year_if_reached", "daily_prorated"]
    ),
    "joining": st.sampled_from(["no_proration", "prorated_365"]),
    "leaving": st.sampled_from(["no_proration", "prorated_365"]),
    "eligibility": st.sampled_from(["cumulative_only", "continuous_12_months"]),
    "rounding": st.sampled_from(["floor_day", "floor_half"]),
    "personal_limit_days": st.just(20),
    "sick_limit_days": st.just(SICK),
    "school_top_up": st.booleans(),
    "disqualified_after_taking": st.sampled_from(
        ["next_year_lost_if_any_taken", "next_year_lost_only_if_all_taken"]
    ),
})  # fmt: skip
starts = st.one_of(
    st.dates(date(1995, 1, 1), date(2024, 12, 31)),
    st.sampled_from([date(1996, 2, 29), date(2004, 2, 29), date(2016, 2, 29), date(2015, 9, 1), date(2005, 12, 1)]),
)


@st.composite
def people(draw):
    year, first = draw(st.integers(2024, 2026)), draw(starts)
    inside = st.dates(date(year, 1, 1), date(year, 12, 31))
    begins = draw(st.lists(st.dates(first, date(2026, 1, 1)), max_size=2))
    gaps = [(begin, begin + ONE * draw(st.integers(0, 500))) for begin in begins]
    maybe = {
        "as_of": inside,
        "joined_unit": st.dates(date(year - 1, 1, 1), date(year, 12, 31)),
        "continuous_since": st.dates(date(year - 2, 1, 1), date(year, 12, 31)),
        "leaving_date": inside,
    }
    known = {name: draw(days) for name, days in maybe.items() if draw(st.booleans())}
    return {
        "first_work_date": first,
        "year": year,
        "taken": draw(st.sampled_from([0, 1, 2.5, 5, 10])),
        "service_gaps": [{"from": begin, "to": end} for begin, end in gaps],
        "forfeited_by_last_year": draw(st.integers(0, 9)) == 0,
        "absences": {
            "personal_days": draw(st.sampled_from([0, 19, 20])),
            "pay_deducted": draw(st.booleans()),
            "sick_days": draw(st.sampled_from([0, 59, 60, 90, 120])),
            "school_vacation_days": draw(st.sampled_from([0, 3, 5, 10, 30])),
        },
        **known,
    }


def anniversary(day, years, feb29):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28) if feb29 == "feb28" else date(day.year + years, 3, 1)


def complete(facts, years, chosen):
    """Moved by the gap days before it, until that changes nothing."""
    first = facts["first_work_date"]
    lost = set()
    for gap in facts["service_gaps"]:
        lost |= {gap["from"] + ONE * ahead for ahead in range((gap["to"] - gap["from"]).days + 1)}
    base = target = anniversary(first, years, chosen["feb29_anniversary"])
    while (moved := base + ONE * sum(first <= day < target for day in lost)) != target:
        target = moved
    return target if chosen["years_complete_on"] == "anniversary" else target - ONE


def expected(facts, chosen):
    year, change = facts["year"], chosen["bracket_change"]
    new_year, last_day = date(year, 1, 1), date(year, 12, 31)
    seen, leaving = facts.get("as_of", last_day), facts.get("leaving_date")
    begin = {}
    for years, days in BRACKETS.items():
        done = complete(facts, years, chosen)
        later = (done.replace(day=28) + ONE * 4).replace(day=1)
        begin[days] = later if change == "next_month_full" else done

    def figure(day):
        return max((days for days, first in begin.items() if first <= day), default=0)

    fixed = {"at_year_start": new_year, "whole_year_if_reached": last_day}.get(change)
    bracket = figure(fixed or min(seen, leaving or seen))
    eligible = None
    if chosen["eligibility"] == "continuous_12_months" and "continuous_since" in facts:
        eligible = anniversary(facts["continuous_since"], 1, chosen["feb29_anniversary"])
    share = _share(facts, chosen, bracket, figure, eligible, seen)
    step = Fraction(1) if chosen["rounding"] == "floor_day" else Fraction(1, 2)
    rounded = floor(share / step) * step
    return _disqualified(facts, chosen, bracket, rounded, SICK.get(figure(fixed or seen)))


def _share(facts, chosen, bracket, figure, eligible, seen):
    first, last = whole = date(facts["year"], 1, 1), date(facts["year"], 12, 31)
    if eligible and seen < eligible:
        return Fraction(0)
    leaves = chosen["leaving"] == "prorated_365" and "leaving_date" in facts
    if "joined_unit" in facts and (leaves or chosen["joining"] == "prorated_365"):
        first = max(first, facts["joined_unit"])
    first = max(first, eligible or first)
    last = facts["leaving_date"] if leaves else last
    days = [first + ONE * ahead for ahead in range(max(0, (last - first).days + 1))]
    if chosen["bracket_change"] == "daily_prorated":
        return Fraction(sum(map(figure, days)), 365)
    return Fraction(bracket) if (first, last) == whole else Fraction(len(days) * bracket, 365)


def _disqualified(facts, chosen, bracket, rounded, limit):
    absences, taken = facts["absences"], Fraction(str(facts["taken"]))
    school = absences["school_vacation_days"]
    due = max(Fraction(0), rounded - school) if chosen["school_top_up"] else rounded
    why = "none"
    if facts["forfeited_by_last_year"]:
        why = "forfeited_by_last_year"
    elif absences["personal_days"] >= 20 and not absences["pay_deducted"]:
        why = "personal_leave"
    elif limit is not None and absences["sick_days"] >= limit:
        why = "sick_leave"
    elif school > rounded:
        why = "school_vacation"
    enough = taken > 0 and (chosen["disqualified_after_taking"].endswith("any_taken") or taken >= due)
    days = due if why == "none" else taken
    return {
        "days": days,
        "bracket": bracket,
        "disqualified": why,
        "next_year_lost": why in ("personal_leave", "sick_leave") and enough,
        "unused_payable": max(Fraction(0), days - taken),
    }


@given(facts=people(), chosen=choices)
def test_every_combination_of_choices_gives_what_counting_day_by_day_gives(facts, chosen):
    want = expected(facts, chosen)
    case = {"id": "random", "kind": "entitlement", "given": facts, "policy": chosen, "expect": want}
    (result,) = cases.run({"format": cases.FORMAT, "calendars": CALENDARS, "cases": [case]})
    assert result.ok, (result.expected, result.got)
