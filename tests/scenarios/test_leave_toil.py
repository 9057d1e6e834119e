"""Overtime that was approved is time off in lieu: seen in “我的假期”, spent by the hour, gone at its end."""

from __future__ import annotations

from town import staff


def said(card):
    return " ".join([card.title, card.subtitle, card.text, card.note, *(f"{f.name}：{f.value}" for f in card.fields)])


async def test_overtime_becomes_time_off_in_lieu_with_its_own_end(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班")
    for question, answer in (("工作内容", "汛期值守"), ("时间", "4月28日 18:00到20:50")):
        await town.text("wecom", "zhangsan", question)
        await town.say("wecom", "zhangsan", answer)
    draft = await town.card("wecom", "zhangsan", "请确认：加班申请")
    assert "2小时30分钟，2026年10月28日前有效" in said(draft)
    await town.tap("wecom", "zhangsan", draft, "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的加班申请"), "同意")
    await town.until(lambda: town.rows("SELECT number FROM leave_entry WHERE kind = 'toil'"), "the lot is there")
    await town.forward(days=1)
    await town.say("wecom", "zhangsan", "我的假期")
    balance = await town.text("wecom", "zhangsan", "年假余额")
    assert "2小时30分钟，10月28日到期" in said(balance)
    await town.say("wecom", "zhangsan", "调休 4月30日 14:30-16:00")
    draft = await town.card("wecom", "zhangsan", "请确认：调休1小时30分钟")
    assert "2小时30分钟 → 1小时" in said(draft)
    await town.say("wecom", "zhangsan", "调休 4月30日下午")
    await town.text("wecom", "zhangsan", "余额不够")


async def test_who_has_no_annual_leave_hears_of_their_time_off_in_lieu_all_the_same(open_town):
    """Of somebody in their first year the answer said no word of it; personnel got the annual leave instead."""
    town = await open_town(people=staff().replace("2014-07-01", "2026-02-01"))
    await town.say("wecom", "wangwu", "张三的调休")
    await town.text("wecom", "wangwu", "张三现在没有可用的调休")
    await town.say("wecom", "zhangsan", "加班 4月28日 18:00到20:50 汛期值守")
    await town.text("wecom", "zhangsan", "加班日")
    await town.say("wecom", "zhangsan", "工作日")
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认：加班申请"), "提交")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的加班申请"), "同意")
    await town.until(lambda: town.rows("SELECT number FROM leave_entry WHERE kind = 'toil'"), "the lot is there")
    await town.forward(days=1)
    for who, words in (("zhangsan", "余额"), ("wangwu", "张三的调休")):
        await town.say("wecom", who, words)
        await town.text("wecom", who, "今年还没有年休假。\n调休：2小时30分钟，10月28日到期")
