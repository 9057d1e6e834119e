"""The packaged leave policies, and what an administrator is told about a wrong one."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from config import leave_policy
from handlers.leave.book import allocation
from handlers.leave.law import counting, entitlement, policy

FOLDER = Path(leave_policy.__file__).parent / "leave"
FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


@pytest.mark.parametrize("name", FILES)
def test_a_packaged_policy_is_valid_and_the_engine_understands_it(name):
    parsed = leave_policy.parse(FILES[name]).model_dump()
    assert policy.annual_from(parsed["annual"]).brackets == ((1, 5), (10, 10), (20, 15))
    assert policy.pay_from(parsed["payout"]).multiplier == 3
    kinds = {code: policy.kind_from(code, kind) for code, kind in parsed["kinds"].items()}
    assert kinds["annual"].limited
    assert kinds["sick"].counts_toward == "sick"
    assert not kinds["sick"].limited


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("text", "code"),
    [("年假", "annual"), ("年休假", "annual"), ("病假", "sick"), ("事假", "personal"), ("婚假", "marriage"),
     ("产假", "maternity"), ("陪产假", "paternity"), ("丧假", "bereavement"), ("调休", "toil"), ("补休", "toil")],
)  # fmt: skip
def test_the_words_people_type_mean_one_kind(name, text, code):
    kinds = {key: policy.kind_from(key, kind) for key, kind in FILES[name]["kinds"].items()}
    assert policy.kind_named(kinds, text) is kinds[code]


def test_a_word_that_nobody_defined_means_no_kind():
    assert policy.kind_named({}, "护理假") is None


@pytest.mark.parametrize("name", FILES)
def test_every_rule_with_a_basis_exists_in_the_engine(name):
    assert set(FILES[name]["annual"]["bases"]) <= set(entitlement.RULES)


@pytest.mark.parametrize(
    ("model", "field", "choices"),
    [
        (leave_policy.Annual, "bracket_change", policy.BracketChange),
        (leave_policy.Annual, "years_complete_on", policy.YearsCompleteOn),
        (leave_policy.Annual, "feb29_anniversary", policy.Feb29),
        (leave_policy.Annual, "joining", policy.Proration),
        (leave_policy.Annual, "leaving", policy.Proration),
        (leave_policy.Annual, "eligibility", policy.Eligibility),
        (leave_policy.Annual, "rounding", policy.Rounding),
        (leave_policy.Annual, "disqualified_after_taking", policy.AfterTaking),
        (leave_policy.Kind, "counting", counting.Counting),
        (leave_policy.Kind, "use_order", allocation.UseOrder),
    ],
)
def test_a_file_may_choose_what_the_engine_offers_and_nothing_else(model, field, choices):
    assert set(model.model_fields[field].annotation.__args__) == {choice.value for choice in choices}


def wrong(change):
    data = copy.deepcopy(FILES["organ"])
    change(data)
    with pytest.raises(ValidationError) as error:
        leave_policy.parse(data)
    return [".".join(map(str, item["loc"])) for item in error.value.errors()]


def test_every_mistake_of_a_file_is_found_in_one_go():
    def change(data):
        data["annual"]["rounding"] = "round"
        data["annual"]["bracketss"] = {}
        data["kinds"]["annual"]["unit"] = 0.3
        del data["kinds"]["sick"]["basis"]
        data["half_holidays"][0]["month_day"] = "13-40"

    assert wrong(change) == [
        "annual.rounding", "annual.bracketss", "half_holidays.0.month_day", "kinds.annual.unit", "kinds.sick.basis"
    ]  # fmt: skip


def test_one_word_cannot_mean_two_kinds():
    assert wrong(lambda data: data["kinds"]["sick"]["aliases"].append("年假")) == [""]


def test_longer_service_cannot_mean_less_leave():
    assert wrong(lambda data: data["annual"].update(brackets={1: 10, 10: 5})) == ["annual"]


def test_a_sick_limit_belongs_to_a_bracket():
    assert wrong(lambda data: data["annual"].update(sick_limit_days={7: 60})) == ["annual"]


def test_a_version_ends_after_it_begins():
    assert wrong(lambda data: data.update(valid_to="2000-01-01")) == [""]
