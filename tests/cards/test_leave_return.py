from __future__ import annotations

import pytest

from cards import leave_return


@pytest.mark.parametrize(
    "text",
    [
        "销假", "销假 5月7日", "我要销假", "5月7日销假", "提前回来了", "我已经回来了", "今天提前返岗",
        "昨天下午回来上班了", "申请销假", "我回单位了",
    ],
)  # fmt: skip
def test_says_that_somebody_is_back(text):
    assert leave_return.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "销假怎么办", "销假要什么材料", "年假 5月6日到8日 回家", "他回来了吗？", "还没销假", "同意 3", "回来再说",
        "我的假期",
    ],
)  # fmt: skip
def test_does_not_say_that_somebody_is_back(text):
    assert not leave_return.asks(text)


def test_the_day_of_coming_back_is_told_from_the_last_day_of_leave():
    assert leave_return.names_the_day_back("5月8日回来上班了")
    assert not leave_return.names_the_day_back("销假 5月7日")
    assert leave_return.dates("5月8日回来上班了").split() == ["5月8日"]


def test_what_a_lot_that_has_ended_cannot_get_back_is_said():
    said = leave_return.back([("2026年", 480, False), ("2025年（结转）", 240, True)], kept=960)
    assert said.startswith("退回1天（2026年额度）；0.5天（2025年（结转）额度）已过有效期，不能恢复")
    assert said.endswith("实休2天")
