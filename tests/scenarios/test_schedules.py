"""Entries in the platforms' own calendars: written, changed, taken off, compared, and done as the owner says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from town import DOORS, Town, staff

from connectors.sandbox.faults import Fault

PLATFORMS = ("wecom", "dingtalk")


@pytest.fixture(params=PLATFORMS)
async def at(request, tmp_path, database_url):
    """(town, platform): everybody is on that platform."""
    everybody = dict.fromkeys(("sun", "li", "zhang", "wang", "chen"), request.param)
    town = await Town.open(tmp_path / "office", database_url, people=staff(**everybody))
    yield town, request.param
    await town.close()


def there(town, platform, user="zhangsan"):
    return [title for _, title in town.fake(platform).schedules(user)]


async def shows(town, platform, titles, user="zhangsan"):
    await town.passing(lambda: there(town, platform, user) == titles, f"{titles} in {user}'s calendar", seconds=1)


async def only(town, platform, user="zhangsan"):
    ((id_, _),) = town.fake(platform).schedules(user)
    return id_


async def entered(town, platform, words="日程 周五上午10点 接待调研组 @三楼"):
    await town.say(platform, "zhangsan", words)
    await shows(town, platform, ["接待调研组"])
    await town.settled()
    await town.forward(minutes=5)


async def next_morning(town, platform):
    """Until the day's comparison is over."""
    await town.settled()
    await town.forward(days=1, hours=1)
    day = town.clock.now().date()

    async def read():
        rows = await town.rows("SELECT key FROM due WHERE kind = 'calendar.read' AND state = 'done'")
        return any(row["key"].endswith(f"/{day}") and DOORS[platform] in row["key"] for row in rows)

    await town.passing(read, "the day's comparison", seconds=1)
    await town.settled()


async def moved_there(town, platform, hours=3):
    (row,) = await town.rows("SELECT begin_ms, end_ms FROM agenda_entry")
    begin = town.clock.now().fromtimestamp(row["begin_ms"] / 1000, town.clock.now().tzinfo) + timedelta(hours=hours)
    await town.fake(platform).move_schedule(await only(town, platform), begin, begin + timedelta(hours=1))
    await town.settled()
    await town.forward(seconds=10)
    return await town.open_card(platform, "zhangsan", "日历不一致")


async def test_a_leave_stands_there_without_its_kind_and_goes_with_it(at):
    town, platform = at
    card = await town.asked(platform, platform)
    await town.tap(platform, "lisi", card, "同意")
    await shows(town, platform, ["休假"])

    def offered():
        cards = town.cards(platform, "zhangsan")
        return [one for one in cards if any(b.text == "取消休假" and not b.dead for b in one.buttons)]

    await town.until(offered, "the leave can be cancelled")
    await town.tap(platform, "zhangsan", offered()[-1], "取消休假")
    await shows(town, platform, [])


async def test_a_room_booked_by_word_and_an_entry_follow_their_changes(at):
    town, platform = at
    await town.say(platform, "zhangsan", "三楼会议室 明天下午3点到5点 10人 投影 项目例会")
    card = await town.open_card(platform, "zhangsan", "已预订：三楼会议室")
    await town.passing(lambda: there(town, platform), "the meeting is there", seconds=1)
    await town.tap(platform, "zhangsan", card, "取消预订")
    await shows(town, platform, [])
    await entered(town, platform)
    # An event that was put off may have used up a number on PostgreSQL.
    (entry,) = await town.rows("SELECT MAX(id) AS id FROM agenda_entry")
    await town.say(platform, "zhangsan", f"改日程 {entry['id']} 周五下午3点 接待检查组")
    await shows(town, platform, ["接待检查组"])
    await town.say(platform, "zhangsan", "日程不同步")
    await shows(town, platform, [])
    await town.say(platform, "zhangsan", "日程同步")
    await shows(town, platform, ["接待检查组"])


async def test_moved_there_the_owner_takes_it_over(at):
    town, platform = at
    await entered(town, platform)
    before = await town.rows("SELECT begin_ms, title FROM agenda_entry")
    card = await moved_there(town, platform)
    assert await town.rows("SELECT begin_ms, title FROM agenda_entry") == before
    await town.tap(platform, "zhangsan", card, "采用平台上的")
    await town.text(platform, "zhangsan", "已按平台上的修改")
    after = await town.rows("SELECT begin_ms, title FROM agenda_entry")
    assert after == [{**before[0], "begin_ms": before[0]["begin_ms"] + 3 * 3600 * 1000}]
    assert [row["choice"] for row in await town.journal("calendar.schedule_settled")] == ["taken"]
    await next_morning(town, platform)
    assert len(town.cards(platform, "zhangsan", "日历不一致")) == 1


async def test_moved_there_the_owner_puts_it_back(at):
    town, platform = at
    await entered(town, platform)
    card = await moved_there(town, platform)
    await town.tap(platform, "zhangsan", card, "恢复为本系统的")
    await town.text(platform, "zhangsan", "正在恢复")
    await next_morning(town, platform)
    assert len(town.cards(platform, "zhangsan", "日历不一致")) == 1
    assert len(await town.journal("calendar.schedule_differed")) == 1


async def test_deleted_there_without_an_event_is_found_the_next_morning_and_left(at):
    town, platform = at
    await entered(town, platform)
    town.fake(platform).faults.add(Fault("lost", "callback"))
    await town.fake(platform).delete_schedule(await only(town, platform))
    await next_morning(town, platform)
    card = await town.open_card(platform, "zhangsan", "日历不一致")
    assert "已删除" in [field.value for field in card.fields]
    await town.tap(platform, "zhangsan", card, "不管")
    await town.text(platform, "zhangsan", "保持两边各自的样子")
    await next_morning(town, platform)
    assert len(town.cards(platform, "zhangsan", "日历不一致")) == 1
    assert there(town, platform) == []


async def test_a_leave_moved_there_can_only_be_put_back(at):
    town, platform = at
    await town.tap(platform, "lisi", await town.asked(platform, platform), "同意")
    await shows(town, platform, ["休假"])
    await town.settled()
    await town.forward(minutes=5)
    card = await moved_there(town, platform, hours=24)
    assert [button.text for button in card.buttons if not button.dead and not button.url] == ["恢复为本系统的", "不管"]
    await town.tap(platform, "zhangsan", card, "恢复为本系统的")
    await next_morning(town, platform)
    assert len(town.cards(platform, "zhangsan", "日历不一致")) == 1


async def test_written_once_although_the_platform_was_down_and_an_answer_was_lost(at):
    town, platform = at
    path = {"wecom": "oa/schedule/add", "dingtalk": "/events"}[platform]
    faults = town.fake(platform).faults
    faults.add(Fault("error", "api", path, times=2))
    faults.add(Fault("lost", "api", path))
    await town.say(platform, "zhangsan", "日程 周五上午10点 接待调研组")
    await town.card(platform, "zhangsan", "接待调研组")  # nobody waits for the calendar
    await shows(town, platform, ["接待调研组"])

    async def sent():
        rows = await town.rows("SELECT state FROM outbox WHERE message_kind = 'Schedule'")
        return [row["state"] for row in rows] == ["sent"]

    await town.passing(sent, "the letter has arrived", seconds=5)
    assert there(town, platform) == ["接待调研组"]
