"""The pages as people use them, in a real Chromium, on a phone of 360 px and on a desk."""

from __future__ import annotations

import io

import pytest
import pytest_asyncio
from eyes import SIZES, fits, opened, readable
from PIL import Image
from playwright.async_api import expect
from town import DOORS, staff

PDF = {"name": "定稿.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
BOTH = pytest.mark.parametrize("size", SIZES)


@pytest_asyncio.fixture(loop_scope="session")
async def town(open_street):
    return await open_street(people=staff(li="both"))


async def pending(town):
    return (await town.rows("SELECT id FROM item WHERE state = 'pending'"))[0]["id"]


@BOTH
async def test_the_leader_reads_and_decides(chromium, town, size):
    await town.asked("wecom", "wecom")
    async with opened(chromium, town, "lisi", f"/office/items/{await pending(town)}", size=size) as page:
        await expect(page.get_by_role("heading", level=1)).to_contain_text("张三的年假3天")
        await expect(page.locator(".station.open")).to_contain_text("李四")
        await fits(page)
        await readable(page)
        await page.get_by_role("button", name="同意，注意交接工作").click()
        await page.locator("button[value=approve]").click()
        await expect(page.locator(".notice.good")).to_be_visible()
        await expect(page.locator(".timeline")).to_contain_text("同意，注意交接工作")
        await expect(page.locator(".station.open")).to_have_count(0)
        await fits(page)
    await town.until(lambda: town.cards("wecom", "zhangsan", "已同意"), "the applicant's card")


@BOTH
async def test_a_form_is_filled_in_and_the_card_is_on_the_phone(chromium, town, size):
    async with opened(chromium, town, "zhangsan", "/office/forms/seal", size=size, expected=(422,)) as page:
        await fits(page)
        await readable(page)
        await expect(page.locator("#at-companion")).to_be_hidden()
        await page.get_by_role("button", name="提交", exact=True).click()
        await expect(page.locator("#at-title .problem")).to_contain_text("文件标题还没有填")
        await fits(page)
        await readable(page)
        await page.locator("#f-seal").select_option("单位公章")
        await page.locator("#f-matter").select_option("合同协议")
        await expect(page.locator("#live")).to_contain_text("主要领导批准")
        await page.locator("#f-title").fill("关于借用会议室的函")
        await page.locator("#f-addressee").fill("区文化馆")
        await page.locator("#f-purpose").fill("发函")
        await page.get_by_text("外带用印", exact=True).click()
        await expect(page.locator("#at-companion")).to_be_visible()
        await page.get_by_text("在办公室用印", exact=True).click()
        await expect(page.locator("#at-companion")).to_be_hidden()
        await page.locator("[data-upload=file]").set_input_files(PDF)
        await expect(page.locator(".file")).to_contain_text("定稿.pdf")
        await page.locator('[name="declared"]').check()
        await fits(page)
        await page.get_by_role("button", name="提交", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("关于借用会议室的函")
        await fits(page)
        await readable(page)
    card = await town.text("wecom", "lisi", "关于借用会议室的函")
    assert any(button.text == "同意" for button in card.buttons)


def photo(shade):
    out = io.BytesIO()
    Image.new("RGB", (800, 600), (shade, 90, 150)).save(out, "JPEG")
    return {"name": f"盖章{shade}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


async def test_a_keeper_photographs_what_was_stamped(chromium, town):
    """From the clerk's page to the keeper's camera; what is too big or broken is said and keeps nothing up."""
    async with opened(chromium, town, "zhangsan", "/office/forms/seal") as page:
        await page.locator("#f-seal").select_option("单位公章")
        await page.locator("#f-matter").select_option("一般材料")
        for name in ("title", "addressee", "purpose"):
            await page.locator(f"#f-{name}").fill("区文化馆")
        await page.locator("[data-upload=file]").set_input_files([PDF, {**PDF, "name": "坏.pdf", "buffer": b"MZ"}])
        await expect(page.locator(".files .problem")).to_contain_text("坏.pdf")
        await expect(page.locator(".file")).to_have_count(1)
        await page.locator("[name=declared]").check()
        await page.get_by_role("button", name="提交", exact=True).click()
        await expect(page.locator(".notice.good")).to_be_visible()
    item = await pending(town)
    async with opened(chromium, town, "lisi", f"/office/items/{item}") as page:
        await page.locator("button[value=approve]").click()
        await expect(page.locator(".notice.good")).to_be_visible()
    async with opened(chromium, town, "chenjing", f"/office/items/{item}") as page:
        camera = page.locator("[data-upload=stamped_photo][capture=environment]")
        await expect(camera).to_have_count(1)
        await camera.set_input_files({**photo(1), "buffer": bytes(21 << 20)})
        await expect(page.locator("[data-upload-line=stamped_photo]")).to_contain_text("不能超过20MB")
        await page.locator("[data-upload=stamped_photo]").first.set_input_files([photo(10), photo(200), photo(10)])
        await expect(page.locator(".file")).to_have_count(2)
        await page.locator("#evidence-stamped_copies").fill("2")
        await fits(page)
        await page.locator("button[value=confirm]").click()
        await expect(page.locator(".notice.good")).to_be_visible()
        shown = page.locator(".fields .photos img")
        await expect(shown).to_have_count(2)
        for number in range(2):
            await expect(shown.nth(number)).to_have_js_property("naturalWidth", 320)
        await fits(page)
        await readable(page)


async def test_a_draft_is_there_again_in_another_window(chromium, town):
    async with opened(chromium, town, "zhangsan", "/office/forms/seal") as page:
        await page.locator("#f-title").fill("写到一半")
        await expect(page.locator(".saved")).to_contain_text("草稿已保存")
    async with opened(chromium, town, "zhangsan", "/office/forms/seal", size="desk") as page:
        await expect(page.locator("#f-title")).to_have_value("写到一半")


@BOTH
async def test_somebody_is_picked_by_name(chromium, town, size):
    await town.asked("wecom", "wecom")
    async with opened(chromium, town, "lisi", f"/office/items/{await pending(town)}", size=size) as page:
        await page.get_by_text("更多办法").click()
        await page.locator("summary", has_text="转办").click()
        await page.locator("#to-transfer-search").fill("陈")
        await page.locator(".found button", has_text="陈静").click()
        await expect(page.locator(".chip")).to_contain_text("陈静")
        await fits(page)
        await page.get_by_role("button", name="转办", exact=True).click()
        await expect(page.locator(".timeline")).to_contain_text("陈静")
    await town.card("wecom", "chenjing", "张三的年假3天")


async def test_rows_are_added_and_taken_away(chromium, quiet_town):
    async with opened(chromium, quiet_town, "zhangsan", "/office/forms/supplies") as page:
        for _ in range(3):
            await page.get_by_role("button", name="加一行").click()
        rows = page.locator(".table > .line")
        await expect(rows).to_have_count(3)
        await rows.nth(0).locator("input").first.fill("第一")
        await rows.nth(2).locator("input").first.fill("第三")
        await rows.nth(1).locator(".drop").click()
        await expect(rows).to_have_count(2)
        await fits(page)
        names = [await rows.nth(i).locator("input").first.get_attribute("name") for i in range(2)]
        assert [name.split(".")[1] for name in names] == ["0", "1"]
        await expect(rows.nth(1).locator("input").first).to_have_value("第三")


@BOTH
@pytest.mark.parametrize("path", ["/office/", "/office/?list=mine", "/office/forms", "/office/leave"])
async def test_every_other_page_fits_and_can_be_read(chromium, quiet_town, size, path):
    async with opened(chromium, quiet_town, "lisi", path, size=size, expected=(404,)) as page:
        await expect(page.locator(".who")).to_contain_text("李四")
        await fits(page)
        await readable(page)


async def test_outside_of_dingtalk_the_page_says_where_to_open_it(chromium, quiet_town):
    context = await chromium.new_context(viewport=SIZES["phone"])
    page = await context.new_page()
    await page.goto(f"{quiet_town.address}/office/?via={DOORS['dingtalk']}")
    await expect(page.locator("#client-help")).to_contain_text("请在钉钉里打开")
    await fits(page)
    await context.close()


async def test_inside_dingtalk_the_client_is_asked_for_a_code(chromium, quiet_town):
    """The client's bridge is stood in for; the vendored library itself loads and does not complain."""
    context = await chromium.new_context(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) DingTalk/7.6.0")
    page = await context.new_page()
    code = quiet_town.fake("dingtalk").auth_code("lisi")
    script = f"""Object.defineProperty(window, "dd", {{
        set() {{}}, get: () => ({{ requestAuthCode: async (ask) => ({{ code: ask.corpId && "{code}" }}) }}),
    }});"""
    await page.add_init_script(script)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{quiet_town.address}/office/?via={DOORS['dingtalk']}")
    await expect(page.locator(".who")).to_contain_text("李四")
    assert errors == []
    await context.close()


@BOTH
@pytest.mark.parametrize(
    "path", ["/office/calendar?day=2026-04-29", "/office/rooms?day=2026-04-29", "/office/calendar/feeds"]
)
async def test_calendars_and_rooms_fit_a_phone(chromium, town, size, path):
    for said in ("日程 周三上午10点 接待调研组 @三楼会议室", "三楼会议室 周三上午10点到12点 20人 调研座谈"):
        await town.say("wecom", "zhangsan", said)
    await town.text("wecom", "zhangsan", "已预订")
    async with opened(chromium, town, "zhangsan", path, size=size) as page:
        await fits(page)
        await readable(page)
