"""After a trip its report is asked for: told when the trip is over, again when it is due, and not when it is there."""

from __future__ import annotations

import pytest
from form_desk import Desk, office, staff

from handlers import errors
from handlers.approval import engine
from handlers.approval.engine import State
from handlers.approval.meetings import trip_reports


@pytest.fixture
async def desk(open_town):
    people = staff(0)
    desk = await Desk.of(await open_town(people=people, office=office))
    desk.staff = people
    return desk


async def approved(desk, code, **changes):
    _, item = await desk.submitted(code, **changes)
    while item.request.state is State.PENDING:
        waiting = engine.waiting_for(item.request)[0]
        item = await desk.consent(code, item, next(one for one in desk.people.values() if one.id == waiting))
    return item


async def told(desk):
    """What 高洁 was told of a report, so often."""
    await desk.town.settled()
    rows = await desk.town.rows("SELECT id FROM outbox WHERE key LIKE ?", f"{trip_reports.KIND}:%")
    return len(rows)


async def test_the_report_is_asked_for_when_the_trip_is_over_and_its_approval_waits_for_nothing(desk):
    trip = await approved(desk, "trip")
    assert trip.request.state is State.APPROVED
    assert trip.fields["report_within"] == 10
    assert await told(desk) == 0
    await desk.town.forward(days=18)  # 15 May, two days after the end
    await desk.town.text(*desk.phone("高洁"), "发“出差报告”就能打开")
    assert await told(desk) == 1
    [draft] = await desk.town.rows("SELECT values_json FROM page_draft WHERE form = 'trip_report'")
    assert trip.id in draft["values_json"]
    await desk.town.forward(days=9)
    await desk.town.text(*desk.phone("高洁"), "已经过了期限")


async def test_a_report_that_is_there_is_asked_for_no_more_and_there_is_one(desk):
    trip = await approved(desk, "trip")
    await desk.submitted("trip_report", trip=trip.id)
    await desk.town.forward(days=40)
    assert await told(desk) == 0
    with pytest.raises(errors.BadRequest) as refused:
        await desk.submitted("trip_report", trip=trip.id)
    assert [one.code for one in refused.value.circumstances["problems"]] == ["named_before"]


async def test_a_trip_in_town_asks_for_none(desk):
    trip = await approved(desk, "trip", area="市内（县区）")
    assert trip.fields["report_within"] == 0
    await desk.town.forward(days=40)
    assert await told(desk) == 0
