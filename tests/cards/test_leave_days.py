from __future__ import annotations

from datetime import date

import pytest

from cards import words
from cards.leave_days import SkipView, skipped

BASE = date(2026, 4, 27)


def skip(first, last="", why="rest", half=""):
    return SkipView(first=date.fromisoformat(first), last=date.fromisoformat(last or first), why=why, half=half)


@pytest.mark.parametrize(
    ("skips", "makeup", "said"),
    [
        ([], [], ""),
        ([skip("2026-05-10")], [], "不计入：5月10日（周日）休息日"),
        (
            [skip("2026-05-01", "2026-05-05", "holiday")],
            [date(2026, 5, 9)],
            "不计入：5月1日至5日放假；照常计入：5月9日（周六）调休上班",
        ),
        ([skip("2026-01-31", "2026-02-01")], [], "不计入：1月31日至2月1日休息日"),
        ([skip("2026-12-31", "2027-01-03", "holiday")], [], "不计入：12月31日至2027年1月3日放假"),
        ([skip("2027-03-08", why="half_holiday", half="pm")], [], "不计入：2027年3月8日（周一）下午放假半天"),
    ],
)
def test_the_sentence_names_days_and_reasons(skips, makeup, said):
    assert skipped(skips, makeup, base=BASE) == said


@pytest.mark.parametrize(
    ("used", "held", "left", "bar"),
    [
        (0, 0, 4800, "□□□□□□□□□□"),
        (1440, 960, 2400, "■■■▣▣□□□□□"),
        (240, 0, 7200, "■□□□□□□□□□"),
        (7200, 240, 240, "■■■■■■■■▣□"),
        (0, 0, 0, ""),
        (480, 0, -480, ""),
    ],
)
def test_a_bar_has_ten_cells_and_shows_the_smallest_part(used, held, left, bar):
    assert words.bar(((used, "■"), (held, "▣"), (left, "□"))) == bar


def test_a_debt_takes_no_cells():
    assert words.bar(((4800, "■"), (0, "▣"), (-480, "□"))) == "■■■■■■■■■■"
