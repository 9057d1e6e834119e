"""Leave's pages in a real Chromium: they fit a phone and a desk, can be read, and lead where they say."""

from __future__ import annotations

import pytest
import pytest_asyncio
from eyes import SIZES, fits, opened, readable
from playwright.async_api import expect
from town import staff

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BOTH = pytest.mark.parametrize("size", SIZES)


@pytest_asyncio.fixture(loop_scope="session")
async def town(open_street):
    """张三 is away from 6 to 8 May."""
    town = await open_street(people=staff())
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom"), "同意")
    await town.settled()
    return town


async def seen(page):
    await fits(page)
    await readable(page)


@BOTH
async def test_from_the_calendar_to_a_day_and_its_people(chromium, town, size):
    async with opened(chromium, town, "lisi", "/office/team?month=2026-04", size=size) as page:
        await expect(page.locator(".away .none")).to_contain_text("没有人不在")
        await page.get_by_label("下个月").click()
        await expect(page.locator(".month strong")).to_have_text("2026年5月")
        await expect(page.locator(".day-off")).to_have_count(5)
        await expect(page.locator(".day-makeup .mark")).to_have_text("班")
        await seen(page)
        await page.get_by_label("5月6日1人不在").click()
        await expect(page.locator(".away")).to_contain_text("年假")
        await seen(page)


@BOTH
async def test_from_my_leave_to_a_paper(chromium, town, size):
    async with opened(chromium, town, "zhangsan", "/office/leave", size=size, expected=(404,)) as page:
        await expect(page.locator("svg.year")).to_be_visible()
        await expect(page.locator(".part.used")).to_have_count(2)  # in the bar and in its month
        await seen(page)
        await page.get_by_role("link", name="解释应休").click()
        await expect(page.locator("#why")).to_be_in_viewport()
        await page.get_by_role("link", name="对账单", exact=True).first.click()
        await seen(page)
        await page.get_by_text("看任意一天的").click()
        await page.get_by_label("余额截至哪一天").fill("2026-04-01")
        await page.get_by_role("button", name="按这两个时间看").click()
        await expect(page.locator("h1")).to_contain_text("2026年休假对账单")
        await expect(page.locator("#entries")).not_to_contain_text("5月6日")
        await page.get_by_role("link", name="核对一份对账单").click()
        await page.get_by_label("编号").fill("2026-AAAAAAAA")
        await page.get_by_label("校验码").fill("aaaa bbbb cccc")
        async with page.expect_response(lambda answer: "/leave/check/2026-AAAAAAAA" in answer.url) as answer:
            await page.get_by_role("button", name="核对", exact=True).click()
        assert (await answer.value).status == 404
        await expect(page.locator(".notice.bad")).to_contain_text("没有这个编号的对账单")
        await seen(page)


@BOTH
async def test_personnel_find_somebody_and_the_sheet(chromium, town, size):
    async with opened(chromium, town, "wangwu", "/office/leave/people", size=size) as page:
        await seen(page)
        await page.locator("#q").fill("张")
        await page.get_by_role("button", name="查找").click()
        await expect(page.locator(".person")).to_have_count(1)
        await page.get_by_role("link", name="张三").click()
        await expect(page.locator("h1")).to_contain_text("张三")
        await seen(page)
        await page.get_by_role("link", name="报表").click()
        await page.locator("#month").select_option("5")
        await page.get_by_role("button", name="查看").click()
        await expect(page.locator(".sheet-table .sum")).to_contain_text("3天")
        await seen(page)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="下载").click()
        assert (await download.value).suggested_filename == "2026年5月休假情况.xlsx"


async def test_hours_a_change_and_a_return_are_asked_for_on_a_phone(chromium, town):
    async with opened(chromium, town, "zhangsan", "/office/forms/leave") as page:
        await page.get_by_label("假别").select_option(label="事假")
        await page.locator("[name='time.start']").fill("2026-05-12")
        await page.locator("[name='time.end']").fill("2026-05-12")
        await page.get_by_label("几点起").fill("14:00")
        await page.get_by_label("到几点").fill("16:00")
        await seen(page)
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("body")).to_contain_text("事假2小时")
    async with opened(chromium, town, "zhangsan", "/office/forms/leave_change") as page:
        await page.locator("[name=leave]").first.check()
        await page.locator("[name='time.start']").fill("2026-05-06")
        await page.locator("[name='time.end']").fill("2026-05-11")
        await seen(page)
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("body")).to_contain_text("3天 → 5天")
    async with opened(chromium, town, "zhangsan", "/office/forms/leave_return", expected=(400, 409, 422)) as page:
        await page.locator("[name=leave]").first.check()
        await page.get_by_label("最后休到").fill("2026-05-07")
        await seen(page)
        await page.get_by_role("button", name="提交").click()
        await expect(page.locator("body")).to_contain_text("还没有开始")
