"""A year of the office's clock with restarts: every reminder once, at its time, or late with a mark; none lost."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from town import staff

CHINA = ZoneInfo("Asia/Shanghai")
NOTICES = """
  recurring:
    - {name: 周报, when: 每周五下午四点, text: 请交周报, group: all}
    - {name: 考勤, when: 每月25日9点, text: 请报考勤, group: all}
    - {name: 年检, when: 每年12月1日上午十点, text: 请办年检, to: 王五}
  dates: dates.csv
"""
DATES = """事项,类别,到期日,负责人,提前天数
食堂承包合同,合同,2026-09-16,李四,30/0
食堂承包合同,合同,2026-09-16,王五,30/0
"""


def with_reminders(text):
    return text.replace("notices:\n", f"notices:{NOTICES}", 1)


def moments(begin, end):
    """What the rules above mean, day by day, told without the program's own reading of them."""
    day = begin.date()
    while day <= end.date():
        if day.weekday() == 4:
            yield "周报", datetime(day.year, day.month, day.day, 16, tzinfo=CHINA)
        if day.day == 25:
            yield "考勤", datetime(day.year, day.month, day.day, 9, tzinfo=CHINA)
        if (day.month, day.day) == (12, 1):
            yield "年检", datetime(day.year, day.month, day.day, 10, tzinfo=CHINA)
        day += timedelta(days=1)


@pytest.fixture
async def town(open_town, tmp_path, template):
    if isinstance(template, str):
        pytest.skip("a year of restarts is the same on every database; what it stores is tested on both")
    folder = tmp_path / "office0"
    folder.mkdir()
    (folder / "dates.csv").write_text(DATES, encoding="utf-8")
    return await open_town(people=staff(), office=with_reminders)


async def test_through_a_year_with_restarts_each_comes_once_at_its_time_or_says_that_it_is_late(town):
    begin = town.clock.now().astimezone(CHINA)
    end = begin + timedelta(days=365)
    await town.forward(seconds=1)
    planned = sorted(set(moments(begin, end)), key=lambda one: one[1])
    planned = [one for one in planned if begin < one[1] <= end]
    down = set(random.Random(5).sample(range(len(planned)), 6))
    for number, (_, at) in enumerate(planned):
        if number in down:  # the program is off at the moment and comes up two hours later
            await town.stop_service()
            town.clock.forward(at - town.clock.now() + timedelta(hours=2))
            await town.serve()
            await town.forward(seconds=1)
        else:
            await town.forward(seconds=(at - town.clock.now()).total_seconds() + 20)
        await town.settled()  # no letter is in the air for weeks
    sent = await town.journal("notice.reminder_sent")
    told = [(one["reminder"], datetime.fromtimestamp(one["planned_ms"] / 1000, UTC)) for one in sent]
    assert len(told) == len(set(told))
    repeated = [(key.partition("-")[2], at) for key, at in told if key.startswith("c")]
    assert repeated == [(name, at.astimezone(UTC)) for name, at in planned]
    late = [one["late"] for one in sent if one["reminder"].startswith("c")]
    assert [number for number, one in enumerate(late) if one] == sorted(down)
    assert not any(one["missed"] for one in sent)
    dated = [(key, at.astimezone(CHINA).date().isoformat()) for key, at in told if not key.startswith("c")]
    assert sorted(day for _, day in dated) == ["2026-08-17", "2026-08-17", "2026-09-16", "2026-09-16"]
    await town.settled()
    chat = [one.text for one in town.messages("wecom", "sunlixin", chat="officegroup")]
    own = [one.text for one in town.messages("wecom", "wangwu", chat="bot")]
    shown = [text for text in (*chat, *own) if "【提醒】" in text]
    assert len(shown) == len(planned), await town.rows("SELECT * FROM outbox WHERE state <> 'sent'")
    assert sum("补发，原定" in text for text in shown) == len(down)
