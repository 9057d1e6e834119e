"""Who serves an account, where several instances could."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.holding import Tenure
from connectors.clock import MovableClock


@pytest.fixture
def clock(now):
    return MovableClock(now)


@pytest.fixture
def both(database, clock):
    return Tenure(database, "post:dd", clock), Tenure(database, "post:dd", clock)


async def test_one_at_a_time_and_the_next_one_when_it_gives_the_lease_back(both, clock):
    first, second = both
    assert [await first.ours(), await second.ours()] == [True, False]
    await first.release()
    clock.forward(timedelta(seconds=1))
    assert [await second.ours(), await first.ours()] == [True, False]


async def test_whoever_dies_is_followed_when_the_lease_runs_out_and_not_before(both, clock):
    first, second = both
    assert await first.ours()
    clock.forward(timedelta(seconds=29))
    assert not await second.ours()
    clock.forward(timedelta(seconds=2))
    assert await second.ours()
    assert not await first.ours()  # it was only asleep: it has to ask again by now


async def test_whoever_is_awake_keeps_it(both, clock):
    first, second = both
    for _ in range(12):
        assert await first.ours()
        assert not await second.ours()
        clock.forward(timedelta(seconds=11))


async def test_the_database_is_not_asked_before_every_letter(both, clock, database, monkeypatch):
    first, _ = both
    await first.ours()
    monkeypatch.setattr(type(database), "write", None)
    clock.forward(timedelta(seconds=5))
    assert await first.ours()
