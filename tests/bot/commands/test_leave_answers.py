from __future__ import annotations

import json

import pytest

from bot.__main__ import run


def first_kind(said):
    return json.loads(said)["kinds"][0]



def test_how_long_another_kind_is_and_when_it_ends(leave):
    status, said, _ = leave("explain", "003", "产假", "--when", "难产", "--start", "2026-03-02", "--json")
    found = json.loads(said)
    assert status == 0
    assert (found["total"], found["end"], found["province"]) == ("113", "2026-06-22", "")
    assert "只按国家规定" in found["note"]
    assert [part["holds"] for part in found["parts"]] == [True, True, False, False, False]
    assert "女职工劳动保护特别规定" in leave("explain", "003", "产假")[1]
    assert "没有「双胎」这种情形" in leave("explain", "003", "产假", "--when", "双胎")[2]


def test_who_has_asked_for_nothing_yet_has_this_years_leave_and_looking_writes_nothing(leave):
    for _ in range(2):
        status, said, _ = leave("balance", "赵六", "--json")
        assert status == 0
        kind = first_kind(said)
        assert (kind["granted"], kind["available"], kind["minutes"]["available"]) == (15, 15, 7200)
    assert first_kind(leave("balance", "赵六", "--known-at", "2026-04-26", "--json")[1])["available"] == 0
    assert json.loads(leave("explain", "赵六", "--json")[1])["entries"][0]["written"] is False


def test_what_was_taken_is_off_from_the_day_it_was_recorded(leave, office):
    office.taken("赵六", "年假 5月6日到8日")
    kind = first_kind(leave("balance", "赵六", "--json")[1])
    assert (kind["available"], kind["used"]) == (12, 3)
    before = first_kind(leave("balance", "赵六", "--on", "2026-04-26", "--json")[1])
    assert (before["available"], before["used"]) == (15, 0)
    unknown = first_kind(leave("balance", "赵六", "--known-at", "2026-04-27 08:59", "--json")[1])
    assert (unknown["available"], unknown["used"]) == (0, 0)
    known = first_kind(leave("balance", "赵六", "--known-at", "2026-04-27 09:00", "--json")[1])
    assert (known["available"], known["used"]) == (12, 3)


def test_in_words_the_balance_names_lot_and_end(leave):
    _, said, _ = leave("balance", "赵六")
    assert "年假：发放15天，已休0天，可用15天" in said
    assert "2026-12-31 到期" in said


def test_next_years_lot_is_seen_before_it_is_written_and_a_past_year_is_not_invented(leave):
    assert first_kind(leave("balance", "003", "--on", "2027-01-04", "--json")[1])["available"] == 15
    assert first_kind(leave("balance", "003", "--on", "2025-06-01", "--json")[1])["available"] == 0


def test_the_explanation_names_every_rule_with_its_article_and_the_dates(leave):
    status, said, _ = leave("explain", "002", "--on", "2026-06-15")
    assert status == 0
    assert "2016年5月20日参加工作" in said
    assert "2026年5月20日满10年，2026年6月1日起每年10天" in said
    assert "2026年6月15日适用的档次：每年10天（依据：职工带薪年休假条例（国务院令第514号）第三条）" in said
    assert "人事部令第9号）第二条" in said
    assert "最近到期：10天，12月31日后失效" in said


def test_the_explanation_shows_the_entries_with_the_days_that_were_not_charged(leave, office):
    office.taken("赵六", "年假 4月30日到5月10日")
    _, said, _ = leave("explain", "赵六")
    assert "申请，冻结5天" in said
    assert "不计入：5月1日至5日放假、5月10日（周日）休息日；照常计入：5月9日（周六）调休上班" in said


def test_as_json_figures_and_words_stand_side_by_side(leave):
    found = json.loads(leave("explain", "赵六", "--json")[1])
    assert (found["days"], found["policy"]["name"], found["policy"]["version"]) == (15, "organ", "2026-01")
    last = found["rules"][-1]
    assert (last["rule"], last["result"]) == ("days_of_the_year", 15)
    assert found["lots"][0]["expires"] == "2026-12-31"
    assert any("全年应休：15天" in line for line in found["lines"])


def test_without_a_first_work_date_it_says_what_is_missing(leave):
    status, said, _ = leave("explain", "钱七")
    assert status == 0
    assert "没有参加工作时间" in said
    assert first_kind(leave("balance", "钱七", "--json")[1])["available"] == 0


def test_a_warning_when_sick_leave_reaches_the_limit(leave, office):
    office.taken("赵六", "病假 5月6日到9月5日")
    _, said, _ = leave("explain", "赵六")
    assert "当年病假累计123天（达到120天的不享受年休假），已达到，请人事核定" in said


def test_contract_staff_are_under_the_enterprise_rules_beside_the_civil_servants(leave):
    # 17 March to 31 December: 290 days x 10 / 365 = 7.945
    found = json.loads(leave("explain", "孙八", "--json")[1])
    assert (found["category"], found["policy"]["name"], found["days"]) == ("contract_staff", "enterprise", 7)
    said = leave("explain", "孙八")[1]
    assert "2024年1月8日起连续工作，2025年1月8日满12个月" in said
    assert "（290×10）÷365 = 7.95天（依据：企业职工带薪年休假实施办法（人社部令第1号）第五条、第十二条）" in said
    assert "不足1天的部分舍去：7天" in said
    assert json.loads(leave("explain", "赵六", "--json")[1])["policy"]["name"] == "organ"


def test_what_is_unknown_of_contract_staff_is_not_made_up(leave):
    found = json.loads(leave("explain", "周九", "--json")[1])
    assert (found["category"], found["policy"]["name"], found["days"]) == ("dispatched", "enterprise", 10)


@pytest.mark.parametrize(("name", "said"), [("李四", "002、003"), ("赵六六", "赵六"), ("无此人", "people list")])
def test_who_is_meant_must_be_clear(leave, name, said):
    status, _, err = leave("balance", name)
    assert status == 1
    assert said in err


@pytest.mark.parametrize("option", [("--on", "2026-13-01"), ("--known-at", "gestern")])
def test_a_day_that_is_none_is_said_in_words(leave, option):
    status, _, err = leave("balance", "赵六", *option)
    assert status == 2
    assert option[1] in err


def test_before_migrate_it_says_so(leave, office):
    (office.folder / "data" / "office.db").unlink()
    status, _, err = leave("balance", "赵六")
    assert status == 1
    assert "officebot migrate" in err


def test_who_has_left_is_still_known_and_gets_no_lot_of_a_new_year(leave, office):
    staff = office.folder / "staff.csv"
    rows = [row for row in staff.read_text(encoding="utf-8").splitlines() if "周九" not in row]
    staff.write_text("\n".join(rows), encoding="utf-8")
    assert run(["people", "import", str(staff), "--leavers", "--config", office.config]) == 0
    for name in ("周九", "006"):
        status, out, _ = leave("balance", name)
        assert (status, "周九（已离职）" in out) == (0, True)
