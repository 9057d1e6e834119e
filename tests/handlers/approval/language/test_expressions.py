"""What conditions may ask: rules across fields, working time, and what somebody has used already."""

from __future__ import annotations

from datetime import date, time

import pytest

from handlers.approval.language import expressions, fill
from handlers.approval.language.expressions import About, Applicant
from handlers.approval.language.fill import FieldProblem
from handlers.approval.language.form_model import from_data
from handlers.approval.language.functions import Work
from handlers.days import workdays
from handlers.days.workdays import UnknownYear, WorkHours

TODAY = date(2026, 4, 27)
NOTICE = {
    "year": 2026, "statutory": ["2026-05-01..2026-05-02"], "days_off": ["2026-05-01..2026-05-05"],
    "makeup_workdays": ["2026-05-09"],
}  # fmt: skip
HOURS = WorkHours(periods=workdays.as_periods([[time(8, 30), time(12)], [time(14, 30), time(17, 30)]]))
WORK = Work(calendar=workdays.from_data([NOTICE], unknown_year=UnknownYear.STATUTORY_RULE), hours=HOURS)
ABOUT = About(today=TODAY, applicant=Applicant(name="张三"), work=WORK)


def form(fields, *must, **keys):
    rules = [{"that": that, "say": say, **more} for that, say, more in must]
    return from_data({"form": "t", "title": "测试", "fields": fields, "must": rules, **keys})


def computed(text, about=ABOUT, **values):
    made = form({"day": {"title": "日期", "type": "date"}, "n": {"title": "数", "type": "number", "computed": text}})
    return fill.complete(made, values, about).get("n")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ('workdays("2026-05-01", "2026-05-05")', 0),  # all of the holiday
        ('workdays("2026-04-30", "2026-05-09")', 5),  # 30 April, 6 to 8 May, and the Saturday that is worked
        ('workdays("2026-05-09", "2026-04-30")', 0),
        ('workdays("", "2026-05-09")', 0),
        ('workdays_between(today, "2026-04-30")', 3),
        ('workdays_between("2026-04-30", "2026-05-06")', 1),
        ('workdays_between("2026-05-06", "2026-04-30")', -1),
        ("workdays_between(today, today)", 0),
        ('is_workday("2026-05-09") ? 1 : 0', 1),
        ('is_workday("2026-05-04") ? 1 : 0', 0),
        ('is_holiday("2026-05-01") ? 1 : 0', 1),
        ('is_holiday("2026-05-04") ? 1 : 0', 0),
        ('is_holiday("") ? 1 : 0', 0),
        ('work_minutes("2026-04-27", "11:00", "15:00")', 90),
        ('work_minutes("2026-05-04", "09:00", "17:00")', 0),
        ('work_minutes("2026-05-05", "20:00", "09:30")', 60),  # into the next morning
    ],
)
def test_working_time_is_that_of_the_statutory_calendar(text, days):
    assert computed(text) == days


def test_a_year_whose_holidays_are_unknown_has_no_answer_and_says_so():
    made = form(
        {"day": {"title": "日期", "type": "date"}},
        ("day == '' || workdays_between(today, day) >= 3", "要提前三个工作日", {}),
    )
    assert fill.problems(made, {"day": "2027-03-01"}, ABOUT) == [
        FieldProblem(path=("day",), code="year_unknown", limit="2027")
    ]
    assert fill.problems(made, {"day": "2026-04-29"}, ABOUT)[0].code == "must"
    assert fill.problems(made, {"day": "2026-04-30"}, ABOUT) == []


def test_what_is_not_asked_cannot_be_unknown():
    assert computed('today > "2026" || is_workday("2031-01-01") ? 1 : 0') == 1


def test_a_century_of_days_is_refused_rather_than_counted():
    assert computed('workdays("0001-01-01", "9999-12-31")') is None


GUESTS = {
    "guests": {"title": "来宾人数", "type": "number", "required": True},
    "hosts": {"title": "陪餐人数", "type": "number", "required": True},
    "actual": {"title": "实际陪餐", "type": "number", "required": True},
}
TASK = [{"step": "list", "title": "清单", "who": {"role": "admin"}, "task": {"evidence": ["actual"]}}]
THIRD = ("guests <= 10 || hosts * 3 <= guests", "陪餐不超过来宾的三分之一", {})
LATER = ("actual <= hosts", "实际陪餐不能多于批准的人数", {})


