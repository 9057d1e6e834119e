from __future__ import annotations

import zipfile
from xml.etree import ElementTree

import pytest

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read(file):
    """The cells of the one sheet, row by row, as a spreadsheet program would show them."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in one.iter(f"{{{SPACE['m']}}}t")) for one in shared]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
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
    assert title == "2026年5月休假情况"
    assert len(rows) == 5  # two people share a name
    found = rows["赵六"]
    assert (found["年假（天）"], found["病假（天）"], found["期末可用"], found["年休假额度"]) == (1, 3, 13, 15)
    assert found["明细"] == "年假 5月6日；病假 5月11日至5月13日"
    assert rows["孙八"]["年休假额度"] == 7


def test_a_year_adds_up_its_months(leave, office):
    office.taken("赵六", "年假 4月30日到5月6日")
    file = office.folder / "year.xlsx"
    leave("sheet", "2026", "-o", str(file))
    assert by_name(file)[1]["赵六"]["年假（天）"] == 2


def test_what_looks_like_a_formula_stays_text(leave, office, monkeypatch):
    from bot.__main__ import run

    evil = '姓名,工号,企业微信,部门,职务\n=1+1,9,x,"=HYPERLINK(""http://x"")",@SUM(A1)\n'
    (office.folder / "evil.csv").write_text(evil, encoding="utf-8")
    assert run(["people", "import", str(office.folder / "evil.csv"), "--config", office.config]) == 0
    file = office.folder / "may.xlsx"
    leave("sheet", "2026-05", "-o", str(file))
    found = by_name(file)[1]["=1+1"]
    assert (found["部门"], found["职务"]) == ('=HYPERLINK("http://x")', "@SUM(A1)")


@pytest.mark.parametrize("period", ["2026-13", "Mai", "26"])
def test_a_period_that_is_none_is_said_in_words(leave, office, period):
    status, _, err = leave("sheet", period, "-o", str(office.folder / "x.xlsx"))
    assert status == 2
    assert period in err


def test_a_place_that_cannot_be_written_is_said_in_words(leave, office):
    status, _, err = leave("sheet", "2026-05", "-o", str(office.folder / "no" / "x.xlsx"))
    assert status == 1
    assert "写不了" in err
