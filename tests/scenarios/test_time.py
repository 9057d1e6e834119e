"""What happens without anybody tapping: the leader who has not decided, and Monday's word to the group."""

from __future__ import annotations

import pytest
from town import staff

from bot.app import Service

OVER_HTTP = {"office": lambda text: text.replace("transport: stream", "transport: http")}
"""For a stream every jump of the clock is a silence: taps may find it deaf, which is another test's matter."""
platforms = pytest.mark.parametrize(
    ("template", "his"), [("sqlite", "dingtalk"), ("postgres", "wecom")], indirect=["template"]
)


def reminders(town, platform):
    """Reminders on the leader's phone, decided or not."""
    return len(town.cards(platform, "lisi", "待您审批：张三的年假3天"))


def digests(town):
    phone = next(phone for phone in town.fake("wecom").phones() if phone.id == "chenjing")
    groups = [chat for chat in phone.chats.values() if chat.group]
    return [m.text for chat in groups for m in chat.messages if "待办" in m.text or "待办理" in m.text]


async def passed(town, *, days=0, hours=0):
    """Time goes by in small steps, as it does for a running service: days by the hour, hours by the half."""
    for _ in range(days * 24):
        await town.forward(hours=1)
    for _ in range(hours * 2):
        await town.forward(minutes=30)
    await town.settled()


@platforms
async def test_a_leader_is_reminded_after_four_working_hours_and_at_most_three_times(open_town, his):
    town = await open_town(people=staff(li=his), **OVER_HTTP)
    await town.asked("wecom", his)  # Monday 09:00
    await passed(town, hours=3)  # 12:00
    assert reminders(town, his) == 0
    await passed(town, hours=4)  # 16:00: the break does not count
    assert reminders(town, his) == 1
    await passed(town, hours=15)  # 07:00 on Tuesday: nobody is woken
    assert reminders(town, his) == 1
    await passed(town, hours=12)  # 19:00: eight working hours after the first
    assert reminders(town, his) == 2
    await passed(town, days=2)  # Thursday evening
    assert reminders(town, his) == 3
    await passed(town, days=4)  # over a weekend
    assert reminders(town, his) == 3


async def test_holidays_are_no_working_hours(open_town):
    town = await open_town(people=staff(zhang="dingtalk"), **OVER_HTTP)
    await passed(town, days=3, hours=8)  # Thursday, 30 April, 17:00; the holiday is from Friday to Tuesday
    await town.asked("dingtalk", "wecom", "年假 5月11日到13日")
    await passed(town, days=5)  # Tuesday, 5 May, 17:00
    assert reminders(town, "wecom") == 0
    await passed(town, hours=24)  # Wednesday, 17:00
    assert reminders(town, "wecom") == 1


@platforms
async def test_nobody_is_reminded_of_what_is_decided(open_town, his):
    town = await open_town(people=staff(li=his), **OVER_HTTP)
    asked = await town.asked("wecom", his)
    await town.tap(his, "lisi", asked, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    await passed(town, days=4)
    assert reminders(town, his) == 0


@platforms
async def test_a_decision_after_the_reminder_ends_the_reminding(open_town, his):
    town = await open_town(people=staff(li=his), **OVER_HTTP)
    await town.asked("wecom", his)
    await passed(town, hours=8)
    assert reminders(town, his) == 1
    await town.say(his, "lisi", "同意 1")
    await town.passing(lambda: town.cards("wecom", "zhangsan", "年假3天：已同意"), "it is decided", seconds=30)
    both = lambda: [card for card in town.cards(his, "lisi", "张三的年假3天") if card.state]  # noqa: E731
    await town.passing(lambda: len(both()) == 2, "both copies close", seconds=60)
    await passed(town, days=4)
    assert len(both()) == 2
    assert reminders(town, his) == 0, "what is decided asks for nothing"


async def test_the_reminder_survives_a_restart(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    await town.settled()
    await town.stop_service()
    await town.forward(hours=8)
    await town.serve()
    await town.forward(minutes=1)
    await town.settled()
    assert reminders(town, "wecom") == 1


async def test_the_group_hears_once_a_week_what_waits(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom", "年假 6月8日到10日")
    await passed(town, days=6, hours=23)  # the next Monday, 08:00
    before = len(digests(town))
    await passed(town, hours=1)
    assert len(digests(town)) == before + 1
    assert "李四：1件" in digests(town)[-1]
    await passed(town, days=6)
    assert len(digests(town)) == before + 1
    await passed(town, days=1)
    assert len(digests(town)) == before + 2


async def test_a_restart_at_the_time_of_the_digest_neither_drops_nor_repeats_it(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom", "年假 6月8日到10日")
    await passed(town, days=6, hours=23)
    before = len(digests(town))
    await town.stop_service()
    await town.forward(hours=1)  # 09:00: the time has passed while nobody was there
    await town.serve()
    await town.forward(seconds=1)
    await town.until(lambda: len(digests(town)) == before + 1, "it is made up for")
    await town.stop_service()
    await town.serve()
    await passed(town, hours=6)
    assert len(digests(town)) == before + 1


@pytest.mark.postgres
async def test_two_services_on_one_database_say_it_once(open_town, database_url):
    if not database_url.startswith("postgres"):
        pytest.skip("SQLite has one service")
    town = await open_town()
    second = Service(town.configuration, clock=town.clock)
    await second.start()
    try:
        await town.asked("wecom", "wecom", "年假 6月8日到10日")
        await passed(town, days=6, hours=23)
        before = len(digests(town))
        reminded = reminders(town, "wecom")
        for _ in range(2):
            await town.forward(minutes=30)
            await second.runner.tick()
        await town.settled()
        assert len(digests(town)) == before + 1
        assert reminders(town, "wecom") == reminded == 3
    finally:
        await second.stop()
