"""Words about what somebody has submitted are answered with its card, which has the button that takes it back."""

from __future__ import annotations

import pytest

OVERTIME = "加班 周六9点到12点 赶材料"


@pytest.fixture
async def town(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", OVERTIME)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认：加班申请"), "提交")
    await town.card("wecom", "lisi", "张三的加班申请")
    await town.settled()
    return town


def cards(town, user, title):
    return len(town.cards("wecom", user, title))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("加班取消", "在下面的卡片上点“撤回”就行"), ("不加班了", "在下面的卡片上点“撤回”就行"),
        ("加班改到周日", "已经提交的不能直接改"), ("1号到哪了", ""),
    ],
)  # fmt: skip
async def test_the_card_comes_with_its_button(town, words, told):
    before = cards(town, "zhangsan", "加班申请：赶材料")
    await town.say("wecom", "zhangsan", words)
    await town.settled()
    assert cards(town, "zhangsan", "加班申请：赶材料") == before + 1
    if told:
        await town.text("wecom", "zhangsan", told)
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "加班申请：赶材料"), "撤回")
    await town.settled()
    (item,) = await town.rows("SELECT state FROM item")
    assert item["state"] == "withdrawn"


async def test_who_decides_gets_it_to_decide_and_who_may_read_gets_the_page(town):
    await town.say("wecom", "lisi", "1号到哪了")
    await town.settled()
    assert cards(town, "lisi", "张三的加班申请") == 2
    await town.say("wecom", "wangwu", "打印 1")
    await town.text("wecom", "wangwu", "1号（加班申请：赶材料）可以在网页上看：")


async def test_nobody_else_learns_what_it_is(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班 4月28日18点到20点 归档")  # so short that its second leader is not asked
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认：加班申请"), "提交")
    await town.settled()
    await town.say("wecom", "sunlixin", "1号到哪了")
    told = await town.text("wecom", "sunlixin", "您不是这件事项的相关人员")
    assert "归档" not in told.text
    await town.say("wecom", "sunlixin", "9号到哪了")
    await town.text("wecom", "sunlixin", "没有找到这件事项")


async def test_while_it_is_filled_in_the_draft_is_meant(open_town):
    town = await open_town()
    await town.say("wecom", "zhangsan", "加班")
    await town.text("wecom", "zhangsan", "工作内容？")
    await town.say("wecom", "zhangsan", "加班取消")
    await town.text("wecom", "zhangsan", "没有做任何改动")
    assert [row["state"] for row in await town.rows("SELECT state FROM item")] == ["discarded"]


async def test_several_are_told_apart(town):
    await town.say("wecom", "zhangsan", "加班 4月28日18点到20点 归档")
    await town.tap("wecom", "zhangsan", await town.open_card("wecom", "zhangsan", "请确认：加班申请"), "提交")
    await town.settled()
    await town.say("wecom", "zhangsan", "加班取消")
    told = await town.text("wecom", "zhangsan", "您提交过的有几件")
    assert "1号 加班申请：赶材料" in told.text
    assert "2号 加班申请：归档" in told.text


async def test_what_is_over_is_said_to_be(town):
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "张三的加班申请"), "同意")
    await town.settled()
    await town.tap("wecom", "sunlixin", await town.open_card("wecom", "sunlixin", "张三的加班申请"), "同意")
    await town.settled()
    await town.say("wecom", "zhangsan", "加班取消")
    await town.text("wecom", "zhangsan", "1号（加班申请：赶材料）已经办完，不能取消")


async def test_a_sentence_that_names_it_and_is_not_understood_brings_its_card(town):
    await town.say("wecom", "lisi", "1号为什么要加班")
    await town.text("wecom", "lisi", "没有听懂这句话。您说的是1号")
    await town.settled()
    assert cards(town, "lisi", "张三的加班申请") == 2
    await town.say("wecom", "chenjing", "1号为什么要加班")  # an administrator may read it and has no part in it
    await town.text("wecom", "chenjing", "没有听懂“1号为什么要加班”")


async def test_why_it_was_turned_down_stands_on_its_card(town):
    await town.say("wecom", "lisi", "驳回 1 人手不够")
    await town.settled()
    await town.say("wecom", "zhangsan", "为什么驳回")
    await town.settled()
    assert "人手不够" in str(town.cards("wecom", "zhangsan", "加班申请：赶材料：已驳回")[-1])
    await town.say("wecom", "wangwu", "谁退回的")
    await town.text("wecom", "wangwu", "您最近没有被驳回或者退回的申请")
