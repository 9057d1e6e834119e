"""Faults on request: what real platforms do on a bad day, one rule at a time.

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

from dataclasses import dataclass
from typing import Literal

Target = Literal["api", "callback", "stream"]


@dataclass(slots=True)
class Fault:
    """`match` is a part of the API path (or of the callback's kind); empty matches all. `times` -1 = until cleared."""

    kind: str
    target: Target = "api"
    match: str = ""
    times: int = 1
    seconds: float = 0.0
    status: int = 503


class Faults:
    """The rules in force, in the order in which they came."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.rules.append(fault)

    def clear(self) -> None:
        self.rules.clear()

    def take(self, target: Target, name: str, *kinds: str) -> Fault | None:
        """The first matching rule, spent once."""
        for rule in self.rules:
            if rule.target == target and rule.match in name and (not kinds or rule.kind in kinds):
                rule.times -= 1
                if rule.times == 0:
                    self.rules.remove(rule)
                return rule
        return None
