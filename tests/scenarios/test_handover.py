"""Somebody leaves: shown first, then handed over; nobody gets an own request by it."""

from __future__ import annotations

from office_days import acts, asked

from bot.commands import handover as command
from handlers.approval.standins import handover
from handlers.audit.facts import Origin
from handlers.context import Context


async def hand_over(town, name, successor, *, dry_run=False):
    """The lines that the command would print."""

    async def unit(tx):
        ctx = Context(tx=tx, now=town.clock.now(), trace="t", origin=Origin(door="command"), office=town.service.office)
        (leaver,), (heir,) = await handover.somebody(tx, name), await handover.somebody(tx, successor)
        return await (handover.plan if dry_run else handover.carry_out)(ctx, leaver, heir)

    done = await (town.service.database.read(unit) if dry_run else town.service.database.write(unit))
    town.service.wake()
    return command._lines(done, dry_run=dry_run)


async def test_a_preview_changes_nothing_and_the_hand_over_moves_the_card(open_town):
    town = await open_town()
    await asked(town)
    assert await hand_over(town, "李四", "王五", dry_run=True) == ["1号：正在等他办理", "将交接 1 件。"]
    assert not town.cards("wecom", "wangwu", "张三的年假")
    assert await hand_over(town, "李四", "王五") == ["1号：正在等他办理", "已交接 1 件。"]
    hers = await town.card("wecom", "wangwu", "张三的年假")
    await town.say("wecom", "lisi", "同意 1")
    await town.text("wecom", "lisi", "这一步不由您办理")
    await town.tap("wecom", "wangwu", hers, "同意")
    await town.card("wecom", "sunlixin", "张三的年假")
    assert [verb for _, verb, _ in await acts(town)] == ["submit", "replace", "approve"]


async def test_steps_to_come_are_handed_over_as_well(open_town):
    town = await open_town()
    await asked(town)
    assert await hand_over(town, "孙立新", "王五") == ["1号：在后面的步骤里", "已交接 1 件。"]
    await town.say("wecom", "lisi", "同意 1")
    await town.card("wecom", "wangwu", "张三的年假")


async def test_an_item_of_the_successors_own_is_named_and_left(open_town):
    town = await open_town()
    await asked(town)
    lines = await hand_over(town, "李四", "张三")
    assert lines == ["1号：没有交接：不能审批自己的申请，未做任何改动。", "已交接 0 件。"]
    await town.say("wecom", "zhangsan", "同意 1")
    await town.text("wecom", "zhangsan", "不能审批自己的申请")
