"""Values of any form in words."""

from __future__ import annotations

from datetime import date

from cards import forms
from cards.forms import FieldView

TODAY = date(2026, 4, 27)
VISITORS = FieldView(
    title="来访人员",
    type="table",
    columns=(
        FieldView(title="姓名", type="text", code="name"),
        FieldView(title="单位", type="text", code="unit"),
        FieldView(title="手机", type="phone", code="phone", personal=True),
    ),
    value=[{"phone": "13900000001", "unit": "某电梯公司", "name": "刘先生"}],
)


def test_a_row_reads_in_the_order_of_its_columns_and_hides_what_is_personal():
    assert forms.line(VISITORS, today=TODAY).value == "刘先生 某电梯公司 139****0001"


def test_files_are_counted_and_not_named():
    files = [{"id": "a" * 64, "name": "某人的病历.pdf", "size": 1, "type": "application/pdf"}] * 2
    assert forms.line(FieldView(title="材料", type="attachment", value=files), today=TODAY).value == "2个附件"
    assert forms.line(FieldView(title="照片", type="photo", value=files), today=TODAY).value == "2张照片"
