"""The rules of leave as people meet them in the chat."""

from __future__ import annotations

from pathlib import Path

from town import staff


async def asked(town, text, *, who="zhangsan", title="请确认"):
    await town.say("wecom", who, text)
    return await town.open_card("wecom", who, title)


async def submitted(town, text, *, who="zhangsan", boss="lisi", title="请确认"):
    """Asked for and submitted; the leader's card."""
    draft = await asked(town, text, who=who, title=title)
    before = {card.id for card in town.cards("wecom", boss)}

    def new():  # the morning's letters may come between
        found = [card for card in town.cards("wecom", boss) if card.id not in before]
        return [card for card in found if any(button.text == "同意" for button in card.buttons)]

    await town.tap("wecom", who, draft, "提交")
    await town.until(new, "the leader is asked")
    return new()[-1]


async def taken(town, text, *, who="zhangsan", boss="lisi"):
    """Asked for, submitted, approved."""
    await town.tap("wecom", boss, await submitted(town, text, who=who, boss=boss), "同意")
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
    await submitted(town, "年假 5月11日到12日", title="请确认：年假2天")
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


NOTICE_2027 = (Path(__file__).resolve().parents[1] / "recordings" / "holidays_2027.yaml").read_text(encoding="utf-8")


async def test_a_leave_across_the_year_end_waits_for_next_years_calendar_and_is_then_paid_from_two_years(
    open_town, tmp_path
):
    folder = tmp_path / "calendars"
    folder.mkdir()
    town = await open_town(office=lambda text: text + f"leave: {{calendars: [{folder}]}}\n")
    await town.forward(days=235)  # 18 December 2026
    await town.say("wecom", "zhangsan", "年假 12月30日到1月5日 回老家")
    await town.text("wecom", "zhangsan", "还没有2027年的放假安排")
    assert await town.rows("SELECT number FROM leave_entry WHERE cause = 'hold'") == []

    (folder / "2027.yaml").write_text(NOTICE_2027, encoding="utf-8")
    await town.stop_service()
    await town.serve()
    await taken(town, "年假 12月30日到1月5日 回老家")
    held = await town.rows("SELECT lot, minutes, effective FROM leave_entry WHERE cause = 'hold' ORDER BY number")
    assert [(row["lot"], row["minutes"]) for row in held] == [("annual-2026", 960), ("annual-2027", 960)]
    assert held[1]["effective"] == "2027-01-01"
    await town.say("wecom", "zhangsan", "我的假期")
    assert "8天" in (await town.text("wecom", "zhangsan", "年假余额")).text


async def test_a_make_up_workday_costs_a_day(open_town):
    town = await open_town()
    draft = await asked(town, "年假 5月9日 有事", title="请确认：年假1天")
    assert "照常计入：5月9日（周六）调休上班" in " ".join((draft.note, draft.text, draft.subtitle))
    await town.say("wecom", "zhangsan", "年假 5月10日")
    assert await town.text("wecom", "zhangsan", "都是休息日")


async def test_womens_day_costs_her_half_a_day_and_him_a_whole_one(open_town, tmp_path):
    (tmp_path / "2027.yaml").write_text(NOTICE_2027, encoding="utf-8")
    town = await open_town(office=lambda text: text + f"leave: {{calendars: [{tmp_path}]}}\n")
    await town.forward(days=300)  # 21 February 2027; 8 March is a Monday
    hers = await asked(town, "年假 3月8日 逛街", who="chenjing", title="请确认：年假0.5天")
    assert "3月8日（周一）下午放假半天" in " ".join((hers.note, hers.text, hers.subtitle))
    await asked(town, "年假 3月8日 有事", who="zhangsan", title="请确认：年假1天")


async def test_who_started_on_a_29_february_completes_the_years_on_the_28th(open_town):
    town = await open_town(people=staff().replace("2014-07-01", "2016-02-29"))
    await town.say("wecom", "zhangsan", "解释")
    rules = await town.text("wecom", "zhangsan", "是怎么算的")
    assert "2026年2月28日满10年，2026年3月1日起每年10天" in rules.text
    await asked(town, "年假 5月6日到18日 回家", title="请确认：年假10天")


async def test_ten_years_in_mid_year_give_the_full_figure_from_the_next_month_on(open_town):
    town = await open_town(people=staff().replace("2014-07-01", "2016-05-20"))
    await taken(town, "年假 5月6日到11日 回家")
    await town.say("wecom", "zhangsan", "年假 5月13日到14日")
    await town.text("wecom", "zhangsan", "余额不够")
    await town.forward(days=34)  # 31 May
    await town.say("wecom", "zhangsan", "余额")
    assert "0天" in (await town.text("wecom", "zhangsan", "年假余额")).text
    await town.forward(days=1)
    await town.say("wecom", "zhangsan", "余额")
    assert (await town.text("wecom", "zhangsan", "截至6月1日")).text.count("5天") >= 1
    await town.say("wecom", "zhangsan", "解释")
    book = await town.text("wecom", "zhangsan", "记录：")
    assert "6月1日 2026年 调整5天" in book.text
    await asked(town, "年假 6月8日到12日 回家", title="请确认：年假5天")


