"""A calendar that is saved: in force without a restart, or refused with file and line; nothing recounts by itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from bot import calendar_watch, leave_rules
from config import leave_policy
from config.crosscheck import PACKAGED
from connectors.clock import MovableClock
from handlers.context import Office
from handlers.leave import recounting
from handlers.leave.law.rules import LeaveRules

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
NOTICE = (Path(__file__).resolve().parents[1] / "recordings" / "holidays_2027.yaml").read_text(encoding="utf-8")


class Files:
    """The configuration as far as calendars go."""

    def __init__(self, folder):
        self.folder = folder

    def calendar_folders(self):
        return [PACKAGED / "calendars", self.folder]


class Desk:
    """A watcher over a folder, with an office that takes what it gives."""

    def __init__(self, database, folder):
        self.folder, self.database = folder, database
        policy = leave_policy.parse(yaml.safe_load((PACKAGED / "leave" / "organ.yaml").read_text("utf-8")))
        rules = leave_rules.leave_rules([policy])
        calendar = leave_rules.calendar([PACKAGED / "calendars"], rules.of(""))
        self.office = Office(calendar=calendar, areas={LeaveRules: rules}, card_key=b"k" * 32)
        self.watcher = self.fresh()

    def fresh(self):
        """As after a restart."""
        clock = MovableClock(NOW)
        return calendar_watch.CalendarWatcher(
            Files(self.folder), self.database, clock, office=lambda: self.office, apply=self.renew, wake=lambda: None
        )

    def renew(self, office):
        self.office = office

    def save(self, text, name="2027.yaml"):
        (self.folder / name).write_text(text, encoding="utf-8")

    async def letters(self):
        rows = await self.database.read(lambda tx: tx.fetch("SELECT message FROM outbox ORDER BY id"))
        return [json.loads(row["message"])["content"] for row in rows]

    async def facts(self):
        rows = await self.database.read(
            lambda tx: tx.fetch("SELECT body FROM journal WHERE kind = 'leave.calendar_loaded' ORDER BY id")
        )
        return [json.loads(row["body"]) for row in rows]

    async def due(self):
        return await self.database.read(
            lambda tx: tx.fetch("SELECT payload FROM due WHERE kind = ?", recounting.KIND)
        )


@pytest.fixture
async def desk(database, tmp_path):
    async def unit(tx):
        await tx.execute(
            "INSERT INTO person (id, name, staff_no, department, post, manager, first_work_date, sex, mobile, category,"
            " joined_unit, continuous_since, prefer, active, updated_ms, sources, left_by)"
            " VALUES ('a', '陈静', '', '', '', '', '', '', '', '', '', '', '', 1, 0, '', '')"
        )
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('admin', 'a')")
        await tx.execute(
            "INSERT INTO person_account (account, platform_id, person, union_id) VALUES ('wecom-main', 'c', 'a', '')"
        )

    await database.write(unit)
    made = Desk(database, tmp_path)
    await made.watcher.look()
    return made


async def test_the_first_calendar_is_journalled_and_nobody_is_troubled(desk):
    (fact,) = await desk.facts()
    assert fact["years"] == sorted(desk.office.calendar.years)
    assert not await desk.letters()
    assert not await desk.due()


async def test_next_years_notice_is_in_force_as_soon_as_it_is_saved(desk):
    assert 2027 not in desk.office.calendar.years
    desk.save(NOTICE)
    await desk.watcher.look()
    assert not desk.office.calendar.is_working(date(2027, 2, 11))
    (said,) = await desk.letters()
    assert "2027年（测试用的放假安排，2026-11-20发布，全年249个工作日）" in said
    assert "通常是 248 个" in said
    assert [fact["files"][-1][0::2] for fact in (await desk.facts())[1:]] == [["2027.yaml", "测试用的放假安排"]]
    (row,) = await desk.due()
    assert json.loads(row["payload"])["since"] == "2027-01-01"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NOTICE.replace("2027-01-10,", "2027-01-11,"), "2027-01-11 不是周末"),
        (NOTICE.replace("2027-06-09, 2027-09-15,\n  2027-10", "2027-06-09,\n  2027-10"), "应有 13 天，写了 12 天"),
        (NOTICE.replace("kind: notice", "kind：notice"), "全角"),
        ("kind: local\nhalf_holidays: [{month_day: 13-40, half: am}]", "half_holidays"),
        ("kind: local\ndays_of: [2027-03-01]", "不认识 days_of"),
        ("- 2027-01-01", "一组键值"),
    ],
)
async def test_a_bad_file_leaves_the_old_calendar_and_is_named(desk, text, said):
    before = desk.office.calendar
    desk.save(text)
    await desk.watcher.look()
    assert desk.office.calendar == before
    (letter,) = await desk.letters()
    assert said in letter
    assert "2027.yaml" in letter
    assert len(await desk.facts()) == 1
    desk.save(NOTICE)
    await desk.watcher.look()
    assert 2027 in desk.office.calendar.years


async def test_what_was_saved_while_the_service_was_down_is_noticed_once(desk):
    desk.save(NOTICE)
    for _ in range(2):
        await desk.fresh().look()
    assert len(await desk.facts()) == 2
    assert len(await desk.letters()) == 1


async def test_a_local_day_off_and_a_festival_of_a_group_come_the_same_way(desk):
    desk.save("kind: local\ndays_off: [2026-12-03]\ngroup_holidays: [{days: [2026-12-04], group: 回族}]", "local.yaml")
    await desk.watcher.look()
    calendar = desk.office.calendar
    assert not calendar.is_working(date(2026, 12, 3))
    assert [one.group for one in calendar.half_holidays if one.year == 2026] == ["回族"]
    (row,) = await desk.due()
    assert json.loads(row["payload"])["since"] == "2026-01-01"


async def test_a_look_at_unchanged_files_does_nothing(desk):
    assert await desk.watcher.look() is None
