"""The first list of an office: first-work dates, breaks, leaving dates and what was left, from CSV or Excel."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest

from bot.__main__ import run

HEAD = "姓名,工号,企业微信,参加工作时间,性别,类别,中断,离职时间,年假余额,余额依据,余额批准人,放假群体"
ROWS = (
    "赵六,001,zhaoliu,1998-07-15,男,公务员,,,,,,",
    "李四,002,lisi,2016-05-20,男,公务员,,,6.5,2026年纸质台账,赵六,",
    "王芳,010,wangfang,2016-03-10,女,公务员,2018-01-01至2018-12-31；2019-03-01至2019-03-31,2026-12-20,,,,回族 青年",
)


@pytest.fixture
def start(office, capsys):
    """Brings rows in (or, `*more`, previews them): exit status, the JSON, what was said on standard error."""

    def call(*rows, more=(), name="start.csv", command=("people", "import")):
        file = office.folder / name
        lines = [line.split(",") for line in (HEAD, *rows)]
        if name.endswith(".xlsx"):
            file.write_bytes(workbook(lines))
        else:
            file.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
        capsys.readouterr()
        status = run([*command, str(file), "--json", "--config", office.config, *more])
        said = capsys.readouterr()
        return status, json.loads(said.out) if said.out.startswith("{") else {}, said.err

    return call


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([_cell(text) for text in row])
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def _cell(text):
    """As Excel keeps it: dates are dates."""
    return date.fromisoformat(text) if text[:2] in ("19", "20") and len(text) == 10 else text


def available(leave, name, on="2026-04-27"):
    found = json.loads(leave("balance", name, "--on", on, "--json")[1])
    return next(one["available"] for one in found["kinds"] if one["kind"] == "annual")


def by_name(found):
    return {one["name"]: one for one in found["people"]}


@pytest.mark.parametrize("name", ["start.csv", "start.xlsx"])
def test_what_was_left_becomes_an_entry_with_reason_and_approver(start, leave, name):
    status, found, _ = start(*ROWS, name=name)
    assert status == 0
    assert [(one["name"], one["days"], one["minutes"]) for one in found["openings"]] == [("李四", 6.5, 720)]
    assert available(leave, "002") == 6.5
    said = json.loads(leave("explain", "002", "--json")[1])
    assert [one["note"] for one in said["entries"] if one["cause"] == "adjust"] == ["2026年纸质台账"]


def test_the_same_list_again_changes_nothing_and_a_corrected_figure_only_the_difference(start, leave, office):
    start(*ROWS)
    office.taken("002", "年假 5月6日到7日")
    assert start(*ROWS)[1]["openings"] == []
    assert available(leave, "002", on="2026-05-31") == 4.5
    corrected = start(ROWS[0], ROWS[1].replace("6.5", "7"), ROWS[2])[1]
    assert [one["minutes"] for one in corrected["openings"]] == [240]
    assert available(leave, "002", on="2026-05-31") == 5


def test_a_figure_equal_to_the_entitlement_is_remembered_too(start, leave, office):
    equal = ROWS[1].replace("6.5", "5")
    start(ROWS[0], equal)
    office.taken("002", "年假 5月6日到7日")
    _, found, _ = start(ROWS[0], equal)
    assert found["openings"] == []
    assert available(leave, "002", on="2026-05-31") == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("李四,002,lisi,2016-05-20,男,公务员,,,6.5,台账,没有人,", "名单里没有「没有人」"),
        ("李四,002,lisi,2016-05-20,男,公务员,,,6.5,台账,002,", "不能审批自己"),
        ("李四,002,lisi,,男,公务员,,,6.5,台账,赵六,", "参加工作时间"),
    ],
)
def test_one_figure_that_cannot_be_recorded_and_nobody_is_brought_in(start, leave, row, said):
    status, found, wrong = start(ROWS[0], row, "新人,9,n,2020-01-06,女,公务员,,,,,,")
    assert status == 1
    assert said in wrong
    assert found == {}
    assert "没有「新人」" in leave("balance", "新人")[2]


def test_a_partly_bad_list_writes_nothing(start, leave):
    status, found, _ = start(ROWS[0], ROWS[1].replace("6.5", "6.3"), "新人,9,n,2020-01-06,女,公务员,,,,,,")
    assert status == 1
    assert "半天为单位" in found["problems"][0]["hint"]
    assert "没有「新人」" in leave("balance", "新人")[2]


def test_preview_and_import_say_the_same(start):
    _, shown, _ = start(*ROWS, command=("leave", "preview"))
    _, tried, _ = start(*ROWS, more=["--dry-run"])
    _, done, _ = start(*ROWS)
    assert shown["people"] == tried["people"] == done["people"]
    assert (tried["applied"], done["applied"]) == (False, True)


def test_breaks_and_a_leaving_date_are_reckoned_with_and_named(start, leave):
    _, found, _ = start(*ROWS, command=("leave", "preview"))
    wang = by_name(found)["王芳"]
    # ten years on 10 March 2026, moved by 365 and 31 days into 2027
    assert (wang["days"], wang["days_at_year_end"]) == (5, 5)
    assert [one["code"] for one in wang["doubts"]] == ["gaps", "leaving"]
    start(*ROWS)
    said = leave("explain", "010")[1]
    assert "扣除不计工龄的396天" in said
