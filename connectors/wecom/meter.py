"""Our own limits, kept below WeCom's, because WeCom drops what is over them without a word (wecom.md 7, 9.2).

Unlike a waiting limiter this one says no at once: the letter stays in the outbox, which knows what else could go.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import Throttled


@dataclass(frozen=True, slots=True)
class Limit:
    count: int
    within: timedelta


# A little under 30/min and 1000/h per member: requests bunch up on the way.
MEMBER = (Limit(28, timedelta(minutes=1)), Limit(980, timedelta(hours=1)))
ROBOT = (Limit(19, timedelta(minutes=1)),)


class Meter:
    """Sliding windows per receiver. Not a pure function, but without a clock: `now` is an argument."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._longest = max(limit.within for limit in limits)
        self._sent: dict[str, deque[datetime]] = {}

    def take(self, receiver: str, *, now: datetime) -> None:
        """Counts one message; raises `Throttled`, counting nothing, when a window is full."""
        sent = self._sent.setdefault(receiver, deque())
        while sent and sent[0] <= now - self._longest:
            sent.popleft()
        for limit in self._limits:
            if len(sent) >= limit.count and sent[-limit.count] > now - limit.within:
                free = sent[-limit.count] + limit.within - now
                raise Throttled("our own limit", call="send", retry_after=free.total_seconds())
        sent.append(now)
        self._forget(now)

    def _forget(self, now: datetime) -> None:
        """Receivers that got nothing for the longest window do not stay in memory."""
        if len(self._sent) > 5000:
            self._sent = {who: sent for who, sent in self._sent.items() if sent[-1] > now - self._longest}
