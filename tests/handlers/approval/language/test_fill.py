from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.approval.language import fill, form_model
from handlers.approval.language.expressions import About, Applicant
from handlers.approval.language.form_model import Type, from_data, from_text, text, version
from handlers.approval.talk import answers

ABOUT = About(today=date(2026, 4, 27), applicant=Applicant(name="张三", department="办公室", roles=("admin",)))
TWO = [{"code": "a", "title": "甲"}, {"code": "b", "title": "乙"}]
FIELDS = {
    "reason": {"title": "事由", "type": "text", "required": True, "min_length": 2, "max_length": 10},
    "count": {"title": "份数", "type": "number", "min": 1, "max": 20},
    "weight": {"title": "重量", "type": "number", "decimals": 2},
    "amount": {"title": "金额", "type": "money", "max": 5000},
    "day": {"title": "日期", "type": "date", "not_before": "today", "not_after": "today+10"},
    "time": {"title": "时间", "type": "date_range", "halves": True, "max_days": 5},
    "hours": {"title": "时段", "type": "time_range"},
    "kind": {"title": "类别", "type": "choice", "options": TWO},
    "kinds": {"title": "几类", "type": "choices", "options": TWO, "at_most": 1},
    "who": {"title": "人员", "type": "person"},
    "phone": {"title": "电话", "type": "phone"},
    "files": {"title": "附件", "type": "attachment", "kinds": ["pdf"], "max_mb": 1, "at_least": 1},
    "lines": {"title": "明细", "type": "table", "columns": {
        "name": {"title": "名称"},
        "n": {"title": "数量", "type": "number", "required": False},
        "price": {"title": "单价", "type": "money", "required": False},
        "cost": {"title": "小计", "type": "money", "computed": "n * price", "required": False}}},
    "total": {"title": "合计", "type": "money", "computed": "lines.sum.cost + amount"},
    "why": {"title": "超支原因", "type": "text", "required": True, "when": "total > yuan(1000)"},
}  # fmt: skip
FORM = from_data({"form": "t", "title": "测试", "fields": FIELDS})


def filled(**raw):
    return fill.complete(FORM, raw, ABOUT)


def wrong(known=fill.NOTHING_KNOWN, **raw):
    return {(*one.path, one.code) for one in fill.problems(FORM, filled(**raw), ABOUT, known=known)}


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        ("reason", "  开会 ", "开会"),
        ("count", "１２", 12),
        ("weight", "1.5", "1.50"),
        ("amount", "1,234.5", 123450),
        ("amount", "1200元", 120000),
        ("amount", 123450, 123450),
        ("day", "2026.5.6", "2026-05-06"),
        ("day", "2026年5月6日", "2026-05-06"),
        ("kind", "甲", "a"),
        ("kinds", "乙", ["b"]),
        ("phone", "138 0000 0004", "13800000004"),
        ("hours", {"date": "2026-05-06", "start": "9:05", "end": "18：30"},
         {"date": "2026-05-06", "start": "09:05", "end": "18:30"}),
        ("time", {"start": "2026-05-06", "end": "2026-05-07"},
         {"start": "2026-05-06", "start_half": "am", "end": "2026-05-07", "end_half": "pm"}),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(code, typed, value):
    assert fill.normalise(FORM, {code: typed}) == {code: value}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"reason": "短" * 11}, ("reason", "too_long")),
        ({"reason": "短"}, ("reason", "too_short")),
        ({}, ("reason", "missing")),
        ({"count": "几个"}, ("count", "not_a_number")),
        ({"count": "1.5"}, ("count", "not_a_number")),
        ({"count": "0"}, ("count", "too_small")),
        ({"count": "21"}, ("count", "too_large")),
        ({"weight": "-1"}, ("weight", "too_small")),
        ({"amount": "1.234"}, ("amount", "not_money")),
        ({"amount": "5000.01"}, ("amount", "too_large")),
        ({"day": "2026-02-30"}, ("day", "not_a_date")),
        ({"day": "2026-04-26"}, ("day", "too_early")),
        ({"day": "2026-05-08"}, ("day", "too_late")),
        ({"time": {"start": "2026-05-06", "end": "2026-05-05"}}, ("time", "end_before_start")),
        ({"time": {"start": "2026-05-06", "end": "2026-05-06", "start_half": "pm", "end_half": "am"}},
         ("time", "end_before_start")),
        ({"time": {"start": "2026-05-01", "end": "2026-05-06"}}, ("time", "too_many_days")),
        ({"time": {"start": "2026-05-01"}}, ("time", "not_a_date")),
        ({"hours": {"date": "2026-05-01", "start": "25:00", "end": "9:00"}}, ("hours", "not_a_time")),
        ({"kind": "丙"}, ("kind", "not_a_choice")),
        ({"kinds": ["a", "b"]}, ("kinds", "too_many")),
        ({"phone": "12345"}, ("phone", "not_a_phone")),
        ({"files": "x"}, ("files", "not_a_file")),
        ({"files": [{"id": "1", "name": "a.exe", "size": 1}]}, ("files", "kind_of_file")),
        ({"files": [{"id": "1", "name": "a.pdf", "size": 2**20 + 1}]}, ("files", "file_too_big")),
        ({"lines": [{"n": "1"}]}, ("lines", 0, "name", "missing")),
        ({"lines": [{"name": "纸", "n": "很多"}]}, ("lines", 0, "n", "not_a_number")),
        ({"lines": "纸"}, ("lines", "not_rows")),
        ({"lines": [{"name": "电脑", "n": 1, "price": 100001}]}, ("why", "missing")),
    ],
)  # fmt: skip
def test_every_kind_of_mistake_is_named_where_it_is(raw, problem):
    assert problem in wrong(**raw)


