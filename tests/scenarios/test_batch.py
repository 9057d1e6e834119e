"""“全部同意”: the usual goes with one tap, the unusual waits for its own look, and for a moment it can be undone."""

from __future__ import annotations

import pytest
from town import staff

platforms = pytest.mark.parametrize("his", ["wecom", "dingtalk"])


async def ask(town, who, text, *, card, his="wecom"):
    await town.say("wecom", who, text)
    await town.tap("wecom", who, await town.card("wecom", who, "请确认"), "提交")
    await town.open_card(his, "lisi", card)


async def two_asked(open_town, his="wecom", **options):
    town = await open_town(people=staff(li=his), **options)
    await ask(town, "zhangsan", "年假 5月20日到21日 回家", card="张三的年假", his=his)
    await ask(town, "chenjing", "事假 5月25日 回家", card="陈静的事假", his=his)
    await town.say(his, "lisi", "全部同意")
    return town, await town.open_card(his, "lisi", "2件可以一起同意")


async def states(town):
    return {row["number"]: row["state"] for row in await town.rows("SELECT number, state FROM item WHERE number > 0")}


def is_now(town, wanted):
    async def holds():
        return await states(town) == wanted

    return holds


@platforms
async def test_the_batch_counts_when_the_time_to_undo_is_over(open_town, his):
    town, batch = await two_asked(open_town, his)
    await town.tap(his, "lisi", batch, "同意所选", items=["1", "2"])
    agreed = await town.open_card(his, "lisi", "已同意2件")
    assert [button.text for button in agreed.buttons if not button.dead] == ["撤销所选"]
    await town.settled()
    assert await states(town) == {1: "pending", 2: "pending"}
    assert not town.cards("wecom", "zhangsan", "已同意")
    assert "consume" not in await town.moves()
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "approved", 2: "approved"}), "both are approved")
    await town.card("wecom", "zhangsan", "已同意")
    await town.until(lambda: town.cards(his, "lisi", "已同意2件")[-1].state, "the batch's card is closed")
    assert "consume" in await town.moves()


@platforms
async def test_all_or_one_of_the_batch_is_undone_by_tap(open_town, his):
    town, batch = await two_asked(open_town, his)
    await town.tap(his, "lisi", batch, "同意所选", items=["1", "2"])
    agreed = await town.open_card(his, "lisi", "已同意2件")
    await town.tap(his, "lisi", agreed, "撤销所选", items=["2"])
    agreed = await town.open_card(his, "lisi", "已同意1件")
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "approved", 2: "pending"}), "one is approved, the other waits")
    await town.say(his, "lisi", "同意 2")
    await town.until(is_now(town, {1: "approved", 2: "approved"}), "it can be decided again")


async def test_a_line_is_left_out_by_a_tap_or_by_words(open_town):
    town, batch = await two_asked(open_town)
    (boxes,) = batch.choices
    assert boxes.many
    assert "1号 张三的年假" in dict(boxes.options)["1"]
    await town.tap("wecom", "lisi", batch, "同意所选", items=["2"])
    await town.open_card("wecom", "lisi", "已同意1件")
    await town.say("wecom", "lisi", "全部同意 除了1号")
    await town.text("wecom", "lisi", "您已排除")
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "pending", 2: "approved"}), "only the chosen one is approved")


async def test_nothing_ticked_is_nothing_done(open_town):
    town, batch = await two_asked(open_town)
    await town.tap("wecom", "lisi", batch, "同意所选", items=[])
    await town.text("wecom", "lisi", "没有勾选任何一件")
    assert not await town.rows("SELECT id FROM decision WHERE act = 'hold'")


