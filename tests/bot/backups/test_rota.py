"""Which daily backups stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.backups import rota
from bot.backups.rota import Keeping

DAY = datetime(2026, 11, 22, 2, 10)  # noqa: DTZ001 - the office's own time, as names have it


def daily(number):
    return [rota.name(DAY - timedelta(days=back)) for back in range(number)]


def test_a_year_of_days_becomes_days_weeks_and_months():
    files = daily(400)
    kept = sorted({*files} - {*rota.dropped(files, Keeping())}, reverse=True)
    days = [name[10:18] for name in kept]
    assert days[:7] == ["20261122", "20261121", "20261120", "20261119", "20261118", "20261117", "20261116"]
    assert days[7:10] == ["20261115", "20261108", "20261101"]
    assert [day[:6] for day in days[10:]] == [
        "202610", "202609", "202608", "202607", "202606", "202605", "202604", "202603", "202602", "202601", "202512"
    ]


def test_files_of_others_are_never_touched():
    others = ["notes.txt", "officebot-20261399-000000.backup", ".officebot-20261122-021000.backup.ab.part"]
    assert rota.dropped([*others, *daily(3)], Keeping(daily=1, weekly=0, monthly=0)) == daily(3)[1:]


@given(st.lists(st.integers(0, 900), unique=True, min_size=1), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_newest_always_stays(backs, days, weeks, months):
    files = [rota.name(DAY - timedelta(days=back)) for back in backs]
    gone = rota.dropped(files, Keeping(daily=days, weekly=weeks, monthly=months))
    assert rota.newest(files) not in gone
    assert len(files) - len(gone) <= days + weeks + months + 1
