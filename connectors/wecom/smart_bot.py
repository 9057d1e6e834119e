"""The smart bot's long connection (wecom.md 10.2): a second ear of a WeCom account that needs no public address.

One connection per bot, so exactly one instance holds it (bot/holding.py). Whoever subscribes anew kicks the other out;
being kicked therefore means that somebody else is meant to have it, and we stay away for a good while. Nothing is sent
here that the app could send: the bot acknowledges, and speaks in the groups that it was added to.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from cards import smart_bot as words
from cards.model import Card
from connectors import errors
from connectors.clock import Clock
from connectors.contract import Admit
from connectors.wecom import template_cards
from connectors.wecom.inbound import bot as inbound
from connectors.wecom.settings import Settings

log = logging.getLogger(__name__)

PING = 30.0
ACK = 5.0
"""Seconds that an acknowledgement may take, by the computer's clock."""
_LONGEST_PAUSE = 30.0
_KICKED = 600.0
_LARGEST = 1024 * 1024
_AT_ONCE = 32

Frame = Mapping[str, Any]


class SmartBot:
    """`run` holds the connection; `push` speaks on it while this instance has it."""

    def __init__(self, settings: Settings, *, session: Callable[[], aiohttp.ClientSession], clock: Clock,
                 proxy: str | None = None) -> None:  # fmt: skip
        self._settings = settings
        self._session = session
        self._clock = clock
        self._proxy = proxy
        self._link: Link | None = None

    @property
    def here(self) -> bool:
        """Whether this instance has the connection now."""
        return self._link is not None

    async def run(self, admit: Admit) -> None:
        """Until cancelled. Pauses of 1, 2, 4 ... 30 s between tries, long ones after a refusal or a kick."""
        failures = 0
        while True:
            why = await self._held(admit)
            self._note(logging.WARNING, "bot.left", why)
            failures = 0 if why == "silent" else failures + 1
            away = _KICKED if why in ("kicked", "refused") else min(_LONGEST_PAUSE, 2.0 ** max(0, failures - 1))
            await self._clock.sleep(away)

    async def push(self, chat: str, body: Mapping[str, Any], *, group: bool) -> None:
        """A message of ours into a chat that the bot is in.

        Raises `PlatformBusy` where another instance holds the connection: the letter waits until it is its turn there.
        """
        if self._link is None:
            raise errors.PlatformBusy("the connection is not here", call="aibot_send_msg")
        await self._link.asked("aibot_send_msg", {"chatid": chat, "chat_type": 2 if group else 1, **body})

    async def _held(self, admit: Admit) -> str:
        """One connection from opening to end; says why it ended."""
        try:
            socket = await self._session().ws_connect(
                self._settings.bot_url, max_msg_size=_LARGEST, proxy=self._proxy,
                timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
            )  # fmt: skip
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            return type(broken).__name__
        link = Link(socket, admit, settings=self._settings, clock=self._clock)
        try:
            await link.subscribe()
            self._link = link
            await link.leaving.wait()
        except errors.PlatformRefused:
            return "refused"
        except errors.PlatformError as broken:
            return type(broken).__name__
        finally:
            self._link = None
            await asyncio.shield(link.close())
        return link.why

    def _note(self, level: int, action: str, why: str) -> None:
        level = logging.ERROR if why in ("kicked", "refused") else level
        log.log(level, action, extra={"account": self._settings.account, "why": why})


