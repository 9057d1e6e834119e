"""A page takes nothing with a secrecy marking, and who submits confirms first that there is none."""

from __future__ import annotations

import re

import aiohttp
import pytest
from town import staff

SECRET = "人事方案第三稿"
PAPER = f"机密★10年 {SECRET}"


@pytest.fixture
async def page(open_town, browser):
    page = browser(await open_town(people=staff()), "wecom", "zhangsan")
    await page.get("/office/forms/letter?via=wecom-main")
    return page


def typed(page, **more):
    return {"token": page.token, "once": re.search(r'name="once" value="(\w+)"', page.text)[1], **more}


async def test_no_draft_of_it_is_kept_and_it_is_one_matter_for_the_officer(page):
    sent = typed(page, title=PAPER)
    for where in ("letter/live", "letter/live", "letter"):
        await page.post(f"/office/forms/{where}", sent, follow=False, headers={"HX-Request": "true"})
        assert page.status == 422
        assert "没有保存" in page.text
    assert SECRET not in repr(await page.town.everything())
    [fact] = await page.town.journal("approval.content_refused")
    assert (fact["form"], fact["where"], fact["rule"]) == ("letter", "page", "star")


@pytest.mark.parametrize("name", ["机密★10年.pdf", "【秘密】方案.pdf"])
async def test_a_file_with_a_marked_name_is_not_taken(page, name):
    body = aiohttp.FormData(quote_fields=False)
    body.add_field("file", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF", filename=name)
    url = f"{page.town.address}/office/forms/letter/files?field=draft"
    async with page.session.post(url, data=body, headers={"X-Token": page.token}) as response:
        assert "没有保存" in await response.text()
    folder = page.town.configuration.base / "data" / "attachments"
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert (await page.town.journal("approval.content_refused"))[0]["where"] == "file"


async def test_without_the_declaration_nothing_is_submitted(page):
    await page.get("/office/forms/procurement")
    values = typed(
        page, purpose="更换投影机", category="货物", budget_line="设备购置", method="电子卖场直购",
        **{"items.0.name": "投影机", "items.0.quantity": "1", "items.0.price": "100"},
    )  # fmt: skip
    await page.post("/office/forms/procurement", values)
    assert page.status == 422
    assert "请先确认不涉及国家秘密" in page.text
    assert "更换投影机" in page.text
    await page.post("/office/forms/procurement", values | {"declared": "yes"})
    assert page.path.startswith("/office/items/")
    assert len(await page.town.journal("approval.secrecy_declared")) == 1
