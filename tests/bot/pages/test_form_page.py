"""A form on its page: begun, saved, refused with reasons beside the fields, submitted once."""

from __future__ import annotations

import re

import aiohttp
import pytest
from town import staff

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def once(page):
    return re.search(r'name="once" value="(\w+)"', page.text)[1]


def seal(page, **more):
    return {
        "token": page.token, "once": once(page), "seal": "单位公章", "matter": "一般材料",
        "title": "关于借用会议室的函", "addressee": "区文化馆", "copies": "2", "purpose": "发函",
        "way": "在办公室用印", "declared": "yes", **more,
    }  # fmt: skip


async def attach(page, *, name="定稿.pdf", data=PDF, field="file", form="seal"):
    body = aiohttp.FormData(quote_fields=False)  # as browsers do
    body.add_field("file", data, filename=name)
    url = f"{page.town.address}/office/forms/{form}/files?field={field}"
    async with page.session.post(url, data=body, headers={"X-Token": page.token}) as response:
        return await response.text()


def note(answer):
    return re.search(r'value="([^"]+)"', answer)[1]


@pytest.fixture
async def page(open_town, browser):
    town = await open_town(people=staff())
    page = browser(town, "wecom", "zhangsan")
    await page.get("/office/forms/seal?via=wecom-main")
    return page


async def test_a_form_is_filled_in_and_arrives_at_the_leader(page):
    assert page.status == 200
    assert "用印申请" in page.text
    file = note(await attach(page))
    await page.post("/office/forms/seal", seal(page, file=file))
    assert page.status == 200, page.text
    assert page.path.startswith("/office/items/")
    assert "关于借用会议室的函" in page.text
    card = await page.town.text("wecom", "lisi", "关于借用会议室的函")
    assert card.buttons
    assert (await page.town.text("wecom", "zhangsan", "关于借用会议室的函"))
    assert [row["state"] for row in await page.town.rows("SELECT state FROM item")] == ["pending"]
    assert await page.town.rows("SELECT * FROM page_draft") == []


async def test_everything_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(page):
    await page.post("/office/forms/seal", seal(page, copies="0", addressee="", way="外带用印"))
    assert page.status == 422
    assert "份数不能小于1" in page.text
    assert "送往单位还没有填" in page.text
    assert "监印人还没有填" in page.text
    assert "关于借用会议室的函" in page.text
    assert await page.town.rows("SELECT * FROM item") == []


async def test_the_second_submit_of_one_page_makes_no_second_item(page):
    form = seal(page, file=note(await attach(page)))
    await page.post("/office/forms/seal", form)
    await page.post("/office/forms/seal", form)
    assert page.path == "/office/?list=mine"
    assert len(await page.town.rows("SELECT * FROM item")) == 1


async def test_what_is_typed_is_kept_and_shown_again_with_who_will_decide(page):
    form = seal(page, title="写到一半", matter="合同协议")
    await page.post("/office/forms/seal/live", form, follow=False, headers={"HX-Request": "true"})
    assert page.status == 200
    assert "李四" in page.text
    assert "主要领导批准" in page.text
    assert "companion" not in re.search(r'data-visible="([^"]*)"', page.text)[1]
    await page.get("/office/forms/seal")
    assert "写到一半" in page.text
    await page.get("/office/forms")
    assert "没写完的草稿" in page.text


async def test_a_renamed_program_and_a_foreign_file_are_not_attached(page):
    assert "不能上传" in await attach(page, name="定稿.pdf", data=b"MZ\x90\0" * 20)
    assert "只能是" in await attach(page, name="定稿.exe", data=b"MZ\x90\0" * 20)
    assert "并已记录" in await attach(page, name="a.png", field="stamped_photo")  # a later step's, not the applicant's
    assert "是空的" in await attach(page, name="a.pdf", data=b"")
    await page.post("/office/forms/seal", seal(page, file="eyJpZCI6ICJhYmMifQ==." + "0" * 64))
    assert page.status == 422
    assert "用印文件还没有填" in page.text


async def test_a_file_is_kept_once_and_shown_only_to_those_who_may_see_the_item(page, browser):
    file = note(await attach(page))
    assert note(await attach(page, name="同一份.pdf")) != file
    await page.post("/office/forms/seal", seal(page, file=file))
    item = page.path.split("/")[3].split("?")[0]
    digest = re.search(rf"/office/items/{item}/files/([0-9a-f]{{64}})", page.text)[1]
    folder = page.town.configuration.base / "data" / "attachments"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [digest]
    async with page.session.get(f"{page.town.address}/office/items/{item}/files/{digest}") as response:
        assert await response.read() == PDF
        assert "sandbox" in response.headers["Content-Security-Policy"]
    await page.get(f"/office/items/{item}/files/{'0' * 64}")
    assert page.status == 404
    stranger = browser(page.town, "wecom", "sunlixin")
    await stranger.get(f"/office/items/{item}/files/{digest}?via=wecom-main")
    assert stranger.status == 403
    assert "不能查看" in stranger.text
    refused = (await page.town.journal("approval.act_refused"))[-1]
    assert (refused["act"], refused["why"], refused["item"]) == ("read", "hidden", item)

async def test_what_is_computed_goes_to_its_own_row_when_one_between_is_empty(open_town, browser):
    page = browser(await open_town(people=staff()), "wecom", "zhangsan")
    await page.get("/office/forms/procurement?via=wecom-main")
    rows = {"items.0.name": "椅子", "items.0.quantity": "2", "items.0.price": "10"}
    rows |= {"items.1.name": "", "items.1.quantity": "", "items.1.price": ""}
    rows |= {"items.4.name": "桌子", "items.4.quantity": "1", "items.4.price": "300"}
    await page.post("/office/forms/procurement/live", {"token": page.token, "once": once(page), **rows})
    told = dict(re.findall(r'<data data-for="([\w.]+)" value="([^"]*)"', page.text))
    assert {name: told[name] for name in told if name.startswith("items.")} == {
        "items.0.amount": "20.00元", "items.4.amount": "300.00元"
    }  # fmt: skip
    assert told["total"] == "320.00元"
