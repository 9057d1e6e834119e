"""What a form says about one step: who is told when it is done, what its people may see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_desk import Desk, office, staff

from bot.pages import reading
from handlers.approval import act, engine, sight
from handlers.approval.engine import State, Verb
from handlers.approval.language import book


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


def changed(form, code, **keys):
    """The form with other keys in this one of its steps, none of which are parallel."""
    return replace(form, route=tuple(replace(one, **keys) if one.step == code else one for one in form.route))


def told(desk, name):
    """Every card about the item on this phone."""
    return desk.town.cards(*desk.phone(name), "高洁的采购")


async def test_who_is_to_know_of_a_step_is_told_when_it_is_done_and_once(desk):
    form = changed(desk.form("procurement"), "manager", cc=("personnel", "finance"))
    _, item = await desk.submitted("procurement", form)
    await desk.town.settled()
    assert not told(desk, "王五")
    item = await desk.consent("procurement", item, desk.people["何军"])
    copy = await desk.town.card(*desk.phone("王五"), "高洁的采购")
    assert not copy.buttons
    item = await desk.consent("procurement", item, desk.people["冯雪"])
    await desk.town.settled()
    assert len(told(desk, "王五")) == 1
    assert len(told(desk, "冯雪")) == 1  # her own turn told her
    assert item.request.state is State.PENDING


def on_phone(desk, name):
    cards = desk.town.cards(*desk.phone(name), "采购")
    return " ".join(f"{card.title} {' '.join(f'{one.name} {one.value}' for one in card.fields)}" for card in cards)


async def test_who_may_read_some_fields_is_shown_no_others(desk):
    form = changed(desk.form("procurement"), "finance", reads=("budget_line", "total"))
    applicant, item = await desk.submitted("procurement", form)
    item = await desk.consent("procurement", item, desk.people["何军"])
    await desk.town.open_card(*desk.phone("冯雪"), f"{applicant.name}的采购")
    await desk.town.settled()
    assert "设备购置" in on_phone(desk, "冯雪")
    assert "投影机" not in on_phone(desk, "冯雪")
    assert "投影机" in on_phone(desk, "何军")
    assert "投影机" in on_phone(desk, applicant.name)


async def seen(desk, item, name, *, principals=()):
    """The codes of the item's fields that this person is shown."""
    form = await desk.town.service.database.read(lambda tx: book.of_version(tx, item.form_version))
    people = [desk.people[one].id for one in principals]
    return sight.narrowed(form, item, reader=desk.people[name].id, principals=people).fields.keys()


async def test_who_stands_in_or_was_asked_reads_no_more_than_who_let_them(desk):
    form = changed(desk.form("procurement"), "finance", reads=("budget_line",))
    applicant, item = await desk.submitted("procurement", form)
    item = await desk.consent("procurement", item, desk.people["何军"])
    finance, other = desk.people["冯雪"], desk.people["吴刚"]
    assert await seen(desk, item, "冯雪") == {"budget_line", "method"}  # what its people may change, they see
    assert await seen(desk, item, "吴刚", principals=["冯雪"]) == {"budget_line", "method"}
    wanted = engine.Act(verb=Verb.ADD_SIGNER, to=(other.id,), opinion="请先看")
    item = await desk.write(finance, lambda ctx: act.perform(ctx, item.id, wanted, by=finance))
    assert await seen(desk, item, "吴刚") == {"budget_line", "method"}
    for name in (applicant.name, "何军", "王五"):
        assert await seen(desk, item, name) == item.fields.keys()


async def test_who_gave_the_turn_away_reads_no_more_than_before(desk):
    form = changed(desk.form("procurement"), "finance", reads=("budget_line",))
    _, item = await desk.submitted("procurement", form)
    item = await desk.consent("procurement", item, desk.people["何军"])
    finance = desk.people["冯雪"]
    wanted = engine.Act(verb=Verb.TRANSFER, to=(desk.people["吴刚"].id,), opinion="请代为把关")
    item = await desk.write(finance, lambda ctx: act.perform(ctx, item.id, wanted, by=finance))
    for name in ("冯雪", "吴刚"):
        assert await seen(desk, item, name) == {"budget_line", "method"}


async def page(desk, item, name):
    """(names of the lines, how many proofs) on the item's page as this person sees it."""
    shown = await desk.write(desk.people[name], lambda ctx: reading.read(ctx, item, desk.people[name]))
    return [line.name for line in shown.lines], sum(len(moment.proofs) for moment in shown.history)


async def test_the_page_leaves_out_fields_and_proofs_too(desk):
    form = changed(desk.form("procurement"), "finance", reads=("budget_line",))
    _, item = await desk.submitted("procurement", form)
    for name in ("何军", "冯雪", "李四", "张三"):
        item = await desk.consent("procurement", item, desk.people[name])
    assert await page(desk, item, "冯雪") == (["预算项目", "采购方式"], 0)
    lines, proofs = await page(desk, item, "何军")
    assert {"预算项目", "采购方式"} < {*lines}
    assert proofs == 3
