from __future__ import annotations

import json

import pytest

from bot.__main__ import run
from config import crosscheck


def account(leave, name, account="available", *options):
    return json.loads(leave("balance", name, "--json", *options)[1])["kinds"][0][account]


def test_an_adjustment_stands_beside_the_grant_with_reason_and_approver(leave):
    status, said, _ = leave("adjust", "003", "年假", "--reason", "转入时已休", "--approved-by", "赵六", "--", "-1.5")
    assert (status, said.splitlines()[-1]) == (0, "共 1 条，已写入。")
    assert "李四（003）　年假　-1.5天" in said
    assert account(leave, "003") == 13.5
    assert account(leave, "003", "granted") == 13.5
    found = json.loads(leave("explain", "003", "--json")[1])
    assert [entry["cause"] for entry in found["entries"]] == ["grant", "adjust"]
    assert "理由：转入时已休" in found["entries"][1]["text"]
    assert account(leave, "003", "available", "--on", "2026-04-26") == 15


def test_time_off_in_lieu_is_given_with_an_end_of_its_own(leave):
    leave("adjust", "003", "补休", "2", "--until", "2026-09-30", "--reason", "防汛值班", "--approved-by", "赵六")
    kinds = json.loads(leave("balance", "003", "--json")[1])["kinds"]
    toil = next(kind for kind in kinds if kind["kind"] == "toil")
    assert (toil["available"], toil["lots"][0]["expires"]) == (2, "2026-09-30")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("003", "病假", "1", "--approved-by", "赵六"), "病假没有额度"),
        (("003", "旅游假", "1", "--approved-by", "赵六"), "没有「旅游假」这种假"),
        (("赵六", "年假", "1", "--approved-by", "赵六"), "不能批准调整自己的额度"),
        (("003", "年假", "1", "--approved-by", "老天"), "没有「老天」"),
        (("003", "年假", "1", "--approved-by", "钱七"), "钱七 不能批准"),
        (("003", "年假", "0.3", "--approved-by", "赵六"), "半天"),
        (("003", "年假", "0", "--approved-by", "赵六"), "不能是 0"),
        (("003", "年假", "viel", "--approved-by", "赵六"), "不是天数"),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused_in_words_and_writes_nothing(leave, arguments, said):
    status, _, err = leave("adjust", *arguments, "--reason", "x")
    assert status != 0
    assert said in err
    found = json.loads(leave("explain", "003", "--json")[1])
    assert [entry["written"] for entry in found["entries"]] == [False]


def test_an_adjustment_without_reason_or_approver_is_not_understood(leave):
    assert leave("adjust", "003", "年假", "1", "--reason", "x")[0] == 2
    assert leave("adjust", "003", "年假", "1", "--approved-by", "赵六")[0] == 2


def test_the_year_end_list_names_what_is_left_and_writes_nothing_by_itself(leave, office):
    office.taken("赵六", "年假 5月6日到8日")
    office.new_year(2027)
    status, said, _ = leave("year-end", "2026")
    assert status == 0
    assert "赵六（001）　年假　+12天　须有工作需要的理由、本人同意" in said
    assert "孙八（005）　年假　+7天　须有本人同意" in said
    assert "没有写入" in said
    assert account(leave, "赵六") == 15


def test_confirmed_for_those_who_consented_it_lasts_one_more_year_and_cannot_be_done_twice(leave, office):
    office.taken("赵六", "年假 5月6日到8日")
    office.new_year(2027)
    confirm = ("year-end", "2026", "--confirm", "--person", "赵六", "--reason", "汛期值守", "--approved-by", "003")
    assert "共 1 条，已写入" in leave(*confirm)[1]
    assert account(leave, "赵六") == 27
    lots = {lot["title"]: lot for lot in json.loads(leave("balance", "赵六", "--json")[1])["kinds"][0]["lots"]}
    assert (lots["2026年（结转）"]["available"], lots["2026年（结转）"]["expires"]) == (12, "2027-12-31")
    assert lots["2026年"]["expired"] == 0
    assert "共 0 条" in leave(*confirm)[1]
    assert account(leave, "赵六") == 27
    assert account(leave, "003", "expired", "--on", "2027-01-05") == 0


def test_a_carried_lot_does_not_go_on_to_a_third_year(leave, office):
    office.new_year(2027)
    leave("year-end", "2026", "--confirm", "--person", "赵六", "--reason", "汛期值守", "--approved-by", "003")
    office.new_year(2028)
    rows = json.loads(leave("year-end", "2027", "--json")[1])["rows"]
    assert next(row["days"] for row in rows if row["name"] == "赵六") == 15


@pytest.mark.parametrize(
    ("day", "arguments", "said"),
    [
        ((2027, 1, 5), ("--confirm",), "--reason"),
        ((2026, 12, 31), ("--confirm", "--reason", "x", "--approved-by", "003"), "还没有结束"),
    ],
)
def test_a_carry_over_is_not_written_without_reason_or_too_early(leave, office, day, arguments, said):
    office.at(*day)
    status, _, err = leave("year-end", "2026", *arguments)
    assert status != 0
    assert said in err


def provisional(office):
    """The office counts unknown years by law alone, as its own policy says."""
    text = (crosscheck.PACKAGED / "leave" / "organ.yaml").read_text("utf-8")
    text = text.replace("unknown_year: refuse", "unknown_year: statutory_rule")
    (office.folder / "own.yaml").write_text(text, "utf-8")
    config = (office.folder / "office.yaml").read_text("utf-8")
    (office.folder / "office.yaml").write_text(config.replace("leave: {", "leave: {policy: own.yaml, "), "utf-8")


def test_when_the_notice_arrives_the_list_proposes_and_only_a_confirmation_recounts(leave, office):
    provisional(office)
    office.at(2026, 11, 2)
    office.taken("赵六", "年假 2027年5月3日到8日")  # by law alone 5 days: Monday to Friday, the holidays fall before
    assert account(leave, "赵六", "used", "--on", "2027-05-31") == 5
    assert "共 0 条" in leave("rerate")[1]
    office.notice(2027)
    status, said, _ = leave("rerate")
    assert status == 0
    assert "赵六（001）　年假　-2天" in said  # 3 to 5 May are off, Saturday the 8th is worked
    assert account(leave, "赵六", "used", "--on", "2027-05-31") == 5
    (row,) = json.loads(leave("rerate", "--confirm", "--approved-by", "003", "--json")[1])["rows"]
    assert (row["days"], row["freed"], row["charged"]) == (
        -2, ["2027-05-03", "2027-05-04", "2027-05-05"], ["2027-05-08"],
    )  # fmt: skip
    assert account(leave, "赵六", "used", "--on", "2027-05-31") == 3
    assert "共 0 条" in leave("rerate")[1]


def test_a_recount_names_who_approved_it(leave):
    assert leave("rerate", "--confirm")[0] == 2


def test_who_came_after_the_year_has_nothing_to_carry_out_of_it(leave, office):
    office.new_year(2027)
    new = "姓名,工号,企业微信,参加工作时间\n吴九,009,wujiu,2010-03-01\n"
    (office.folder / "new.csv").write_text(new, encoding="utf-8")
    assert run(["people", "import", str(office.folder / "new.csv"), "--config", office.config]) == 0
    said = leave("year-end", "2026")[1]
    assert "吴九" not in said
    assert "赵六（001）　年假　+15天" in said
