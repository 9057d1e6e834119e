"""Who looked at whose record, and who may know that."""

from __future__ import annotations

import re

import pytest
from town import staff

READ, PRINTED = "approval.record_read", "approval.slip_printed"


def _inspected(text):
    """孙立新 checks the records, and the clerk 陈静 has no role but that of the seal's keeper."""
    return re.sub(r"admin: \[.*?\]", "admin: [孙立新]\n  inspector: [孙立新]", text)


@pytest.fixture
async def town(open_town):
    town = await open_town(people=staff(), office=_inspected)
    await town.asked("wecom", "wecom")
    return town


@pytest.fixture
async def item(town):
    return (await town.rows("SELECT id FROM item WHERE state = 'pending'"))[0]["id"]


async def opened(town, browser, user, item, path=""):
    page = browser(town, "wecom", user)
    return await page.get(f"/office/items/{item}{path}?via=wecom-main")


async def test_a_look_is_written_down_once_an_hour(town, browser, item):
    page = await opened(town, browser, "wangwu", item)
    for _ in range(3):
        await page.get(f"/office/items/{item}")
        await page.get(f"/office/items/{item}/news?acts=1")
    assert len(await town.journal(READ)) == 1
    await town.forward(minutes=61)
    await page.get(f"/office/items/{item}")
    looks = await town.journal(READ)
    assert [one["item"] for one in looks] == [item, item]
    assert {one["door"] for one in looks} == {"page"}


async def test_ones_own_record_is_nobody_elses_business(town, browser, item):
    page = await opened(town, browser, "zhangsan", item)
    async with page.session.get(f"{town.address}/office/items/{item}/slip.pdf") as answer:
        assert answer.status == 200
    assert await town.journal(READ) == []
    assert await town.journal(PRINTED) == []


async def test_a_print_is_written_down_and_its_version(town, browser, item):
    page = await opened(town, browser, "lisi", item)
    for _ in range(2):
        async with page.session.get(f"{town.address}/office/items/{item}/slip.pdf") as answer:
            assert answer.status == 200
    (printed,) = await town.journal(PRINTED)
    version = (await town.rows("SELECT version FROM item"))[0]["version"]
    assert (printed["item"], printed["version"], printed["account"]) == (item, version, "wecom-main")


@pytest.mark.parametrize(
    ("user", "knows"), [("sunlixin", True), ("wangwu", False), ("lisi", False), ("zhangsan", False)]
)
async def test_who_looked_is_for_those_who_check(town, browser, item, user, knows):
    await opened(town, browser, "wangwu", item)
    page = await opened(town, browser, user, item)
    assert page.status == 200
    assert ("谁看过" in page.text) is knows


async def test_a_refused_look_is_a_refusal_and_no_look(town, browser, item):
    page = await opened(town, browser, "chenjing", item)
    assert page.status == 403
    assert await town.journal(READ) == []
    assert len(await town.journal("approval.act_refused")) == 1


async def test_the_looks_take_nothing_from_what_the_journal_says_of_the_item(town, browser, item):
    page = await opened(town, browser, "lisi", item)
    await page.press("approve", opinion="同意")
    assert page.status == 200
    await town.forward(hours=2)
    await page.get(f"/office/items/{item}?via=wecom-main")
    assert len(await town.journal(READ)) == 2
    assert "补录" not in page.text
