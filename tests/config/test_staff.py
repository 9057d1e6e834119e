from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import staff

ACCOUNTS = {"wecom-main": "wecom", "dd-main": "dingtalk"}


def parse(text: str | bytes) -> staff.StaffSheet:
    data = text if isinstance(text, bytes) else text.encode()
    return staff.parse(data, file="staff.csv", accounts=ACCOUNTS, today=date(2026, 3, 2))


def wrong(text: str | bytes) -> list[tuple[int, str]]:
    """The row and the key of each problem."""
    return [(problem.line, problem.key) for problem in parse(text).problems]


def test_every_column_in_chinese():
    sheet = parse(
        "姓名,部门,职务,上级,参加工作时间,性别,手机,工号,企业微信,钉钉\n"
        "赵六,办公室,主任,,1998-07-01,男,138 0000 0001,001,zhaoliu,\n"
        "王五,人事科,科员,赵六,2010年3月,女,+8613800000002,002,wangwu,dd5\n"
    )
    assert sheet.problems == ()
    assert sheet.rows[1] == staff.StaffRow(
        line=3,
        name="王五",
        staff_no="002",
        department="人事科",
        post="科员",
        manager="赵六",
        first_work_date=date(2010, 3, 1),
        sex="female",
        mobile="13800000002",
        accounts=(("wecom", "wangwu"), ("dingtalk", "dd5")),
    )


def test_english_headers_and_a_column_named_after_an_account():
    sheet = parse("Name,manager,wecom-main,note\n张三,,z1,new here\n")
    assert sheet.problems == ()
    assert sheet.rows[0].accounts == (("wecom-main", "z1"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_as_excel_saves_it(encoding):
    sheet = parse("姓名,企业微信\r\n张三,z1\r\n\r\n,\r\n".encode(encoding))
    assert [row.name for row in sheet.rows] == ["张三"]
    assert sheet.problems == ()


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_other_separators(mark):
    assert parse(f"姓名{mark}企业微信\n张三{mark}z1\n").rows[0].accounts == (("wecom", "z1"),)


def test_a_cell_with_a_line_break_keeps_later_line_numbers_right():
    assert wrong('姓名,备注,企业微信\n张三,"一\n二",z1\n李四,,\n') == [(4, "李四")]


def test_unknown_column_with_a_guess():
    problem = parse("姓名,参加工作时问,企业微信\n张三,,z1\n").problems[0]
    assert (problem.line, problem.key, problem.hint) == (1, "参加工作时问", "参加工作时间")


def test_full_width_commas_in_the_header():
    assert any("中文逗号" in problem.what for problem in parse("姓名，企业微信\n张三，z1\n").problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("企业微信\nz1\n", [(1, "姓名")]),
        ("姓名,企业微信,企业微信\n张三,z1,z1\n", [(1, "wecom")]),
        ("姓名,企业微信\n,z1\n", [(2, "姓名")]),
        ("姓名,企业微信\n张三,\n", [(2, "张三")]),
        ("姓名,企业微信,参加工作时间\n张三,z1,2010-13-01\n", [(2, "参加工作时间")]),
        ("姓名,企业微信,参加工作时间\n张三,z1,2026-03-03\n", [(2, "参加工作时间")]),
        ("姓名,企业微信,性别\n张三,z1,?\n", [(2, "性别")]),
        ("姓名,企业微信,类别\n张三,z1,公务元\n", [(2, "类别")]),
        ("姓名,企业微信,入职时间\n张三,z1,2026-03-03\n", [(2, "入职时间")]),
        ("姓名,企业微信,连续工作起始\n张三,z1,去年\n", [(2, "连续工作起始")]),
        ("姓名,企业微信,手机\n张三,z1,1.38E+10\n", [(2, "手机")]),
        ("姓名,企业微信,上级\n张三,z1,王五\n", [(2, "张三")]),
        ("姓名,企业微信\n张三,z1\n张三,z2\n", [(3, "张三")]),
        ("姓名,工号,企业微信\n张三,1,z1\n李四,1,z2\n", [(3, "工号")]),
        ("姓名,企业微信\n张三,z1\n李四,Z1\n", [(3, "wecom")]),
        ("姓名,企业微信,wecom-main\n张三,z1,\n李四,,z1\n", [(3, "wecom-main")]),
        ("姓名,工号,企业微信,上级\n张三,1,z1,\n张三,2,z2,\n李四,3,l,张三\n", [(4, "李四")]),
        ("", [(0, "")]),
        (b"\xff\xfe\x00", [(0, "")]),
    ],
)
def test_one_mistake(text, expected):
    assert wrong(text) == expected


def test_dingtalk_ids_differ_by_case():
    assert wrong("姓名,钉钉\n张三,a1\n李四,A1\n") == []


def test_two_of_one_name_told_apart_by_number():
    sheet = parse("姓名,工号,企业微信,上级\n张三,1,z1,\n张三,2,z2,1\n李四,3,l,z2\n")
    assert sheet.problems == ()


def test_unknown_manager_with_a_guess():
    problem = parse("姓名,企业微信,上级\n欧阳建国,o,\n张三,z,欧阳建囯\n").problems[0]
    assert problem.hint == "欧阳建国"


def test_a_circle_of_managers_is_named_once():
    sheet = parse("姓名,企业微信,上级\n甲某,1,乙某\n乙某,2,丙某\n丙某,3,乙某\n丁某,4,甲某\n")
    assert [(problem.line, problem.what) for problem in sheet.problems] == [(3, "上级关系绕成了圈：乙某 → 丙某 → 乙某")]


def test_own_manager_is_a_circle():
    assert wrong("姓名,企业微信,上级\n张三,1,张三\n") == [(2, "张三")]


@pytest.mark.parametrize(
    "text", ["2012-7-1", "2012/07/01", "2012.7.1", "2012年7月1日", "20120701", "2012-07", "2012.7", "2012年7月"]
)
def test_dates_as_clerks_write_them(text):
    assert parse(f"姓名,企业微信,参加工作时间\n张三,z1,{text}\n").rows[0].first_work_date == date(2012, 7, 1)


@given(st.binary(max_size=200))
def test_no_file_is_too_strange_to_be_read(data):
    for problem in parse(data).problems:
        assert problem.what


@given(st.dictionaries(st.integers(0, 7), st.integers(0, 7)))
def test_every_circle_of_managers_is_found(leads):
    rows = [f"人{one},n{one},人{leads[one]}" if one in leads else f"人{one},n{one}," for one in range(8)]
    circles = parse("姓名,企业微信,上级\n" + "\n".join(rows)).problems
    assert len(circles) == len(_circles(leads))


def _circles(leads: dict[int, int]) -> set[frozenset[int]]:
    """The circles of a map by brute force: everybody whom a long walk comes back to."""
    found = set()
    for start in range(8):
        walk = [start]
        while walk[-1] in leads and len(walk) < 30:
            walk.append(leads[walk[-1]])
        if len(walk) == 30:
            found.add(frozenset(walk[-8:]))
    return found


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("公务员", "civil_servant"),
        ("参公", "civil_servant"),
        ("事业", "institution_staff"),
        ("合同制", "contract_staff"),
        ("contract", "contract_staff"),
        ("编外", "contract_staff"),
        ("劳务派遣", "dispatched"),
        ("Dispatched", "dispatched"),
        ("", ""),
    ],
)
def test_a_category_as_clerks_write_it(word, code):
    sheet = parse(f"姓名,企业微信,人员类别\n张三,z1,{word}\n")
    assert (sheet.rows[0].category, sheet.problems) == (code, ())


