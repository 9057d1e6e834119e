"""An approver's form on the item's page, in a real Chromium: a title and a file are changed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from eyes import SIZES, fits, opened, readable
from playwright.async_api import expect

if "form_desk" not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        "form_desk", Path(__file__).parents[2] / "scenarios" / "form_desk.py"
    )
    _module = importlib.util.module_from_spec(_spec)
    sys.modules["form_desk"] = _module
    _spec.loader.exec_module(_module)

from form_desk import Desk, office, staff

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BETTER = {"name": "函稿（核）.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}


@pytest.mark.parametrize("size", SIZES)
async def test_a_letter_is_corrected_where_the_office_checks_it(chromium, open_street, size):
    people = next(one for one in (staff(0), staff(1)) if "lisi," in one)
    desk = await Desk.of(await open_street(people=people, office=office))
    desk.staff = people
    _, item = await desk.submitted("letter")
    item = await desk.consent("letter", item, desk.people["何军"])
    async with opened(chromium, desk.town, desk.phone("李四")[1], f"/office/items/{item.id}", size=size) as page:
        await page.get_by_text("修改内容").click()
        await fits(page)
        await readable(page)
        await page.locator('[name="edit.title"]').fill("关于商请派员指导档案整理的函")
        await page.locator(".files .drop").first.click()
        await page.locator('[data-upload="edit.draft"]').set_input_files(BETTER)
        await expect(page.locator("#amend .file")).to_contain_text("函稿（核）.pdf")
        await page.get_by_role("button", name="保存修改").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("指导档案整理的函")
        await expect(page.locator(".timeline")).to_contain_text("关于商请派员指导档案整理的函")
        await expect(page.locator("dl.fields")).to_contain_text("函稿（核）.pdf")
        await expect(page.locator(".timeline a", has_text="函稿.docx")).to_be_visible()  # every version stays
        await fits(page)
        await readable(page)
        await page.locator("button[value=approve]").click()
        await expect(page.locator(".station.open")).to_contain_text("赵六")
