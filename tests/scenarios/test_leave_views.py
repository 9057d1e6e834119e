"""Who is away, what a year of leave was, what personnel file: by word, on both platforms, each as far as it may go."""

from __future__ import annotations

from town import staff


async def away(town):
    """张三 is away from 6 to 8 May."""
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom"), "同意")
    await town.settled()


async def test_the_same_question_shows_kinds_to_the_leader_and_only_days_to_colleagues(open_town):
    town = await open_town(people=staff(chen="dingtalk"))
    await away(town)
    await town.say("wecom", "lisi", "5月休假安排")
    card = await town.text("wecom", "lisi", "5月不在的人")
    said = " ".join(f"{field.name}{field.value}" for field in card.fields) + card.text
    assert "年假 5月6日至8日" in said
    await town.say("dingtalk", "chenjing", "5月6日谁不在？")
    card = await town.text("dingtalk", "chenjing", "不在的人")
    said = " ".join(f"{field.name}{field.value}" for field in card.fields) + card.text
    assert "张三不在 5月6日至8日" in said
    assert "年假" not in said
    await town.say("dingtalk", "chenjing", "今天谁不在")
    await town.text("dingtalk", "chenjing", "今天没有人不在")


async def test_a_statement_and_a_sheet_are_a_word_away_for_whom_they_are(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "对账单")
    link = await town.text("wecom", "zhangsan", "我的2026年休假对账单")
    assert link
    await town.say("wecom", "zhangsan", "李四的2025年对账单")
    await town.text("wecom", "zhangsan", "只有本人和人事能看")
    await town.say("wecom", "zhangsan", "休假月表 5月")
    await town.text("wecom", "zhangsan", "休假报表只提供给人事")
    await town.say("wecom", "wangwu", "张三的2025年对账单")
    await town.text("wecom", "wangwu", "张三2025年休假对账单")
    await town.say("wecom", "wangwu", "休假月表 5月")
    await town.text("wecom", "wangwu", "2026年5月休假情况")
    assert await town.rows("SELECT id FROM item") == []
