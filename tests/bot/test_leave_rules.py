"""Which version of a policy holds on a day, and what a province adds to the kinds of leave."""

from __future__ import annotations

import copy
from datetime import date
from fractions import Fraction

import pytest
import yaml

from bot import leave_rules
from cards import leave_allowance as cards
from config import leave_files, leave_policy, leave_province
from config.crosscheck import PACKAGED
from handlers.days.slots import Half, Slot
from handlers.days.workdays import UnknownYear
from handlers.leave import standing
from handlers.leave.law import allowance, allowance_view
from handlers.leave.law.counting import Counting
from handlers.people.directory import Person
from tests.handlers.leave.books import packaged_calendar

ORGAN, ENTERPRISE = (
    yaml.safe_load((PACKAGED / "leave" / f"{name}.yaml").read_text("utf-8")) for name in ("organ", "enterprise")
)
FILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in leave_files.PROVINCES.glob("*.yaml")}
CALENDAR = packaged_calendar()


def policy(data=ORGAN, **changes):
    made = copy.deepcopy(data)
    made["annual"].update(changes.pop("annual", {}))
    return leave_policy.parse({**made, **changes})


def rules(*policies, province=""):
    found = leave_province.parse(FILES[province]) if province else None
    return leave_rules.leave_rules(policies or (policy(),), found)


def kind(code, province="", on="2026-05-06"):
    return rules(province=province).of("civil_servant", on=date.fromisoformat(on)).kinds[code]


def days(kind, **conditions):
    return allowance.days(allowance.chosen(kind.allowance, conditions))


# Versions

OLD = policy(valid_to="2026-12-31", version="old")
NEW = policy(valid_from="2027-01-01", version="new", annual={"brackets": {1: 7, 10: 12, 20: 17}, "sick_limit_days": {}})


def test_the_version_is_that_of_the_day_which_the_rule_concerns():
    both = rules(OLD, NEW)
    assert [both.of("civil_servant", on=date(*day)).version for day in ((2026, 12, 31), (2027, 1, 1))] == ["old", "new"]
    somebody = Person(id="p", name="p", first_work_date="2014-07-01")
    found = [
        standing.entitled(somebody, both.of("", on=standing.as_of(year, today=date(2026, 12, 10))), year,
                          today=date(2026, 12, 10)).days
        for year in (2026, 2027)
    ]  # fmt: skip
    assert found == [10, 12]


def test_two_categories_have_their_versions_side_by_side():
    both = rules(OLD, NEW, policy(ENTERPRISE))
    on = date(2027, 3, 1)
    assert [both.of(who, on=on).name for who in ("civil_servant", "contract_staff", "")] == [
        "organ", "enterprise", "organ",
    ]  # fmt: skip


def test_half_holidays_and_unknown_years_are_each_policys_own():
    strict, lax = policy(), policy(ENTERPRISE, unknown_year="statutory_rule", half_holidays=[])
    found = rules(strict, lax)
    women = Slot(date(2027, 3, 8), Half.PM)
    calendars = [found.of(who, on=women.day).calendar(CALENDAR) for who in ("civil_servant", "contract_staff")]
    assert [one.is_half_holiday(women, sex="female") for one in calendars] == [True, False]
    assert [one.unknown_year for one in calendars] == [UnknownYear.REFUSE, UnknownYear.STATUTORY_RULE]


