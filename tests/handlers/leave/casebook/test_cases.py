"""Every worked example, and a runner that cannot be satisfied with less than the right answer."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from handlers.leave.casebook import cases
from handlers.leave.casebook.cases import Why

RECORDINGS = Path(__file__).parents[3] / "recordings"
EXAMPLES = yaml.safe_load((RECORDINGS / "leave_examples.yaml").read_text("utf-8"))
MORE = yaml.safe_load((RECORDINGS / "leave_more.yaml").read_text("utf-8"))["cases"]
BY_ID = {case["id"]: case for case in EXAMPLES["cases"]}


def run_one(case):
    return cases.run({**EXAMPLES, "cases": [case]})[0]


def changed(case_id, **changes):
    """An example with other facts, choices or expectations, such as `given={"taken": 3}`."""
    case = copy.deepcopy(BY_ID[case_id])
    for part, values in changes.items():
        case[part] = values if part == "expect" else {**case[part], **values}
    return case


@pytest.mark.parametrize("case_id", BY_ID)
def test_the_example_comes_out_as_it_was_worked_out_by_hand(case_id):
    result = run_one(BY_ID[case_id])
    assert result.ok, (result.expected, result.got)


@pytest.mark.parametrize("case", MORE, ids=lambda case: case["id"])
def test_what_the_examples_leave_out_comes_out_as_it_was_worked_out_by_hand(case):
    result = run_one(case)
    assert result.ok, (result.expected, result.got)


@pytest.mark.parametrize("name", [*cases.ABOVE_ZERO, *cases.NOT_BELOW_ZERO])
@pytest.mark.parametrize("value", [-1, "many", [1]])
def test_an_amount_that_can_be_none_is_named(name, value):
    result = run_one(changed("EX-05", policy={name: value}))
    assert result.unreadable is not None
    assert (result.unreadable.why, result.unreadable.name) == (Why.BAD_VALUE, name)


@pytest.mark.parametrize("case_id", BY_ID)
def test_an_example_with_another_answer_fails(case_id):
    case = copy.deepcopy(BY_ID[case_id])
    assert not run_one({**case, "expect": spoiled(case["expect"])}).ok


def spoiled(expected):
    if isinstance(expected, dict):
        key = next(iter(expected))
        return {**expected, key: spoiled(expected[key])}
    if isinstance(expected, list):
        return [*expected[:-1], spoiled(expected[-1])]
    if isinstance(expected, bool) or expected is None:
        return not expected
    return expected + 1 if isinstance(expected, int | float) else f"not {expected}"


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="leave-cases/1"):
        cases.run({"format": "leave-cases/2", "cases": []})


def test_a_case_that_cannot_be_read_fails_by_itself_and_stops_no_other():
    broken = {"id": "X", "kind": "count", "given": {"start": "soon"}, "policy": {}, "expect": {"days": 1}}
    results = cases.run({**EXAMPLES, "cases": [broken, BY_ID["EX-05"]]})
    assert [result.ok for result in results] == [False, True]
    assert results[0].unreadable.why is Why.BAD_VALUE
    assert "soon" in results[0].unreadable.detail


def test_an_unknown_kind_fails_and_is_named():
    result = run_one({**BY_ID["EX-05"], "kind": "guess"})
    assert not result.ok
    assert (result.unreadable.why, result.unreadable.name) == (Why.UNKNOWN_KIND, "guess")


def test_a_misspelt_option_fails_even_where_its_default_would_give_the_answer():
    result = run_one(changed("EX-18", policy={"feb29_aniversary": "mar1"}))
    assert not result.ok
    assert (result.unreadable.why, result.unreadable.name) == (Why.UNKNOWN_OPTION, "feb29_aniversary")


def test_a_missing_fact_is_named():
    case = copy.deepcopy(BY_ID["EX-18"])
    del case["given"]["first_work_date"]
    assert run_one(case).unreadable.name == "first_work_date"


@pytest.mark.parametrize("case", [None, "EX-01", 7, {"id": "X"}, {**BY_ID["EX-05"], "expect": None}])
def test_what_is_no_case_or_expects_nothing_fails_and_stops_no_other(case):
    results = cases.run({**EXAMPLES, "cases": [case, BY_ID["EX-05"]]})
    assert [result.ok for result in results] == [False, True]


def test_an_event_that_the_ledger_does_not_know_fails():
    case = copy.deepcopy(BY_ID[next(id for id, one in BY_ID.items() if one["kind"] == "ledger")])
    case["given"]["events"].append({"type": "borrow", "recorded": "2025-03-01"})
    wrong = run_one(case).unreadable
    assert (wrong.why, wrong.name, wrong.detail) == (Why.UNKNOWN_CHOICE, "type", "borrow")


@pytest.mark.parametrize(
    ("case_id", "policy", "name"),
    [
        ("EX-18", {"bracket_change": "whenever"}, "bracket_change"),
        ("EX-18", {"rounding": "round"}, "rounding"),
        ("EX-18", {"school_top_up": "no"}, "school_top_up"),
        ("EX-05", {"counting": "days"}, "counting"),
        ("EX-05", {"unknown_year": "guess"}, "unknown_year"),
        ("EX-05", {"weekly_rest": ["sat", "sunn", "x"]}, "weekly_rest"),
        ("EX-14", {"half_holiday_free": "false"}, "half_holiday_free"),
    ],
)
def test_a_choice_that_does_not_exist_fails_and_is_named_with_what_there_is(case_id, policy, name):
    wrong = run_one(changed(case_id, policy=policy)).unreadable
    assert (wrong.why, wrong.name) == (Why.UNKNOWN_CHOICE, name)
    assert wrong.known


def test_dates_may_arrive_as_text():
    case = changed("EX-06", given={"start": "2025-09-26", "end": "2025-10-09"})
    assert run_one(case).ok


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        # 27 to 31 December and, by law alone, 2 and 4 to 8 January: New Year's Day and the weekend are off
        ("EX-05", {"given": {"start": "2026-12-28", "end": "2027-01-08"}, "expect": {"error": "calendar_missing"}}),
        (
            "EX-05",
            {
                "given": {"start": "2026-12-28", "end": "2027-01-08"},
                "policy": {"unknown_year": "statutory_rule"},
                "expect": {"days": 9, "provisional": True, "by_year": {2026: 4, 2027: 5}},
            },
        ),
        ("EX-11", {"given": {"start": "2026-12-28", "end": "2027-01-08"}, "expect": {"days": 12}}),
        ("EX-05", {"policy": {"weekly_rest": ["fri", "sat", "sun"]}, "expect": {"days": 4}}),
        ("EX-09", {"given": {"local_days": {"work_days": ["2025-10-05"]}}, "expect": {"days": 1}}),
        ("EX-14", {"given": {"person": {"sex": "male"}}, "expect": {"days": 1}}),
        ("EX-14", {"policy": {"half_holiday_free": False}, "expect": {"days": 1}}),
        ("EX-14", {"given": {"start_half": "pm"}, "expect": {"error": "zero_days"}}),
        ("EX-14", {"policy": {"counting": "calendar_days"}, "expect": {"days": 1}}),
    ],
)
def test_counting_follows_each_choice(case_id, changes):
    result = run_one(changed(case_id, **changes))
    assert result.ok, result.got


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        # ten years are complete on 18 June 2025
        ("EX-19", {"policy": {"bracket_change": "same_day_full"}, "expect": {"days": 10}}),
        (
            "EX-19",
            {
                "given": {"as_of": "2025-06-17"},
                "policy": {"bracket_change": "same_day_full"},
                "expect": {"days": 5},
            },
        ),
        (
            "EX-19",
            {
                "given": {"as_of": "2025-06-17"},
                "policy": {"bracket_change": "same_day_full", "years_complete_on": "day_before"},
                "expect": {"days": 10},
            },
        ),
        ("EX-19", {"given": {"as_of": None}, "policy": {"bracket_change": "at_year_start"}, "expect": {"days": 5}}),
        ("EX-19", {"policy": {"bracket_change": "whole_year_if_reached"}, "expect": {"days": 10}}),
        # 168 days x 5 + 197 x 10 = 2810; / 365 = 7.69
        ("EX-19", {"policy": {"bracket_change": "daily_prorated"}, "expect": {"days": 7}}),
        (
            "EX-19",
            {"policy": {"bracket_change": "daily_prorated", "rounding": "floor_half"}, "expect": {"days": 7.5}},
        ),
        ("EX-23", {"policy": {"feb29_anniversary": "mar1"}, "expect": {"days": 5}}),
        (
            "EX-23",
            {
                "given": {"as_of": "2026-04-01"},
                "policy": {"feb29_anniversary": "mar1"},
                "expect": {"days": 10},
            },
        ),
        # started on the 1st: complete on 1 September or on 31 August, a whole month apart
        (
            "EX-24",
            {
                "given": {"as_of": "2025-09-01"},
                "policy": {"years_complete_on": "day_before"},
                "expect": {"days": 15},
            },
        ),
        ("EX-24", {"given": {"as_of": "2025-09-01"}, "expect": {"days": 10}}),
        ("EX-25", {"given": {"as_of": "2025-04-01"}, "expect": {"days": 10}}),
        # two gaps that overlap are counted once: still 365 days
        (
            "EX-25",
            {
                "given": {
                    "as_of": "2025-04-01",
                    "service_gaps": [
                        {"from": "2018-01-01", "to": "2018-09-30"},
                        {"from": "2018-06-01", "to": "2018-12-31"},
                    ],
                },
                "expect": {"days": 10},
            },
        ),
        # 365 gap days move 10 March 2024 to 10 March 2025, which brings a second gap of 31 days before it
        (
            "EX-25",
            {
                "given": {
                    "as_of": "2025-04-30",
                    "service_gaps": [
                        {"from": "2018-01-01", "to": "2018-12-31"},
                        {"from": "2025-01-01", "to": "2025-01-31"},
                    ],
                },
                "expect": {"days": 5},
            },
        ),
    ],
)
def test_brackets_follow_each_choice(case_id, changes):
    result = run_one(changed(case_id, **changes))
    assert result.ok, result.got


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        # a leap year still divides by 365: 366 x 10 / 365 = 10.03
        ("EX-26", {"given": {"joined_unit": "2024-01-01", "year": 2024}, "expect": {"days": 10}}),
        ("EX-26", {"policy": {"rounding": "floor_half"}, "expect": {"days": 7.5}}),
        # twelve months complete on 1 September 2025: 122 days x 10 / 365 = 3.34
        ("EX-26", {"given": {"continuous_since": "2024-09-01"}, "expect": {"days": 3}}),
        ("EX-26", {"given": {"continuous_since": "2024-09-01", "as_of": "2025-08-31"}, "expect": {"days": 0}}),
        ("EX-26", {"given": {"continuous_since": "2025-03-17"}, "expect": {"days": 0}}),
        ("EX-26", {"given": {"joined_unit": "2026-02-01"}, "expect": {"days": 0}}),
        # joined and left in one year: 17 March to 30 June = 106 days x 10 / 365 = 2.9
        (
            "EX-29",
            {"given": {"joined_unit": "2025-03-17", "taken": 0}, "expect": {"days": 2, "unused_payable": 2}},
        ),
        (
            "EX-29",
            {"given": {"joined_unit": "2025-03-17"}, "policy": {"joining": "no_proration"}, "expect": {"days": 2}},
        ),
        ("EX-29", {"given": {"taken": 6}, "expect": {"days": 4, "unused_payable": 0}}),
        ("EX-29", {"policy": {"leaving": "no_proration"}, "expect": {"days": 10, "unused_payable": 8}}),
        # the bracket is the one of the day of leaving: 20 years only on 1 July
        ("EX-29", {"given": {"first_work_date": "2005-07-01"}, "expect": {"days": 4, "bracket": 10}}),
    ],
)
def test_joining_and_leaving_follow_each_choice(case_id, changes):
    result = run_one(changed(case_id, **changes))
    assert result.ok, result.got


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        ("EX-30", {"given": {"absences": {"sick_days": 59}}, "expect": {"days": 5, "disqualified": "none"}}),
        ("EX-30", {"given": {"absences": {"sick_days": 60}}, "expect": {"days": 0, "disqualified": "sick_leave"}}),
        (
            "EX-31",
            {
                "given": {"taken": 2},
                "policy": {"disqualified_after_taking": "next_year_lost_only_if_all_taken"},
                "expect": {"days": 2, "disqualified": "sick_leave", "next_year_lost": False},
            },
        ),
        (
            "EX-31",
            {
                "policy": {"disqualified_after_taking": "next_year_lost_only_if_all_taken"},
                "expect": {"days": 5, "next_year_lost": True},
            },
        ),
        ("EX-34", {"given": {"absences": {"school_vacation_days": 10}}, "expect": {"days": 0, "disqualified": "none"}}),
        (
            "EX-34",
            {
                "given": {"absences": {"school_vacation_days": 11}},
                "expect": {"days": 0, "disqualified": "school_vacation", "next_year_lost": False},
            },
        ),
        ("EX-34", {"policy": {"school_top_up": False}, "expect": {"days": 10}}),
        (
            "EX-18",
            {
                "given": {"forfeited_by_last_year": True},
                "expect": {"days": 0, "disqualified": "forfeited_by_last_year", "next_year_lost": False},
            },
        ),
    ],
)
def test_disqualification_follows_each_choice(case_id, changes):
    result = run_one(changed(case_id, **changes))
    assert result.ok, result.got


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        # a segment begins where the one before ended; workdays jump over the weekend
        (
            "EX-45",
            {
                "given": {"start": "2026-03-12"},
                "policy": {"segments": [{"days": 2, "counting": "calendar_days"}, {"days": 3, "counting": "workdays"}]},
                "expect": {
                    "segment_ends": ["2026-03-13", "2026-03-18"],
                    "end": "2026-03-18",
                    "back_to_work": "2026-03-19",
                },
            },
        ),
        ("EX-44", {"given": {"start": "2026-11-02"}, "expect": {"end": "2027-02-07"}}),
        ("EX-44", {"given": {"start": "2026-11-02"}, "expect": {"error": "calendar_missing"}}),
        (
            "EX-44",
            {
                "given": {"start": "2026-11-02"},
                "policy": {"unknown_year": "statutory_rule"},
                "expect": {"end": "2027-02-07", "back_to_work": "2027-02-09", "provisional": True},
            },
        ),
        ("EX-46", {"given": {"date": "2025-03-15"}, "expect": {"hours": 0}}),
        ("EX-46", {"given": {"from": "12:10", "to": "12:20"}, "expect": {"hours": 0}}),
        ("EX-46", {"given": {"from": "11:50", "to": "13:31"}, "expect": {"hours": 0.5}}),
        ("EX-46", {"given": {"from": "15:00", "to": "11:00"}, "expect": {"error": "invalid_range"}}),
        ("EX-46", {"given": {"from": 660, "to": 900}, "expect": {"hours": 2.5}}),
        ("EX-46", {"given": {"date": "2027-03-12"}, "expect": {"error": "calendar_missing"}}),
        # 8000 / 21.75 x 3 x 3 = 3310.344...; 2206.896...
        (
            "EX-42",
            {
                "given": {"annual_income": None, "monthly_average": 8000, "unused_days": 3},
                "policy": {"divisor": 21.75},
                "expect": {"total": 3310.34, "extra_over_normal_pay": 2206.9},
            },
        ),
        # 0.005 goes up
        (
            "EX-42",
            {
                "given": {"annual_income": 0.435, "unused_days": 1},
                "policy": {"divisor": 261, "multiplier": 3},
                "expect": {"total": 0.01, "extra_over_normal_pay": 0},
            },
        ),
    ],
)
def test_spans_hours_and_pay_follow_each_choice(case_id, changes):
    case = changed(case_id, **changes)
    case["given"] = {key: value for key, value in case["given"].items() if value is not None}
    result = run_one(case)
    assert result.ok, result.got
