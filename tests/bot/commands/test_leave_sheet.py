from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from xml.etree import ElementTree

import pytest

from bot.__main__ import run

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read(file, number=1):
    """The cells of a sheet, row by row, as a spreadsheet program would show them."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in one.iter(f"{{{SPACE['m']}}}t")) for one in shared]
        sheet = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
    assert sheet.findall(".//m:f", SPACE) == []
    return [[_cell(cell, texts) for cell in row] for row in sheet.findall(".//m:row", SPACE)]


def _cell(cell, texts):
    value = cell.findtext("m:v", namespaces=SPACE)
    return texts[int(value)] if cell.get("t") == "s" else float(value)


def by_name(file):
    title, header, *rows = read(file)
    return title[0], {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def test_a_month_has_a_row_per_person_with_what_was_taken_in_it(leave, office):
    office.taken("赵六", "年假 4月30日到5月6日", item="one")
    office.taken("赵六", "病假 5月11日到13日", item="two")
    file = office.folder / "may.xlsx"
    assert leave("sheet", "2026-05", "-o", str(file))[0] == 0
    title, rows = by_name(file)
    assert title.startswith("2026年5月休假情况　测试局")
    people = {name: row for name, row in rows.items() if row["工号"]}
    assert len(people) == 5  # two people share a name
    found = rows["赵六"]
    assert (found["年假（天）"], found["病假（天）"], found["期末可用"], found["年休假额度"]) == (1, 3, 13, 15)
    assert found["明细"] == "年假 5月6日；病假 5月11日至5月13日"
    assert rows["孙八"]["年休假额度"] == 7


def test_sums_are_reckoned_and_stand_below_each_department_and_at_the_end(leave, office):
    office.taken("赵六", "年假 5月6日到8日", item="one")
    office.taken("孙八", "年假 5月7日上午", item="two")
    file = office.folder / "may.xlsx"
    leave("sheet", "2026-05", "-o", str(file))
    rows = by_name(file)[1]
    assert rows["办公室小计"]["年假（天）"] == rows["合计（6人）"]["年假（天）"] == 3.5
    assert rows["合计（6人）"]["年休假额度"] == sum(row["年休假额度"] for row in _people(read(file)))
    leaves = read(file, 2)
    assert leaves[2][3:] == ["年假", "2026-05-06", "2026-05-08", 3]
    assert leaves[3][3:] == ["年假", "2026-05-07", "2026-05-07 上午", 0.5]
    assert leaves[-1][-1] == 3.5


def _people(table):
    header = table[1]
    return [dict(zip(header, row, strict=True)) for row in table[2:] if row[1]]


def test_a_year_has_a_column_for_each_month(leave, office):
    office.taken("赵六", "年假 4月30日到5月6日")
    file = office.folder / "year.xlsx"
    leave("sheet", "2026", "-o", str(file))
    row = next(row for row in read(file, 3) if row[0] == "赵六")
    assert row[6:9] == [1, 1, 0]
    assert row[-1] == 2


def test_head_and_names_stay_in_sight(leave, office):
    file = office.folder / "may.xlsx"
    leave("sheet", "2026-05", "-o", str(file))
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert 'xSplit="1" ySplit="2"' in sheet
    assert 'state="frozen"' in sheet


def test_one_department_alone_and_one_that_does_not_exist(leave, office):
    file = office.folder / "may.xlsx"
    assert leave("sheet", "2026-05", "--department", "后勤科", "-o", str(file))[0] == 0
    assert [row[0] for row in read(file)[2:]] == ["周九", "合计（1人）"]
    status, _, err = leave("sheet", "2026-05", "--department", "保卫科", "-o", str(file))
    assert status == 1
    assert "保卫科" in err


def test_the_export_is_in_the_journal_with_the_hash_of_the_file(leave, office):
    file = office.folder / "may.xlsx"
    leave("sheet", "2026-05", "-o", str(file))
    with sqlite3.connect(office.folder / "data" / "office.db") as database:
        (body,) = database.execute("SELECT body FROM journal WHERE kind = 'leave.sheet_exported'").fetchone()
    fact = json.loads(body)
    assert fact["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (fact["sheet"], fact["people"]) == ("leave-2026-05", 6)


def test_a_year_adds_up_its_months(leave, office):
    office.taken("赵六", "年假 4月30日到5月6日")
    file = office.folder / "year.xlsx"
    leave("sheet", "2026", "-o", str(file))
    assert by_name(file)[1]["赵六"]["年假（天）"] == 2


def test_what_looks_like_a_formula_stays_text(leave, office, monkeypatch):
    evil = '姓名,工号,企业微信,部门,职务\n=1+1,9,x,"=HYPERLINK(""http://x"")",@SUM(A1)\n'
    (office.folder / "evil.csv").write_text(evil, encoding="utf-8")
    assert run(["people", "import", str(office.folder / "evil.csv"), "--config", office.config]) == 0
    file = office.folder / "may.xlsx"
    leave("sheet", "2026-05", "-o", str(file))
    found = by_name(file)[1]["=1+1"]
    assert (found["部门"], found["职务"]) == ('=HYPERLINK("http://x")', "@SUM(A1)")


def test_tabs_and_breaks_in_a_name_do_not_begin_a_cell(leave, office):
    from bot.leave_book import _safe

    assert _safe("\t=1+1\r\n@x") == "=1+1  @x"


@pytest.mark.parametrize("period", ["2026-13", "Mai", "26", "0001"])
def test_a_period_that_is_none_is_said_in_words(leave, office, period):
    status, _, err = leave("sheet", period, "-o", str(office.folder / "x.xlsx"))
    assert status == 2
    assert period in err


def test_a_place_that_cannot_be_written_is_said_in_words(leave, office):
    status, _, err = leave("sheet", "2026-05", "-o", str(office.folder / "no" / "x.xlsx"))
    assert status == 1
    assert "写不了" in err


def test_a_program_is_told_which_file_and_how_many(leave, office):
    file = office.folder / "year.xlsx"
    code, said = leave("sheet", "2026", "-o", str(file), "--json")[:2]
    assert code == 0
    found = json.loads(said)
    assert found["file"] == str(file)
    assert found["people"] > 0


def test_a_year_that_is_over_says_in_january_what_it_said_in_december(leave, office):
    """Also of people who asked for nothing, and of those whose bracket changed after they had asked last."""
    office.taken("赵六", "年假 5月6日")
    changed = "姓名,工号,企业微信,参加工作时间\n吴九,009,wujiu,2016-09-20\n"
    (office.folder / "nine.csv").write_text(changed, encoding="utf-8")
    assert run(["people", "import", str(office.folder / "nine.csv"), "--config", office.config]) == 0
    office.taken("吴九", "年假 5月6日", item="nine")

    def annual(name):
        leave("sheet", "2026", "-o", str(office.folder / name))
        rows = by_name(office.folder / name)[1]
        return {who: (row["年假（天）"], row["年休假额度"], row["期末可用"]) for who, row in rows.items()}

    office.at(2026, 12, 30)
    before = annual("december.xlsx")
    office.new_year(2027)
    assert annual("january.xlsx") == before
    assert before["吴九"] == (1, 10, 9)
    assert before["周九"][1] == 10


def test_what_lapsed_with_the_year_is_said_once_the_year_is_over(leave, office):
    """It was always 0: what ends on 31 December expires on the next day."""
    office.taken("赵六", "年假 5月6日到8日")

    def left(name):
        leave("sheet", "2026", "-o", str(office.folder / name))
        found = by_name(office.folder / name)[1]["赵六"]
        return found["期末可用"], found["已失效"]

    office.at(2026, 12, 31)
    assert left("december.xlsx") == (12, 0)
    office.new_year(2027)
    assert left("january.xlsx") == (12, 12)


def test_of_years_before_somebody_was_brought_in_nothing_is_made_up(leave, office):
    leave("sheet", "2025", "-o", str(office.folder / "before.xlsx"))
    assert {row["年休假额度"] for row in by_name(office.folder / "before.xlsx")[1].values()} == {0}


def test_who_left_stays_in_the_year_in_which_they_had_leave(leave, office):
    office.taken("周九", "年假 5月6日到8日")
    staff = (office.folder / "staff.csv").read_text(encoding="utf-8")
    kept = "".join(line for line in staff.splitlines(keepends=True) if "周九" not in line)
    (office.folder / "staff.csv").write_text(kept, encoding="utf-8")
    office.at(2026, 8, 3)
    assert run(["people", "import", str(office.folder / "staff.csv"), "--leavers", "--config", office.config]) == 0
    leave("sheet", "2026", "-o", str(office.folder / "year.xlsx"))
    rows = by_name(office.folder / "year.xlsx")[1]
    assert rows["周九"]["年假（天）"] == 3
    assert rows["周九"]["职务"] == "辅助岗（已离职）"
    assert rows["后勤科小计"]["年假（天）"] == 3
    leave("sheet", "2026-07", "-o", str(office.folder / "july.xlsx"))
    assert "周九" not in by_name(office.folder / "july.xlsx")[1]
