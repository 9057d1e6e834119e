"""Weather: faults by chance that are the same for the same seed."""

from __future__ import annotations

from connectors.sandbox.faults import Fault, Faults, Weather

STORM = {"api/lost": 0.3, "callback/duplicate": 0.5}


def day(seed):
    weather = Weather(seed=seed, chances=STORM)
    return [weather.take("api", "message/send", "lost") is not None for _ in range(200)]


def test_the_same_seed_is_the_same_day():
    assert day("1") == day("1")
    assert day("1") != day("2")
    assert 30 < sum(day("1")) < 90


def test_what_else_is_asked_changes_nothing():
    weather = Weather(seed="1", chances=STORM)
    found = []
    for number in range(200):
        weather.take("callback", "text", "duplicate")
        weather.take("api", f"other/{number}", "lost")
        found.append(weather.take("api", "message/send", "lost") is not None)
    assert found == day("1")


def test_only_what_is_asked_for_and_only_what_has_a_chance():
    weather = Weather(seed="1", chances={"api/slow": 1.0}, longest=2.0)
    assert weather.take("api", "x", "lost") is None
    assert weather.take("callback", "x") is None
    fault = weather.take("api", "x", "slow", "lost")
    assert fault is not None
    assert fault.kind == "slow"
    assert 0 <= fault.seconds <= 2
    assert weather.drawn == {"api/slow": 1}


def test_a_rule_comes_first_and_clearing_brings_fair_weather():
    faults = Faults()
    faults.weather = Weather(seed="1", chances={"api/lost": 1.0})
    faults.add(Fault("down", "api"))
    assert [faults.take("api", "x").kind for _ in range(2)] == ["down", "lost"]
    faults.clear()
    assert faults.take("api", "x") is None
