"""The HTTP edge: a delivery comes in, is believed or not, is stored durably, and only then answered.

Refusals have an empty body: the reason goes to the log and a counter, an outsider learns nothing but the status.
Where too many deliveries are in hand, the next gets 503 at once and nothing of it is kept: every platform counts that
as a failure and comes again (WeCom within seconds, three times; DingTalk after 10 and 30 s, then it keeps a list).
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256

import structlog
from aiohttp import web

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.watching import Watch
from cards import operation as words
from cards.model import Card
from connectors.clock import Clock
from connectors.contract import Challenge, Connector, Delivery, Door, HttpAnswer
from connectors.errors import Rejected
from handlers.errors import DatabaseBusy

log = structlog.get_logger(__name__)

MAX_BODY = 256 * 1024
WATCH_HEADER = "X-Officebot-Watch"
_AT_ONCE = 512
"""Deliveries in hand. More than are done within the seconds that a platform waits would only be memory."""
_BODY_S = 10.0
_COME_AGAIN = {"Retry-After": "1"}


class Webhooks:
    """The doors of all accounts, and the three addresses for those who watch the service."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        dispatcher: Dispatcher,
        clock: Clock,
        metrics: Metrics,
        watch: Watch,
        *,
        key: Callable[[], bytes],
    ) -> None:
        self._connectors = connectors
        self._dispatcher = dispatcher
        self._clock = clock
        self._metrics = metrics
        self._watch = watch
        self._key = key
        self._in_hand = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/callback/{account}/{door}", self.receive),
            web.post("/callback/{account}/{door}", self.receive),
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
        ]

    async def receive(self, request: web.Request) -> web.Response:
        """One delivery of a platform."""
        account, name = request.match_info["account"], request.match_info["door"]
        connector = self._connectors.get(account)
        door = connector.doors.get(name) if connector else None
        if door is None:
            return self._refuse("", "", Rejected("no such door", status=404))
        if self._in_hand >= _AT_ONCE:  # before its body is read: nothing of it stays here, the platform comes again
            self._metrics.deliveries.labels(account, name, "full").inc()
            return web.Response(status=503, headers=_COME_AGAIN)
        self._in_hand += 1
        try:
            return await self._received(request, account, name, door)
        finally:
            self._in_hand -= 1

    async def _received(self, request: web.Request, account: str, name: str, door: Door) -> web.Response:
        began = time.monotonic()
        try:
            delivery = await self._delivery(request, account, name)
            answer = await self._answered(door, delivery)
        except Rejected as error:
            return self._refuse(account, name, error)
        except DatabaseBusy as error:
            log.error("delivery.not_stored", account=account, door=name, reason=error.reason)
            self._metrics.deliveries.labels(account, name, "busy").inc()
            return web.Response(status=503, headers=_COME_AGAIN)
        except Exception:  # the HTTP edge: a mistake of ours is no success, and tells an outsider nothing
            log.exception("delivery.broken", account=account, door=name)
            self._metrics.deliveries.labels(account, name, "broken").inc()
            return web.Response(status=500)
        self._metrics.deliveries.labels(account, name, "answered").inc()
        self._metrics.answering.labels(name).observe(time.monotonic() - began)
        self._watch.delivery(account, "answered")
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type})

    async def healthz(self, request: web.Request) -> web.Response:
        """Alive: the loop turns."""
        return web.Response(text="ok")

    async def readyz(self, request: web.Request) -> web.Response:
        """200 while a write would be durable, the tables are right, the disk has room and nobody asked us to stop.

        Strangers learn no more. Who knows the office's key (`officebot status`) is told everything that is not as it
        should be, in Chinese, a line each, also what is no reason to send people elsewhere.
        """
        if not hmac.compare_digest(request.headers.get(WATCH_HEADER, "").encode(), watch_token(self._key()).encode()):
            found = await self._watch.serious()
            return web.Response(text="not ready" if found else "ok", status=503 if found else 200)
        concerns = await self._watch.concerns()
        text = "\n".join(f"{one.grade} {words.concern(one.code, one.about)}" for one in concerns)
        serious = any(one.grade == "serious" for one in concerns)
        return web.Response(text=text or "ok", status=503 if serious else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        try:
            self._metrics.show(await self._watch.state(), await self._watch.concerns())
        except (DatabaseBusy, TimeoutError):  # the counters are still worth having
            log.warning("metrics.stale")
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _delivery(self, request: web.Request, account: str, door: str) -> Delivery:
        return Delivery(
            account=account,
            door=door,
            method=request.method,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=_here(request) if request.content.is_eof() else await _in_time(_body(request)),
            received=self._clock.now(),
        )

    async def _answered(self, door: Door, delivery: Delivery) -> HttpAnswer:
        door.verify(delivery, now=delivery.received)
        found = door.read(delivery)
        reply: Card | Challenge | None
        reply = found if isinstance(found, Challenge) else await self._dispatcher.admit(found, door=delivery.door)
        return door.answer(delivery, reply, now=self._clock.now())

    def _refuse(self, account: str, door: str, error: Rejected) -> web.Response:
        log.warning("delivery.rejected", account=account, door=door, reason=error.reason)
        self._metrics.rejected.labels(account, door, error.reason).inc()
        return web.Response(status=error.status)


def watch_token(key: bytes) -> str:
    """What whoever asks `/readyz` for more than a word sends along; made from `security.signing_key`."""
    return hmac.new(key, b"officebot watch", sha256).hexdigest()


async def _in_time(reading: Awaitable[bytes]) -> bytes:
    """A sender that dawdles must not keep others out; a platform sends its few kilobytes at once."""
    try:
        async with asyncio.timeout(_BODY_S):
            return await reading
    except TimeoutError:
        raise Rejected("slow", status=408) from None


def _here(request: web.Request) -> bytes:
    """The body of a request that has arrived whole, as most have: no timer, no waiting."""
    body = request.content.read_nowait()
    if len(body) > MAX_BODY:
        raise Rejected("too large", status=413)
    return body


async def _body(request: web.Request) -> bytes:
    """At most 256 KB, cut off before more is read; aiohttp's own limit answers with words of its own."""
    if (request.content_length or 0) > MAX_BODY:
        raise Rejected("too large", status=413)
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MAX_BODY:
            raise Rejected("too large", status=413)
    return bytes(body)
