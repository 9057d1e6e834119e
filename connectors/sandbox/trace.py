"""The wire made visible: each callback and API call, plain and as sent, for the demo page's panel and for tests."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Literal

_KEPT = 300
_LONGEST = 6000


@dataclass(frozen=True, slots=True)
class Line:
    """`direction` in = the service called the platform, out = the platform called the service.

    `plain` is the readable body, `sealed` what travelled (ciphertext, signature), empty where nothing is sealed.
    Tokens and secrets are masked by whoever records a line.
    """

    number: int
    at: str
    platform: str
    direction: Literal["in", "out"]
    name: str
    status: str
    plain: str
    sealed: str = ""
    answer: str = ""


class Trace:
    """The last lines, and a feed of what happens next: ("wire", line) and ("change", {...})."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=_KEPT)
        self._number = 0
        self._feeds: set[asyncio.Queue[tuple[str, Any]]] = set()

    def record(self, *, at: str, platform: str, direction: Literal["in", "out"], name: str, status: str, plain: str,
               sealed: str = "", answer: str = "") -> None:  # fmt: skip
        self._number += 1
        line = Line(self._number, at, platform, direction, name, status, plain[:_LONGEST], sealed[:_LONGEST],
                    answer[:_LONGEST])  # fmt: skip
        self.lines.append(line)
        self.publish("wire", asdict(line))

    def changed(self, **what: Any) -> None:
        """Something on a phone changed; `what` names user and chat so that the page redraws only that."""
        self.publish("change", what)

    def publish(self, name: str, value: Any) -> None:
        for feed in self._feeds:
            if feed.qsize() < 1000:  # a page that sleeps loses lines, not our memory
                feed.put_nowait((name, value))

    def subscribe(self) -> asyncio.Queue[tuple[str, Any]]:
        feed: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._feeds.add(feed)
        return feed

    def unsubscribe(self, feed: asyncio.Queue[tuple[str, Any]]) -> None:
        self._feeds.discard(feed)
