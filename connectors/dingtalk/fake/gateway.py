"""Stream mode's server side: tickets, sockets, pings, acks, redelivery, and the ways in which it fails (6)."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from connectors.dingtalk.fake.calls import Answer, Call, Gate, Refused
from connectors.dingtalk.fake.world import World, dumped

ROBOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
TICKET_LIFE = timedelta(seconds=90)
PING = 30.0
AGAIN = 60.0
LINGER = 10.0
_TRIES = 4


@dataclass(eq=False, slots=True)
class Socket:
    """`deaf` = the server pushes nothing more here: asked to go, or silent by fault."""

    id: str
    ws: web.WebSocketResponse
    request: web.Request
    topics: frozenset[tuple[str, str]]
    deaf: bool = False
    unanswered: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    def wants(self, kind: str, topic: str) -> bool:
        return not self.deaf and ((kind, topic) in self.topics or (kind == "EVENT" and ("EVENT", "*") in self.topics))


class Gateway:
    """`fresh_ids`: whether a redelivered frame gets a new messageId; it is documented nowhere, so tests try both."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sockets: list[Socket] = []
        self.fresh_ids = False
        self.acks: list[dict[str, Any]] = []
        self.opened = 0
        self.served: Counter[str] = Counter()  # pushes per connection
        self._tickets: dict[str, tuple[datetime, frozenset[tuple[str, str]]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._arrived = asyncio.Event()

    def routes_on(self, gate: Gate) -> list[web.RouteDef]:
        return [
            gate.new("POST", "/v1.0/gateway/connections/open", self._open, token=False),
            web.get("/connect", self._connect),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self.sockets):
            await socket.ws.close()

    async def _open(self, call: Call) -> Answer:
        app = self._world.app
        if (call.fields.get("clientId"), call.fields.get("clientSecret")) != (app.client_id, app.client_secret):
            raise Refused("invalidClientIdOrSecret", "无效的clientId或者clientSecret", status=401)
        if unknown := set(call.fields) - {"clientId", "clientSecret", "subscriptions", "ua", "localIp", "extras"}:
            raise Refused("param.error", sorted(unknown)[0])
        wanted = call.fields.get("subscriptions") or []
        topics = frozenset((one.get("type", ""), one.get("topic", "")) for one in wanted)
        if not topics or any(kind == "EVENT" and topic != "*" for kind, topic in topics):
            raise Refused("param.error", "subscriptions")
        ticket = f"{secrets.token_hex(8)}/+= &"  # odd on purpose: it must be URL-encoded
        self._tickets[ticket] = (self._world.clock.now() + TICKET_LIFE, topics)
        return {"endpoint": f"ws://{call.request.host}/connect", "ticket": ticket}

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        until, topics = self._tickets.pop(request.query.get("ticket", ""), (None, frozenset()))
        if until is None or until <= self._world.clock.now():
            self._world.note("in", "GET /connect", "401", {"ticket": "***"})
            return web.Response(status=401)
        ws = web.WebSocketResponse(max_msg_size=256 * 1024)
        await ws.prepare(request)
        socket = Socket(self._world.serial("conn-"), ws, request, topics)
        self.sockets.append(socket)
        self.opened += 1
        self._world.note("in", "GET /connect", "101", {"ticket": "***", "connection": socket.id})
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()
        pinger = self.spawn(self._ping(socket))
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    self._acked(socket, message.data)
        finally:
            pinger.cancel()
            self._gone(socket)
        return ws

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _gone(self, socket: Socket) -> None:
        socket.deaf = True
        if socket in self.sockets:
            self.sockets.remove(socket)
            self._world.note("in", "stream closed", "", {"connection": socket.id})
        for waiting in socket.unanswered.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("socket gone"))
                waiting.exception()  # nobody may be waiting any more
        socket.unanswered.clear()

    async def _ping(self, socket: Socket) -> None:
        while True:
            if not socket.deaf:
                await self._frame(socket, "SYSTEM", "ping", {"opaque": secrets.token_hex(8)}, {})
            await self._world.clock.sleep(PING)

    def _acked(self, socket: Socket, text: str) -> None:
        """Any ack will do: the official client echoes an event's data and sends what its handler returns."""
        try:
            ack = json.loads(text)
            message_id = ack["headers"]["messageId"]
        except (ValueError, KeyError, TypeError):
            self._world.note("in", "ack", "bad", text)
            return
        self.acks.append(ack)
        waiting = socket.unanswered.pop(message_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)

    async def _frame(self, socket: Socket, kind: str, topic: str, data: Any, extra: dict[str, str],
                     message_id: str = "") -> str:  # fmt: skip
        message_id = message_id or secrets.token_hex(8)
        headers = {"appId": self._world.app.client_id, "connectionId": socket.id, "contentType": "application/json",
                   "messageId": message_id, "time": self._world.millis(), "topic": topic, **extra}  # fmt: skip
        frame = {"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data, ensure_ascii=False)}
        try:
            await socket.ws.send_str(dumped(frame))
        except (ConnectionError, RuntimeError):
            self._gone(socket)
        return message_id

    async def push(self, kind: str, topic: str, data: Any, *, extra: dict[str, str] | None = None,
                   message_id: str = "") -> dict[str, Any]:  # fmt: skip
        """One push to one connection at random; its ack. Raises ConnectionError when there is none or it goes."""
        willing = [socket for socket in self.sockets if socket.wants(kind, topic)]
        if not willing:
            raise ConnectionError("no connection")
        socket = random.choice(willing)
        message_id = message_id or secrets.token_hex(8)
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        socket.unanswered[message_id] = waiting
        self.served[socket.id] += 1
        await self._frame(socket, kind, topic, data, extra or {}, message_id)
        ack = await waiting
        name = f"stream {(extra or {}).get('eventType') or topic}"
        self._world.note("out", name, str(ack.get("code")), data, answer=str(ack.get("data", "")))
        return ack

    async def push_until_acked(self, kind: str, topic: str, data: Any, *, extra: dict[str, str] | None = None) -> None:
        """Again after a minute without an ack, at once where there was no connection; given up after four tries."""
        message_id = secrets.token_hex(8)
        for _ in range(_TRIES):
            pushing = asyncio.ensure_future(self.push(kind, topic, data, extra=extra, message_id=message_id))
            pause = asyncio.ensure_future(self._world.clock.sleep(AGAIN))
            await asyncio.wait({pushing, pause}, return_when=asyncio.FIRST_COMPLETED)
            if pushing.done() and pushing.exception() is None and _accepted(pushing.result()):
                pause.cancel()
                return
            await self._wait_for_another(pushing, pause, kind, topic)
            pushing.cancel()
            pause.cancel()
            await asyncio.gather(pushing, pause, return_exceptions=True)
            if self.fresh_ids:
                message_id = secrets.token_hex(8)
        self._world.note("out", f"stream {topic}", "lost", data)

    async def _wait_for_another(self, pushing: asyncio.Future[Any], pause: asyncio.Future[None], kind: str,
                                topic: str) -> None:  # fmt: skip
        """The rest of the minute; or, where nobody was listening, until somebody is."""
        if pushing.done() and isinstance(pushing.exception(), ConnectionError):
            while not any(socket.wants(kind, topic) for socket in self.sockets):
                await self._arrived.wait()
            return
        await asyncio.wait({pause})

    # Bad days

    async def disconnect(self) -> None:
        """The polite way: a frame, nothing more on that socket, TCP ends ten seconds later."""
        for socket in list(self.sockets):
            await self._frame(socket, "SYSTEM", "disconnect", {"reason": "persistent connection is timeout"}, {})
            socket.deaf = True
            self.spawn(self._linger(socket))

    async def _linger(self, socket: Socket) -> None:
        await self._world.clock.sleep(LINGER)
        await socket.ws.close()

    def silence(self) -> None:
        """ESTABLISHED, pongs fine, no frames."""
        for socket in self.sockets:
            socket.deaf = True

    def drop(self) -> None:
        """TCP gone without a close frame."""
        for socket in list(self.sockets):
            if socket.request.transport is not None:
                socket.request.transport.abort()


def _accepted(ack: dict[str, Any]) -> bool:
    """A failed handler or LATER asks for it again; everything else that answers at all is an ack."""
    return ack.get("code") != 500 and '"LATER"' not in str(ack.get("data", ""))
