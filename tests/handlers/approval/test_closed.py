"""A closed form's content stays on our pages: cards and titles say that there is something, not what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handlers.approval import faces
from handlers.approval.language.form_model import from_data

FORM = from_data(
    {
        "form": "t", "title": "专项事项", "summary": "{what}", "secrecy": "closed",
        "fields": {"what": {"title": "内容", "type": "text"}, "note": {"title": "备注", "type": "text"}},
    }
)  # fmt: skip
VALUES = {"what": "三号方案", "note": "周五前"}


def test_neither_the_title_nor_a_line_says_what_it_is():
    lines = faces.lines(FORM, VALUES, {}, today=date(2026, 4, 27))
    assert faces.title(FORM, VALUES, {}) == "专项事项"
    assert "三号方案" not in repr(lines)
    assert len(lines) == 2
    assert FORM.declares


def test_an_open_form_says_it():
    plain = replace(FORM, secrecy="plain")
    assert faces.title(plain, VALUES, {}) == "专项事项：三号方案"
    assert not plain.declares
