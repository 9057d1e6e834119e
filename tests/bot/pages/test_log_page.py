"""The log: inspectors find everything, administrators what is technical, and every question is a record itself."""

from __future__ import annotations

import io
import re
from functools import partial

import openpyxl
import pytest


def _inspected(text):
    return re.sub(r"admin: \[.*?\]", "admin: [王五]\n  inspector: [孙立新]", text)


@pytest.fixture
async def town(open_town):
    town = await open_town(office=_inspected)
    await town.asked("wecom", "wecom", "年假 5月6日到8日 =1+1")
    return town


async def asked(town, browser, user, **query):
    page = browser(town, "wecom", user)
    text = "&".join(f"{name}={value}" for name, value in {**query, "via": "wecom-main"}.items())
    return await page.get(f"/office/log?{text}")


async def test_what_somebody_did_is_found_and_the_question_too(town, browser):
    page = await asked(town, browser, "sunlixin", person="张三")
    assert "提交事项" in page.text
    assert "<b>登录网页</b>" not in page.text  # of the inspector, not of 张三
    (opened,) = await town.journal("approval.item_opened")
    page = await asked(town, browser, "sunlixin", kind=opened["kind"], item="1", door=opened["door"])
    assert page.text.count("<b>提交事项</b>") == 1
    questions = await town.journal("audit.log_queried")
    assert [one["rows"] > 0 for one in questions] == [True, True]
    page = await asked(town, browser, "sunlixin", kind="audit.log_queried")
    assert "人员：张三" in page.text


async def test_an_administrator_sees_no_content(town, browser):
    page = await asked(town, browser, "wangwu")
    assert page.status == 200
    assert "新增人员" in page.text
    assert "提交事项</b>" not in page.text
    assert "13800000004" not in page.text
    for kind in ("approval.item_opened", "leave.moved"):
        assert "没有符合的记录" in (await asked(town, browser, "wangwu", kind=kind)).text
    assert (await asked(town, browser, "lisi")).status == 403


MISTAKEN = {"没有叫“谁”的人": "person=谁", "没有99号事项": "item=99", "日期不对": "begin=昨天"}


async def test_the_sheet_holds_no_formula_and_is_written_down(town, browser):
    page = await asked(town, browser, "sunlixin", kind="approval.item_opened")
    async with page.session.get(f"{town.address}/office/log/file.xlsx?kind=approval.item_opened") as answer:
        assert answer.status == 200
        sheet = openpyxl.load_workbook(io.BytesIO(await answer.read())).active
    cells = [cell for row in sheet for cell in row]
    assert any("=1+1" in str(cell.value) for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    (exported,) = await town.journal("audit.log_exported")
    assert exported["rows"] == 1
    for said, query in MISTAKEN.items():
        await page.get(f"/office/log?{query}")
        assert (page.status, said in page.text) == (422, True), said


async def test_the_way_there_is_a_word_in_the_chat(town):
    """For those who may look; anybody who may read an item may have its records checked."""
    for user, word, said in (
        ("sunlixin", "查留痕", "/office/log"), ("lisi", "查留痕", "只提供给监督员"), ("lisi", "核对1号", "/proof"),
    ):  # fmt: skip
        await town.say("wecom", user, word)
        await town.until(partial(_told, town, user, said), f"{said} on {user}'s phone")


def _told(town, user, said):
    return any(said in repr(message) for message in town.messages("wecom", user))


async def test_a_sheet_that_ends_before_the_journal_does_says_so(town, browser, monkeypatch):
    page = await asked(town, browser, "sunlixin")
    for most, cut in ((2, True), (50_000, False)):
        monkeypatch.setattr("bot.pages.log.MOST", most)
        monkeypatch.setattr("bot.pages.log._AT_ONCE", 2)
        async with page.session.get(f"{town.address}/office/log/file.xlsx") as answer:
            sheet = openpyxl.load_workbook(io.BytesIO(await answer.read())).active
        assert (f"一次最多导出 {most} 条" in str(sheet.cell(sheet.max_row, 1).value)) is cut
