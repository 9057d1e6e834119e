"""What an organisation has used of its month: 5000 calls are about 230 per working day (`dingtalk.md` 10)."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta, timezone

_BEIJING = timezone(timedelta(hours=8))
CALLS, PUSHES = 5000, 3000  # the standard edition since 2025-11-19


class Quota:
    """Counts by month (Beijing time) and by call. Kept in memory: the platform's own figure is on its console."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.by_call: Counter[str] = Counter()
        self._month = ""
        self._used_up = False

    def count(self, call: str, *, now: datetime) -> None:
        self._turn(now)
        self.by_call[call] += 1

    def refuse(self, *, now: datetime) -> None:
        """The platform said that the month's quota is gone."""
        self._turn(now)
        self._used_up = True

    def used(self, *, now: datetime) -> int:
        self._turn(now)
        return self.by_call.total()

    def level(self, *, now: datetime) -> str:
        """ok | high (70 %) | critical (90 %) | used_up."""
        share = self.used(now=now) / self.limit
        if self._used_up or share >= 1:
            return "used_up"
        return "critical" if share >= 0.9 else "high" if share >= 0.7 else "ok"

    def _turn(self, now: datetime) -> None:
        month = now.astimezone(_BEIJING).strftime("%Y-%m")
        if month != self._month:
            self._month, self._used_up = month, False
            self.by_call.clear()


class Window:
    """At most `limit` things in any `seconds`: for limits that punish instead of refusing (custom robots)."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._span = timedelta(seconds=seconds)
        self._taken: deque[datetime] = deque()

    def take(self, now: datetime) -> float:
        """0 and counted, or the seconds until there is room."""
        while self._taken and now - self._taken[0] >= self._span:
            self._taken.popleft()
        if len(self._taken) >= self._limit:
            return (self._taken[0] + self._span - now).total_seconds()
        self._taken.append(now)
        return 0.0
