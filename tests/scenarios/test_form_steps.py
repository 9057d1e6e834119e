"""What a form says about one step: who is told when it is done, what its people may see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_desk import Desk, office, staff

from handlers.approval.engine import State


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
