"""When a schedule on a platform is another one than we wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cards.model import Schedule
from connectors.contract import ScheduleThere
from connectors.schedules import differs

BEGIN = datetime(2026, 5, 5, 16, tzinfo=UTC)  # midnight in China
ONE = Schedule(uid="e1", sequence=0, title="会议", begin=BEGIN, end=BEGIN + timedelta(hours=1), place="三楼")
THERE = ScheduleThere(title="会议", begin=BEGIN, end=BEGIN + timedelta(hours=1), place="三楼")
DAYS = replace(ONE, all_day=True, end=BEGIN + timedelta(days=2))


@pytest.mark.parametrize(("there", "other"), [
    (THERE, False),
    (replace(THERE, title=" 会议 "), False),
    (replace(THERE, begin=BEGIN + timedelta(seconds=30)), False),
    (replace(THERE, begin=BEGIN + timedelta(minutes=1)), True),
    (replace(THERE, title="例会"), True),
    (replace(THERE, place=""), True),
    (replace(THERE, all_day=True), True),
    (replace(THERE, gone=True), True),
])  # fmt: skip
def test_time_to_the_minute_and_the_words(there, other):
    assert differs(ONE, there) is other


@pytest.mark.parametrize("end", [BEGIN + timedelta(days=2), BEGIN + timedelta(days=2, seconds=-1)])
def test_whole_days_are_the_same_whether_midnight_or_the_second_before_ends_them(end):
    assert not differs(DAYS, replace(THERE, all_day=True, end=end))
    assert differs(DAYS, replace(THERE, all_day=True, end=end + timedelta(days=1)))


def test_what_is_off_here_and_gone_there_is_the_same():
    assert not differs(replace(ONE, cancelled=True), replace(THERE, gone=True))
