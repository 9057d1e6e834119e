"""What a staff list means for everybody's leave, reckoned from its rows alone."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from bot import leave_rules
from bot.commands import leave_start
from config import leave_policy, staff
from config.crosscheck import PACKAGED

TODAY = date(2026, 4, 27)
HEAD = "姓名,工号,企业微信,参加工作时间,性别,类别,中断,离职时间,年假余额,余额依据,余额批准人\n"
RULES = leave_rules.leave_rules(
    leave_policy.parse(yaml.safe_load((PACKAGED / "leave" / f"{name}.yaml").read_text("utf-8")))
    for name in ("organ", "enterprise")
)


def sheet(row):
    data = f"{HEAD}{row}\n".encode()
    return staff.parse(data, file="start.csv", accounts={"wecom-main": "wecom"}, today=TODAY)


def one(row):
    (found,) = leave_start.preview(sheet(row).rows, {"wecom-main": "wecom"}, RULES, today=TODAY)
    return found


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("2010-01-01至2010-12-31,,,,", "gap_outside"),
        ("2018-01-01至2018-12-31；2018-06-01至2018-07-31,,,,", "gaps_overlap"),
        ("2018-01-01至2018-12-31,,,,", "gaps"),
        (",2026-03-01,,,", "left"),
        (",2026-12-01,,,", "leaving"),
        (",2015-03-01,,,", "left_before_work"),
        (",,12,台账,赵六", "opening_over"),
    ],
)
def test_what_looks_wrong_is_named_before_anything_is_written(cells, code):
    found = one(f"钱七,004,qianqi,2016-09-05,女,公务员,{cells}")
    assert code in [doubt["code"] for doubt in found["doubts"]]
    assert found["doubts"][0]["text"] in leave_start.line(found)


def test_a_break_moves_the_year_in_which_ten_years_are_complete():
    """Ten years on 10 March 2026, moved by 365 and 31 days into 2027."""
    found = one("王芳,10,w,2016-03-10,女,公务员,2018-01-01至2018-12-31；2019-03-01至2019-03-31,,,,")
    assert (found["days"], found["days_at_year_end"]) == (5, 5)
    assert "changes_this_year" not in [doubt["code"] for doubt in found["doubts"]]


def test_an_opening_balance_without_a_first_work_date_cannot_be_judged():
    found = one("王芳,10,w,,女,公务员,,,3,台账,赵六")
    assert "opening_unknown" in [doubt["code"] for doubt in found["doubts"]]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",,6.3,台账,赵六", "半天为单位"),
        (",,七天,台账,赵六", "半天为单位"),
        (",,nan,台账,赵六", "半天为单位"),
        (",,6,,赵六", "余额依据"),
        (",,6,台账,", "余额批准人"),
        ("2018年至2019年,,,,", "看不懂"),
        ("2019-01-01至2018-01-01,,,,", "看不懂"),
        ("2018-01-01,,,,", "看不懂"),
        (",十二月,,,", "不是日期"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_line(cells, said):
    (problem,) = sheet(f"李四,002,lisi,2016-05-20,男,公务员,{cells}").problems
    assert said in f"{problem.what}{problem.hint}"
    assert problem.line == 2
