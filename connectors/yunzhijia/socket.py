"""The robot's long connection, for offices that allow no inbound traffic (3.3): one vendor bot documents it, flag off.

One socket, pinged every 15 seconds and left after 45 of silence, three unreadable frames or the platform's close; then
the next one after 1, 2, 5, 10, 30, 60 seconds. A push is acknowledged when it is durable.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from connectors.clock import Clock
from connectors.contract import Admit
from connectors.errors import Rejected
from connectors.yunzhijia import signing
from connectors.yunzhijia.inbound import bodies, robot
from connectors.yunzhijia.settings import Settings

log = logging.getLogger(__name__)

PING_SECONDS = 15.0
STALE_SECONDS = 45.0
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_BAD_FRAMES = 3
_CLOSING = aiohttp.ClientWSTimeout(ws_close=2.0)  # a dead peer must not hold us up


def address(robot_url: str) -> str:
    """`wss://<host of the send URL>/xuntong/websocket?yzjtoken=`."""
    parts = urlsplit(robot_url)
    token = parse_qs(parts.query).get("yzjtoken", [""])[0]
    scheme = "ws" if parts.scheme == "http" else "wss"
    return urlunsplit((scheme, parts.netloc, "/xuntong/websocket", urlencode({"yzjtoken": token}), ""))


class RobotSocket:
    """`run` holds one live socket until cancelled."""

    def __init__(
        self, settings: Settings, *, session: Callable[[], aiohttp.ClientSession], clock: Clock, proxy: str | None
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._proxy = proxy
        self._failures = 0
        self.opened = 0

    async def run(self, admit: Admit) -> None:
        while True:
            if self._failures:
                await self._clock.sleep(PAUSES[min(self._failures, len(PAUSES)) - 1])
            self._failures += 1  # forgotten once the socket has brought a frame
            try:
                await self._hold(admit)
            except (aiohttp.ClientError, OSError, TimeoutError) as broken:
                self._note("socket.unreachable", type(broken).__name__)  # its own words carry the address

    async def _hold(self, admit: Admit) -> None:
        """One socket's life."""
        url = URL(address(self._settings.robot_url), encoded=True)
        async with self._session().ws_connect(
            url, max_msg_size=bodies.LARGEST, proxy=self._proxy, timeout=_CLOSING
        ) as socket:
            self.opened += 1
            link = _Link(socket, admit, settings=self._settings, clock=self._clock)
            why = await link.live()
            if link.heard:
                self._failures = 0
            self._note("socket.moving", why)

    def _note(self, action: str, why: str) -> None:
        log.info(action, extra={"account": self._settings.account, "why": why})


class _Link:
    """One open socket: a reader, a pinger, and how long it has been silent."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, admit: Admit, *, settings: Settings, clock: Clock
    ) -> None:
        self._socket = socket
        self._admit = admit
        self._settings = settings
        self._clock = clock
        self._last = clock.now()
        self._bad = 0
        self.heard = False

    async def live(self) -> str:
        """Until the socket is to be left; says why."""
        reading = asyncio.create_task(self._read())
        watching = asyncio.create_task(self._watch())
        try:
            done, _ = await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in (reading, watching):
                task.cancel()
            await asyncio.gather(reading, watching, return_exceptions=True)

    async def _watch(self) -> str:
        while True:
            await self._clock.sleep(PING_SECONDS)
            if (self._clock.now() - self._last).total_seconds() > STALE_SECONDS:
                return "silent"
            try:
                await self._socket.send_str('{"cmd":"ping"}')
            except (ConnectionError, RuntimeError):
                return "closed"

    async def _read(self) -> str:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT and not await self._take(message.data):
                return "unreadable"
        return "closed"

    async def _take(self, text: str) -> bool:
        """False when the third unreadable frame in a row has come."""
        self._last = self._clock.now()
        try:
            frame = bodies.json_object(text.encode(errors="surrogatepass"))
        except Rejected:
            self._bad += 1
            return self._bad < _BAD_FRAMES
        self._bad = 0
        self.heard = True
        if frame.get("cmd") == "directPush":
            await self._push(frame)
        return True

    async def _push(self, frame: Mapping[str, Any]) -> None:
        body = frame.get("msg")
        if frame.get("type") == "robotMessage" and isinstance(body, Mapping) and not await self._admitted(body):
            return  # nothing durable, no acknowledgement
        if frame.get("needAck") and frame.get("seq") is not None:
            await self._acknowledge(frame["seq"])

    async def _admitted(self, body: Mapping[str, Any]) -> bool:
        if body.get("robotId") == signing.PROBE_ROBOT or not bodies.text(body, "operatorOpenid"):
            return True
        event = robot.translate(body, settings=self._settings, received=self._clock.now())
        try:
            await self._admit([event])
        except Exception:  # the job loop of this door: whatever failed below, the socket stays
            log.exception("socket.not_admitted", extra={"account": self._settings.account})
            return False
        return True

    async def _acknowledge(self, number: Any) -> None:
        """The vendor bot's form; whether another client's is the one that counts is not known."""
        try:
            await self._socket.send_str(json.dumps({"cmd": "ack", "seq": number}))
        except (ConnectionError, RuntimeError):
            log.info("socket.ack_lost", extra={"account": self._settings.account})
