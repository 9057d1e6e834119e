"""What one sentence says for the fields of the packaged forms, read as a clerk would write it."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from bot import forms
from config import crosscheck
from handlers.approval.talk import first_words

PACKAGED = crosscheck.PACKAGED / "forms"
ROLES = yaml.safe_load((crosscheck.PACKAGED / "sample" / "office.yaml").read_text("utf-8"))["roles"]
FORMS = {one.path.stem: forms.runtime(one) for one in forms.read([PACKAGED], roles=ROLES)}
SAID = [
    ("seal", "公章 3份 给财政局的函", {"seal": "单位公章", "copies": 3, "title": "给财政局的函"}),
    ("seal", "合同专用章 一式三份 采购合同", {"seal": "合同专用章", "copies": 3, "title": "采购合同"}),
    ("seal", "采购合同", {"title": "采购合同"}),
    ("seal", "公章", {}),  # the only word says what the whole is about
    ("seal", "介绍信 去银行", {"matter": "证明和介绍信", "title": "去银行"}),
    ("seal", "材料 年报", {"title": "材料 年报"}),  # 材料 ends two of the choices
    ("letter", "两份 去银行开户", {"copies": 2, "title": "去银行开户"}),
    ("repair", "空调", {}),
]


@pytest.mark.parametrize(("form", "rest", "values"), SAID)
def test_a_sentence_fills_what_it_says(form, rest, values):
    found = first_words.read(FORMS[form], rest, today=date(2026, 4, 27))
    assert {**values, **found} == {**found, **values}
    assert set(values) <= set(found)
    assert "seal" in values or "seal" not in found
    assert "copies" in values or "copies" not in found
