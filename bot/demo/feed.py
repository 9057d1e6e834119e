"""One event stream out of many: the feeds of all fakes and the page's own events, as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Any

from bot.demo import picture
from connectors.sandbox import control

Happening = tuple[str, dict[str, Any]]
_WAITING = 1000  # happenings; a page that sleeps is held up here, and the fakes then drop lines for it
_BEAT = 10.0  # seconds between signs of life
_RETRY = b"retry: 1000\n"  # milliseconds until a page that lost us tries again


class Feeds:
    """`open` gives the chunks for one page; `close` ends them all, so that a server can stop while pages are open."""

    def __init__(self, platforms: Sequence[control.Platform], *, now: Callable[[], datetime]) -> None:
        self._platforms = platforms
        self._now = now
        self._room = secrets.token_hex(8)  # tells a page that comes back whether it came back to us
        self._pages: set[asyncio.Queue[Happening | None]] = set()

    def publish(self, name: str, value: dict[str, Any]) -> None:
        for page in self._pages:
            with contextlib.suppress(asyncio.QueueFull):
                page.put_nowait((name, value))

    def publish_clock(self) -> None:
        self.publish("clock", self._clock())

    def close(self) -> None:
        for page in self._pages:
            while page.full():
                page.get_nowait()
            page.put_nowait(None)

    async def open(self) -> AsyncGenerator[bytes, None]:
        """Begins with the time, so that a page which comes back knows at once that it is connected."""
        page: asyncio.Queue[Happening | None] = asyncio.Queue(_WAITING)
        pumps = [asyncio.create_task(_pump(fake, page)) for fake in self._platforms]
        self._pages.add(page)
        try:
            yield _RETRY + _chunk("clock", self._clock())
            async for name, value in self._happenings(page):
                yield _chunk(name, value)
        finally:
            self._pages.discard(page)
            for pump in pumps:
                pump.cancel()

    async def _happenings(self, page: asyncio.Queue[Happening | None]) -> AsyncGenerator[Happening, None]:
        while True:
            try:
                async with asyncio.timeout(_BEAT):
                    happening = await page.get()
            except TimeoutError:
                happening = ("clock", self._clock())
            if happening is None:
                return
            yield happening

    def _clock(self) -> dict[str, Any]:
        return {"now": self._now().isoformat(), "room": self._room}


async def _pump(fake: control.Platform, page: asyncio.Queue[Happening | None]) -> None:
    source = fake.trace.subscribe()
    try:
        while True:
            name, value = await source.get()
            await page.put((name, _slim(name, value) | {"platform": fake.platform}))
    finally:
        fake.trace.unsubscribe(source)


def _slim(name: str, value: Any) -> dict[str, Any]:
    return picture.line(value) if name == "wire" else dict(value)


def _chunk(name: str, value: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
