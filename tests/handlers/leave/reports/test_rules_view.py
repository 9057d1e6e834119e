"""Every rule of every packaged policy and province can be told, within what a platform takes."""

from __future__ import annotations

from datetime import date

import pytest

from cards import leave_rules
from handlers.leave.reports import rules_view
from tests.bot.test_leave_rules import CALENDAR, ENTERPRISE, FILES, ORGAN, policy, rules

TODAY = date(2026, 5, 6)
LONGEST = 2048
"""Bytes of one text on WeCom (wecom.md 6)."""


def of(code: str, *, data=ORGAN, province: str = "", **changes) -> leave_rules.RulesView:
    found = rules(policy(data, **changes), province=province).of("", on=TODAY)
    return rules_view.view(found, found.kinds[code], calendar=CALENDAR)


@pytest.mark.parametrize("province", ["", *sorted(FILES)])
@pytest.mark.parametrize("data", [ORGAN, ENTERPRISE], ids=["organ", "enterprise"])
def test_every_kind_is_told_in_one_message(data, province):
    found = rules(policy(data), province=province).of("", on=TODAY)
    for kind in found.kinds.values():
        told = leave_rules.text(rules_view.view(found, kind, calendar=CALENDAR))
        assert len(told.encode()) <= LONGEST
        assert kind.title in told
        assert all(basis in told for basis in kind.basis)


def test_figures_are_those_of_the_policy():
    told = leave_rules.text(of("annual", annual={"brackets": {1: 7, 10: 12}, "sick_limit_days": {}}))
    assert "满1年7天，满10年12天" in told
    told = leave_rules.text(of("sick"))
    assert "请2天及以上的，要医疗证明，休完7天内" in told
    assert "60、90、120天（按年假的档次）" in told
    assert "对年假的影响" not in leave_rules.text(of("sick", annual={"sick_limit_days": {}}))
    assert "6个月" in leave_rules.text(of("toil"))
    assert "不足1小时按1小时算" in leave_rules.text(of("personal"))
    assert "只有女职工可以请" in leave_rules.text(of("maternity"))
    assert "年底作废" in leave_rules.text(of("annual", carry_over={"years": 0}))
    assert "跨2个年度" in leave_rules.text(of("annual", carry_over={"years": 2}))


def test_only_what_was_asked_is_told_and_all_where_that_is_nothing():
    sick = of("sick")
    assert leave_rules.text(sick, ["proof"]).count("·") == 1
    assert leave_rules.text(sick, ["over"]) == leave_rules.text(sick)
    assert "请问人事" in leave_rules.text(sick, ["pay"])
    assert leave_rules.all_of([sick, of("annual")], ["together"]) == [leave_rules.together()]
    assert len(leave_rules.all_of([sick, of("annual")], ["pay"])) == 2
