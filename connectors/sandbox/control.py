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
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Protocol

from aiohttp import web
from pydantic import BaseModel, ValidationError

from connectors.clock import MovableClock
from connectors.sandbox import requests
from connectors.sandbox.faults import Faults
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


Act = Callable[[Platform, Any], Awaitable[dict[str, Any]]]


def routes(fake: Platform) -> list[web.RouteDef]:
    """The table above for one fake."""
    hand = _Hand(fake)
    acts = [web.post(f"/_control/{name}", _route(fake, model, act)) for name, (model, act) in ACTS.items()]
    return [
        web.get("/_control/state", hand.state),
        web.get("/_control/feed", hand.feed),
        web.delete("/_control/faults", hand.clear_faults),
        *acts,
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

    async def clear_faults(self, _: web.Request) -> web.Response:
        self.fake.faults.clear()
        return _json({})


def _route(fake: Platform, model: type[BaseModel], act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            body = model.model_validate_json(await request.read())
        except ValidationError as wrong:
            return _json({"error": str(wrong)}, status=400)
        return await perform(fake, body, act)

    return handler


async def perform(fake: Platform, body: BaseModel, act: Act) -> web.Response:
    """One act and its answer: 404 for a user, message or button that is not there, 422 for what cannot be done."""
    try:
        return _json(await act(fake, body))
    except LookupError as missing:
        return _json({"error": f"not here: {missing}"}, status=404)
    except ValueError as refused:
        return _json({"error": str(refused)}, status=422)


async def _say(fake: Platform, body: requests.Say) -> dict[str, Any]:
    await fake.say(body.user, body.text, chat=body.chat)
    return {}


async def _send(fake: Platform, body: requests.Send) -> dict[str, Any]:
    await fake.send_media(body.user, kind=body.kind, name=body.name, data=body.data)
    return {}


async def _tap(fake: Platform, body: requests.Tap) -> dict[str, Any]:
    return {"toast": await fake.tap(body.user, body.message, body.button, inputs=body.inputs)}


async def _open(fake: Platform, body: requests.Open) -> dict[str, Any]:
    await fake.open_chat(body.user)
    return {}


async def _event(fake: Platform, body: requests.Event) -> dict[str, Any]:
    await fake.emit(body.name, body.fields)
    return {}


async def _fault(fake: Platform, body: requests.NewFault) -> dict[str, Any]:
    if body.kind == "revoke":
        fake.revoke_tokens()
    elif body.kind == "disconnect":
        await fake.disconnect()
    else:
        fake.faults.add(body.rule())
    return {}


async def _clock(fake: Platform, body: requests.Forward) -> dict[str, Any]:
    fake.clock.forward(timedelta(seconds=body.forward))
    return {"now": fake.clock.now().isoformat()}


ACTS: Mapping[str, tuple[type[BaseModel], Act]] = {
    "say": (requests.Say, _say),
    "send": (requests.Send, _send),
    "tap": (requests.Tap, _tap),
    "open": (requests.Open, _open),
    "event": (requests.Event, _event),
    "faults": (requests.NewFault, _fault),
    "clock": (requests.Forward, _clock),
}
"""The acts by their word in the address, with the model of their body."""


async def _next_chunk(queue: asyncio.Queue[tuple[str, Any]]) -> bytes:
    try:
        async with asyncio.timeout(15):
            name, value = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False))