async def test_contract_staff_who_joined_this_year_have_their_share_beside_the_civil_servants(open_town):
    head, *rows = staff().strip().splitlines()
    extra = {"张三": ",合同制,2026-03-17,2024-01-08"}
    people = "\n".join([f"{head},类别,入职时间,连续工作起始", *(r + extra.get(r[:2], ",公务员,,") for r in rows)])
    town = await open_town(people=people + "\n")
    await town.say("wecom", "zhangsan", "我的假期")
    assert "7天" in (await town.text("wecom", "zhangsan", "年假余额")).text
    await town.say("wecom", "zhangsan", "怎么算的")
    rules = await town.text("wecom", "zhangsan", "是怎么算的")
    assert "（290×10）÷365 = 7.95天" in rules.text
    assert "企业职工带薪年休假实施办法" in rules.text
    await town.say("wecom", "chenjing", "我的假期")
    assert "5天" in (await town.text("wecom", "chenjing", "年假余额")).text


async def test_administrators_hear_every_week_that_next_years_calendar_is_missing(open_town):
    town = await open_town()
    await town.forward(days=189)  # Monday, 2 November
    await town.text("wecom", "chenjing", "还没有2027年的放假安排")
    before = len([m for m in town.messages("wecom", "chenjing") if "还没有2027年" in m.text])
    await town.forward(days=7)
    await town.until(
        lambda: len([m for m in town.messages("wecom", "chenjing") if "还没有2027年" in m.text]) == before + 1,
        "the next week's reminder",
    )


async def test_what_is_left_to_somebody_else_is_told_to_personnel_alone(open_town):
    """It was answered with the asker's own figures, under nobody's name."""
    town = await open_town()
    await town.say("wecom", "lisi", "张三还有几天年假")
    await town.text("wecom", "lisi", "别人的休假明细只有本人和人事能看")
    await town.say("wecom", "wangwu", "张三还有几天年假")
    card = await town.text("wecom", "wangwu", "张三的年假余额")
    assert "10天" in card.text
    (look,) = await town.rows("SELECT body FROM journal WHERE kind = 'leave.read'")
    assert '"what":"balance"' in look["body"]
    assert not await town.rows("SELECT id FROM leave_entry")
    await town.say("wecom", "zhangsan", "我的调休")
    await town.text("wecom", "zhangsan", "现在没有可用的调休")


async def test_a_name_that_nobody_bears_is_not_answered_with_ones_own_leave(open_town):
    """“马六的年假” was answered with the asker's own figures, “张三的婚假” began a marriage leave of the asker's."""
    town = await open_town()
    await town.say("wecom", "zhangsan", "马六的年假")
    await town.text("wecom", "zhangsan", "没有找到“马六”，请写全名或工号")
    await town.say("wecom", "zhangsan", "李四的婚假")
    await town.text("wecom", "zhangsan", "别人的休假明细只有本人和人事能看")
    await town.say("wecom", "wangwu", "张三的婚假")
    assert await town.card("wecom", "wangwu", "张三2026年休假对账单")
    await town.say("wecom", "zhangsan", "我的婚假")
    await town.text("wecom", "zhangsan", "国家规定的婚假3天")
    assert not await town.rows("SELECT id FROM leave_entry")


async def test_ones_own_leave_with_a_day_beside_it_is_a_request(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "我的年假 下周三到周五")
    assert await town.card("wecom", "zhangsan", "请确认：年假3天")


async def test_of_two_namesakes_personnel_are_asked_which(open_town):
    """One of them was told of, without a word on which."""
    town = await open_town(people=staff() + "张三,人事科,科员,王五,2010-07-01,女,13800000009,009,zhangsan2\n")
    await town.say("wecom", "wangwu", "张三还有几天年假")
    said = await town.text("wecom", "wangwu", "张三")
    assert "009" in said.text
    assert "年假余额" not in said.text
    await town.say("wecom", "wangwu", "004还有几天年假")
    card = await town.text("wecom", "wangwu", "张三的年假余额")
    assert "10天" in card.text
    await town.say("wecom", "zhangsan", "009的年假")
    await town.text("wecom", "zhangsan", "别人的休假明细只有本人和人事能看")


async def test_how_much_of_a_kind_without_a_balance_was_taken_is_told_of_that_kind(open_town):
    """“我今年请了几天病假” was answered with the balance of the annual leave."""
    town = await open_town()
    await town.tap("wecom", "lisi", await town.asked("wecom", "wecom", "病假 4月28日 发烧", title="张三的病假"), "同意")
    await town.until(lambda: town.cards("wecom", "zhangsan", "病假1天：已同意"), "approved")
    await town.say("wecom", "zhangsan", "我今年请了几天病假")
    await town.text("wecom", "zhangsan", "2026年病假：已批准1天。发“对账单”看每一次。")
    await town.say("wecom", "wangwu", "张三今年休了多少天病假")
    await town.text("wecom", "wangwu", "张三2026年病假：已批准1天。发“张三对账单”看每一次。")
    await town.say("wecom", "wangwu", "张三去年请过几天事假")
    await town.text("wecom", "wangwu", "张三2025年事假：没有。")
    assert {"balance"} == {fact["what"] for fact in await town.journal("leave.read")}
    await town.say("wecom", "lisi", "张三今年请了几天病假")
    await town.text("wecom", "lisi", "别人的休假明细只有本人和人事能看")
    await town.say("wecom", "zhangsan", "我今年休了几天年假")
    await town.text("wecom", "zhangsan", "年假余额")


async def test_the_balance_of_a_year_that_is_over_is_not_answered_with_this_years(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "2025年年假余额还剩几天")
    await town.text("wecom", "zhangsan", "2025年休假对账单")
    await town.say("wecom", "wangwu", "张三去年还剩几天年假")
    await town.text("wecom", "wangwu", "张三2025年休假对账单")
    await town.say("wecom", "lisi", "张三去年还剩几天年假")
    await town.text("wecom", "lisi", "别人的休假明细只有本人和人事能看")
