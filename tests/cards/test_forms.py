"""Values of any form in words."""

from __future__ import annotations

from datetime import date

import pytest

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


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("去市财政局 送材料", "市财政局", "送材料"), ("送材料 去市政府", "市政府", "送材料"),
        ("去财政局送报表", "财政局", "去财政局送报表"), ("到张三办公室", "张三办公室", ""),
        ("到广州 送材料", "广州", "送材料"), ("去开会 三个人", "", "去开会 三个人"), ("送材料", "", "送材料"),
    ],
)  # fmt: skip
def test_where_somebody_goes(text, place, left):
    assert forms.destination(text) == (place, left)


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("三楼会议室空调不制冷", "三楼会议室", "空调不制冷"), ("305室灯坏了", "305室", "灯坏了"),
        ("二楼东侧走廊的灯不亮", "二楼东侧走廊", "灯不亮"), ("空调不制冷", "", "空调不制冷"),
    ],
)  # fmt: skip
def test_where_something_is(text, place, left):
    assert forms.spot(text) == (place, left)


@pytest.mark.parametrize(
    ("title", "counts"), [("乘车人数", True), ("人数", True), ("陪餐人数", False), ("份数", False)]
)
def test_what_a_number_of_people_is(title, counts):
    assert forms.counts_people(title) is counts
