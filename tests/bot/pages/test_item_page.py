"""An item's page, read and acted upon through real sign-ins on both platforms."""

from __future__ import annotations

import asyncio
import re

import pytest
from town import DOORS, staff


async def item_of(town):
    return (await town.rows("SELECT id FROM item WHERE state = 'pending' ORDER BY created_ms DESC"))[0]["id"]


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_the_leader_decides_on_the_page_and_every_card_follows(open_town, browser, platform):
    town = await open_town(people=staff(li=platform))
    await town.asked("wecom", platform)
    item = await item_of(town)
    leader = browser(town, platform, "lisi")
    await leader.get(f"/office/items/{item}?via={DOORS[platform]}")
    assert leader.status == 200
    assert "张三的年假3天" in leader.text
    assert {"approve", "reject", "comment"} <= leader.verbs
    await leader.press("approve", opinion="注意交接")
    assert leader.status == 200
    assert "已同意" in leader.text
    assert "注意交接" in leader.text
    assert "approve" not in leader.verbs
    mine = await town.text("wecom", "zhangsan", "注意交接")
    assert "已同意" in mine.title
    await town.until(lambda: any(m.state for m in town.cards(platform, "lisi", "张三的年假3天")), "the card is closed")
    assert [fact["verb"] for fact in await town.journal("approval.step_decided")] == ["submit", "approve"]
    assert (await town.journal("approval.step_decided"))[-1]["door"] == "page"


@pytest.fixture
async def town(open_town):
    town = await open_town(people=staff())
    await town.asked("wecom", "wecom")
    return town


@pytest.fixture
async def leader(town, browser):
    leader = browser(town, "wecom", "lisi")
    return await leader.get(f"/office/items/{await item_of(town)}?via=wecom-main")


async def test_somebody_who_has_nothing_to_do_with_it_is_refused_in_words_and_recorded(town, browser):
    item = await item_of(town)
    stranger = browser(town, "wecom", "sunlixin")
    await stranger.get(f"/office/items/{item}?via=wecom-main")
    assert stranger.status == 403
    assert "不能查看" in stranger.text
    assert "年假" not in stranger.text
    refused = (await town.journal("approval.act_refused"))[-1]
    assert (refused["item"], refused["act"], refused["why"], refused["door"]) == (item, "read", "hidden", "page")


async def test_personnel_reads_everything_and_decides_nothing(town, browser):
    reader = browser(town, "wecom", "wangwu")
    await reader.get(f"/office/items/{await item_of(town)}?via=wecom-main")
    assert reader.status == 200
    assert "回家" in reader.text
    assert not reader.verbs & {"approve", "reject"}


async def test_the_applicant_sees_where_it_is_and_cannot_decide_it(town, browser):
    mine = browser(town, "wecom", "zhangsan")
    await mine.get(f"/office/items/{await item_of(town)}?via=wecom-main")
    assert "在李四处" in mine.text
    assert {"urge", "withdraw"} <= mine.verbs
    await mine.press("approve")
    assert mine.status == 403
    assert "不能审批自己的申请" in mine.text
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]
    assert (await town.journal("approval.act_refused"))[-1]["why"] == "own_request"


async def test_rejecting_needs_a_reason_and_says_so_without_recording_an_offence(town, leader):
    await leader.press("reject")
    assert leader.status == 422
    assert "请写明理由" in leader.text
    assert await town.journal("approval.act_refused") == []
    await leader.press("reject", opinion="近期人手不足")
    assert leader.status == 200
    assert "已驳回" in leader.text
    assert (await town.text("wecom", "zhangsan", "近期人手不足")).title.endswith("已驳回")


async def test_two_tabs_decide_at_once_and_one_of_them_is_told(town, leader):
    form = {"token": leader.token, "version": leader.version}
    path = f"/office/items/{await item_of(town)}/acts"
    await leader.post(path, {**form, "verb": "approve"})
    assert leader.status == 200
    await leader.post(path, {**form, "verb": "reject", "opinion": "晚了一步"})
    assert leader.status == 409
    assert "已经办完" in leader.text
    assert [one["verb"] for one in await town.journal("approval.step_decided")] == ["submit", "approve"]


async def test_a_tap_and_a_page_at_once_are_one_decision(town, leader):
    card = town.cards("wecom", "lisi", "张三的年假3天")[-1]
    item = await item_of(town)
    form = {"token": leader.token, "version": leader.version, "verb": "reject", "opinion": "不行"}
    await asyncio.gather(
        leader.post(f"/office/items/{item}/acts", form), town.tap("wecom", "lisi", card, "同意")
    )
    await town.settled()
    decided = [one for one in await town.journal("approval.step_decided") if one["verb"] != "submit"]
    assert len(decided) == 1


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_of_another_site_does_nothing(town, leader, token):
    form = {"token": token, "version": leader.version, "verb": "approve"}
    await leader.post(f"/office/items/{await item_of(town)}/acts", form)
    assert leader.status == 403
    assert "不是从本系统的页面发出" in leader.text
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]


