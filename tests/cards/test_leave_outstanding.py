"""Questions for what personnel wait for, and the lists that answer them."""

from __future__ import annotations

from datetime import date

import pytest

from cards import leave_outstanding as words
from cards.leave_outstanding import PROOF, RETURN, Owed

TODAY = date(2026, 5, 11)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("谁没销假", RETURN), ("谁的假没销", RETURN), ("还有谁没有销假？", RETURN), ("帮我看看谁的假没销", RETURN),
        ("谁逾期未归", RETURN), ("未销假的名单", RETURN), ("谁的证明没交", PROOF), ("谁没交证明", PROOF),
        ("还有哪些人没交病假证明", PROOF), ("谁的病假条没交", ""), ("没交证明的", PROOF), ("销假", ""),
        ("谁不在", ""), ("我没销假", ""), ("证明已收 1", ""), ("谁销假", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_is_asked_for(text, asked):
    assert words.asks(text) == asked


def test_a_list_says_how_many_and_what_to_do():
    told = words.listed(PROOF, [Owed("张三", "病假3天（1号）", date(2026, 5, 7), "medical")], today=TODAY)
    assert told.startswith("还没有交证明的有1件：\n· 张三：病假3天（1号），")
    assert "期限5月7日（已过）" in told
    assert "证明已收 编号" in told
    assert words.listed(RETURN, [], today=TODAY) == "没有休完还没有销假的。"


def test_a_long_list_is_cut_and_says_so():
    rows = [Owed(f"职员{number}", "年假3天（1号）", None) for number in range(25)]
    told = words.listed(RETURN, rows, today=TODAY)
    assert told.startswith("休完还没有销假的有25件：")
    assert "还有5件" in told
