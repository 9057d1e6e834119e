"""One line per sender in this process: events are handled in the order in which they came to us.

Nothing of a line stays in memory when the last one has left it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

Ahead = asyncio.Future[None] | None


class Turns:
    """`queued` gives a place in a line; those behind wait until we and all before us have left."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        """How many lines there are now."""
        return len(self._last)

    @contextmanager
    def queued(self, line: str) -> Iterator[Ahead]:
        """Who is right before us, for `reached`; None when it is our turn. The line "" has no order.

        Whoever leaves early (its time is up) still keeps its place until those before it have left: nobody behind
        overtakes them.
        """
        if not line:
            yield None
            return
        ahead = self._last.get(line)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last[line] = mine
        try:
            yield ahead
        finally:
            if ahead is None or ahead.done():
                self._leave(line, mine)
            else:
                ahead.add_done_callback(lambda _: self._leave(line, mine))

    def _leave(self, line: str, mine: asyncio.Future[None]) -> None:
        mine.set_result(None)
        if self._last.get(line) is mine:
            del self._last[line]


async def reached(ahead: Ahead, *, deadline: float = float("inf")) -> bool:
    """Waits for our turn; False when the deadline (on the monotonic clock) comes first."""
    if ahead is None or ahead.done():
        return True
    left = deadline - time.monotonic()
    await asyncio.wait({ahead}, timeout=None if left == float("inf") else max(0.0, left))
    return ahead.done()
