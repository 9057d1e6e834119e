"""Back from leave (销假), in words and by button: what comes back, who confirms it, what follows."""

from __future__ import annotations

import pytest
from town import staff

WEDNESDAY = 9  # days from the town's Monday to 6 May 2026


async def on_leave(town, request="年假 5月6日到8日 回家", *, title="年假3天"):
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom", request, title=f"张三的{title}"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", f"{title}：已同意"), "approved")


async def left(town, kind="annual"):
    """What is available of the kind now, in days, from the ledger's own rows."""
    rows = await town.rows(
        "SELECT account_from, account_to, minutes FROM leave_entry WHERE kind = ? ORDER BY number", kind
    )
    signs = [(row["account_to"] == "available") - (row["account_from"] == "available") for row in rows]
    return sum(sign * row["minutes"] for sign, row in zip(signs, rows, strict=True)) / 480


def said(card):
    return {field.name: field.value for field in card.fields}


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_back_early_in_words_gives_back_what_the_leader_confirms(open_town, platform):
    town = await open_town(people=staff(zhang="both", li=platform))
    await town.tap(platform, "lisi", await town.asked(platform, platform), "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "年假3天：已同意"), "approved")
    await town.forward(days=WEDNESDAY + 1, hours=6)  # Thursday, 15:00
    await town.say(platform, "zhangsan", "我提前回来了")
    draft = await town.card(platform, "zhangsan", "请确认：销假")
    told = said(draft)
    assert told["最后休到"] == "5月7日（周四）"
    assert told["当天休到"].startswith("上午")
    assert told["退回"] == "退回1.5天（2026年额度）；实休1.5天"
    assert told["余额"] == "7天 → 8.5天"
    assert "李四" in draft.subtitle
    await town.tap(platform, "zhangsan", draft, "提交")
    asked = await town.open_card(platform, "lisi", "张三的销假：提前返岗")
    assert said(asked)["余额"] == "7天 → 8.5天"
    assert await town.moves() == ["grant", "hold", "consume"]
    await town.tap(platform, "lisi", asked, "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "年假1.5天（已销假）"), "the leave's card follows")
    await town.text("wecom", "wangwu", "张三的销假：提前返岗：已同意")
    assert await town.moves() == ["grant", "hold", "consume", "return_early"]
    assert await left(town) == 8.5


async def test_back_after_the_first_of_two_half_days_keeps_the_morning(open_town):
    town = await open_town()
    await on_leave(town, "年假 5月6日 办事", title="年假1天")
    await town.forward(days=WEDNESDAY, hours=6)
    await town.say("wecom", "zhangsan", "销假 5月6日上午")
    draft = await town.card("wecom", "zhangsan", "请确认：销假")
    assert said(draft)["退回"] == "退回0.5天（2026年额度）；实休0.5天"
    await town.tap("wecom", "zhangsan", draft, "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的销假"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假0.5天（已销假）"), "half of it is left")
    assert await left(town) == 9.5


async def test_back_on_time_needs_nobody_and_twice_does_nothing(open_town):
    town = await open_town()
    await on_leave(town)
    await town.forward(days=WEDNESDAY + 3)  # Saturday, a working day that May
    await town.say("wecom", "zhangsan", "销假")
    draft = await town.card("wecom", "zhangsan", "请确认：销假")
    assert said(draft)["返岗情况"] == "按期返岗"
    await town.tap("wecom", "zhangsan", draft, "提交")
    await town.text("wecom", "wangwu", "张三的销假：按期返岗")
    await town.say("wecom", "zhangsan", "销假")
    await town.text("wecom", "zhangsan", "没有找到需要销假的休假")
    assert await town.moves() == ["grant", "hold", "consume"]


async def test_a_leave_that_has_not_begun_is_cancelled_by_its_card(open_town):
    town = await open_town()
    await on_leave(town)
    await town.say("wecom", "zhangsan", "销假")
    await town.text("wecom", "zhangsan", "这次休假还没有开始")
    card = await town.open_card("wecom", "zhangsan", "年假3天：已同意")
    await town.tap("wecom", "zhangsan", card, "取消休假")
    await town.until(lambda: town.cards("wecom", "zhangsan", "年假3天：已取消"), "cancelled")
    assert await left(town) == 10


async def test_the_button_of_the_leave_begins_it_and_a_rejection_changes_nothing(open_town):
    town = await open_town()
    await on_leave(town)
    await town.forward(days=WEDNESDAY + 20)  # weeks late
    card = await town.open_card("wecom", "zhangsan", "年假3天：已同意")
    await town.tap("wecom", "zhangsan", card, "销假")
    await town.card("wecom", "zhangsan", "请确认：销假")
    await town.say("wecom", "zhangsan", "销假 5月6日")
    draft = await town.text("wecom", "zhangsan", "5月26日（周二）补报，假期到5月8日为止")
    await town.tap("wecom", "zhangsan", draft, "提交")
    asked = await town.open_card("wecom", "lisi", "张三的销假")
    reason = next(id for id, text in asked.choices[0].options if text == "请补充材料")
    await town.tap("wecom", "lisi", asked, "驳回", **{asked.choices[0].key: [reason]})
    await town.until(lambda: town.cards("wecom", "zhangsan", "销假：提前返岗：已驳回"), "rejected")
    assert await town.moves() == ["grant", "hold", "consume"]
    assert await left(town) == 7


async def test_the_proxy_hands_back_when_the_return_is_confirmed(open_town):
    town = await open_town()
    await on_leave(town)
    await town.say("wecom", "zhangsan", "代理 1 陈静")
    await town.text("wecom", "zhangsan", "陈静")
    await town.forward(days=WEDNESDAY + 1)
    await town.say("wecom", "zhangsan", "今天回来上班了")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：销假"), "提交")
    assert not await town.journal("approval.proxy_ended")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的销假"), "同意")
    await town.until(lambda: town.journal("approval.proxy_ended"), "the proxy is over")
    assert len(await town.journal("approval.item_amended")) == 1
