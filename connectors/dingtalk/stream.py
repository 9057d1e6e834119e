"""Stream mode: a websocket that we open, so that no address of ours need be public (`dingtalk.md` 6).

One supervisor owns one live socket. When the server says `disconnect`, when nothing has come for two minutes, or when
the socket dies, the next one is opened first and the old one closed afterwards: what is pushed in between finds an ear.
An ack is sent when the events are durable, on the socket that brought them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from connectors import errors
from connectors.clock import Clock
from connectors.contract import Admit
from connectors.dingtalk import outbound
from connectors.dingtalk.inbound import card, events, robot
from connectors.dingtalk.inbound.fields import LARGEST, parsed
from connectors.dingtalk.settings import Settings
from connectors.events import Event

log = logging.getLogger(__name__)

ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
SUBSCRIPTIONS = [
    {"type": "EVENT", "topic": "*"},
    {"type": "CALLBACK", "topic": ROBOT},
    {"type": "CALLBACK", "topic": CARD},
]
IDLE = 120.0
"""Seconds without a frame of the application (the server pings every 20-60 s): then the socket is deaf, 6.3."""
_LONGEST_PAUSE = 60.0
_AT_ONCE = 64
_LAST_WORDS = 2.0
_CLOSING = aiohttp.ClientWSTimeout(ws_close=_LAST_WORDS)  # a dead peer must not hold us up for ten seconds

Open = Callable[[Mapping[str, Any]], Awaitable[tuple[str, str]]]
Frame = Mapping[str, Any]


class Stream:
    """`open_connection` asks the gateway for (endpoint, ticket)."""

    def __init__(self, settings: Settings, *, session: Callable[[], aiohttp.ClientSession], open_connection: Open,
                 clock: Clock, proxy: str | None = None) -> None:  # fmt: skip
        self._settings = settings
        self._session = session
        self._open_connection = open_connection
        self._clock = clock
        self._proxy = proxy
        self._failures = 0
        self.opened = 0

    async def run(self, admit: Admit) -> None:
        """Until cancelled; then the socket is closed and running work has two seconds to end."""
        links: list[Link] = []
        try:
            while True:
                links.append(await self._open(admit))
                if len(links) > 1:
                    await links[0].close()
                    del links[0]
                await self._stay(links[0])
        finally:
            await asyncio.shield(asyncio.gather(*(link.close() for link in links)))

    async def _stay(self, link: Link) -> None:
        """Until this socket is to be left."""
        await link.leaving.wait()
        log.info("stream.moving", extra={"account": self._settings.account, "why": link.why})
        if link.heard:
            self._failures = 0

    async def _open(self, admit: Admit) -> Link:
        """The next socket, however long that takes; wrong credentials wait the longest pause and alarm."""
        while True:
            if self._failures:
                await self._clock.sleep(pause(self._failures))
            self._failures += 1  # forgotten once the socket has brought a frame
            try:
                return await self._connect(admit)
            except errors.PlatformRefused as refused:
                self._failures = max(self._failures, 10)
                self._note(logging.ERROR, "stream.refused", refused.code)
            except (errors.PlatformError, aiohttp.ClientError, TimeoutError, OSError) as broken:
                self._note(logging.WARNING, "stream.unreachable", type(broken).__name__)

    def _note(self, level: int, action: str, code: str) -> None:
        log.log(level, action, extra={"account": self._settings.account, "code": code})

    async def _connect(self, admit: Admit) -> Link:
        endpoint, ticket = await self._open_connection({
            "clientId": self._settings.client_id, "clientSecret": self._settings.client_secret,
            "ua": "officebot/1.0", "extras": {}, "subscriptions": SUBSCRIPTIONS,
        })  # fmt: skip
        url = f"{endpoint}{'&' if '?' in endpoint else '?'}ticket={quote(ticket, safe='')}"
        socket = await self._connected(url)
        self.opened += 1
        return Link(socket, admit, settings=self._settings, clock=self._clock)

    async def _connected(self, url: str) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._session().ws_connect(
                URL(url, encoded=True), max_msg_size=LARGEST, heartbeat=60, proxy=self._proxy, timeout=_CLOSING
            )
        except aiohttp.ClientError as broken:
            # Its own words carry the address, and the address the ticket.
            raise errors.PlatformBusy(type(broken).__name__, call="stream") from None


def pause(failures: int) -> float:
    """Seconds before the next try: up to 1, 2, 4 ... 60, at least half of that, so that many do not come at once."""
    most = min(_LONGEST_PAUSE, 2.0 ** min(failures - 1, 10))
    return random.uniform(most / 2, most)  # no secret: only spreads the load


class Link:
    """One open socket with its reader, its watch and its running work."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, admit: Admit, *, settings: Settings,
                 clock: Clock) -> None:  # fmt: skip
        self._socket = socket
        self._admit = admit
        self._settings = settings
        self._clock = clock
        self._last = clock.now()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._work: set[asyncio.Task[None]] = set()
        self.leaving = asyncio.Event()
        self.why = ""
        self.heard = False
        self._reader = asyncio.create_task(self._read())
        self._watch = asyncio.create_task(self._watch_silence())

    def leave(self, why: str) -> None:
        self.why = self.why or why
        self.leaving.set()

    async def close(self) -> None:
        """Lets running work answer, then closes; safe to call twice."""
        self._watch.cancel()
        if self._work:
            await asyncio.wait(self._work, timeout=_LAST_WORDS)
        await self._socket.close()
        for task in (self._reader, self._watch, *self._work):
            task.cancel()
        await asyncio.gather(self._reader, self._watch, *self._work, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(message.data)
        finally:
            self.leave("closed")

    async def _watch_silence(self) -> None:
        while (left := IDLE - (self._clock.now() - self._last).total_seconds()) > 0:
            await self._clock.sleep(left)
        self.leave("silent")

    async def _take(self, text: str) -> None:
        self._last = self._clock.now()
        frame = parsed(text)
        if not isinstance(frame, dict) or not isinstance(frame.get("headers"), dict):
            log.warning("stream.unreadable", extra={"account": self._settings.account})
            return
        if frame.get("type") == "SYSTEM":
            await self._system(frame)
            return
        self.heard = True
        await self._room.acquire()
        task = asyncio.create_task(self._serve(frame))
        self._work.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        self._room.release()

    async def _system(self, frame: Frame) -> None:
        topic = frame["headers"].get("topic")
        if topic == "ping":
            self.heard = True
            await self._ack(frame, 200, frame.get("data", "{}"))
        elif topic == "disconnect":
            self.leave("asked")

    async def _serve(self, frame: Frame) -> None:
        """One push: translated, made durable, answered. No ack where nothing is durable: it will come again."""
        try:
            found = translate(frame, settings=self._settings, now=self._clock.now())
        except Refusal as refusal:
            await self._ack(frame, refusal.code, "{}")
            return
        try:
            answer = await self._admit(found)
        except Exception:  # the job loop of this door: whatever failed below, the socket stays and the platform repeats
            log.exception("stream.not_admitted", extra={"account": self._settings.account})
            await self._ack(frame, 500, "{}")
            return
        await self._ack(frame, 200, _reply(frame, answer))

    async def _ack(self, frame: Frame, code: int, data: str) -> None:
        message = {200: "OK", 400: "bad data", 404: "no handler", 500: "failed"}[code]
        headers = {"contentType": "application/json", "messageId": frame["headers"].get("messageId", "")}
        answer = {"code": code, "headers": headers, "message": message, "data": data}
        try:
            await self._socket.send_str(json.dumps(answer, ensure_ascii=False))
        except (ConnectionError, RuntimeError):
            log.info("stream.ack_lost", extra={"account": self._settings.account})


def _reply(frame: Frame, answer: Any) -> str:
    """The ack's data (6.2): events want a status, cards the answer object, robot messages nothing."""
    if frame.get("type") == "EVENT":
        return '{"status":"SUCCESS","message":""}'
    response = outbound.callback_answer(answer) if frame["headers"].get("topic") == CARD else None
    return json.dumps({"response": response}, ensure_ascii=False)


class Refusal(Exception):
    """A frame that is not for us: 400 for data that cannot be read, 404 for a topic without a handler (6.2)."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def translate(frame: Frame, *, settings: Settings, now: datetime) -> Sequence[Event]:
    """The events of a frame; raises `Refusal`."""
    headers = frame["headers"]
    kind, topic = frame.get("type"), headers.get("topic")
    if kind != "EVENT" and topic not in (ROBOT, CARD):
        raise Refusal(404)
    payload = _data(frame)
    if kind == "EVENT":
        return [events.translate(events.streamed(settings.account, headers, payload, received=now))]
    if topic == ROBOT:
        return robot.translate(payload, settings=settings, received=now)
    return [card.translate(payload, settings=settings, received=now, token=str(headers.get("messageId", "")))]


def _data(frame: Frame) -> dict[str, Any]:
    """`data` is JSON text; an object in its place is taken as well."""
    data = frame.get("data")
    payload = parsed(data) if isinstance(data, str) else data
    if not isinstance(payload, dict):
        raise Refusal(400)
    return payload
