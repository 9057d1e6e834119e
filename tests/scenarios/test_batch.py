"""“全部同意”: the usual goes with one tap, the unusual waits for a look of its own."""

from __future__ import annotations


async def ask(town, who, text):
    await town.say("wecom", who, text)
    await town.tap("wecom", who, await town.card("wecom", who, "请确认"), "提交")


async def states(town):
    return {row["number"]: row["state"] for row in await town.rows("SELECT number, state FROM item WHERE number > 0")}


async def test_what_is_long_or_left_out_stays_and_the_rest_is_agreed_to(open_town):
    town = await open_town()
    await ask(town, "zhangsan", "年假 5月20日到21日 回家")
    await town.card("wecom", "lisi", "张三的年假")
    await ask(town, "chenjing", "事假 5月20日到29日 回家")
    await town.card("wecom", "lisi", "陈静的事假")
    await town.say("wecom", "lisi", "全部同意")
    batch = await town.card("wecom", "lisi", "1件可以一起同意")
    assert "时间较长" in batch.quote
    await town.tap("wecom", "lisi", batch, "同意这1件")
    await town.text("wecom", "lisi", "已同意1件")
    assert await states(town) == {1: "approved", 2: "pending"}


async def test_nothing_that_changed_since_is_agreed_to_unseen(open_town):
    town = await open_town()
    await ask(town, "zhangsan", "年假 5月20日到21日 回家")
    await town.card("wecom", "lisi", "张三的年假")
    await town.say("wecom", "lisi", "全部同意")
    batch = await town.card("wecom", "lisi", "1件可以一起同意")
    await town.say("wecom", "zhangsan", "撤回 1")
    await town.text("wecom", "zhangsan", "撤回已记录")
    await town.tap("wecom", "lisi", batch, "同意这1件")
    await town.text("wecom", "lisi", "1号有变动，没有办理")
    assert await states(town) == {1: "withdrawn"}


async def test_a_number_can_be_left_out(open_town):
    town = await open_town()
    await ask(town, "zhangsan", "年假 5月20日到21日 回家")
    await town.card("wecom", "lisi", "张三的年假")
    await town.say("wecom", "lisi", "全部同意 除了1号")
    await town.text("wecom", "lisi", "您已排除")
    assert await states(town) == {1: "pending"}
