"""Which statement and which sheet a word asks for."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.leave.reports import papers

TODAY = date(2026, 1, 20)


@pytest.mark.parametrize(
    ("text", "who", "year"),
    [
        ("对账单", None, None), ("我的对账单", "我", None), ("2025年对账单", None, "2025"),
        ("休假对账单 2025", None, "2025"), ("张三的2025年休假对账单", "张三", "2025"), ("张三对账单", "张三", None),
        ("004 对账单", None, None),
    ],
)  # fmt: skip
def test_whose_statement_of_which_year(text, who, year):
    found = papers._STATEMENT.fullmatch(text)
    if text.startswith("004"):
        assert found is None
        return
    assert (found["who"], found["year"] or found["after"]) == (who, year)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("休假月表 5月", (2026, 5)), ("5月休假月表", (2026, 5)), ("2025年12月休假月表", (2025, 12)),
        ("休假月表", (2025, 12)), ("上月休假月表", (2025, 12)), ("本月休假月表", (2026, 1)), ("休假年表", (2026, None)),
        ("2025年休假年表", (2025, None)), ("休假年表 2025", (2025, None)),
    ],
)  # fmt: skip
def test_which_period_of_a_sheet(text, period):
    assert papers._period(papers._SHEET.fullmatch(text), TODAY) == period


@pytest.mark.parametrize("text", ["请假 5月6日", "银行对账单怎么报销", "月表", "我的假期", "休假月表发我一份"])
def test_what_is_something_else(text):
    assert papers._STATEMENT.fullmatch(text) is None
    assert papers._SHEET.fullmatch(text) is None
