"""What is typed to change a field, and what the others read of it."""

from __future__ import annotations

import pytest

from cards import amend
from cards.amend import Change
from cards.model import Field


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("改 3 份数=5", (3, "份数=5")),
        ("改3号 份数 = 5；用途＝归档", (3, "份数 = 5；用途＝归档")),
        ("改 3", (3, "")),
        ("改 5月6日到8日", None),
        ("改3份数5", None),
        ("改 3 份数=5；其他", None),
        ("修改 3 份数=5", None),
        ("改 12345678901 份数=5", None),
    ],
)
def test_only_a_number_and_pairs_are_a_change(text, found):
    assert amend.wanted(text) == found


def test_pairs_are_told_apart_and_an_empty_one_empties():
    assert amend.pairs("份数=5；备注=\n用途＝归档 3=4") == [("份数", "5"), ("备注", ""), ("用途", "归档 3=4")]


def test_a_line_says_what_it_was_unless_it_stays_on_our_pages():
    changes = [
        Change(title="份数", before="2份", after="5份"),
        Change(title="备注", before="", after="急"),
        Change(title="用途", before="归档", after=""),
        Change(title="身份证号", before="1", after="2", hidden=True),
    ]
    assert amend.line(changes) == "份数由2份改为5份，备注填为急，用途由归档改为空，身份证号（内容在页面上查看）"


def test_the_card_keeps_what_the_applicant_wrote_beside_what_it_is_now():
    fields = (Field("份数", "9份"), Field("用途", "归档"), Field("备注", "急"))
    changes = [
        Change(title="份数", before="2份", after="5份"),
        Change(title="份数", before="5份", after="9份"),
        Change(title="用途", before="归档", after="存查"),
        Change(title="用途", before="存查", after="归档"),
        Change(title="备注", before="", after="急"),
    ]
    assert [one.value for one in amend.marked(fields, changes)] == ["9份（原为2份）", "归档", "急（办理时补填）"]
