"""The page as a person uses it, in a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.demo import page as demo
from tests.bot.demo import scripted

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
CLERK, LEADER, PERSONNEL, GROUP = "#phone-0", "#phone-1", "#phone-2", "#phone-3"

# One browser for all tests, each with pages of its own; so they share a loop as well.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture
def room() -> scripted.Rehearsal:
    return scripted.Rehearsal()


@pytest_asyncio.fixture(loop_scope="module")
async def server(room: scripted.Rehearsal) -> AsyncIterator[TestServer]:
    async with TestServer(demo.app(room.platforms, clock=room.clock, stage=scripted.STAGE)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def table(browser: Browser, server: TestServer) -> AsyncIterator[Page]:
    """The page on a laptop. Whatever it complains about, refused by its policy or thrown, fails the test."""
    async for page in opened(browser, server, width=1366, height=768):
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def handheld(browser: Browser, server: TestServer) -> AsyncIterator[Page]:
    async for page in opened(browser, server, width=360, height=740):
        yield page


async def opened(browser: Browser, server: TestServer, *, width: int, height: int) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    await page.goto(str(server.make_url("/")))
    await expect(page.locator(f"{CLERK} .hints button").first).to_be_attached()
    await expect(page.locator("#link")).to_contain_class("on")
    yield page
    assert [complaint for complaint in complaints if "status of 404" not in complaint] == []
    await page.close()


async def say(page: Page, phone: str, text: str) -> None:
    await page.locator(f"{phone} textarea").fill(text)
    await page.locator(f"{phone} textarea").press("Enter")


async def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Until the other side of the wire has it; the test's own time limit ends what never comes."""
    while not holds():
        await page.evaluate("() => new Promise(requestAnimationFrame)")


async def test_one_leave_from_the_sentence_to_the_group(table: Page, room: scripted.Rehearsal) -> None:
    await table.locator(f"{CLERK} .hints button").first.click()
    await table.locator(f"{CLERK} textarea").press("Enter")
    await expect(table.locator("#guide-ask")).to_contain_class("done")
    await table.locator(f"{CLERK} input[data-key=stand_in]").fill("陈七")
    await table.get_by_role("button", name="提交").click()
    await expect(table.locator(f"{CLERK} .card-state")).to_have_text("已提交，等李四审批")
    await table.locator(f"{LEADER} select[data-key=opinion]").select_option("handover")
    await table.get_by_role("button", name="同意", exact=True).click()
    await expect(table.locator(f"{CLERK} .card")).to_contain_class("tone-good")
    await expect(table.locator(f"{LEADER} .card-state")).to_have_text("已由李四同意")
    await expect(table.locator(f"{PERSONNEL} .card")).to_contain_text("年假已批准")
    await expect(table.locator(f"{GROUP} .entry .bubble")).to_contain_text("张三 5月6日至8日年假")
    await expect(table.locator("#guide-done")).to_be_visible()
    assert [tap[3] for tap in room.dingtalk.taps + room.wecom.taps] == [
        {"stand_in": ["陈七"]}, {"opinion": ["handover"]},
    ]  # fmt: skip


async def test_a_card_that_was_refused_is_no_step_further(table: Page, room: scripted.Rehearsal) -> None:
    card = scripted.draft_card("年假 5月6日到8日")
    room.dingtalk.put("zhangsan", **card, state="未提交，改好后重新发一句即可")
    await expect(table.locator(f"{CLERK} .card-state")).to_have_text("未提交，改好后重新发一句即可")
    await expect(table.locator("#guide-submit")).not_to_contain_class("done")
    room.dingtalk.put("zhangsan", **card, state="已提交，等李四审批")
    await expect(table.locator("#guide-submit")).to_contain_class("done")


async def test_a_draft_that_was_corrected_is_no_step_further(table: Page, room: scripted.Rehearsal) -> None:
    card = room.dingtalk.put("zhangsan", **scripted.draft_card("年假 5月6日到8日") | {"title": "请确认：年假3天"})
    card.subtitle, card.updates = "事由改成探亲", 1
    room.dingtalk.trace.changed(user="zhangsan")
    await expect(table.locator(f"{CLERK} .card-sub")).to_have_text("事由改成探亲")
    await expect(table.locator("#guide-submit")).not_to_contain_class("done")


async def test_a_card_already_closed_elsewhere_says_so(table: Page, room: scripted.Rehearsal) -> None:
    room.wecom.put("lisi", **scripted.leader_card())
    # the server's own 404 is test_page's; here it must come before the page has heard of the change
    await table.route("**/demo/wecom/tap", lambda route: route.fulfill(status=404, json={"error": "gone"}))
    await table.locator(f"{LEADER} .card-button.primary").click()
    await expect(table.locator(f"{LEADER} .toast")).to_contain_text("已经点不了了")


