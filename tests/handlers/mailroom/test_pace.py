from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.mailroom.pace import Pace


def test_an_account_without_a_limit_is_free(now):
    pace = Pace(0)
    pace.took(1000)
    assert pace.free(now=now, most=64) == 64
    assert pace.pause(0.5) == 0.5


@settings(max_examples=40)
@given(
    per_second=st.floats(1, 200),
    looks=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 64)), max_size=8),
)
def test_no_second_has_more_than_the_rate_and_a_burst(per_second, looks):
    pace, at, sent = Pace(per_second), datetime(2026, 4, 27, 1, tzinfo=UTC), []
    for later, wanted in looks:
        at += timedelta(milliseconds=later)
        number = pace.free(now=at, most=wanted)
        pace.took(number)
        sent += [at] * number
    for first in sent:
        within = [one for one in sent if first <= one < first + timedelta(seconds=1)]
        assert len(within) <= per_second + 1.5 + 1e-6


def test_a_look_that_comes_a_little_late_loses_nothing(now):
    """A worker wakes some milliseconds after the moment: in the long run it is the rate all the same."""
    pace, sent = Pace(19.2), 0
    for tick in range(1000):
        free = pace.free(now=now + timedelta(milliseconds=60 * tick), most=64)
        pace.took(free)
        sent += free
    assert sent >= 0.99 * min(19.2, 1000 / 60) * 60


def test_after_the_pause_the_next_may_go(now):
    pace = Pace(2)
    pace.took(pace.free(now=now, most=9))
    assert pace.free(now=now, most=9) == 0
    assert pace.free(now=now + timedelta(seconds=pace.pause(9)), most=9) == 1


def test_a_clock_that_goes_back_gives_nothing_away(now):
    pace = Pace(2)
    pace.took(pace.free(now=now, most=9))
    assert pace.free(now=now - timedelta(hours=1), most=9) == 0
