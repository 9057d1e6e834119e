"""Our own limits: full windows say when there is room again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Throttled
from connectors.wecom.meter import Limit, Meter

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)
LIMITS = (Limit(3, timedelta(seconds=60)), Limit(5, timedelta(hours=1)))


def test_a_full_minute_says_how_long_to_wait():
    meter = Meter(LIMITS)
    for second in (0, 10, 20):
        meter.take("a", now=NOW + timedelta(seconds=second))
    with pytest.raises(Throttled) as full:
        meter.take("a", now=NOW + timedelta(seconds=30))
    assert full.value.retry_after == 30
    meter.take("b", now=NOW + timedelta(seconds=30))
    meter.take("a", now=NOW + timedelta(seconds=60))


def test_the_hour_counts_too():
    meter = Meter(LIMITS)
    for minute in range(5):
        meter.take("a", now=NOW + timedelta(minutes=2 * minute))
    with pytest.raises(Throttled) as full:
        meter.take("a", now=NOW + timedelta(minutes=30))
    assert full.value.retry_after == 30 * 60


@given(st.lists(st.integers(0, 90), max_size=80))
def test_no_window_ever_holds_more_than_its_limit(gaps):
    meter, sent, now = Meter(LIMITS), [], NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        try:
            meter.take("a", now=now)
        except Throttled:
            continue
        sent.append(now)
    for limit in LIMITS:
        for start in sent:
            assert sum(start <= at < start + limit.within for at in sent) <= limit.count
