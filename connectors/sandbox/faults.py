"""Faults on request: what real platforms do on a bad day, one rule at a time, or by chance all day long.

A rule is posted to the control address and applies to the next `times` matching things, then is gone.

    kind        applies to        does
    slow        api | callback    waits `seconds` first
    error       api               answers HTTP `status` (default 503)
    limit       api               the platform's own rate-limit answer
    revoke      -                 kills every token now (done at once)
    down        api | callback    the connection is closed without an answer, `until` cleared
    duplicate   callback          delivers the callback twice
    reorder     callback          holds the callback back until the next one has gone
    lost        callback          never delivers it;  api: carries the call out, then drops the answer
    disconnect  stream            the server's `disconnect` frame, then silence
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

Target = Literal["api", "callback", "stream"]
_KINDS = ("slow", "error", "limit", "down", "duplicate", "reorder", "lost")


@dataclass(slots=True)
class Fault:
    """`match` is a part of the API path (or of the callback's kind); empty matches all. `times` -1 = until cleared."""

    kind: str
    target: Target = "api"
    match: str = ""
    times: int = 1
    seconds: float = 0.0
    status: int = 503


@dataclass(slots=True)
class Weather:
    """Any of these faults by chance: `chances` by `<target>/<kind>`, from 0 to 1.

    The n-th question of one kind about one path gets the same answer for the same seed, whatever else goes on beside.
    `drawn` counts what happened.
    """

    seed: str
    chances: Mapping[str, float]
    longest: float = 2.0  # of `slow`, in seconds
    drawn: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)

    def take(self, target: Target, name: str, *kinds: str) -> Fault | None:
        for kind in kinds or _KINDS:
            chance = self.chances.get(f"{target}/{kind}", 0.0)
            dice = self._dice(f"{target}/{name}/{kind}")
            if dice < chance:
                self.drawn[f"{target}/{kind}"] += 1
                return Fault(kind, target, seconds=self.longest * dice / chance)
        return None

    def _dice(self, what: str) -> float:
        self._asked[what] += 1
        digest = sha256(f"{self.seed}/{what}/{self._asked[what]}".encode()).digest()
        return float(int.from_bytes(digest[:8]) / 2**64)


class Faults:
    """The rules in force, in the order in which they came; behind them the weather, where there is one."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.weather: Weather | None = None

    def add(self, fault: Fault) -> None:
        self.rules.append(fault)

    def clear(self) -> None:
        """No rules any more, and fair weather."""
        self.rules.clear()
        self.weather = None

    def take(self, target: Target, name: str, *kinds: str) -> Fault | None:
        """The first matching rule, spent once."""
        for rule in self.rules:
            if rule.target == target and rule.match in name and (not kinds or rule.kind in kinds):
                rule.times -= 1
                if rule.times == 0:
                    self.rules.remove(rule)
                return rule
        return self.weather.take(target, name, *kinds) if self.weather else None
