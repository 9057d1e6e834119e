"""The routes of the demo page. It plays hands and bad days on the fakes and shows what they show; it knows no handler.

    GET  /                              the page
    GET  /demo/state?phone=wecom:lisi   picture.state; without `phone` the stage's own phones; wire=no spares the wire
    GET  /demo/feed                     server-sent events: change, wire, clock
    GET  /demo/{platform}/wire/{number} one line of the wire with its bodies
    GET  /demo/{platform}/file/{id}     a picture or file that travelled through the fake
    GET  /demo/{platform}/browse        ?user=&url=/office/...: that page in this client's web view, signed in by it
    POST /demo/{platform}/{say|tap|send|open|faults|event}, DELETE /demo/{platform}/faults
    POST /demo/clock {forward}          seconds, for all fakes at once

Whoever reaches this page acts for everybody in the sample office, so it belongs on a loopback address. Writing requests
must be `application/json`, which another site's page cannot send without asking first.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import quote

import jinja2
from aiohttp import ClientConnectionResetError, ClientSession, DummyCookieJar, web
from pydantic import BaseModel, ValidationError
from yarl import URL

from bot.demo import feed, picture
from bot.demo.stage import Stage
from connectors.clock import MovableClock
from connectors.sandbox import control, requests
from connectors.sandbox.faults import Fault

_HERE = Path(__file__).parent
_LARGEST = 30 * 1024 * 1024  # bytes of a request: a 20 MB file in base64
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_GUARDS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
_PICTURES = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}

Body = TypeVar("Body", bound=BaseModel)


@runtime_checkable
class KeepsFiles(Protocol):
    """A fake that can show what was uploaded. Raises LookupError for an id it does not have (any more)."""

    def file(self, file_id: str) -> tuple[str, bytes]:
        """Name and content."""
        ...


@runtime_checkable
class GivesCodes(Protocol):
    """A fake whose client hands a sign-in code to the page. Raises LookupError for nobody's."""

    def auth_code(self, user: str) -> str: ...


@runtime_checkable
class OpensPages(Protocol):
    """A fake whose client appends a ticket to the address of a page. Raises LookupError for nobody's."""

    def opened(self, user: str, url: str) -> str: ...


def app(platforms: Sequence[control.Platform], *, clock: MovableClock, stage: Stage) -> web.Application:
    """The page alone, for tests and for whoever has no application yet."""
    application = web.Application()
    setup(application, platforms, clock=clock, stage=stage)
    return application


def setup(
    application: web.Application, platforms: Sequence[control.Platform], *, clock: MovableClock, stage: Stage
) -> None:
    """Adds the routes to an application and lets the feeds end when it shuts down."""
    room = Room(platforms, clock=clock, stage=stage)
    application.add_routes(room.routes())
    application.on_shutdown.append(room.close)