async def test_an_update_pulses_once_and_keeps_what_was_typed(table: Page, room: scripted.Rehearsal) -> None:
    card = room.dingtalk.put("zhangsan", **scripted.draft_card("年假"))
    field = table.locator(f"{CLERK} input[data-key=stand_in]")
    await field.fill("陈七")
    card.subtitle, card.updates = "又提醒了一次", 1
    room.dingtalk.trace.changed(user="zhangsan")
    await expect(table.locator(f"{CLERK} .entry.pulse .card-sub")).to_have_text("又提醒了一次")
    await expect(field).to_have_value("陈七")


async def test_a_card_that_changes_out_of_sight_is_pointed_at(table: Page, room: scripted.Rehearsal) -> None:
    card = room.dingtalk.put("zhangsan", **scripted.draft_card("年假"))
    for number in range(12):
        room.dingtalk.put("zhangsan", kind="text", text=f"第{number}条")
    shown = table.locator(f"{CLERK} .card")
    await expect(table.locator(f"{CLERK} .entry")).to_have_count(13)
    await expect(shown).not_to_be_in_viewport()
    room.dingtalk.change("zhangsan", card.id, state="李四已同意", tone="good")
    await table.get_by_role("button", name="上面的卡片更新了").click()
    await expect(shown.locator(".card-state")).to_be_in_viewport()


async def test_a_waiting_answer_is_announced_until_it_comes(table: Page, room: scripted.Rehearsal) -> None:
    room.dingtalk.silent = 1
    await say(table, CLERK, "到哪了")
    await expect(table.locator(f"{CLERK} .typing")).to_be_visible()
    await expect(table.locator(f"{CLERK} .chat-name")).to_contain_text("正在输入")
    room.dingtalk.put("zhangsan", kind="text", text="在李四那里，等了两小时")
    await expect(table.locator(f"{CLERK} .typing")).to_be_hidden()


async def test_markup_in_a_message_is_shown_as_written(table: Page, room: scripted.Rehearsal) -> None:
    nasty = "<script>document.title='x'</script><img src=x onerror=alert(1)> [点我](javascript:alert(1))"
    await say(table, CLERK, nasty)
    await expect(table.locator(f"{CLERK} .mine .bubble")).to_have_text(nasty)
    room.dingtalk.put("zhangsan", kind="markdown", text=nasty)
    await expect(table.locator(f"{CLERK} .markdown")).to_contain_text("<script>")
    assert await table.locator(f"{CLERK} .log :is(script, img, a)").count() == 0
    assert await table.title() == "演示 · 示例区机关事务中心"


