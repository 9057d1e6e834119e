from __future__ import annotations

from datetime import date

from handlers.approval.language import sampling
from handlers.approval.language.expressions import About
from handlers.approval.language.form_model import from_data

ABOUT = About(today=date(2026, 4, 27))
FIELDS = {"n": {"title": "数", "type": "number"}}


def form(**rule):
    return from_data({"form": "t", "title": "测试", "fields": FIELDS, "sampling": {"role": "admin", **rule}})


def drawn(rule, values=None):
    return [i for i in range(2000) if sampling.drawn(rule, f"i{i}", values or {}, ABOUT)]


def test_about_as_many_as_the_form_says_are_drawn_and_always_the_same():
    tenth = drawn(form(percent=10))
    assert 140 < len(tenth) < 260
    assert drawn(form(percent=10)) == tenth
    assert set(tenth) <= set(drawn(form(percent=50)))


def test_all_and_none():
    assert len(drawn(form(percent=100))) == 2000
    assert drawn(form(percent=100, when="n > 3"), {"n": 3}) == []
    assert len(drawn(form(percent=100, when="n > 3"), {"n": 4})) == 2000
    assert sampling.drawn(from_data({"form": "t", "title": "测试", "fields": FIELDS}), "i1", {}, ABOUT) == ""


def test_what_cannot_be_judged_is_looked_at():
    assert len(drawn(form(percent=100, when="1 / n > 0"), {"n": 0})) == 2000
