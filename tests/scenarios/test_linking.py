"""An expense names the approved trip that it belongs to: an own one, or one that its claimant may read."""

from __future__ import annotations

import pytest
from form_desk import Desk, office, staff

from handlers import errors
from handlers.approval import act, engine, faces, submitting
from handlers.approval.engine import State, Verb
from handlers.approval.language import linking
from handlers.context import Context


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def approved(desk, code):
    applicant, item = await desk.submitted(code)
    while item.request.state is State.PENDING:
        waiting = engine.waiting_for(item.request)[0]
        item = await desk.consent(code, item, next(one for one in desk.people.values() if one.id == waiting))
    return applicant, item


async def claimed(desk, item):
    return (await desk.submitted("expense", kind="差旅费", approved=item.id))[1]


async def offered(desk, person, item):
    """The items that this person may name in an expense, having named this one."""
    form = desk.form("expense")
    found = await desk.write(person, lambda ctx: linking.options(ctx, person, form, {"approved": item.id}))
    return [option.code for option in found[form.fields["approved"].source]]


def wrong(refused):
    return [(one.path[0], one.code) for one in refused.value.circumstances["problems"]]


async def test_an_own_approved_trip_is_offered_and_named_by_its_number(desk):
    person, trip = await approved(desk, "trip")
    item = await claimed(desk, trip)
    assert item.fields["approved"] == trip.id

    async def seen(ctx: Context):
        known = await submitting.known(ctx, desk.form("expense"), person, item.fields)
        return known, await faces.names_in(ctx.tx, desk.form("expense"), item.fields)

    known, names = await desk.write(person, seen)
    [option] = known.options[desk.form("expense").fields["approved"].source]
    assert option.title.startswith(f"{trip.number}号 出差")
    assert names[trip.id] == f"{trip.number}号 出差申请"


async def test_a_trip_that_is_only_asked_for_does_not_count(desk):
    _, trip = await desk.submitted("trip")
    with pytest.raises(errors.BadRequest) as refused:
        await claimed(desk, trip)
    assert wrong(refused) == [("approved", "not_an_item")]


async def test_nor_does_another_form(desk):
    _, repair = await approved(desk, "repair")
    with pytest.raises(errors.BadRequest) as refused:
        await claimed(desk, repair)
    assert wrong(refused) == [("approved", "not_an_item")]


async def test_a_trip_is_claimed_once(desk):
    """`once`: whoever claims it, and for as long as the first claim was not turned away."""
    person, trip = await approved(desk, "trip")
    first = await claimed(desk, trip)
    with pytest.raises(errors.BadRequest) as refused:
        await claimed(desk, trip)
    assert wrong(refused) == [("approved", "named_before")]
    assert refused.value.circumstances["problems"][0].limit == str(first.number)
    assert trip.id not in await unclaimed(desk, person)
    await desk.write(person, lambda ctx: act.perform(ctx, first.id, engine.Act(verb=Verb.WITHDRAW), by=person))
    assert trip.id in await unclaimed(desk, person)
    assert (await claimed(desk, trip)).fields["approved"] == trip.id


async def unclaimed(desk, person):
    """What the list of an empty expense offers."""
    form = desk.form("expense")
    found = await desk.write(person, lambda ctx: linking.options(ctx, person, form, {}))
    return [option.code for option in found[form.fields["approved"].source]]


async def test_somebody_elses_is_for_those_who_may_read_it(desk):
    _, trip = await approved(desk, "trip")
    assert await offered(desk, desk.people["何军"], trip) == [trip.id]  # who decided it
    assert await offered(desk, desk.people["郑海"], trip) == []
