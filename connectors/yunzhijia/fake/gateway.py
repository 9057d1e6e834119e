"""The robot's WebSocket as far as one vendor bot tells (3.3): frames, pings, and pushes repeated until acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from connectors.yunzhijia.fake.world import World, dumped

REPEAT_SECONDS = 90.0


class Gateway:
    """Pushes go to the newest socket; `deaf` keeps pongs back as a broken network would."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: set[int] = set()
        self.deaf = False
        self._numbers = itertools.count(1)
        self._arrived = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("yzjtoken", "") != self._world.tenant.robot_token or not self._world.tenant.robot_token:
            self._world.note("in", "websocket", "403", "")
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str('{"success":true,"cmd":"auth"}')
        self.sockets.append(socket)
        self._arrived.set()
        self._world.note("in", "websocket", "open", "")
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(socket, message.data)
        finally:
            self.sockets.remove(socket)
            self._world.note("in", "websocket", "closed", "")
        return socket

    async def _take(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if frame.get("cmd") == "ping" and not self.deaf:
            await socket.send_str('{"cmd":"pong"}')
        if frame.get("cmd") == "ack":
            self.acknowledged.add(int(frame.get("seq", 0)))
            self._world.note("in", "websocket ack", "", frame)

    async def push(self, body: Mapping[str, Any]) -> None:
        """A robot message, again every 90 seconds until its number is acknowledged."""
        number = next(self._numbers)
        frame = {"cmd": "directPush", "type": "robotMessage", "needAck": True, "seq": number, "msg": dict(body)}
        while number not in self.acknowledged:
            await self._send(dumped(frame))
            await self._acknowledged(number)

    async def _acknowledged(self, number: int) -> None:
        limit = asyncio.ensure_future(self._world.clock.sleep(REPEAT_SECONDS))
        feed = self._world.trace.subscribe()
        try:
            while not limit.done() and number not in self.acknowledged:
                heard = asyncio.ensure_future(feed.get())
                await asyncio.wait({limit, heard}, return_when=asyncio.FIRST_COMPLETED)
                heard.cancel()
        finally:
            limit.cancel()
            self._world.trace.unsubscribe(feed)

    async def _send(self, text: str) -> None:
        while not self.sockets:
            self._arrived.clear()
            await self._arrived.wait()
        try:
            await self.sockets[-1].send_str(text)
        except ConnectionError:
            return
        self._world.note("out", "websocket robot", "pushed", text)

    async def garbage(self) -> None:
        """A frame that is none."""
        for socket in self.sockets:
            await socket.send_str("no json")

    async def disconnect(self) -> None:
        for socket in list(self.sockets):
            await socket.close()
