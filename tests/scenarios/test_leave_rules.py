"""The rules of leave as people meet them in the chat."""

from __future__ import annotations

from town import staff


async def asked(town, text, *, who="zhangsan", title="请确认"):
    await town.say("wecom", who, text)
    return await town.card("wecom", who, title)


async def taken(town, text, *, who="zhangsan", boss="lisi"):
    """Asked for, submitted, approved."""
    draft = await asked(town, text, who=who)
    before = len(town.cards("wecom", boss))
    await town.tap("wecom", who, draft, "提交")
    await town.until(lambda: len(town.cards("wecom", boss)) > before, "the leader is asked")
    await town.tap("wecom", boss, town.cards("wecom", boss)[-1], "同意")
    await town.until(lambda: [c for c in town.cards("wecom", who) if "已同意" in c.title + c.state], "approved")


async def test_the_draft_says_which_days_are_not_charged_and_that_the_makeup_saturday_is(open_town):
    town = await open_town()
    draft = await asked(town, "年假 4月30日到5月10日 回家", title="请确认：年假5天")
    said = " ".join((draft.note, draft.text, draft.subtitle))
    assert "不计入：5月1日至5日放假、5月10日（周日）休息日；照常计入：5月9日（周六）调休上班" in said


async def test_a_leave_on_plain_working_days_says_nothing_of_it(open_town):
    town = await open_town()
    draft = await asked(town, "年假 5月6日到8日 回家")
    assert "计入" not in " ".join((draft.note, draft.text, draft.subtitle))


async def test_the_balance_shows_a_bar_of_what_is_used_held_and_left(open_town):
    town = await open_town()
    await taken(town, "年假 5月6日到8日 回家")
    await town.tap("wecom", "zhangsan", await asked(town, "年假 5月11日到12日", title="请确认：年假2天"), "提交")
    await town.say("wecom", "zhangsan", "我的假期")
    balance = await town.text("wecom", "zhangsan", "年假余额")
    assert "5天" in balance.text
    assert "■■■▣▣□□□□□（■已休 ▣在批 □可用）" in balance.text


async def test_explain_gives_rules_with_their_articles_and_every_entry(open_town):
    town = await open_town(people=staff(zhang="both"))
    await taken(town, "年假 4月30日到5月10日 回家")
    for platform in ("wecom", "dingtalk"):
        await town.say(platform, "zhangsan", "怎么算的？")
        rules = await town.text(platform, "zhangsan", "是怎么算的")
        assert "2014年7月1日参加工作" in rules.text
        assert "2024年7月1日满10年，2024年8月1日起每年10天" in rules.text
        assert "国务院令第514号" in rules.text
        book = await town.text(platform, "zhangsan", "余额：")
        assert "可用5天" in book.text
        assert "照常计入：5月9日（周六）调休上班" in book.text
        assert "最近到期：5天，12月31日后失效" in book.text


async def test_asking_for_the_explanation_writes_nothing(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "解释")
    await town.text("wecom", "zhangsan", "可用10天")
    assert await town.rows("SELECT number FROM leave_entry") == []
