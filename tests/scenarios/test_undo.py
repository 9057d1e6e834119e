"""A single decision that can be undone for some seconds, where the office wants that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from town import staff

platforms = pytest.mark.parametrize("his", ["wecom", "dingtalk"])


def for_twenty_seconds(text):
    return text + "\napprovals: {undo_seconds: 20}\n"


async def state(town):
    return (await town.rows("SELECT state FROM item WHERE number = 1"))[0]["state"]


async def asked(open_town, his):
    town = await open_town(people=staff(li=his), office=for_twenty_seconds)
    return town, await town.asked("wecom", his)


@platforms
async def test_tapped_undone_and_decided_otherwise(open_town, his):
    town, card = await asked(open_town, his)
    await town.tap(his, "lisi", card, "同意")
    promised = await town.open_card(his, "lisi", "您已同意")
    assert [button.text for button in promised.buttons] == ["撤销"]
    await town.tap(his, "lisi", promised, "撤销")
    again = await town.open_card(his, "lisi", "张三的年假3天")
    await town.until(lambda: "您已同意" not in town.cards(his, "lisi", "张三的年假3天")[-1].title, "it is as before")
    assert not town.cards("wecom", "zhangsan", "已同意")
    await town.say(his, "lisi", "驳回 1 那几天有检查")
    await town.text(his, "lisi", "已驳回")
    await town.forward(seconds=25)

    async def rejected():
        return await state(town) == "rejected"

    await town.until(rejected, "it is rejected")
    await town.card("wecom", "zhangsan", "年假3天：已驳回")
    verbs = [row["verb"] for row in await town.journal("approval.step_decided")]
    assert verbs == ["submit", "hold", "undo", "hold", "reject"]
    assert again.title


@platforms
async def test_it_counts_afterwards_although_the_service_was_away_in_between(open_town, his):
    town, card = await asked(open_town, his)
    await town.tap(his, "lisi", card, "同意")
    await town.open_card(his, "lisi", "您已同意")
    await town.settled()
    await town.stop_service()
    town.clock.forward(timedelta(hours=1))
    await town.serve()
    decided = await town.card("wecom", "zhangsan", "年假3天：已同意")
    assert "补生效" in decided.quote
    assert await town.moves() == ["grant", "hold", "consume"]
    await town.until(lambda: town.cards(his, "lisi", "张三的年假3天：已同意"), "the leader's card says so")


async def test_a_second_tap_meanwhile_is_told_to_undo_first(open_town):
    town, card = await asked(open_town, "wecom")
    await town.say("wecom", "lisi", "同意 1")
    await town.text("wecom", "lisi", "之前回复“撤销 1”可以撤销")
    await town.say("wecom", "lisi", "驳回 1 不行")
    await town.text("wecom", "lisi", "要改请先回复“撤销 编号”")
    await town.say("wecom", "lisi", "撤销 1")
    await town.text("wecom", "lisi", "已撤销1号")
    await town.forward(seconds=25)
    assert await state(town) == "pending"
    assert card.title


async def test_nobody_else_sees_or_undoes_it(open_town):
    town, card = await asked(open_town, "wecom")
    await town.tap("wecom", "lisi", card, "同意")
    await town.open_card("wecom", "lisi", "您已同意")
    await town.say("wecom", "zhangsan", "撤销 1")
    await town.text("wecom", "zhangsan", "1号已经生效或不能撤销")
    await town.say("wecom", "zhangsan", "到哪了")
    progress = await town.card("wecom", "zhangsan", "您提交的事项")
    assert "同意" not in progress.fields[0].value
    await town.forward(seconds=25)
    await town.card("wecom", "zhangsan", "年假3天：已同意")
