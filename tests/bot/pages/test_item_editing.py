"""Changing fields on an item's page: what the form lets the people of the present step change, and nothing else."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from town import DOORS

if "form_desk" not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        "form_desk", Path(__file__).parents[2] / "scenarios" / "form_desk.py"
    )
    _module = importlib.util.module_from_spec(_spec)
    sys.modules["form_desk"] = _module
    _spec.loader.exec_module(_module)

from form_desk import Desk, office, staff


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


@pytest.fixture
async def item(desk):
    """A procurement that waits for 冯雪 of finance."""
    _, item = await desk.submitted("procurement")
    return await desk.consent("procurement", item, desk.people["何军"])


@pytest.fixture
def opened(desk, item, browser):
    """`await opened("冯雪")`: the item's page in this person's browser."""

    async def open_it(name):
        platform, user = desk.phone(name)
        return await browser(desk.town, platform, user).get(f"/office/items/{item.id}?via={DOORS[platform]}")

    return open_it


EDITS = {"edit.budget_line": "办公费", "edit.method": "询价", "edit.single_reason": ""}


async def test_the_page_asks_for_what_may_be_changed_and_shows_what_it_was(desk, item, opened):
    page = await opened("冯雪")
    assert "保存修改" in page.text
    assert 'name="edit.method"' in page.text
    assert 'name="edit.items' not in page.text
    await page.press("amend", **EDITS, opinion="按目录")
    assert page.status == 200
    assert "<del>电子卖场直购</del> → <ins>询价</ins>" in page.text
    assert "已改" in page.text
    fields = (await desk.item(item)).fields
    assert (fields["method"], fields["budget_line"]) == ("询价", "办公费")
    told = await desk.town.text(*desk.phone("高洁"), "冯雪办理1号")
    assert "预算项目由设备购置改为办公费，采购方式由电子卖场直购改为询价" in told.text


async def test_what_does_not_fit_is_said_and_changes_nothing(desk, item, opened):
    page = await opened("冯雪")
    await page.press("amend", **EDITS | {"edit.method": "单一来源"}, opinion="只有一家能做")
    assert page.status == 422
    assert "单一来源理由还没有填" in page.text
    assert re.search(r'value="单一来源"\s+(?:checked|selected)', page.text)
    assert 'value="办公费"' in page.text
    assert "只有一家能做" in page.text
    await page.press("amend", **EDITS | {"edit.method": "电子卖场直购", "edit.budget_line": "设备购置"})
    assert "请写明改什么" in page.text
    assert (await desk.item(item)).fields == item.fields


@pytest.mark.parametrize(("name", "status"), [("何军", 403), ("高洁", 403), ("李四", 403)])
async def test_nobody_else_is_asked_nor_heard(desk, item, opened, name, status):
    page = await opened(name)
    assert "保存修改" not in page.text
    await page.press("amend", **EDITS)
    assert page.status == status
    assert (await desk.item(item)).fields == item.fields
    assert (await desk.town.journal("approval.act_refused"))[-1]["act"] == "amend"


async def test_an_older_page_is_told_that_it_is_old(desk, item, opened):
    page = await opened("冯雪")
    version = page.version
    await page.press("amend", **EDITS)
    form = {"token": page.token, "version": version, "verb": "amend", **EDITS | {"edit.budget_line": "会议费"}}
    await page.post(f"/office/items/{item.id}/acts", form)
    assert page.status == 409
    assert (await desk.item(item)).fields["budget_line"] == "办公费"


async def test_a_field_that_the_form_does_not_list_is_not_listened_to(desk, item, opened):
    page = await opened("冯雪")
    await page.press("amend", **EDITS, **{"edit.purpose": "另一件事", "edit.total": "1"})
    fields = (await desk.item(item)).fields
    assert (fields["purpose"], fields["total"]) == (item.fields["purpose"], item.fields["total"])


async def test_the_pages_button_has_the_forms_word(desk, browser):
    _, item = await desk.submitted("repair")
    platform, user = desk.phone("郑海")
    page = await browser(desk.town, platform, user).get(f"/office/items/{item.id}?via={DOORS[platform]}")
    assert 'value="confirm">修好了</button>' in page.text
