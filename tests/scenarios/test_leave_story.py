"""The whole arrow, from a word in the chat to the ledger, on every pair of platforms and on both databases."""

from __future__ import annotations

import pytest
from town import staff

from bot.dispatch import Dispatcher

PAIRS = [(a, b) for a in ("wecom", "dingtalk") for b in ("wecom", "dingtalk")]
PAIRS += [("wecom", "yunzhijia"), ("yunzhijia", "yunzhijia")]
REQUEST = "年假 5月6日到8日 回家"


@pytest.mark.parametrize(("hers", "his"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
async def test_a_leave_goes_from_a_word_to_the_ledger(open_town, hers, his):
    await told(await open_town(people=staff(zhang=hers, li=his)), hers, his)


async def told(town, hers, his):
    await town.say(hers, "zhangsan", REQUEST)
    draft = await town.card(hers, "zhangsan", "请确认：年假3天")
    assert {"10天 → 7天", "回家"} <= {field.value for field in draft.fields}
    assert "李四" in draft.subtitle

    await town.tap(hers, "zhangsan", draft, "提交")
    asked = await town.card(his, "lisi", "张三的年假3天")
    assert {"10天 → 7天", "5月6日（周三） 至 5月8日（周五）"} <= {field.value for field in asked.fields}

    await town.tap(his, "lisi", asked, "同意")
    await town.until(lambda: town.cards(hers, "zhangsan", "年假3天：已同意"), "the applicant's card shows it")
    await town.until(lambda: town.cards(his, "lisi", "张三的年假3天：已同意"), "the leader's card shows it")
    copy = await town.text("wecom", "wangwu", "张三的年假3天：已同意")
    assert "李四" in copy.text + copy.quote + copy.state
    await town.quiet()

    moves = await town.rows("SELECT cause, minutes FROM leave_entry ORDER BY number")
    assert [(row["cause"], row["minutes"]) for row in moves] == [("grant", 4800), ("hold", 1440), ("consume", 1440)]
    kinds = [row["kind"] for row in await town.rows("SELECT kind FROM journal ORDER BY id")]
    assert [kind for kind in kinds if kind.startswith("approval.")] == [
        "approval.item_opened", "approval.step_decided", "approval.step_decided",
    ]  # fmt: skip
    assert kinds.count("leave.moved") == 3
    assert not await town.rows("SELECT id FROM outbox WHERE state NOT IN ('sent', 'superseded')")


@pytest.mark.parametrize(("hers", "his"), [("wecom", "dingtalk"), ("dingtalk", "wecom"), ("wecom", "yunzhijia")])
async def test_a_service_that_is_always_late_ends_at_the_same(open_town, monkeypatch, hers, his):
    """Every event is put off: a worker does it, and no answer to a tap carries a card."""
    monkeypatch.setitem(Dispatcher.__init__.__kwdefaults__, "budget", 0.0)
    in_chat = {"wecom": "app", "dingtalk": "stream", "yunzhijia": "card"}
    town = await open_town(people=staff(zhang=hers, li=his))
    await told(town, hers, his)
    assert await town.counted("officebot_events_total", outcome="late") == 3
    facts = await town.journal("approval.item_opened") + await town.journal("approval.step_decided")
    assert [fact["door"] for fact in facts] == [in_chat[hers], in_chat[hers], in_chat[his]]


async def test_the_same_story_with_dingtalk_pushing_over_http(open_town):
    town = await open_town(
        people=staff(zhang="dingtalk", li="dingtalk"),
        office=lambda text: text.replace("transport: stream", "transport: http"),
    )
    await town.say("dingtalk", "zhangsan", REQUEST)
    await town.tap("dingtalk", "zhangsan", await town.card("dingtalk", "zhangsan", "请确认"), "提交")
    await town.tap("dingtalk", "lisi", await town.card("dingtalk", "lisi", "张三的年假3天"), "同意")
    await town.until(lambda: town.cards("dingtalk", "zhangsan", "年假3天：已同意"), "the applicant's card shows it")


async def test_a_rejection_asks_for_its_reason_and_gives_the_days_back(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.say("dingtalk", "zhangsan", REQUEST)
    await town.tap("dingtalk", "zhangsan", await town.card("dingtalk", "zhangsan", "请确认"), "提交")
    asked = await town.card("wecom", "lisi", "张三的年假3天")
    assert "10天 → 7天" in {field.value for field in asked.fields}
    await town.tap("wecom", "lisi", asked, "驳回")
    await town.text("wecom", "lisi", "驳回理由")
    await town.say("wecom", "lisi", "那几天有检查，请另选时间")
    rejected = await town.card("dingtalk", "zhangsan", "年假3天：已驳回")
    assert "那几天有检查" in rejected.quote
    assert "余额" not in {field.name for field in rejected.fields}, "nothing came of it"
    await town.say("dingtalk", "zhangsan", "我的假期")
    balance = await town.card("dingtalk", "zhangsan", "年假余额")
    assert balance.big[0] == "10天"


async def test_a_rejection_with_a_quick_opinion_needs_no_second_message(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", REQUEST)
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认"), "提交")
    asked = await town.card("wecom", "lisi", "张三的年假3天")
    (opinions,) = asked.choices
    chosen = next(id for id, text in opinions.options if text == "近期人手不足")
    await town.tap("wecom", "lisi", asked, "驳回", **{opinions.key: [chosen]})
    rejected = await town.card("wecom", "zhangsan", "年假3天：已驳回")
    assert "近期人手不足" in rejected.quote


async def test_where_is_it_and_what_waits_are_answered_by_word(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", REQUEST)
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认"), "提交")
    await town.card("wecom", "lisi", "张三的年假3天")
    await town.say("wecom", "zhangsan", "到哪了")
    await town.text("wecom", "zhangsan", "在李四处")
    await town.say("wecom", "lisi", "待办")
    await town.text("wecom", "lisi", "1件事项等您办理")
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "zhangsan", "年假3天：已同意")


async def test_what_is_missing_is_asked_and_never_guessed(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "我想请年假")
    await town.text("wecom", "zhangsan", "从哪天到哪天")
    await town.say("wecom", "zhangsan", "5月6日到8日")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    await town.say("wecom", "zhangsan", "5月7号请半天事假")
    half = await town.card("wecom", "zhangsan", "上午还是下午")
    await town.tap("wecom", "zhangsan", half, "下午")
    confirmed = await town.card("wecom", "zhangsan", "请确认：事假0.5天")
    assert "5月7日（周四）下午" in {field.value for field in confirmed.fields}
    await town.say("wecom", "zhangsan", "5月7号请假")
    kinds = await town.card("wecom", "zhangsan", "请什么假")
    (choice,) = kinds.choices
    annual = next(id for id, text in choice.options if text == "年假")
    await town.tap("wecom", "zhangsan", kinds, "下一步", **{choice.key: [annual]})
    await town.card("wecom", "zhangsan", "请确认：年假1天")


async def test_thanks_are_no_riddle(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "谢谢！")
    await town.text("wecom", "zhangsan", "不客气。")


async def test_anything_else_gets_examples_and_no_help_that_was_not_asked_for(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.say("dingtalk", "zhangsan", "今天天气不错")
    await town.text("dingtalk", "zhangsan", "没有听懂“今天天气不错”")
    await town.text("dingtalk", "zhangsan", "可以这样说：“年假 下周三到周五 回家”")
    await town.settled()
    assert not town.cards("dingtalk", "zhangsan", "您可以直接对我说")
    await town.say("dingtalk", "zhangsan", "帮助")
    await town.text("dingtalk", "zhangsan", "您可以直接对我说")


async def test_what_is_not_possible_is_said_with_what_to_do_and_leaves_no_draft(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到20日")
    await town.text("wecom", "zhangsan", "余额不够，请减少天数")
    await town.say("wecom", "zhangsan", "年假 5月1日到3日")
    await town.text("wecom", "zhangsan", "都是休息日")
    assert not await town.rows("SELECT id FROM item")


async def test_a_second_sentence_replaces_the_draft_before_it_without_a_message_about_that(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "年假 5月6日到8日")
    await town.card("wecom", "zhangsan", "请确认：年假3天")
    await town.say("wecom", "zhangsan", "年假 5月6日到7日")
    await town.card("wecom", "zhangsan", "请确认：年假2天")
    await town.until(lambda: town.cards("wecom", "zhangsan", "这份草稿没有提交"), "the first draft is closed in place")
    await town.quiet()
    assert len(town.cards("wecom", "zhangsan")) == 2


async def test_never_mind_gives_up_the_draft(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.say("dingtalk", "zhangsan", "年假 5月6日到8日")
    await town.card("dingtalk", "zhangsan", "请确认")
    await town.say("dingtalk", "zhangsan", "算了")
    await town.card("dingtalk", "zhangsan", "这份草稿没有提交")


async def test_an_unrelated_word_after_a_question_is_not_asked_again_for_dates(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "请假")
    await town.text("wecom", "zhangsan", "从哪天到哪天")
    await town.say("wecom", "zhangsan", "食堂吃什么")
    await town.text("wecom", "zhangsan", "没有听懂")
