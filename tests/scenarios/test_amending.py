"""An approver changes what the form lets them: in words, told to those who acted before, on another way from there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_desk import Desk, office, staff

from handlers.approval import engine, rebuilding, store
from handlers.approval.engine import State
from handlers.audit import log

REASON = "原设备只能由原厂家提供配件"


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def at_finance(desk, form=None, **changes):
    """A procurement that the manager 何军 has agreed to and that waits for 冯雪."""
    applicant, item = await desk.submitted("procurement", form, **changes)
    return applicant, await desk.consent("procurement", item, desk.people["何军"])


async def says(desk, name, words, part):
    """`name` writes this; the answer that has `part` in it."""
    platform, user = desk.phone(name)
    await desk.town.say(platform, user, words)
    return await desk.town.text(platform, user, part)


async def names_to_the_end(desk, item):
    """Who is asked from here on, in order, if everybody agrees."""
    asked = []
    while item.request.state is State.PENDING:
        who = engine.waiting_for(item.request)[0]
        person = next(one for one in desk.people.values() if one.id == who)
        asked.append(person.name)
        item = await desk.consent("procurement", item, person)
    return asked


async def from_the_facts(desk, item):
    """(the item in the tables, the item from its facts alone)."""

    async def unit(tx):
        stored = await store.load(tx, item.id)
        return stored.request, rebuilding.rebuilt(await log.read(tx, item.id))

    return await desk.town.service.database.read(unit)


async def test_a_change_in_words_sends_it_another_way_and_everybody_who_acted_knows(desk):
    _, item = await at_finance(desk)
    await says(desk, "冯雪", f"改 1 采购方式=单一来源；单一来源理由={REASON}", "采购方式由电子卖场直购改为单一来源")
    for name in ("高洁", "何军"):
        told = await desk.town.text(*desk.phone(name), "冯雪办理1号")
        assert f"单一来源理由填为{REASON}" in told.text
        assert "后面的流程也有变化" in told.text
    await desk.town.settled()
    mine = desk.town.cards(*desk.phone("高洁"), "采购申请")[-1]
    assert any("单一来源（原为电子卖场直购）" in one.value for one in mine.fields)
    item = await desk.item(item)
    assert item.fields["method"] == "单一来源"
    assert await names_to_the_end(desk, item) == ["冯雪", "李四", "孙立新", "张三", "何军"]
    shown, told = await from_the_facts(desk, item)
    assert shown == told
    (fact,) = await desk.town.journal("approval.fields_amended")
    assert (fact["fields"], fact["rerouted"]) == (["method", "single_reason"], True)
    assert "单一来源" not in fact["body"]  # personal values lie beside the journal, under their salted hash


async def test_what_the_form_does_not_accept_is_refused_with_the_reason_and_changes_nothing(desk):
    _, item = await at_finance(desk)
    before = await desk.item(item)
    await says(desk, "冯雪", "改 1 采购方式=单一来源", "单一来源理由还没有填")
    await says(desk, "冯雪", "改 1 采购方式=口头询价", "采购方式不是可以选的内容")
    await says(desk, "冯雪", "改 1 预算总额=1", "没有“预算总额”可以改，这一步可以改：预算项目、采购方式、单一来源理由")
    await says(desk, "冯雪", "改 1 预算项目=设备购置", "和原来一样的不用改")
    for name, answer in (("何军", "这一步不由您办理"), ("高洁", "不能审批自己的申请"), ("李四", "这一步不由您办理")):
        await says(desk, name, "改 1 预算项目=办公费", answer)
    assert await desk.item(item) == before
    assert not await desk.town.journal("approval.fields_amended")


async def test_what_can_be_changed_is_said_on_a_tap_and_an_older_card_does_not_decide(desk):
    applicant, item = await at_finance(desk)
    platform, user = desk.phone("冯雪")
    card = await desk.town.open_card(platform, user, f"{applicant.name}的采购申请")
    await desk.town.tap(platform, user, card, "修改")
    offer = await desk.town.text(platform, user, "这一步可以改")
    assert {one.name for one in offer.fields} == {"采购方式", "单一来源理由", "预算项目"}
    assert "改 1 预算项目=" in offer.note
    version = item.request.version
    await says(desk, "冯雪", "改 1 预算项目=办公费", "预算项目由设备购置改为办公费")
    assert (await desk.item(item)).request.version == version + 1
    refused = await desk.town.journal("approval.act_refused")
    assert not refused  # asking what can be changed is no offence


async def test_who_may_not_read_a_field_is_not_told_that_it_was_changed(desk):
    form = desk.form("procurement")
    steps = [replace(one, reads=("purpose",)) if one.step == "manager" else one for one in form.route]
    await at_finance(desk, replace(form, route=tuple(steps)))
    await says(desk, "冯雪", "改 1 预算项目=办公费", "预算项目由设备购置改为办公费")
    await desk.town.text(*desk.phone("高洁"), "预算项目由设备购置改为办公费")
    await desk.town.settled()
    seen = " ".join(f"{m.text} {m.quote} {m.fields}" for m in desk.town.messages(*desk.phone("何军")))
    assert "办公费" not in seen
    assert "设备购置" not in seen


async def test_sent_back_after_a_turn_it_begins_anew_on_the_way_of_its_values(desk):
    applicant, item = await at_finance(desk)
    await says(desk, "冯雪", f"改 1 采购方式=单一来源；单一来源理由={REASON}", "已修改")
    await says(desk, "冯雪", "退回 1 请补询价材料", "退回已记录")
    platform, user = desk.phone(applicant.name)
    await desk.town.say(platform, user, "重新提交 1")
    await desk.town.text(platform, user, "重新提交已记录")
    item = await desk.item(item)
    assert await names_to_the_end(desk, item) == ["何军", "冯雪", "李四", "孙立新", "张三", "何军"]
    shown, told = await from_the_facts(desk, item)
    assert shown == told
