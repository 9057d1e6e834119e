"""A single decision that can be undone for some seconds, where the office wants that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from town import staff

from handlers import errors
from handlers.approval import effects, rebuilding, store
from handlers.audit import log

platforms = pytest.mark.parametrize("his", ["wecom", "dingtalk"])


def for_twenty_seconds(text):
    return text + "\napprovals: {undo_seconds: 20}\n"


async def state(town):
    return (await town.rows("SELECT state FROM item WHERE number = 1"))[0]["state"]


async def asked(open_town, his):
    town = await open_town(people=staff(li=his), office=for_twenty_seconds)
    return town, await town.asked("wecom", his)


async def stored(town):
    """The request as the tables have it."""

    async def read(tx):
        return (await store.numbered(tx, 1)).request

    return await town.service.database.read(read)


async def rebuilt(town):
    """The same from the journal alone."""
    item = (await stored(town)).id
    return rebuilding.rebuilt(await town.service.database.read(lambda tx: log.read(tx, item)))


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
    assert await rebuilt(town) == await stored(town)


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
    progress = await town.text("wecom", "zhangsan", "您提交的事项")
    assert "在李四处" in progress.text
    assert "同意" not in progress.text
    await town.forward(seconds=25)
    await town.card("wecom", "zhangsan", "年假3天：已同意")


HURRIED = """\
form: key
title: 借钥匙
category: 会议
undo_seconds: 300
fields:
  room: {title: 房间, type: text, required: true}
route:
  - step: boss
    title: 直接上级审批
    who: {manager_of: applicant}
    deadline: {working_hours: 1, then: reject}
"""


async def test_a_deadline_waits_for_what_was_decided_in_time_and_a_form_has_its_own_seconds(open_town, tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "key.yaml").write_text(HURRIED, encoding="utf-8")
    town = await open_town(office=lambda text: text.replace("forms: [forms/]", f"forms: [{folder}]"))
    await town.say("wecom", "zhangsan", "借钥匙")
    await town.text("wecom", "zhangsan", "房间？")
    await town.say("wecom", "zhangsan", "三楼")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：借钥匙"), "提交")
    card = await town.open_card("wecom", "lisi", "张三的借钥匙")
    await town.forward(minutes=59)
    await town.tap("wecom", "lisi", card, "同意")
    await town.open_card("wecom", "lisi", "您已同意")
    await town.forward(minutes=2)
    assert await state(town) == "pending"
    await town.forward(minutes=4)
    await town.card("wecom", "zhangsan", "已同意")
    await town.forward(minutes=2)
    assert await state(town) == "approved"
    assert await rebuilt(town) == await stored(town)


async def test_what_an_effect_refuses_afterwards_is_the_leaders_turn_again(open_town, monkeypatch):
    async def refuses(ctx, item):
        raise errors.BadRequest("insufficient_balance", item=item.id)

    town, card = await asked(open_town, "wecom")
    await town.tap("wecom", "lisi", card, "同意")
    await town.open_card("wecom", "lisi", "您已同意")
    monkeypatch.setitem(effects.EFFECTS, "leave.consume", refuses)
    await town.forward(seconds=25)
    told = await town.text("wecom", "lisi", "没有生效")
    assert "余额不够" in told.text
    assert await state(town) == "pending"
    monkeypatch.undo()
    await town.say("wecom", "lisi", "待办")
    await town.text("wecom", "lisi", "1件事项等您办理")
    await town.say("wecom", "lisi", "同意 1")
    await town.settled()
    await town.forward(seconds=25)
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    assert await rebuilt(town) == await stored(town)