def said(made, values, **keys):
    return [(one.path[0], one.limit) for one in fill.problems(made, values, ABOUT, **keys) if one.code == "must"]


def test_a_rule_across_fields_is_said_at_the_last_field_that_it_names():
    made = form(GUESTS, THIRD, LATER, route=TASK)
    assert said(made, {"guests": 12, "hosts": 5}) == [("hosts", THIRD[1])]
    assert said(made, {"guests": 15, "hosts": 5}) == []


def test_or_where_the_form_says():
    assert said(form(GUESTS, (*THIRD[:2], {"at": "guests"}), route=TASK), {"guests": 12, "hosts": 5})[0][0] == "guests"


def test_a_rule_waits_for_what_is_missing_or_wrong_and_adds_no_second_complaint():
    made = form(GUESTS, THIRD, route=TASK)
    assert said(made, {"guests": 12}) == []
    assert [one.code for one in fill.problems(made, {"guests": "十二", "hosts": 5}, ABOUT)] == ["not_a_number"]


def test_a_rule_about_what_a_step_fills_in_is_asked_at_that_step():
    made = form(GUESTS, THIRD, LATER, route=TASK)
    values = {"guests": 15, "hosts": 5, "actual": 6}
    assert said(made, values, only=frozenset({"actual"})) == [("actual", LATER[1])]
    assert said(made, {**values, "actual": 5}, only=frozenset({"actual"})) == []


def test_a_change_by_an_approver_is_held_to_the_rules_that_it_touches():
    made = form(GUESTS, THIRD, LATER, route=TASK)
    assert said(made, {"guests": 12, "hosts": 5}, only=frozenset({"hosts"})) == [("hosts", THIRD[1])]
    assert said(made, {"guests": 12, "hosts": 5}, only=frozenset({"actual"})) == []


CAR = {"km": {"title": "里程", "type": "number", "decimals": 1}, "fee": {"title": "费用", "type": "money"}}


def test_what_was_used_is_zero_until_somebody_counts_it():
    made = form(
        {**CAR, "free": {"title": "免批", "type": "text",
                         "computed": 'used.month.count < 3 && used.department.year.sum.km < 100.0 ? "是" : "否"'}}
    )  # fmt: skip
    assert expressions.used_names(made) == ("used.month.count", "used.department.year.sum.km")
    assert fill.complete(made, {}, ABOUT)["free"] == "是"
    much = About(today=TODAY, used={"used.department.year.sum.km": "100.5"})
    assert fill.complete(made, {}, much)["free"] == "否"


def wrong(made):
    found = []
    for place in expressions.places(made):
        try:
            expressions.check(place)
        except expressions.Wrong as error:
            found.append((place.path, error.code, error.word))
    return found


def test_mistakes_are_found_when_the_file_is_read():
    assert wrong(form(CAR, ("fee + 1", "不对", {}))) == [(("must", 0, "that"), "result", "INT")]
    assert wrong(form(CAR, ("fee < 1.5", "不对", {}))) == [(("must", 0, "that"), "types", "(int, double)")]
    assert wrong(form(CAR, ("used.month.sum.plate > 3", "不对", {})))[0][1] == "unknown"
    assert wrong(form(CAR, ("used.month.sum.fee > yuan(300) || workdays(today, today) > 1", "可以", {}))) == []


@pytest.mark.parametrize(
    "typed",
    [{"start": "2026-05-11", "end": ""}, {"start": "", "end": "2026-05-11"}, {"start": "2026-05-11"}],
)
def test_a_range_of_which_a_part_is_typed_yet_measures_nothing(typed):
    """The page asks which way it would go at every change."""
    spans = {"span": {"title": "日期", "type": "date_range"}, "at": {"title": "时间", "type": "time_range"}}
    n = {"title": "数", "type": "number", "computed": "span.days + at.minutes"}
    made = form({**spans, "n": n})
    values = {"span": typed, "at": {"date": "2026-05-11", **typed}}
    assert fill.complete(made, values, ABOUT).get("n") in (None, 0)
    expressions.variables(made, values, ABOUT)
