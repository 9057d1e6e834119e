"""Real notices (public documents: Copyright Law article 5) give the days that are packaged for their years."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handlers.days import announced, workdays
from handlers.days.announced import NotRead

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
NOTICES = yaml.safe_load((RECORDINGS / "holiday_notices.yaml").read_text(encoding="utf-8"))
CHANGED_LATER = {2020: [date(2020, 1, 31), date(2020, 2, 1)]}
"""The Spring Festival of 2020 was made longer in January, when the epidemic had begun."""


@pytest.mark.parametrize("year", NOTICES)
def test_a_notice_gives_the_working_days_that_are_packaged_for_its_year(year, year_files):
    packaged = next(one for one in year_files.values() if one["year"] == year and one.get("kind") == "notice")
    found = announced.read(NOTICES[year])
    data = announced.as_data(found, packaged["statutory"], source="通知", published=date(year - 1, 11, 4))
    ours, theirs = workdays.from_data([data]), workdays.from_data([packaged])
    different = [day for day in workdays.days_of(year) if ours.is_working(day) != theirs.is_working(day)]
    assert different == CHANGED_LATER.get(year, [])
    assert found.year == year
    assert found.published is not None
    assert found.published.year == year - 1


def test_what_heads_the_notice_is_kept():
    assert announced.read(NOTICES[2026]).number == "国办发明电〔2025〕7号"
    assert announced.read(NOTICES[2020]).number == ""
    assert announced.read(NOTICES[2026]).festivals[0].makeup == (date(2026, 1, 4),)


@pytest.mark.parametrize(
    ("change", "code", "about"),
    [
        (("2026年部分", "某年部分"), "no_year", {}),
        (("1月4日（周日）", "1月4日（周六）"), "weekday", {"day": date(2026, 1, 4), "said": "六"}),
        (("2026", "2027"), "weekday", {"day": date(2027, 1, 1), "said": "四"}),
        (("共9天", "共8天"), "length", {"festival": "春节", "said": 8, "found": 9}),
        (("至23日（农历正月初七、周一）", "至33日"), "no_day", {"text": "33日"}),
        (("5月1日（周五）", "1日（周五）"), "no_day", {"text": "1日"}),
        (("至5日（周二）", "至4月30日"), "no_day", {"text": "5月1日(周五)至4月30日"}),
        (("五、端午节：6月19日（周五）至21日（周日）放假，共3天。", ""), "festivals", {"missing": ("端午节",)}),
        (("至21日（周日）放假", "至21日（周日）另行通知"), "length", {"festival": "端午节", "said": 3, "found": 0}),
        (("1月4日（周日）上班", "1月4日（周日）照常"), "no_verb", {"day": date(2026, 1, 4)}),
        (("国务院办公厅", "。" * 20_000), "too_long", {}),
    ],
)
def test_what_cannot_be_is_refused_and_named(change, code, about):
    with pytest.raises(NotRead) as refused:
        announced.read(NOTICES[2026].replace(*change))
    assert (refused.value.code, refused.value.about) == (code, about)


def test_a_text_without_items_is_no_notice():
    with pytest.raises(NotRead, match="no_items"):
        announced.read("国务院办公厅关于2026年部分节假日安排的通知，全文见中国政府网。")


@given(st.text(alphabet="元旦春节清明劳动端午中秋国庆：一二、。（）0123456789年月日至放假上班补休息周星期六天共办 \n"))
def test_whatever_is_pasted_is_read_or_refused(text):
    with contextlib.suppress(NotRead):
        announced.read(f"2026年元旦{text}")
