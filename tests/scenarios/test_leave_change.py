"""A leave at another time: the draft, the request that waits, the leave that is approved; on both platforms."""

from __future__ import annotations

import pytest
from town import staff


def said(card):
    return " ".join([card.title, card.subtitle, card.text, card.note, *(f"{f.name}：{f.value}" for f in card.fields)])


async def test_a_draft_is_changed_by_a_word(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 回家")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    await town.say("wecom", "zhangsan", "改成2天")
    draft = await town.card("wecom", "zhangsan", "请确认：年假2天")
    assert "回家" in said(draft)
    await town.say("wecom", "zhangsan", "改到5月11日")
    drafts = lambda: town.cards("wecom", "zhangsan", "请确认：年假2天")  # noqa: E731
    await town.until(lambda: [card for card in drafts() if "5月11日" in said(card)], "it was moved")


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_a_request_that_waits_is_withdrawn_by_the_new_one_and_those_who_decided_are_told(open_town, platform):
    town = await open_town(people=staff(zhang=platform, li=platform))
    asked = await town.asked(platform, platform, "年假 5月6日到14日 回家", title="张三的年假8天")
    await town.tap(platform, "lisi", asked, "同意")  # goes on to the leader above
    await town.open_card("wecom", "sunlixin", "张三的年假8天")
    await town.say(platform, "zhangsan", "改成2天")
    draft = await town.card(platform, "zhangsan", "请确认：年假2天")
    assert "代替1号" in said(draft)
    await town.tap(platform, "zhangsan", draft, "提交")
    await town.text(platform, "lisi", "您对原申请的意见不再有效")
    await town.until(lambda: town.cards("wecom", "sunlixin", "张三的年假8天：已撤回"), "the old card is closed")
    await town.tap(platform, "lisi", await town.open_card(platform, "lisi", "张三的年假2天"), "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "年假2天：已同意"), "approved")
    assert await town.moves() == ["grant", "hold", "withdraw", "hold", "consume"]


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_an_approved_leave_changes_when_the_change_is_approved(open_town, platform):
    town = await open_town(people=staff(zhang=platform, li=platform))
    await town.tap(platform, "lisi", await town.asked(platform, platform), "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "年假3天：已同意"), "approved")
    await town.say(platform, "zhangsan", "休到5月11日")
    draft = await town.card(platform, "zhangsan", "请确认：休假变更")
    assert "3天 → 5天" in said(draft)
    assert "7天 → 5天" in said(draft)
    await town.tap(platform, "zhangsan", draft, "提交")
    asked = await town.open_card(platform, "lisi", "张三的休假变更")
    held = await town.rows("SELECT cause, minutes FROM leave_entry ORDER BY number")
    assert (held[-1]["cause"], held[-1]["minutes"]) == ("hold", 960)
    await town.tap(platform, "lisi", asked, "同意")
    changed = await town.card(platform, "zhangsan", "年假5天：已同意")
    assert "10天 → 5天" in said(changed)
    assert await town.moves() == ["grant", "hold", "consume", "hold", "withdraw", "change"]


async def test_a_change_that_is_rejected_leaves_the_leave_as_it_was(open_town):
    town = await open_town()
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom"), "同意")
    card = await town.open_card("wecom", "zhangsan", "年假3天：已同意")
    await town.tap("wecom", "zhangsan", card, "改时间")
    await town.text("wecom", "zhangsan", "改到什么时候？")
    await town.say("wecom", "zhangsan", "5月11日")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：休假变更"), "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的休假变更"), "驳回")
    await town.text("wecom", "lisi", "驳回理由")
    await town.say("wecom", "lisi", "那几天有检查")
    await town.card("wecom", "zhangsan", "已驳回")
    assert await town.moves() == ["grant", "hold", "consume"]


async def test_another_kind_is_a_word_for_a_draft_and_a_clear_answer_for_what_is_approved(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假3天")
    await town.text("wecom", "zhangsan", "3天，从哪天开始？")
    await town.say("wecom", "zhangsan", "5月6日")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    await town.say("wecom", "zhangsan", "改成事假")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：事假3天"), "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的事假3天"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "事假3天：已同意"), "approved")
    await town.say("wecom", "zhangsan", "改成年假")
    await town.text("wecom", "zhangsan", "请先说“取消休假”，再按新的假别重新请")


async def test_a_request_by_the_hour_that_waits_is_at_other_times(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom", "事假 5月6日下午2点到4点 办证", title="张三的事假2小时")
    await town.say("wecom", "zhangsan", "改到下午3点到6点")
    drafts = lambda: town.cards("wecom", "zhangsan", "请确认：事假")  # noqa: E731
    await town.until(lambda: [card for card in drafts() if "15:00" in said(card)], "it has other times")


async def test_more_days_said_while_a_change_is_shown_are_about_the_same_leave(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到8日 看父母")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：年假3天"), "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的年假3天"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已同意"), "approved")
    await town.say("wecom", "zhangsan", "年假延长到5月12日")
    first = await town.card("wecom", "zhangsan", "请确认：休假变更")
    assert any("5月12日" in one.value for one in first.fields)
    await town.say("wecom", "zhangsan", "年假多请一天")
    await town.until(
        lambda: [
            one for one in town.cards("wecom", "zhangsan", "请确认：休假变更")
            if any("5月9日" in f.value or "5月11日" in f.value for f in one.fields)
        ],
        "the change is one day more than the leave had",
    )  # fmt: skip