def test_a_right_one_has_no_problem():
    assert wrong(reason="开会", count="3", lines=[{"name": "纸", "n": "2", "price": "10"}]) == set()


def test_totals_are_computed_and_cannot_be_sent_along():
    values = filled(reason="买纸", lines=[{"name": "纸", "n": 2, "price": 1000, "cost": 1}], total=1, amount="1")
    assert values["lines"][0]["cost"] == 2000
    assert values["total"] == 2100


def test_a_field_whose_condition_does_not_hold_is_gone_with_its_value():
    assert "why" not in filled(reason="小", why="没有超")
    assert filled(amount="2000", why="急用")["why"] == "急用"


def test_an_unknown_key_does_not_travel_along():
    assert filled(reason="开会", secret="x") == {"reason": "开会", "total": 0}


def test_only_people_of_the_office_can_be_chosen():
    known = fill.Known(people=frozenset({"p1"}))
    assert ("who", "not_a_person") in wrong(known, who="p2")
    assert ("who", "not_a_person") not in wrong(known, who="p1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON))
def test_whatever_is_sent_is_either_a_value_or_a_named_problem(raw):
    values = fill.complete(FORM, raw, ABOUT)
    found = fill.problems(FORM, values, ABOUT)
    assert fill.complete(FORM, values, ABOUT) == values or found
    assert all(one.path[0] in FIELDS for one in found)


@given(st.integers(min_value=0, max_value=500000))
def test_money_survives_its_way_as_yuan_and_back(fen):
    shown = f"{fen // 100:,}.{fen % 100:02d}"
    assert fill.normalise(FORM, {"amount": shown}).get("amount", 0) == fen


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_a_date_survives_in_every_way_of_writing(day):
    for typed in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}"):
        assert fill.normalise(FORM, {"day": typed}) == {"day": day.isoformat()}


def test_a_form_and_its_stored_text_are_the_same_version():
    assert from_text(text(FORM)) == FORM
    assert version(from_text(text(FORM))) == version(FORM)
    other = {**FIELDS, "reason": {"title": "缘由", "type": "text"}}
    changed = from_data({"form": "t", "title": "测试", "fields": other})
    assert version(changed) != version(FORM)


def test_every_type_has_a_shape():
    elsewhere = {Type.LONG_TEXT, Type.DEPARTMENT, Type.PHOTO, Type.ITEM}
    assert {one.type for one in FORM.fields.values()} >= set(Type) - elsewhere


LINES = form_model.from_data(
    {
        "form": "t",
        "title": "测试",
        "fields": {
            "trip": {"title": "出差单", "type": "item", "of": ["trip"], "required": True},
            "rows": {
                "title": "发票", "type": "table",
                "columns": {
                    "number": {"title": "号码", "pattern": "^[0-9]{8}$", "pattern_hint": "写8位数字"},
                    "issued": {"title": "日期", "type": "date", "not_before": "today-30", "not_after": "today"},
                },
            },
        },
    }
)  # fmt: skip
MINE = fill.Known(options={"items:trip": (form_model.Option(code="i1", title="3号 出差：广州"),)})


def test_the_cells_of_a_table_keep_patterns_and_days():
    rows = [{"number": "12345678", "issued": "2026-04-27"}, {"number": "12", "issued": "2026-04-28"},
            {"number": "12345678", "issued": "2026-03-01"}]  # fmt: skip
    found = fill.problems(LINES, {"trip": "i1", "rows": rows}, ABOUT, known=MINE)
    assert [(one.path, one.code, one.limit) for one in found] == [
        (("rows", 1, "number"), "pattern", "写8位数字"),
        (("rows", 1, "issued"), "too_late", "2026-04-27"),
        (("rows", 2, "issued"), "too_early", "2026-03-28"),
    ]


@pytest.mark.parametrize(("said", "item"), [("1", "i1"), ("3号", "i1"), ("第 3 号", "i1"), ("9号", "9号")])
def test_another_item_is_named_by_its_place_or_its_number(said, item):
    assert answers.raw(LINES.fields["trip"], said, today=ABOUT.today, known=MINE) == item


def test_an_item_that_is_not_among_those_of_the_person_is_refused():
    assert [one.code for one in fill.problems(LINES, {"trip": "i2"}, ABOUT, known=MINE)] == ["not_an_item"]
    assert fill.problems(LINES, {"trip": "i1"}, ABOUT, known=MINE) == []
