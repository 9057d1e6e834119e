"""A year file is believed only when it could be true."""

from __future__ import annotations

import pytest

from handlers.days import checking


def found(data):
    return [(problem.code, problem.fatal) for problem in checking.problems(data)]


@pytest.mark.parametrize("year", ["2024", "2025", "2026"])
def test_the_packaged_years_have_no_problem(year_files, year):
    assert checking.problems(year_files[year]) == []


def test_a_forgotten_legal_day_is_an_error(year_files):
    data = {**year_files["2026"], "statutory": year_files["2026"]["statutory"][1:]}
    problems = checking.problems(data)
    assert problems[0].code == "legal_days"
    assert problems[0].figures == {"expected": 13, "found": 12}


def test_a_legal_day_on_which_people_work_is_an_error(year_files):
    data = {**year_files["2026"], "days_off": year_files["2026"]["days_off"][1:]}
    assert ("legal_day_not_off", True) in found(data)


def test_a_make_up_day_in_the_middle_of_the_week_is_an_error(year_files):
    data = {**year_files["2026"], "makeup_workdays": ["2026-03-11"]}
    assert ("makeup_not_on_weekend", True) in found(data)


def test_a_day_that_is_both_off_and_made_up_is_an_error(year_files):
    data = {**year_files["2026"], "makeup_workdays": ["2026-02-15"]}
    assert ("off_and_makeup", True) in found(data)


def test_a_day_of_another_year_is_an_error(year_files):
    data = {**year_files["2026"], "days_off": [*year_files["2026"]["days_off"], "2062-05-01"]}
    assert ("outside_year", True) in found(data)


def test_an_unusual_number_of_working_days_only_warns(year_files):
    data = {**year_files["2026"], "makeup_workdays": year_files["2026"]["makeup_workdays"][1:]}
    assert found(data) == [("working_days", False)]


def test_a_file_without_its_source_is_an_error(year_files):
    data = {key: value for key, value in year_files["2026"].items() if key != "source"}
    assert found(data) == [("source_missing", True)]


def test_what_cannot_be_read_is_named_and_nothing_raises():
    data = {"year": 2026, "statutory": ["2026-13-01"], "days_off": "2026-01-01"}
    assert found(data) == [("unreadable", True), ("unreadable", True), ("key_missing", True)]
