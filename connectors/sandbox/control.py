"""The control address of a fake: what a hand does on a phone and what a bad day does to a platform, as plain JSON.

    GET  /_control/state                      phones, chats, messages (phones.py), the clock, faults, counters
    GET  /_control/feed                       server-sent events: `change` (something on a phone), `wire` (trace.py)
    POST /_control/say    {user, text, chat?}             a member writes to the bot (or in a group, with @)
    POST /_control/send   {user, kind, name, data(b64)}   a member sends a picture or file
    POST /_control/tap    {user, message, button, inputs{key:[..]}}   a member taps a card's button
    POST /_control/open   {user}                          a member opens the chat
    POST /_control/faults {kind, target, match, times, seconds, status}   and DELETE to clear
    POST /_control/clock  {forward: seconds}
    POST /_control/event  {name, fields}                  a platform event by name (contact change, ...)

Every platform's fake implements `Platform`; this file turns it into routes once.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Protocol

from aiohttp import web

from connectors.clock import MovableClock
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.phones import Phone
from connectors.sandbox.trace import Trace


class Platform(Protocol):
    """What a fake offers to a hand (the demo page, a test). Unknown users, messages or buttons raise LookupError."""

    platform: str
    clock: MovableClock
    faults: Faults
    trace: Trace

    def phones(self) -> Sequence[Phone]: ...

    async def say(self, user: str, text: str, *, chat: str = "") -> None: ...

    async def send_media(self, user: str, *, kind: str, name: str, data: bytes) -> None: ...

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        """Returns a toast the client would show, or an empty text. Raises LookupError when the button is not there."""
        ...

    async def open_chat(self, user: str) -> None: ...

    async def emit(self, name: str, fields: Mapping[str, Any]) -> None: ...

    def revoke_tokens(self) -> None: ...

    async def disconnect(self) -> None:
        """Cuts the long connections the polite way; nothing where there are none."""
        ...


def routes(fake: Platform) -> list[web.RouteDef]:
    """The table above for one fake."""
    hand = _Hand(fake)
    return [
        web.get("/_control/state", hand.state),
        web.get("/_control/feed", hand.feed),
        web.post("/_control/say", hand.say),
        web.post("/_control/send", hand.send),
        web.post("/_control/tap", hand.tap),
        web.post("/_control/open", hand.open),
        web.post("/_control/faults", hand.add_fault),
        web.delete("/_control/faults", hand.clear_faults),
        web.post("/_control/clock", hand.move_clock),
        web.post("/_control/event", hand.event),
    ]


def picture(fake: Platform) -> dict[str, Any]:
    """The JSON of `GET /_control/state`."""
    return {
        "platform": fake.platform,
        "now": fake.clock.now().isoformat(),
        "phones": [asdict(phone) for phone in fake.phones()],
        "faults": [asdict(rule) for rule in fake.faults.rules],
        "wire": [asdict(line) for line in fake.trace.lines],
    }


class _Hand:
    def __init__(self, fake: Platform) -> None:
        self.fake = fake

    async def state(self, _: web.Request) -> web.Response:
        return _json(picture(self.fake))

    async def feed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        queue = self.fake.trace.subscribe()
        try:
            while True:
                await response.write(await _next_chunk(queue))
        finally:
            self.fake.trace.unsubscribe(queue)

    async def say(self, request: web.Request) -> web.Response:
        body = await request.json()
        await self.fake.say(body["user"], body["text"], chat=body.get("chat", ""))
        return _json({})

    async def send(self, request: web.Request) -> web.Response:
        body = await request.json()
        data = base64.b64decode(body["data"])
        await self.fake.send_media(body["user"], kind=body["kind"], name=body["name"], data=data)
        return _json({})

    async def tap(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            toast = await self.fake.tap(body["user"], body["message"], body["button"], inputs=body.get("inputs", {}))
        except LookupError as missing:
            return _json({"error": str(missing)}, status=404)
        return _json({"toast": toast})

    async def open(self, request: web.Request) -> web.Response:
        await self.fake.open_chat((await request.json())["user"])
        return _json({})

    async def add_fault(self, request: web.Request) -> web.Response:
        fault = Fault(**await request.json())
        if fault.kind == "revoke":
            self.fake.revoke_tokens()
        elif fault.kind == "disconnect":
            await self.fake.disconnect()
        else:
            self.fake.faults.add(fault)
        return _json({})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self.fake.faults.clear()
        return _json({})

    async def move_clock(self, request: web.Request) -> web.Response:
        self.fake.clock.forward(timedelta(seconds=float((await request.json())["forward"])))
        return _json({"now": self.fake.clock.now().isoformat()})

    async def event(self, request: web.Request) -> web.Response:
        body = await request.json()
        await self.fake.emit(body["name"], body.get("fields", {}))
        return _json({})


async def _next_chunk(queue: asyncio.Queue[tuple[str, Any]]) -> bytes:
    try:
        async with asyncio.timeout(15):
            name, value = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False))