async def test_the_whole_of_it_in_words(open_town):
    town, _ = await two_asked(open_town)
    await town.say("wecom", "lisi", "确认全部同意")
    await town.text("wecom", "lisi", "已同意2件")
    await town.say("wecom", "lisi", "撤销")
    await town.text("wecom", "lisi", "已撤销1号、2号")
    await town.say("wecom", "lisi", "待办")
    await town.text("wecom", "lisi", "2件事项等您办理")
    await town.forward(minutes=2)
    assert await states(town) == {1: "pending", 2: "pending"}


@platforms
async def test_a_yes_after_the_list_stands_for_the_tap(open_town, his):
    town, _ = await two_asked(open_town, his)
    await town.say(his, "lisi", "是")
    await town.text(his, "lisi", "已同意2件")
    await town.say(his, "lisi", "是")  # it was answered
    await town.text(his, "lisi", "没有听懂“是”")


async def test_other_words_after_the_list_are_what_they_are(open_town):
    town, _ = await two_asked(open_town)
    await town.say("wecom", "lisi", "事假 5月20日 办事")
    await town.open_card("wecom", "lisi", "请确认：事假1天")
    await town.say("wecom", "lisi", "是")
    await town.text("wecom", "lisi", "请点上面卡片上的“提交”")
    await town.settled()
    assert await states(town) == {1: "pending", 2: "pending"}


async def test_what_is_unusual_stays_for_a_look_of_its_own(open_town):
    town = await open_town()
    await ask(town, "zhangsan", "年假 5月20日到21日 回家", card="张三的年假")
    await ask(town, "chenjing", "事假 5月20日到29日 回家", card="陈静的事假")
    await town.say("wecom", "lisi", "全部同意")
    batch = await town.open_card("wecom", "lisi", "1件可以一起同意")
    assert "时间较长" in batch.subtitle
    assert "同期有人休假" in batch.subtitle
    assert dict(batch.choices[0].options)["1"] == "1号 张三的年假2天·注意"
    await town.tap("wecom", "lisi", batch, "同意所选", items=["1"])
    await town.settled()
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "approved", 2: "pending"}), "what was not offered is not agreed to")


async def test_nothing_that_changed_since_is_agreed_to_unseen(open_town):
    town, batch = await two_asked(open_town)
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.text("wecom", "zhangsan", "撤回已记录")
    await town.tap("wecom", "lisi", batch, "同意所选", items=["1", "2"])
    await town.text("wecom", "lisi", "1号有变动，没有办理")
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "withdrawn", 2: "approved"}), "the other is approved")


async def test_who_withdraws_in_time_is_faster_than_the_decision_and_the_leader_is_told(open_town):
    town, batch = await two_asked(open_town)
    await town.tap("wecom", "lisi", batch, "同意所选", items=["1", "2"])
    await town.open_card("wecom", "lisi", "已同意2件")
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.text("wecom", "lisi", "您的“同意”没有生效")
    await town.forward(seconds=32)
    await town.until(is_now(town, {1: "withdrawn", 2: "approved"}), "the withdrawal stands")


async def test_what_was_withdrawn_meanwhile_is_not_said_to_be_undone_by_the_leader(open_town):
    town, batch = await two_asked(open_town)
    await town.tap("wecom", "lisi", batch, "同意所选", items=["1", "2"])
    await town.open_card("wecom", "lisi", "已同意2件")
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.text("wecom", "lisi", "您的“同意”没有生效")
    await town.say("wecom", "lisi", "撤销 2")
    closed = await town.card("wecom", "lisi", "没有同意任何一件")
    assert closed.subtitle == "1号有变动，没有办理；撤销了2号"


async def test_no_seconds_means_at_once(open_town):
    at_once = "\napprovals: {undo_batch_seconds: 0}\n"
    town, batch = await two_asked(open_town, office=lambda text: text + at_once)
    await town.tap("wecom", "lisi", batch, "同意所选", items=["1", "2"])
    await town.until(is_now(town, {1: "approved", 2: "approved"}), "both are approved")
    closed = await town.card("wecom", "lisi", "已同意2件")
    assert closed.state
