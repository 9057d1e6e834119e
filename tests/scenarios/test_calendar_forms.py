"""Meetings and cars as forms: what is held while somebody decides, who gets car and driver, what comes back."""

from __future__ import annotations

import pytest
from form_desk import BOOK, Desk, office, staff
from town import Town

from handlers import errors
from handlers.approval import act, engine
from handlers.approval.engine import State, Verb


@pytest.fixture
async def desk(tmp_path, database_url):
    town = await Town.open(tmp_path / "office", database_url, people=staff(0), office=office)
    yield await Desk.of(town)
    await town.close()


async def held(desk):
    rows = await desk.town.rows(
        "SELECT r.name, v.state FROM reservation v JOIN resource r ON r.id = v.resource ORDER BY v.id"
    )
    return [(row["name"], row["state"]) for row in rows]


async def entries(desk):
    rows = await desk.town.rows("SELECT title, state, owner FROM agenda_entry ORDER BY id")
    names = {one.id: name for name, one in desk.people.items()}
    return [(names[row["owner"]], row["title"], row["state"]) for row in rows]


async def acted(desk, item, person, verb, **more):
    return await desk.write(
        desk.people[person],
        lambda ctx: act.perform(ctx, item.id, engine.Act(verb=verb, **more), by=desk.people[person]),
    )


async def test_a_meeting_holds_its_room_from_the_submission_on_and_gives_it_back(desk):
    _, item = await desk.submitted("meeting")
    assert await held(desk) == [("三楼会议室", "held")]
    with pytest.raises(errors.Clash) as clash:
        await desk.submitted("meeting", time={"date": "2026-05-12", "start": "10:00", "end": "11:00"})
    assert "已由高洁（后勤科）预订" in str(clash.value.circumstances["said"])
    with pytest.raises(errors.BadRequest, match="no_room"):
        await desk.submitted("meeting", room="没有的会议室")
    for name in ("何军", "李四"):
        item = await desk.consent("meeting", item, desk.people[name])
    item = await desk.consent("meeting", item, desk.people["张三"])
    assert item.request.state is State.APPROVED
    assert await held(desk) == [("三楼会议室", "booked")]
    title = f"会议：{BOOK['forms']['meeting']['values']['topic']}"
    assert await entries(desk) == [("高洁", title, "active"), ("何军", title, "active")]
    await acted(desk, item, "高洁", Verb.CANCEL)
    assert await held(desk) == [("三楼会议室", "cancelled")]
    assert {state for _, _, state in await entries(desk)} == {"cancelled"}


async def test_car_and_driver_go_to_one_trip_at_a_time_and_the_meter_only_forward(desk):
    _, first = await desk.submitted("vehicle")
    _, second = await desk.submitted("vehicle", time={"date": "2026-04-28", "start": "10:30", "end": "12:00"})
    first = await desk.consent("vehicle", first, desk.people["吴刚"])
    assert await held(desk) == [("粤A12345", "booked"), ("郑海", "booked")]
    with pytest.raises(errors.Clash):
        await desk.consent("vehicle", second, desk.people["吴刚"])
    with pytest.raises(errors.Clash) as clash:
        await desk.consent("vehicle", second, desk.people["吴刚"], plate="粤A66018")
    assert "郑海" in str(clash.value.circumstances["said"])
    assert ("郑海", "用车：区政府", "active") in await entries(desk)
    await desk.town.forward(days=1, hours=1)
    first = await desk.consent("vehicle", first, desk.people["吴刚"])
    assert first.request.state is State.APPROVED
    assert await held(desk) == [("粤A12345", "used"), ("郑海", "used")]
    (car,) = await desk.town.rows("SELECT odometer FROM resource WHERE name = '粤A12345'")
    assert car["odometer"] == 56018
    second = await desk.consent("vehicle", second, desk.people["吴刚"])
    with pytest.raises(errors.BadRequest, match="odometer_back"):
        await desk.consent("vehicle", second, desk.people["吴刚"])
    second = await desk.consent("vehicle", second, desk.people["吴刚"], odometer_out="56018")
    assert second.fields["odometer_back"] == 56036
