"""The slip: both clocks where they differ, a code that opens the record, every character somehow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from reportlab.lib import textsplit

from bot.pages import paper, printed, slip
from cards import slip as slips

URL = "https://bot.example.gov.cn/office/items/i1"


def matter(now, *, late=timedelta(0), url=URL, **more):
    step = slips.Step(
        title="部门负责人审核", name="李四", verb="approve", at=now, recorded=now + late, opinion="同意 <注意> & 交接"
    )
    values = {
        "office": "示例区机关事务中心", "form": "用印申请", "number": 12, "state": "approved", "applicant": "张三",
        "department": "办公室", "lines": (("用途", "发函\n第二行"),), "steps": (step,), "url": url,
        "printed_by": "李四", "printed": now, **more,
    }  # fmt: skip
    return slips.Matter(**values)


def test_a_late_entry_shows_both_clocks_and_what_they_mean(now):
    shown = slips.slip(matter(now, late=timedelta(hours=3)))
    assert shown.history[0][-1] == "2026-04-27 09:00:00\n补录于 2026-04-27 12:00:00"
    assert any("补录于" in note for note in shown.notes)


def test_one_clock_where_they_agree(now):
    shown = slips.slip(matter(now, late=timedelta(milliseconds=400)))
    assert shown.history[0][-1] == "2026-04-27 09:00:00"
    assert not any("补录" in note for note in shown.notes)


def test_who_stood_in_for_whom_is_printed(now):
    step = slips.Step(title="审批", name="陈静", on_behalf="李四", verb="approve", at=now, recorded=now)
    assert slips.slip(matter(now, steps=(step,))).history[0][1] == "陈静（代李四）"


def test_no_code_without_an_address(now):
    shown = slips.slip(matter(now, url=""))
    assert shown.qr == ""
    assert not any("二维码" in note for note in shown.notes)
    assert slip.pdf(shown).startswith(b"%PDF")


def test_the_font_is_in_the_file(now):
    data = slip.pdf(slips.slip(matter(now)))
    assert b"/FontFile2" in data
    assert len(data) < 200_000


def test_a_long_history_goes_on_on_further_pages(now):
    step = slips.Step(title="传阅", name="李四", verb="read", at=now, recorded=now, opinion="已阅。" * 60)
    data = slip.pdf(slips.slip(matter(now, steps=(step,) * 40)))
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") > 3


@pytest.mark.parametrize("text", ["䶮", "𠮷", "\u200b", "☃", "<b>", "&amp;", "\x07"])
def test_no_text_breaks_it(now, text):
    assert slip.pdf(slips.slip(matter(now, applicant=text, lines=((text, text * 300),)))).startswith(b"%PDF")


def test_without_its_font_it_says_so(now, monkeypatch, tmp_path):
    monkeypatch.setattr(paper, "SHIPPED", tmp_path / "gone.ttf")
    monkeypatch.setattr(paper, "_FONT", "never-registered")
    with pytest.raises(printed.NoFont):
        slip.pdf(slips.slip(matter(now)))


def test_files_stand_there_with_their_hashes_and_amended_values_with_both(now):
    step = slips.Step(
        title="财务", name="冯雪", verb="amend", at=now, recorded=now, changes=(("数量", "3", "5"), ("备注", "", "急"))
    )
    file = slips.Enclosure(of="用印文件", name="定稿.pdf", size=2_500_000, sha256="ab" * 32)
    shown = slips.slip(matter(now, steps=(step,), enclosures=(file,)))
    assert shown.history[0][3] == "数量：3 改为 5\n备注：空 改为 急"
    assert shown.enclosures[1] == ("用印文件", "定稿.pdf", "2.4 MB", "ab" * 32)
    assert any("有没有被换过" in note for note in shown.notes)
    assert slip.pdf(shown).startswith(b"%PDF")


@pytest.mark.parametrize("official", [False, True])
def test_fifty_rows_and_a_long_text_break_onto_further_pages(now, official):
    rows = (("名称", "规格", "金额"), *((f"办公椅{n}", "带扶手，" * 6, "600.00元") for n in range(50)))
    shown = slips.slip(
        matter(now, lines=(("事由", "因工作需要，" * 800),), tables=(("采购明细", rows),), official=official)
    )
    data = slip.pdf(shown)
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") > 4


def test_no_line_begins_with_a_comma():
    assert {"，", "：", "；", "！", "？", "”", "》"} <= set(textsplit.ALL_CANNOT_START)