class Room:
    """`routes` once, `close` at shutdown."""

    def __init__(self, platforms: Sequence[control.Platform], *, clock: MovableClock, stage: Stage) -> None:
        self._platforms = {fake.platform: fake for fake in platforms}
        self._clock = clock
        self._stage = stage
        self._feeds = feed.Feeds(platforms, now=clock.now)
        self._ends: set[asyncio.Task[None]] = set()
        templates = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
        self._page = templates.get_template("demo.html").render(office=stage.office)
        self._static = {file.name: file for file in (_HERE / "static").iterdir() if file.is_file()}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/demo/static/{name}", self.static),
            web.get("/demo/state", self.state),
            web.get("/demo/feed", self.feed),
            web.post("/demo/clock", self.move_clock),
            web.get("/demo/{platform}/wire/{number:\\d+}", self.wire),
            web.get("/demo/{platform}/file/{id}", self.file),
            web.get("/demo/{platform}/browse", self.browse),
            web.post("/demo/{platform}/say", _act(self, *control.ACTS["say"])),
            web.post("/demo/{platform}/send", _act(self, *control.ACTS["send"])),
            web.post("/demo/{platform}/tap", _act(self, *control.ACTS["tap"])),
            web.post("/demo/{platform}/open", _act(self, *control.ACTS["open"])),
            web.post("/demo/{platform}/event", _act(self, *control.ACTS["event"])),
            web.post("/demo/{platform}/faults", _act(self, requests.NewFault, self._add_fault)),
            web.delete("/demo/{platform}/faults", self.clear_faults),
        ]

    async def close(self, _: web.Application) -> None:
        self._feeds.close()
        for task in self._ends:
            task.cancel()

    async def page(self, _: web.Request) -> web.Response:
        headers = _GUARDS | {"Content-Security-Policy": _POLICY}
        return web.Response(text=self._page, content_type="text/html", headers=headers)

    async def static(self, request: web.Request) -> web.StreamResponse:
        file = self._static.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return web.FileResponse(file, headers=_GUARDS)

    async def state(self, request: web.Request) -> web.Response:
        asked = [_pair(text) for text in request.query.getall("phone", [])]
        wanted = asked or [(place.platform, place.user) for place in self._stage.places]
        whole = picture.state(
            list(self._platforms.values()),
            stage=self._stage,
            now=self._clock.now(),
            wanted=dict.fromkeys(wanted),
            wire=request.query.get("wire") != "no",
        )
        return _json(whole)

    async def feed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=_GUARDS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        async with contextlib.aclosing(self._feeds.open()) as chunks:
            with contextlib.suppress(ClientConnectionResetError):  # the page was closed
                async for chunk in chunks:
                    await response.write(chunk)
        return response

    async def wire(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        for line in self._fake(request).trace.lines:
            if line.number == number:
                return _json(asdict(line))
        raise web.HTTPNotFound

    async def file(self, request: web.Request) -> web.Response:
        fake = self._fake(request)
        if not isinstance(fake, KeepsFiles):
            raise web.HTTPNotFound
        try:
            name, data = fake.file(request.match_info["id"])
        except LookupError:
            raise web.HTTPNotFound from None
        return web.Response(body=io.BytesIO(data), headers=_file_headers(name, data))

    async def browse(self, request: web.Request) -> web.Response:
        """Begins the sign-in in the browser's name and hands it on with what only the platform's client knows."""
        fake, user = self._fake(request), request.query.get("user", "")
        page = URL(request.query.get("url", ""))
        if page.is_absolute() or not page.path.startswith("/office/"):
            raise web.HTTPBadRequest
        if isinstance(fake, OpensPages):
            return _opened(fake, user, page)
        login = URL(f"http://127.0.0.1:{_port(request)}/office/login")
        asked = login.with_query(via=page.query.get("via", ""), next=str(page))
        async with (
            ClientSession(cookie_jar=DummyCookieJar()) as session,
            session.get(asked, allow_redirects=False) as answer,
        ):
            where, cookies = answer.headers.get("Location", ""), answer.headers.getall("Set-Cookie", [])
        if not where:
            raise web.HTTPFound(str(page))
        try:
            extra = {"code": fake.auth_code(user)} if isinstance(fake, GivesCodes) else {"user": user}
        except LookupError:
            raise web.HTTPNotFound from None
        response = web.Response(status=303, headers={"Location": str(URL(where).update_query(extra))})
        response.headers.extend([("Set-Cookie", cookie) for cookie in cookies])
        return response

    async def move_clock(self, request: web.Request) -> web.Response:
        self._clock.forward(timedelta(seconds=(await _read(request, requests.Forward)).forward))
        self._feeds.publish_clock()
        return _json({"now": self._clock.now().isoformat()})

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._fake(request).faults.clear()
        return _json({})

    async def perform(self, request: web.Request, model: type[Body], act: Act[Body]) -> web.Response:
        fake = self._fake(request)
        return await control.perform(fake, await _read(request, model), act)

    async def _add_fault(self, fake: control.Platform, wanted: requests.NewFault) -> dict[str, Any]:
        before = len(fake.faults.rules)
        await control.ACTS["faults"][1](fake, wanted)
        if wanted.lasts and len(fake.faults.rules) > before:
            end = asyncio.create_task(self._end(fake, fake.faults.rules[-1], wanted.lasts))
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
        return {}

    async def _end(self, fake: control.Platform, rule: Fault, lasts: float) -> None:
        await self._clock.sleep(lasts)
        # by identity: two rules may look alike
        fake.faults.rules[:] = [other for other in fake.faults.rules if other is not rule]
        fake.trace.changed(faults=True)

    def _fake(self, request: web.Request) -> control.Platform:
        fake = self._platforms.get(request.match_info["platform"])
        if fake is None:
            raise web.HTTPNotFound
        return fake


Act = Callable[[control.Platform, Body], Awaitable[dict[str, Any]]]


def _act(room: Room, model: type[Body], act: Act[Body]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        return await room.perform(request, model, act)

    return handler


async def _read(request: web.Request, model: type[Body]) -> Body:
    """The body as `model`; read here because the limit of the application it sits in is meant for callbacks."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    raw = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        raw += chunk
        if len(raw) > _LARGEST:
            raise web.HTTPRequestEntityTooLarge(max_size=_LARGEST, actual_size=len(raw))
    try:
        return model.model_validate_json(bytes(raw))
    except ValidationError as wrong:
        raise web.HTTPBadRequest(text=str(wrong)) from wrong


def _file_headers(name: str, data: bytes) -> dict[str, str]:
    """Pictures are shown, everything else is saved: an uploaded page must not run as one of ours."""
    kind = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), "")
    return _GUARDS | {
        "Content-Type": kind or "application/octet-stream",
        "Content-Disposition": f"{'inline' if kind else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _port(request: web.Request) -> int:
    """Where this server listens, whatever the browser calls it."""
    transport = request.transport
    return int(transport.get_extra_info("sockname")[1]) if transport else 0


def _opened(fake: OpensPages, user: str, page: URL) -> web.Response:
    """As a client does that appends its ticket to whatever it opens; straight to the sign-in, since this one browser
    plays several phones."""
    try:
        onward = fake.opened(user, str(page))
    except LookupError:
        raise web.HTTPNotFound from None
    target = URL("/office/login").with_query(via=page.query.get("via", ""), next=onward)
    return web.Response(status=303, headers={"Location": str(target)})


def _pair(text: str) -> tuple[str, str]:
    platform, _, user = text.partition(":")
    return platform, user


def _json(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False), headers=_GUARDS)
