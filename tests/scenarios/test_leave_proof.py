"""A certificate that a kind of leave asks for: announced, chased, seen by personnel; never in the chat."""

from __future__ import annotations

import pytest
from town import staff


def said(card):
    return " ".join([card.title, card.subtitle, card.text, card.note, *(f"{f.name}：{f.value}" for f in card.fields)])


async def sick(town, platform="wecom"):
    await town.say(platform, "zhangsan", "病假 4月28日到30日 发烧")
    draft = await town.card(platform, "zhangsan", "请确认：病假3天")
    assert "医疗证明，5月7日前补交，原件交人事，不要发在对话里" in said(draft)
    await town.tap(platform, "zhangsan", draft, "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的病假3天"), "同意")
    await town.until(lambda: town.cards(platform, "zhangsan", "病假3天：已同意"), "approved")


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
async def test_who_owes_a_certificate_is_reminded_and_then_personnel_too(open_town, platform):
    town = await open_town(people=staff(zhang=platform))
    await sick(town, platform)
    await town.forward(days=9)
    await town.text(platform, "zhangsan", "病假3天要医疗证明，请在5月7日前把原件交人事核验")
    await town.forward(days=2, hours=1)
    await town.text("wecom", "wangwu", "核验后请回复“证明已收 1”")
    await town.say("wecom", "wangwu", "证明已收 1")
    await town.text("wecom", "wangwu", "证明已核验")
    await town.settled()
    before = len(town.messages(platform, "zhangsan"))
    await town.forward(days=10)
    await town.settled()
    assert not [one for one in town.messages(platform, "zhangsan")[before:] if "医疗证明" in one.text]


async def test_personnel_ask_who_owes_a_certificate(open_town):
    town = await open_town()
    await sick(town)
    await town.say("wecom", "wangwu", "谁的证明没交")
    told = await town.text("wecom", "wangwu", "还没有交证明的有1件：")
    assert "· 张三：病假3天（1号），医疗证明，期限5月7日\n" in told.text
    await town.say("wecom", "wangwu", "证明已收 1")
    await town.text("wecom", "wangwu", "证明已核验")
    await town.say("wecom", "wangwu", "谁没交证明？")
    await town.text("wecom", "wangwu", "没有该交还没有交的证明。")


async def test_personnel_tap_that_they_saw_it_and_nobody_else_can_say_so(open_town):
    town = await open_town()
    await sick(town)
    await town.say("wecom", "lisi", "证明已收 1")
    await town.text("wecom", "lisi", "您不是这件事项的相关人员")
    await town.tap("wecom", "wangwu", await town.open_card("wecom", "wangwu", "张三的病假3天"), "证明已核验")
    await town.text("wecom", "wangwu", "已登记：张三的病假3天")
    await town.say("wecom", "wangwu", "证明已收 1")
    await town.text("wecom", "wangwu", "没有要核验的证明")


async def test_a_certificate_that_was_ticked_off_by_mistake_is_owed_and_chased_again(open_town):
    town = await open_town()
    await sick(town)
    await town.say("wecom", "wangwu", "证明已收 1")
    await town.text("wecom", "wangwu", "弄错了回复“证明没收 1”")
    await town.say("wecom", "lisi", "证明没收 1")
    await town.text("wecom", "lisi", "您不是这件事项的相关人员")
    await town.say("wecom", "wangwu", "证明没收 1")
    await town.text("wecom", "wangwu", "已改回：张三的病假3天，证明还没有核验，期限5月7日")
    await town.say("wecom", "wangwu", "1号证明登记错了")
    await town.text("wecom", "wangwu", "没有登记过核验证明")
    await town.forward(days=9)
    await town.text("wecom", "zhangsan", "病假3天要医疗证明，请在5月7日前把原件交人事核验")
    await town.say("wecom", "wangwu", "1号证明已收到")
    await town.settled()
    assert len([one for one in town.messages("wecom", "wangwu") if "已登记：" in one.text]) == 2
