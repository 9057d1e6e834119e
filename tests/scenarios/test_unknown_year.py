"""An office in January whose calendar of the year nobody has put in: everything but counting leave goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from town import staff

from handlers.days.workdays import SHANGHAI

JANUARY = datetime(2027, 1, 4, 1, 5, tzinfo=UTC)
"""A Monday, 09:05 in China."""
NEW_YEARS_EVE = datetime(2026, 12, 31, 7, 0, tzinfo=UTC)
"""A Thursday, 15:00 in China."""
NOTICE = (Path(__file__).resolve().parents[1] / "recordings" / "holidays_2027.yaml").read_text(encoding="utf-8")
PEOPLE = staff(zhang="dingtalk")


@pytest.fixture
async def town(open_town):
    return await open_town(people=PEOPLE, begin=JANUARY)


async def test_leave_waits_for_the_calendar_and_goes_on_once_it_is_saved(town):
    await town.say("dingtalk", "zhangsan", "年假 1月6日到8日 回家")
    refused = await town.text("dingtalk", "zhangsan", "还没有2027年的放假安排")
    assert "马上就能请" in refused.subtitle
    assert "天数" not in [field.name for field in refused.fields], "nothing was counted, so no number is claimed"
    assert await town.moves() == []

    folder = town.configuration.base / "calendars"
    folder.mkdir()
    (folder / "2027.yaml").write_text(NOTICE, encoding="utf-8")
    await town.service.calendar_watcher.look()
    await town.tap("wecom", "lisi", await town.asked("dingtalk", "wecom", "年假 1月6日到8日 回家"), "同意")
    await town.card("dingtalk", "zhangsan", "年假3天：已同意")
    assert "consume" in await town.moves()


async def test_administrators_hear_of_it_on_the_first_morning_and_every_next_one(town):
    for days in (1, 2):
        await town.until(lambda days=days: len(_warnings(town)) == days, f"a warning on day {days}")
        await town.forward(days=1)
    assert "已经是2027年了" in _warnings(town)[0].text
    assert {one.code for one in await town.service.watch.concerns()} >= {"no_calendar"}


def _warnings(town):
    return [one for one in town.cards("wecom", "chenjing") if "请尽快照国务院办公厅的通知" in one.text]


async def test_a_notice_is_sent_and_the_silent_are_reminded(town):
    await town.say("wecom", "lisi", "通知 张三、王五：请报送值班表。")
    await town.tap("wecom", "lisi", await town.open_card("wecom", "lisi", "请确认"), "不涉密，提交")
    await town.card("dingtalk", "zhangsan", "请报送值班表")

    async def reminded():
        await town.settled()  # or the clock would be moved again while something is under way
        return await town.rows("SELECT id FROM notice_reminder")

    await town.passing(reminded, "the silent are reminded", hours=1)
    assert _in_working_time(town)
    assert await town.rows("SELECT id FROM due WHERE state = 'dead'") == []


async def test_who_decides_is_reminded_in_working_time_of_the_year_that_nobody_knows(open_town):
    town = await open_town(people=PEOPLE, begin=NEW_YEARS_EVE)
    await town.asked("dingtalk", "wecom", "年假 12月31日下午 回家", title="张三的年假")

    async def reminded():
        await town.settled()
        return town.cards("wecom", "lisi", "待您审批：张三的年假")

    await town.passing(reminded, "李四 is reminded", hours=1)
    # Four working hours: two and a half on Thursday, none on the holiday of Friday and at the weekend.
    assert town.clock.now().astimezone(SHANGHAI).date() == JANUARY.date()
    assert _in_working_time(town)


def _in_working_time(town):
    return town.clock.now().astimezone(SHANGHAI).hour in range(9, 18)