def test_an_unknown_category_gets_a_guess_and_the_offices_own_ones_are_known():
    data = "姓名,企业微信,类别\n张三,z1,retired_staff\n".encode()
    known = staff.parse(data, file="s", accounts=ACCOUNTS, today=date(2026, 3, 2), categories=["retired_staff"])
    assert (known.rows[0].category, known.problems) == ("retired_staff", ())
    (problem,) = parse("姓名,企业微信,类别\n张三,z1,劳务派谴\n").problems
    assert problem.hint == "劳务派遣"


def test_when_contract_staff_joined_and_since_when_they_work_without_a_break():
    (row,) = parse("姓名,企业微信,入职时间,连续工作起始\n张三,z1,2025-03-17,2023年9月\n").rows
    assert (row.joined_unit, row.continuous_since) == (date(2025, 3, 17), date(2023, 9, 1))


def test_a_list_under_a_title_is_one_mistake_and_says_where_its_header_is():
    (problem,) = parse("示例局人员花名册,,\n,,2026年3月\n姓名,部门,企业微信\n张三,办公室,z1\n李四,办公室,l4\n").problems
    assert (problem.line, problem.what) == (3, "表头不在第一行")


def test_a_list_without_names_is_not_told_so_for_every_row():
    assert wrong("部门,企业微信\n办公室,z1\n办公室,l4\n") == [(1, "姓名")]


def test_headers_may_be_drawn_wider():
    assert [row.name for row in parse("姓  名,企业 微信\n张三,z1\n").rows] == ["张三"]


def test_a_quote_that_is_never_closed_takes_nobody_along_and_is_named_where_it_opens():
    (problem,) = parse('姓名,企业微信\n张三,z1\n李四,"l4\n王五,w5\n赵六,z6\n').problems
    assert (problem.line, problem.what) == (3, "表格的引号不成对")


def test_a_comma_that_moves_the_cells_of_a_row_is_noticed():
    (problem,) = parse("姓名,职务,企业微信\n张三,科员,兼档案员,z1\n").problems
    assert (problem.line, "多出 1 格（z1）" in problem.what) == (2, True)
    assert parse('姓名,职务,企业微信\n张三,"科员,兼档案员",z1,,\n').problems == ()


def test_a_month_that_excel_may_have_shortened_is_asked_for():
    (problem,) = parse("姓名,参加工作时间,企业微信\n张三,2012.1,z1\n").problems
    assert problem.key == "参加工作时间"
    assert problem.hint == "写成 2012-01 或 2012-10"
    assert parse("姓名,参加工作时间,企业微信\n张三,2012.01,z1\n").problems == ()


def test_a_formula_that_failed_is_nobodys_name():
    assert [problem.line for problem in parse("姓名,部门,企业微信\n#N/A,办公室,z1\n").problems] == [2]
