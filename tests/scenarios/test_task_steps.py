"""Something to do: in the form's words, by the applicant where the form says so, never by who did the other thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_desk import Desk, office, staff

from handlers.approval import engine
from handlers.approval.engine import State
from handlers.approval.language.form_model import Escape, Who
from handlers.approval.standins import handover


async def opened(open_town, shift, *, office=office):
    people = staff(shift)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


@pytest.mark.parametrize("shift", [0, 1], ids=["worker-on-dingtalk", "worker-on-wecom"])
async def test_a_task_has_the_forms_own_word_from_card_to_history(open_town, shift):
    desk = await opened(open_town, shift)
    town = desk.town
    applicant, item = await desk.submitted("repair")
    worker = desk.phone("郑海")
    card = await town.open_card(*worker, "高洁的报修")
    assert "修好了" in [button.text for button in card.buttons]
    assert "办结" not in [button.text for button in card.buttons]
    assert "等您办理" in card.subtitle
    assert shift or "处理情况" in card.note  # WeCom's card with buttons has no such line: the tap says it
    await town.tap(*worker, card, "修好了")
    await town.text(*worker, "还缺“处理情况”，请补上再点“修好了”")
    await town.say(*worker, "修好了 1 处理情况 已更换滤网")
    await town.text(*worker, "修好了已记录")
    mine = await town.open_card(*desk.phone(applicant.name), "高洁的报修")
    assert "修好了" in mine.quote
    assert mine.buttons[0].text == "已修好"
    await town.say(*worker, "已修好 1")
    await town.text(*worker, "这一步不由您办理")
    await town.tap(*desk.phone(applicant.name), mine, "已修好")
    await town.card(*desk.phone(applicant.name), "已办结")
    item = await desk.item(item)
    assert item.request.state is State.APPROVED
    assert item.fields["result"] == "已更换滤网"


async def test_who_bought_does_not_accept_not_even_for_somebody_else(open_town):
    desk = await opened(open_town, 0)
    town = desk.town
    form = desk.form("procurement")
    steps = [
        replace(one, who=Who(role="buyer"), if_empty=Escape(role=("office_director",))) if one.step == "accept" else one
        for one in form.route
    ]
    _, item = await desk.submitted("procurement", replace(form, route=tuple(steps)))
    for name in ("何军", "冯雪", "李四"):
        item = await desk.consent("procurement", item, desk.people[name])
    buyer, other = desk.phone("张三"), desk.phone("李四")
    await town.say(*other, "外出授权 张三 4月27日到30日")
    await town.text(*other, "已授权张三")
    item = await desk.consent("procurement", item, desk.people["张三"])
    assert engine.waiting_for(item.request) == (desk.people["李四"].id,)
    assert [row["person"] for row in await town.rows("SELECT person FROM waiting")] == [desk.people["李四"].id]
    await town.say(*buyer, "已验收 1 验收日期 4月27日 验收意见 相符")
    await town.text(*buyer, "您或您代办的人办过“采购”")
    await town.say(*other, "转办 1 张三")
    await town.text(*other, "对方办过“采购”")
    await town.say(*other, "已验收 1 验收日期 2026-04-27 验收意见 数量相符")
    await town.text(*other, "已验收已记录")
    assert (await desk.item(item)).request.state is State.APPROVED


async def test_a_step_that_is_left_with_nobody_is_told_and_given_to_somebody_by_its_number(open_town):
    desk = await opened(
        open_town, 0, office=lambda text: office(text).replace("  buyer: [张三]", "  buyer: [张三, 吴刚]")
    )
    town = desk.town
    only = {"who": Who(person="张三"), "if_empty": "stop", "if_applicant": "skip"}
    form = desk.form("procurement")
    steps = [replace(one, **only) if one.step == "accept" else one for one in form.route]
    _, item = await desk.submitted("procurement", replace(form, route=tuple(steps)))
    for name in ("何军", "冯雪", "李四", "张三"):
        item = await desk.consent("procurement", item, desk.people[name])
    assert engine.blocked(item.request) == "kept_apart"
    told = await town.text(*desk.phone("周敏"), "1号停在“使用部门验收”")
    assert "officebot handover --item 1 --to" in told.text

    async def given(ctx, name):
        return (await handover.carry_out_one(ctx, 1, None, desk.people[name])).lines[0].refusal

    assert await desk.write(desk.people["周敏"], lambda ctx: given(ctx, "张三")) == "kept_apart_to"
    assert await desk.write(desk.people["周敏"], lambda ctx: given(ctx, "高洁")) == "own_request"
    assert await desk.write(desk.people["周敏"], lambda ctx: given(ctx, "吴刚")) == ""
    await town.settled()  # he had been asked to buy as well; that card is closed by then
    card = await town.open_card(*desk.phone("吴刚"), "高洁的采购申请")
    assert card.buttons[0].text == "已验收"