async def test_a_picture_is_shown_and_a_file_is_a_tile(table: Page, room: scripted.Rehearsal) -> None:
    picker = table.locator(f"{LEADER} input[type=file]")
    await picker.set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": scripted.PIXEL})
    picture = table.locator(f"{LEADER} .picture img")
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await picker.set_input_files({"name": "证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    await expect(table.locator(f"{LEADER} .file")).to_have_text("PDF证明.pdf")
    assert [name for name, _ in room.wecom.files.values()] == ["现场.png", "证明.pdf"]


async def test_a_line_of_the_wire_opens_in_both_forms(table: Page, room: scripted.Rehearsal) -> None:
    room.wecom.callback("text", "到哪了")
    await table.get_by_role("button", name="看通信").click()
    await table.locator(".wire-row").first.click()
    parts = table.locator(".wire-part")
    await expect(parts.nth(0)).to_contain_text("到哪了")
    await expect(parts.nth(1)).to_contain_text("<Encrypt>")
    left, right = [await parts.nth(n).bounding_box() for n in (0, 1)]
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]  # side by side
    assert left["x"] < right["x"]


async def test_the_wire_is_filtered_paused_and_cleared(table: Page, room: scripted.Rehearsal) -> None:
    await table.locator("#wire-fold").click()
    rows = table.locator(".wire-row:visible")
    room.wecom.callback("text", "一")
    room.dingtalk.callback("text", "二")
    await expect(rows).to_have_count(2)
    await table.locator("#wire-filter").select_option("dingtalk")
    await expect(rows).to_have_count(1)
    await table.locator("#wire-pause").click()
    room.dingtalk.callback("text", "三")
    await expect(table.locator("#wire-pause")).to_have_text("继续（1）")
    await expect(rows).to_have_count(1)
    await table.locator("#wire-pause").click()
    await expect(rows).to_have_count(2)
    await table.locator("#wire-clear").click()
    await expect(rows).to_have_count(0)


async def test_the_clock_moves_on_every_phone(table: Page, room: scripted.Rehearsal) -> None:
    await table.get_by_role("button", name="到下周一 9:00").click()
    await expect(table.locator("#clock-date")).to_have_text("2026年5月4日 周一")
    await expect(table.locator(f"{CLERK} .hour")).to_have_text("09:00")
    await table.get_by_role("button", name="+1天").click()
    await expect(table.locator("#clock-date")).to_have_text("2026年5月5日 周二")
    assert timedelta(days=8) - timedelta(minutes=10) < room.clock.now() - scripted.START < timedelta(days=8)


async def test_the_clock_is_set_by_hand_but_never_back(table: Page, room: scripted.Rehearsal) -> None:
    await table.get_by_role("button", name="自选").click()
    await table.locator("#clock-moment").fill("2026-04-30T17:00")
    await table.get_by_role("button", name="前往").click()
    await expect(table.locator("#clock-date")).to_have_text("2026年4月30日 周四")
    await expect(table.locator("#clock-time")).to_contain_text("17:00:")
    await table.get_by_role("button", name="自选").click()
    await table.locator("#clock-moment").fill("2026-04-01T08:00")
    await table.get_by_role("button", name="前往").click()
    await expect(table.locator(".toast.bad")).to_contain_text("只能往前走")
    assert room.clock.now() > scripted.START


async def test_suggested_days_follow_the_clock(table: Page) -> None:
    first = table.locator(f"{CLERK} .hints button").first
    await expect(first).to_have_text("年假 5月6日到8日 回家")
    for _ in range(2):
        await table.get_by_role("button", name="到下周一 9:00").click()
    await expect(first).to_have_text("年假 5月18日到20日 回家")


async def test_a_fault_is_caused_on_one_platform_and_ended(table: Page, room: scripted.Rehearsal) -> None:
    await table.get_by_role("button", name="制造故障").click()
    await table.get_by_role("radio", name="企业微信").click()
    await table.get_by_role("button", name="限流").click()
    await expect(table.locator("#fault-now")).to_contain_text("企业微信：限流（接口，还剩 3 次）")
    assert [rule.kind for rule in room.wecom.faults.rules] == ["limit"]
    assert room.dingtalk.faults.rules == []
    await table.get_by_role("button", name="全部恢复正常").click()
    await expect(table.locator("#fault-count")).to_be_hidden()
    assert room.wecom.faults.rules == []


async def test_every_fault_of_the_menu_is_understood(table: Page, room: scripted.Rehearsal) -> None:
    await table.get_by_role("button", name="制造故障").click()
    for button in await table.locator("#fault-list button").all():
        await button.click()
    await expect(table.locator("#fault-now li")).to_have_count(16)
    assert {rule.kind for rule in room.wecom.faults.rules} == {
        "slow", "down", "limit", "duplicate", "reorder", "lost", "error",
    }  # fmt: skip
    assert room.wecom.revoked == room.wecom.cut == 1


async def test_chats_are_switched_and_a_dot_marks_the_unread_one(table: Page, room: scripted.Rehearsal) -> None:
    room.dingtalk.to_group("下午三点开会", author="李四")
    group = table.locator(f"{CLERK} .chats button").nth(1)
    await expect(group.locator(".dot")).to_be_visible()
    await group.click()
    await expect(table.locator(f"{CLERK} .entry .bubble").first).to_have_text("下午三点开会")
    await expect(group.locator(".dot")).to_have_count(0)
    await say(table, CLERK, "收到")
    await expect(table.locator(f"{CLERK} .mine .bubble")).to_have_text("收到")
    assert room.dingtalk.said == [("zhangsan", "收到", scripted.GROUP)]


async def test_another_member_takes_the_phone(table: Page, room: scripted.Rehearsal) -> None:
    room.wecom.put("zhangsan", kind="text", text="给张三的")
    await table.locator(f"{LEADER} .member").select_option("zhangsan")
    await expect(table.locator(f"{LEADER} .entry .bubble").first).to_have_text("给张三的")
    await expect(table.locator(f"{LEADER} .role")).to_have_text("科员·企业微信")
    await eventually(table, lambda: room.wecom.opened == ["zhangsan"])


async def test_a_phone_can_be_somebody_s_on_another_platform(table: Page, room: scripted.Rehearsal) -> None:
    room.dingtalk.put("zhangsan", kind="text", text="在另一个平台上")
    await table.locator(f"{LEADER} .member").select_option("dingtalk:zhangsan")
    await expect(table.locator(f"{LEADER} .entry .bubble").first).to_have_text("在另一个平台上")
    await expect(table.locator(f"{LEADER} .role")).to_have_text("科员·钉钉")
    await expect(table.locator(f"{LEADER} .screen.dingtalk")).to_have_count(1)


async def test_the_page_catches_up_after_a_gap(browser: Browser, room: scripted.Rehearsal) -> None:
    page = await browser.new_page()
    async with TestServer(demo.app(room.platforms, clock=room.clock, stage=scripted.STAGE)) as first:
        await page.goto(str(first.make_url("/")))
        await expect(page.locator("#link-text")).to_have_text("已连接")
        port = first.port
    await expect(page.locator("#link-text")).to_have_text("正在重连…")
    room.dingtalk.put("zhangsan", kind="text", text="断线时来的")
    application = demo.app(room.platforms, clock=room.clock, stage=scripted.STAGE)
    async with TestServer(application, port=port):
        await expect(page.locator(f"{CLERK} .entry .bubble").first).to_have_text("断线时来的")
        await expect(page.locator("#link-text")).to_have_text("已连接")
        room.dingtalk.callback("text", "到哪了")  # its numbers may have begun anew
        await expect(page.locator("#wire-last")).to_contain_text("收到文字")
        await page.close()


async def test_five_hundred_messages_end_at_the_last(table: Page, room: scripted.Rehearsal) -> None:
    for number in range(500):
        room.dingtalk.put("zhangsan", kind="text", text=f"第{number}条" + "很长的一句话" * (number % 7))
    last = table.locator(f"{CLERK} .entry").last
    await expect(table.locator(f"{CLERK} .entry")).to_have_count(500)
    await expect(last).to_be_in_viewport()
    assert await table.locator(f"{CLERK} .log").evaluate("log => log.scrollWidth <= log.clientWidth")


async def test_a_long_word_does_not_widen_the_phone(table: Page, room: scripted.Rehearsal) -> None:
    card = scripted.leader_card() | {"title": "长" * 200, "note": "x" * 400}
    room.wecom.put("lisi", **card)
    await say(table, LEADER, "w" * 300)
    await expect(table.locator(f"{LEADER} .mine .bubble")).to_be_visible()
    assert await table.locator(f"{LEADER} .log").evaluate("log => log.scrollWidth <= log.clientWidth")


async def test_a_laptop_shows_four_phones_without_scrolling(table: Page) -> None:
    for phone in (CLERK, LEADER, PERSONNEL, GROUP):
        await expect(table.locator(f"{phone} textarea")).to_be_in_viewport(ratio=1)
    assert await table.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await table.locator("#table").evaluate("table => table.scrollWidth <= table.clientWidth")


async def test_a_handheld_shows_one_phone_at_a_time(handheld: Page, room: scripted.Rehearsal) -> None:
    room.wecom.put("lisi", **scripted.leader_card())
    await expect(handheld.locator(CLERK)).to_be_visible()
    await expect(handheld.locator(LEADER)).to_be_hidden()
    leader = handheld.locator("#tabs button").nth(1)
    await expect(leader.locator(".dot")).to_be_visible()
    await leader.click()
    await expect(handheld.locator(f"{LEADER} .card-button.primary")).to_be_in_viewport()
    await expect(leader.locator(".dot")).to_have_count(0)
    await handheld.locator("#tabs button").last.click()
    await expect(handheld.locator(".wire-row").first).to_be_visible()
    assert await handheld.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("tab", range(5))
async def test_nothing_on_a_handheld_scrolls_sideways(handheld: Page, room: scripted.Rehearsal, tab: int) -> None:
    await say(handheld, CLERK, "年假 5月6日到8日 回家")
    await expect(handheld.locator(f"{CLERK} .card")).to_be_visible()
    await handheld.locator("#tabs button").nth(tab).click()
    wide = "[...document.querySelectorAll('body, body > *, .log, .wire-lines')]"
    assert (
        await handheld.evaluate(f"{wide}.filter(node => node.scrollWidth > innerWidth).map(node => node.className)")
        == []
    )


async def test_the_keyboard_alone_is_enough(table: Page) -> None:
    await table.locator(f"{CLERK} textarea").focus()
    await table.keyboard.type("年假 5月6日到8日 回家")
    await table.keyboard.press("Enter")
    submit = table.get_by_role("button", name="提交")
    await expect(submit).to_be_visible()
    await table.locator(f"{CLERK} input[data-key=stand_in]").focus()
    await table.keyboard.press("Tab")
    await expect(submit).to_be_focused()
    assert await submit.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    await table.keyboard.press("Enter")
    await expect(table.locator(f"{CLERK} .card-state")).to_be_visible()
