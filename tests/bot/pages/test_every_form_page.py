"""Every packaged form, opened, filled in and submitted on the page of a phone, with what a clerk would write there."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
import pytest_asyncio
from eyes import fits, opened
from form_desk import BOOK, office
from PIL import Image
from playwright.async_api import expect
from town import Town

from bot.demo import world
from handlers.approval.language import book
from handlers.approval.language.form_model import Type

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ABOUT_ANOTHER = {"leave_change", "leave_return", "notice_fix", "meeting_move", "minutes", "trip_report"}
"""Ask about an item that there must be first: their own stories tell them."""
FORMS = [code for code in BOOK["forms"] if code not in ABOUT_ANOTHER]
CHANGED = {"leave": {"kind": "personal"}}  # 高洁 has no annual leave yet


def everybody_on_wecom():
    rows = list(csv.DictReader(io.StringIO((world.SAMPLE / "staff.csv").read_text(encoding="utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows({**row, "wecom": row["wecom"] or row["dingtalk"], "dingtalk": ""} for row in rows)
    return out.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    path = folder / "office.db"
    path.write_bytes(sqlite_template.read_bytes())
    town = await Town.open(folder / "office", f"sqlite://{path}", people=everybody_on_wecom(), office=office)
    yield town
    await town.close()


def file_of(name):
    """A file that is what its ending says."""
    ending = name.rpartition(".")[2]
    inside = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}
    out = io.BytesIO()
    if ending in ("jpg", "png"):
        Image.new("RGB", (320, 240), "#446688").save(out, "JPEG" if ending == "jpg" else "PNG")
    elif ending in inside:
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr(inside[ending], name)
    else:
        assert ending == "pdf", name
        out.write(b"%PDF-1.4\n" + name.encode())
    return {"name": name, "mimeType": "application/octet-stream", "buffer": out.getvalue()}


class Hand:
    """Fills in what a page shows, field by field, as a finger does."""

    def __init__(self, page):
        self.page = page

    async def fill(self, code, one, value):
        await expect(self.page.locator(f"#at-{code}")).to_be_visible()
        match one.type:
            case Type.DATE_RANGE | Type.TIME_RANGE:
                for part, text in value.items():
                    await self._put(f"{code}.{part}", text)
            case Type.CHOICES:
                for text in value:
                    await self._check(code, text)
            case Type.PERSON:
                for name in [value] if isinstance(value, str) else value:
                    await self._pick(code, name)
            case Type.ATTACHMENT | Type.PHOTO:
                await self.page.locator(f'[data-upload="{code}"]').first.set_input_files(file_of(value))
                await expect(self.page.locator(f"#at-{code} .file")).to_contain_text(value)
            case Type.TABLE:
                await self._rows(code, one, value)
            case _:
                await self._put(code, value)

    async def _put(self, name, text):
        field = self.page.locator(f'[name="{name}"]')
        if await field.count() > 1 or await field.get_attribute("type") == "radio":
            await self._check(name, text)
        elif await field.evaluate("(one) => one.tagName") == "SELECT":
            await field.select_option(text)
        else:
            await field.fill(text)
            await field.blur()

    async def _check(self, name, text):
        chosen = self.page.locator(f'[value="{text}"]')
        await self.page.locator(f'label:has([name="{name}"])').filter(has=chosen).click()

    async def _pick(self, code, name):
        await self.page.locator(f"#f-{code}-search").fill(name)
        await self.page.locator(f"#at-{code} .found button", has_text=name).first.click()
        await expect(self.page.locator(f"#at-{code} .chip").last).to_contain_text(name)

    async def _rows(self, code, one, rows):
        for number, row in enumerate(rows):
            await self.page.locator(f'[data-add="{code}"]').click()
            for name, text in row.items():
                if not one.columns[name].computed:
                    await self._put(f"{code}.{number}.{name}", text)


async def test_a_form_that_is_off_says_so(chromium, town):
    off = next(code for code, form in town.service.office.of(book.Forms).by_code.items() if not form.is_enabled)
    async with opened(chromium, town, "lisi", f"/office/forms/{off}", expected=(422,)) as page:
        await expect(page.locator("main")).to_contain_text("还没有启用")


@pytest.mark.parametrize("code", FORMS)
async def test_a_form_is_filled_in_on_a_phone(chromium, town, code):
    case, form = BOOK["forms"][code], town.service.office.of(book.Forms).by_code[code]
    if not form.is_enabled:
        pytest.skip("off until an office wants it")
    name = case.get("applicant", "高洁")
    row = next(one for one in csv.DictReader(io.StringIO(everybody_on_wecom())) if one["name"] == name)
    async with opened(chromium, town, row["wecom"], f"/office/forms/{code}") as page:
        await fits(page)
        hand = Hand(page)
        values = case["values"] | CHANGED.get(code, {})
        for field, one in form.inputs():
            if field in values:
                await hand.fill(field, one, values[field])
        await fits(page)
        await expect(page.locator(".route b").first).to_be_visible()
        if form.declares:
            await page.locator('[name="declared"]').check()
        await page.get_by_role("button", name="提交", exact=True).click()
        await expect(page.locator(".notice.good")).to_be_visible()
        assert re.search(r"/office/items/i\w{14}", page.url)
        await expect(page.locator(".source")).to_contain_text(form.title)
        await fits(page)
