"""Cars without approval inside a quota (A9): counted inside the submission, seen again by a replay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from form_desk import Desk, office, staff

from handlers.approval import act, engine, submitting
from handlers.approval.engine import State, Verb
from handlers.approval.language import quota, replaying, routes, surroundings

QUOTA = "used.month.count < 2"


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


@pytest.fixture
def cars(desk):
    """The vehicle form with two trips a month."""
    form = desk.form("vehicle")
    within = replace(form.fields["within"], computed=f'{QUOTA} ? "是" : "否"')
    return replace(form, fields={**form.fields, "within": within})


def first(item):
    return next(step.name for step in item.request.steps)


async def test_two_trips_go_to_the_dispatcher_and_the_third_to_the_manager(desk, cars):
    items = [(await desk.submitted("vehicle", cars))[1] for _ in range(3)]
    assert [first(item) for item in items] == ["dispatch", "dispatch", "manager"]
    assert [item.fields["used_before"] for item in items] == [0, 1, 2]
    opened = await desk.town.journal("approval.item_opened")
    assert [one["used"].get("used.month.count", 0) for one in opened] == [0, 1, 2]


async def test_two_at_once_do_not_both_take_the_last_one(desk, cars):
    await desk.submitted("vehicle", cars)
    both = await asyncio.gather(*(desk.submitted("vehicle", cars) for _ in range(2)))
    assert sorted(first(item) for _, item in both) == ["dispatch", "manager"]


async def test_what_was_taken_back_is_free_again_and_a_colleague_has_their_own(desk, cars):
    applicant, item = await desk.submitted("vehicle", cars)
    await desk.submitted("vehicle", cars)
    await desk.write(applicant, lambda ctx: act.perform(ctx, item.id, engine.Act(verb=Verb.WITHDRAW), by=applicant))

    async def counted(tx):
        about = {"at": desk.town.clock.now(), "zone": desk.town.service.office.timezone}
        people = [applicant, desk.people["何军"]]
        return [(await quota.used(tx, cars, one, **about)).get("used.month.count", 0) for one in people]

    assert await desk.town.service.database.read(counted) == [1, 0]


async def test_a_draft_that_lay_while_the_quota_was_used_is_counted_when_it_is_submitted(desk, cars):
    person = desk.people["高洁"]
    values = desk.typed("vehicle", {"purpose": "送件", "to": "区政府", "passengers": "1",
                                    "time": {"date": "2026-04-28", "start": "09:00", "end": "11:00"}})  # fmt: skip
    lying = await desk.write(person, lambda ctx: submitting.draft(ctx, person, cars, values))
    assert lying.fields["standard"] == "是"
    for _ in range(2):
        await desk.submitted("vehicle", cars)
    item = await desk.write(
        person, lambda ctx: act.perform(ctx, lying.id, engine.Act(verb=Verb.SUBMIT), by=person, declared=True)
    )
    assert (first(item), item.fields["standard"]) == ("manager", "否")


async def test_how_it_went_is_not_changed_by_what_is_filled_in_weeks_later(desk, cars):
    _, item = await desk.submitted("vehicle", cars)
    for _ in range(2):
        await desk.submitted("vehicle", cars)
    desk.town.clock.forward(timedelta(days=40))
    for _ in range(2):
        item = await desk.consent("vehicle", item, desk.people["吴刚"])
    assert item.request.state is State.APPROVED
    assert item.fields["standard"] == "是"  # so that the sample still finds it
    assert item.fields["mileage"] == 18


async def test_a_replay_sees_the_numbers_that_were_seen_and_counts_what_only_the_new_form_asks(desk, cars):
    for _ in range(3):
        await desk.submitted("vehicle", cars)
    tighter = replace(cars.fields["within"], computed='used.year.count < 1 ? "是" : "否"')
    new = replace(cars, fields={**cars.fields, "within": tighter})
    office, town = desk.town.service.office, desk.town

    async def played(tx):
        since = town.clock.now().replace(year=2025)
        items = await replaying.past(tx, "vehicle", since=since, zone=office.timezone, new=new)
        olds = {item.version: cars for item in items}
        people, work = await routes.load_people(tx), surroundings.work(office)
        same = replaying.replay(items, olds, cars, people, work=work)
        return same, replaying.replay(items, olds, new, people, work=work)

    same, changed = await town.service.database.read(played)
    assert (same.looked_at, same.differences) == (3, ())
    assert [len(one.after.stations) - len(one.before.stations) for one in changed.differences] == [1]
