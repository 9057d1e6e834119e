"""What a sentence says for the fields of a form, and what it does not."""

from __future__ import annotations

import pytest

from cards import form_words


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("去市财政局 送材料", "市财政局", "送材料"), ("送材料 去市政府", "市政府", "送材料"),
        ("去财政局送报表", "财政局", "去财政局送报表"), ("到张三办公室", "张三办公室", ""),
        ("到广州 送材料", "广州", "送材料"), ("去开会 三个人", "", "去开会 三个人"), ("送材料", "", "送材料"),
        ("去长沙参加培训", "长沙", "去长沙参加培训"), ("去参加培训", "", "去参加培训"),
    ],
)  # fmt: skip
def test_where_somebody_goes(text, place, left):
    assert form_words.destination(text) == (place, left)


@pytest.mark.parametrize(
    ("text", "count", "left"),
    [
        ("公章 3份 函", "3", "公章 函"), ("一式三份", "三", ""), ("两份 合同", "两", "合同"),
        ("一份材料", "", "一份材料"), ("五月份 报表", "", "五月份 报表"),
    ],
)  # fmt: skip
def test_how_many_copies(text, count, left):
    assert form_words.copies(text) == (count, left)


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("三楼会议室空调不制冷", "三楼会议室", "空调不制冷"), ("305室灯坏了", "305室", "灯坏了"),
        ("二楼东侧走廊的灯不亮", "二楼东侧走廊", "灯不亮"), ("空调不制冷", "", "空调不制冷"),
    ],
)  # fmt: skip
def test_where_something_is(text, place, left):
    assert form_words.spot(text) == (place, left)


@pytest.mark.parametrize(
    ("title", "counts"), [("乘车人数", True), ("人数", True), ("陪餐人数", False), ("份数", False)]
)
def test_what_a_number_of_people_is(title, counts):
    assert form_words.counts_people(title) is counts
