"""How many letters of an account may go now, where its platform counts calls per second.

More would be refused and come again, the urgent ones in the same crowd as the rest. Kept at our side, the next free
place is given to the most urgent letter that waits then. Not pure, but without a clock: `now` is an argument.
"""

from __future__ import annotations

from datetime import datetime

_BURST = 1.5
"""Letters at once: one, and half of one for waking up late. With the rate 19.2 no second has more than 20."""


class Pace:
    """One letter after the other, `per_second` in the long run; 0 is no limit."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = _BURST
        self._at: datetime | None = None

    def free(self, *, now: datetime, most: int) -> int:
        """How many of at most `most` may begin now."""
        if not self._per_second:
            return most
        if self._at is not None and now > self._at:
            gone = (now - self._at).total_seconds()
            self._left = min(_BURST, self._left + gone * self._per_second)
        self._at = now
        return min(most, int(self._left))

    def took(self, number: int) -> None:
        if self._per_second:
            self._left -= number

    def pause(self, longest: float) -> float:
        """Seconds until the next one may begin, at most `longest`."""
        if not self._per_second or self._left >= 1:
            return longest
        return min(longest, (1 - self._left) / self._per_second)