async def test_a_right_token_from_a_foreign_page_does_nothing(town, leader):
    form = {"token": leader.token, "version": leader.version, "verb": "approve"}
    path = f"/office/items/{await item_of(town)}/acts"
    await leader.post(path, form, headers={"Origin": "https://evil.example"})
    assert leader.status == 403
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]


async def test_an_act_after_the_session_ended_signs_in_and_shows_the_item(town, leader):
    form = {"token": leader.token, "version": leader.version, "verb": "approve"}
    item = await item_of(town)
    await town.forward(hours=12)
    where = await leader._one("POST", f"/office/items/{item}/acts", data=form)
    assert "/office/login?next=" in where
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]


@pytest.mark.parametrize("form", [{"verb": "fly"}, {"verb": "approve", "version": "x"}, {"verb": "expire"}, {}])
async def test_what_no_page_of_ours_sends_is_refused(town, leader, form):
    await leader.post(f"/office/items/{await item_of(town)}/acts", {"token": leader.token, **form})
    assert leader.status in (403, 422)
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["pending"]


async def test_an_unknown_item_is_a_page_that_says_so(town, leader):
    await leader.get("/office/items/i00000000000000")
    assert leader.status == 404
    assert "没有找到这件事项" in leader.text


async def test_a_page_that_is_behind_is_told_and_one_that_is_not_is_left_alone(town, leader):
    item = await item_of(town)
    await leader.get(f"/office/items/{item}/news?acts=1")
    assert leader.status == 204
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.settled()
    await leader.get(f"/office/items/{item}/news?acts=1")
    assert "有了新进展" in leader.text


async def test_transferred_to_a_colleague_by_name(town, leader, browser):
    await leader.get("/office/people?q=陈")
    person = re.search(r'data-person="(\w+)" data-name="陈静"', leader.text)[1]
    await leader.get(f"/office/items/{await item_of(town)}")
    await leader.press("transfer", to=person, opinion="请代为审核")
    assert leader.status == 200, leader.text
    assert "转办" in leader.text
    other = browser(town, "wecom", "chenjing")
    await other.get(f"/office/items/{await item_of(town)}?via=wecom-main")
    assert "approve" in other.verbs


async def test_every_page_keeps_to_the_policy(town, leader):
    pages = ("", "forms", "forms/seal", "nothing", "static/office.css")
    for path in (leader.path, *(f"/office/{page}" for page in pages)):
        await leader.get(path)
        assert "default-src 'self'" in leader.headers["Content-Security-Policy"]
        assert leader.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", leader.text)


async def test_the_slip_carries_its_font_and_opens_for_readers_only(town, leader, browser):
    item = await item_of(town)
    await leader.press("approve", opinion="同意")
    async with leader.session.get(f"{town.address}/office/items/{item}/slip.pdf") as response:
        data = await response.read()
        assert response.content_type == "application/pdf"
    assert data.startswith(b"%PDF")
    assert b"/FontFile2" in data
    stranger = browser(town, "wecom", "sunlixin")
    await stranger.get(f"/office/items/{item}/slip.pdf?via=wecom-main")
    assert stranger.status == 403


async def test_the_workbench_lists_what_waits_what_was_done_and_what_was_asked(town, leader, browser):
    await leader.get("/office/")
    assert "张三：年假3天" in leader.text
    await leader.get(f"/office/items/{await item_of(town)}")
    await leader.press("approve")
    await leader.get("/office/")
    assert "没有等您办理的事项" in leader.text
    await leader.get("/office/?list=decided")
    assert "张三：年假3天" in leader.text
    mine = browser(town, "wecom", "zhangsan")
    await mine.get("/office/?list=mine&via=wecom-main")
    assert "年假3天" in mine.text
    assert "已同意" in mine.text


async def test_every_copy_of_a_card_leads_to_the_page(town):
    card = town.cards("wecom", "lisi", "张三的年假3天")[-1]
    assert card.url.endswith(f"/office/items/{await item_of(town)}?via=wecom-main")


async def test_my_leave_is_the_balance_that_the_chat_tells(town, browser):
    mine = browser(town, "wecom", "zhangsan")
    await mine.get("/office/leave?via=wecom-main")
    assert mine.status == 200
    await town.say("wecom", "zhangsan", "我的假期")
    card = await town.text("wecom", "zhangsan", "年休假")
    assert card.title in mine.text
    assert all(field.value in mine.text for field in card.fields)


async def test_nothing_waits_at_a_step_that_gave_the_item_back_until_it_comes_again(town, browser, leader):
    await leader.press("return", opinion="请另选时间")
    assert "等候中" not in leader.text
    assert re.search(r"已退回 \d+月\d+日", leader.text)
    applicant = await browser(town, "wecom", "zhangsan").get(leader.path.partition("?")[0] + "?via=wecom-main")
    await applicant.press("withdraw")
    assert "等候中" not in applicant.text