def test_a_packaged_policy_is_the_version_before_the_offices_own():
    before = leave_rules._before(leave_policy.parse(ORGAN), [NEW])
    assert (before.valid_from, before.valid_to) == (date(2008, 2, 15), date(2026, 12, 31))
    assert leave_rules._before(leave_policy.parse(ORGAN), [policy(valid_from="2008-01-01")]) is None


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("", "valid_from: 2027-01-01", "重叠：这一版没有写 valid_to"),
        ("valid_to: 2027-06-30", "valid_from: 2027-01-01", "重叠：这一版2027-06-30 结束"),
        ("valid_to: 2026-11-30", "valid_from: 2027-01-01", "空档：这一版2026-11-30 结束"),
        ("valid_to: 2026-12-31", "valid_from: 2027-01-01", ""),
    ],
)
def test_versions_that_overlap_or_leave_a_gap_are_named_with_file_and_line(tmp_path, first, second, said):
    text = (PACKAGED / "leave" / "organ.yaml").read_text("utf-8")
    own = text.replace("valid_from: 2008-02-15", f"valid_from: 2008-02-15\n{first}")
    (tmp_path / "a.yaml").write_text(own, "utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("valid_from: 2008-02-15", second), "utf-8")
    problems = list(leave_files.problems({"leave": {"policy": ["a.yaml", "b.yaml"]}}, tmp_path))
    if not said:
        assert problems == []
        return
    (problem,) = problems
    assert said in problem.what
    assert problem.file.endswith("a.yaml")
    assert text.splitlines()[problem.line - 1].startswith("valid_from") or "valid_to" in (first, problem.key)
    assert problem.hint == "valid_to: 2026-12-31"


# Provinces


@pytest.mark.parametrize("name", FILES)
def test_every_province_that_is_packaged_can_be_used(name):
    found = rules(province=name).of("civil_servant", on=date(2026, 5, 6))
    assert found.province == FILES[name]["province"]
    for one in found.kinds.values():
        assert all(part.basis for part in one.allowance.parts) if one.allowance else True


@pytest.mark.parametrize(
    ("province", "code", "conditions", "expected"),
    [
        ("guangdong", "maternity", {}, 178),
        ("guangdong", "maternity", {"difficult_birth": 1, "further_child": 2}, 223),
        ("guangdong", "maternity", {"miscarriage_early": 1}, 15),
        ("guangdong", "maternity", {"miscarriage_late": 1}, 42),
        ("guangdong", "paternity", {}, 15),
        ("guangdong", "childcare", {}, 10),
        ("guangdong", "carers", {}, 5),
        ("guangdong", "carers", {"in_hospital": 1}, 15),
        ("guangdong", "marriage", {}, 3),
        ("shanghai", "marriage", {}, 10),
        ("shanghai", "maternity", {}, 158),
        ("zhejiang", "maternity", {"second_child": 1}, 188),
        ("beijing", "maternity", {"unit_consent": 1}, 248),
        ("sichuan", "marriage", {}, 20),
        ("sichuan", "marriage", {"medical_check": 1}, 25),
        ("henan", "marriage", {"medical_check": 1}, 28),
        ("shanxi", "marriage", {}, 30),
        ("gansu", "marriage", {}, 30),
        ("", "maternity", {}, 98),
        ("", "marriage", {}, 3),
        ("", "paternity", {}, 0),
        ("", "home_visit", {"spouse": 1}, 30),
        ("", "work_injury", {"extended": 1}, 730),
    ],
)
def test_how_long_a_leave_is_by_province_and_condition(province, code, conditions, expected):
    assert days(kind(code, province), **conditions) == expected


def test_a_part_is_counted_as_its_own_law_says():
    beijing, guangdong = kind("childcare", "beijing"), kind("childcare", "guangdong")
    assert beijing.rules.counting is Counting.WORKDAYS
    assert guangdong.allowance.child_until == 3
    shanghai = kind("marriage", "shanghai").allowance.parts
    assert [part.counting for part in shanghai] == [Counting.CALENDAR_DAYS, None]


def test_before_a_provinces_version_the_national_rules_hold():
    assert days(kind("marriage", "sichuan", on="2025-09-30")) == 3
    assert days(kind("marriage", "sichuan", on="2025-10-01")) == 20


def test_what_is_not_known_of_a_province_is_said():
    assert "没有登记" in kind("carers", "shandong").allowance.note
    nowhere = leave_rules.leave_rules((policy(),), None, province_name="海南").of("", on=date(2026, 5, 6))
    assert "没有登记「海南」的规定，只按国家规定" in nowhere.kinds["maternity"].allowance.note
    assert nowhere.kinds["annual"].allowance is None


def test_parts_are_laid_end_to_end_each_in_its_own_count():
    parts = allowance.chosen(kind("maternity", "guangdong").allowance, {})
    found = allowance.laid_out(Slot(date(2026, 3, 2)), parts, default=Counting.CALENDAR_DAYS, calendar=CALENDAR)
    assert [str(end) for end in found.segment_ends] == ["2026-06-07", "2026-08-26"]


def test_the_usual_and_the_longest_frame_what_may_be_asked_for():
    found = kind("maternity", "guangdong").allowance
    assert allowance.days(allowance.usual(found)) == 178
    assert allowance.days(allowance.most(found)) == 178 + 15 + 3 * 15
    assert allowance.days(allowance.usual(kind("home_visit").allowance)) == 20
    assert allowance.days(allowance.most(kind("home_visit").allowance)) == Fraction(30)


def test_a_childs_years_end_on_the_day_before_a_birthday_also_after_a_29_february():
    found = allowance.child_years(date(2024, 2, 29), 3)
    assert [(str(first), str(last)) for first, last in found] == [
        ("2024-02-29", "2025-02-27"), ("2025-02-28", "2026-02-27"), ("2026-02-28", "2027-02-27"),
    ]  # fmt: skip


def test_versions_of_a_province_follow_one_another():
    data = copy.deepcopy(FILES["gansu"])
    data["versions"].append({**data["versions"][0], "valid_from": date(2027, 1, 1)})
    with pytest.raises(ValueError, match="重叠或空档"):
        leave_province.parse(data)


def test_a_province_without_rules_is_named_with_those_that_have_some(tmp_path):
    assert "广东" in leave_files.province_unknown("海南", {}, tmp_path)
    assert [leave_files.province_unknown(name, {}, tmp_path) for name in ("广东省", "广东", "")] == ["", "", ""]


def test_an_offices_own_province_file_takes_the_place_of_the_packaged_one(tmp_path):
    own = yaml.safe_dump({**FILES["guangdong"], "versions": FILES["gansu"]["versions"]}, allow_unicode=True)
    (tmp_path / "provinces").mkdir()
    (tmp_path / "provinces" / "gd.yaml").write_text(own, "utf-8")
    found = leave_files.provinces({"provinces": ["provinces"]}, tmp_path)
    assert [one.versions[0].kinds.keys() for one in found if one.province == "广东"] == [{"marriage"}]


def test_the_years_of_a_child_are_listed_and_every_part_has_its_law_and_how_sure_it_is():
    found = rules(province="shandong").of("civil_servant", on=date(2026, 5, 6))
    view = allowance_view.view(
        found, found.kinds["childcare"], {}, start=None, calendar=CALENDAR, child_born=date(2025, 3, 2)
    )
    said = cards.lines(view)
    assert "· 第2年：2026-03-02至2027-03-01" in said
    assert any("没有核对原文" in line and "山东省人口与计划生育条例" in line for line in said)
    assert allowance_view.as_data(view)["years"][0] == ["2025-03-02", "2026-03-01"]