class Link:
    """One open socket: its reader, its pings, the frames that wait for their acknowledgement."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, admit: Admit, *, settings: Settings,
                 clock: Clock) -> None:  # fmt: skip
        self._socket = socket
        self._admit = admit
        self._settings = settings
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._work: set[asyncio.Task[None]] = set()
        self.leaving = asyncio.Event()
        self.why = ""
        self._reader = asyncio.create_task(self._read())
        self._pinger: asyncio.Task[None] | None = None

    async def subscribe(self) -> None:
        """The first frame. Raises `PlatformRefused` for a wrong id or secret, `PlatformBusy` for silence."""
        about = {"bot_id": self._settings.bot_id, "secret": self._settings.bot_secret}
        await self.asked("aibot_subscribe", about)
        self._pinger = asyncio.create_task(self._ping())

    async def asked(self, cmd: str, body: Frame, *, req_id: str = "") -> None:
        """Sends a frame and waits for its acknowledgement: one at a time per `req_id`."""
        req_id = req_id or f"{cmd}_{secrets.token_hex(12)}"
        if req_id in self._waiting:
            raise errors.PlatformBusy("a frame is under way", call=cmd)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = answer
        try:
            frame = {"cmd": cmd, "headers": {"req_id": req_id}, "body": body}
            await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
            async with asyncio.timeout(ACK):
                ack = await answer
        except (TimeoutError, ConnectionError, RuntimeError) as lost:
            raise errors.Unsure(type(lost).__name__, call=cmd) from None
        finally:
            self._waiting.pop(req_id, None)
        if code := ack.get("errcode", 0):
            raise errors.PlatformRefused(str(ack.get("errmsg", ""))[:200], call=cmd, code=str(code))

    def leave(self, why: str) -> None:
        self.why = self.why or why
        self.leaving.set()

    async def close(self) -> None:
        tasks = [self._reader, *self._work, *([self._pinger] if self._pinger else [])]
        await self._socket.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ping(self) -> None:
        """Two unanswered ones and the connection is dead, however open it looks (10.2)."""
        missed = 0
        while missed < 2:
            await self._clock.sleep(PING)
            try:
                await self.asked("ping", {})
                missed = 0
            except errors.PlatformError:
                missed += 1
        self.leave("silent")

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(message.data)
        finally:
            self.leave("closed")

    async def _take(self, text: str) -> None:
        frame = _parsed(text)
        headers = frame.get("headers")
        req_id = str(headers.get("req_id", "")) if isinstance(headers, Mapping) else ""
        cmd = frame.get("cmd")
        if not cmd:
            waiting = self._waiting.get(req_id)
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
            return
        body = frame.get("body")
        if cmd not in ("aibot_msg_callback", "aibot_event_callback") or not isinstance(body, Mapping):
            log.info("bot.unread", extra={"account": self._settings.account, "cmd": str(cmd)[:64]})
            return
        await self._room.acquire()
        serve = self._heard if cmd == "aibot_msg_callback" else self._happened
        task = asyncio.create_task(serve(body, req_id))
        self._work.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        self._room.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("bot.answer_lost", extra={"account": self._settings.account, "error": type(error).__name__})

    async def _heard(self, body: Frame, req_id: str) -> None:
        """A message: durable first, then acknowledged in words, which are all that the bot says in its own chat."""
        found = inbound.message(body, account=self._settings.account, received=self._clock.now())
        if found is None:
            return
        said = words.received() if hasattr(found, "text") else words.no_files()
        try:
            await self._admit([found])
        except Exception:  # the job loop of this door: whatever failed below, the connection stays
            log.exception("bot.not_admitted", extra={"account": self._settings.account})
            said = words.failed()
        if body.get("chattype") != "group":
            await self.asked("aibot_respond_msg", _stream(said), req_id=req_id)

    async def _happened(self, body: Frame, req_id: str) -> None:
        kind = inbound.kind(body)
        if kind == "disconnected_event":
            self.leave("kicked")
        elif kind == "enter_chat":
            welcome = {"msgtype": "text", "text": {"content": words.welcome()}}
            await self.asked("aibot_respond_welcome_msg", welcome, req_id=req_id)
        elif tap := inbound.event(body, account=self._settings.account, received=self._clock.now()):
            card = await self._admit([tap])
            if isinstance(card, Card):
                shown = template_cards.replacement(card, task_id=tap.message.id)
                update = {"response_type": "update_template_card", "template_card": shown}
                await self.asked("aibot_respond_update_msg", update, req_id=req_id)


def _stream(content: str) -> Frame:
    return {"msgtype": "stream", "stream": {"id": secrets.token_hex(8), "finish": True, "content": content}}


def _parsed(text: str) -> Frame:
    try:
        frame = json.loads(inbound.clean(text))
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}
