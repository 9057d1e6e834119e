from __future__ import annotations

import json
import sqlite3

import pytest

HEAD = "姓名,工号,企业微信,参加工作时间,性别,类别,入职时间,连续工作起始\n"


@pytest.fixture
def preview(leave, office):
    """The people and the exit status of `officebot leave preview --json` for these rows, by name."""

    def call(*rows):
        file = office.folder / "new.csv"
        file.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        status, said, _ = leave("preview", str(file), "--json")
        return status, {one["name"]: one for one in json.loads(said)["people"]}

    return call


def codes(one):
    return [doubt["code"] for doubt in one["doubts"]]


def test_everybodys_days_by_the_policy_of_their_category(preview):
    _, found = preview(
        "赵六,1,a,1998-07-15,男,公务员,,", "孙八,2,b,2012-03-05,女,合同制,2026-03-17,2024-01-08", "钱七,3,c,,女,事业,,"
    )
    assert [(name, one["policy"], one["days"]) for name, one in found.items()] == [
        ("赵六", "organ", 15), ("孙八", "enterprise", 7), ("钱七", "organ", None),
    ]  # fmt: skip


def test_a_clear_row_has_no_doubts(preview):
    _, found = preview("赵六,1,a,1998-07-15,男,公务员,,", "孙八,2,b,2012-03-05,女,合同制,2020-03-17,2020-03-17")
    assert [one["doubts"] for one in found.values()] == [[], []]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("甲,1,a,,男,公务员,,", ["no_first_work"]),
        ("甲,1,a,2012-02-29,男,公务员,,", ["feb29"]),
        ("甲,1,a,2016-09-01,男,公务员,,", ["first_of_month", "changes_this_year"]),
        ("甲,1,a,2016-09-02,男,公务员,,", ["changes_this_year"]),
        ("甲,1,a,1948-03-05,男,公务员,,", ["long_ago"]),
        ("甲,1,a,2012-03-05,,公务员,,", ["no_sex"]),
        ("甲,1,a,2012-03-05,男,,,", ["no_category"]),
        ("甲,1,a,2012-03-05,男,合同制,,", ["no_joined", "no_continuous"]),
        ("甲,1,a,2012-03-05,男,合同制,2011-01-04,2012-03-05", ["joined_before_work", "continuous_after_joined"]),
        ("甲,1,a,2012-03-05,男,合同制,2020-01-06,2011-01-04", ["continuous_before_work"]),
    ],
)
def test_what_personnel_must_look_at(preview, row, expected):
    assert codes(preview(row)[1]["甲"]) == expected


def test_a_date_in_the_future_is_a_problem_with_its_row(leave, office):
    (office.folder / "new.csv").write_text(HEAD + "甲,1,a,2026-04-28,男,公务员,,\n", encoding="utf-8")
    status, said, _ = leave("preview", str(office.folder / "new.csv"))
    assert status == 1
    assert "第 2 行 参加工作时间：在今天之后" in said


def test_a_change_within_the_year_shows_both_figures(leave, office):
    (office.folder / "new.csv").write_text(HEAD + "甲,1,a,2016-09-02,男,公务员,,\n", encoding="utf-8")
    assert "2026年5天，年底前变为10天" in leave("preview", str(office.folder / "new.csv"))[1]


def test_without_a_file_it_reads_the_offices_own_list_and_writes_nothing(leave, office):
    def entries():
        with sqlite3.connect(office.folder / "data" / "office.db") as database:
            return database.execute("SELECT COUNT(*) FROM leave_entry").fetchone()

    status, said, _ = leave("preview")
    assert status == 0
    assert said.splitlines()[-1].startswith("共 6 人")
    assert entries() == (0,)
