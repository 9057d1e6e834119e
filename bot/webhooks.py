"""The HTTP edge: a delivery comes in, is believed or not, is stored durably, and only then answered.

Refusals have an empty body: the reason goes to the log and a counter, an outsider learns nothing but the status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from bot.database.open import OpenDatabase
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from cards.model import Card
from connectors.clock import Clock
from connectors.contract import Challenge, Connector, Delivery, Door, HttpAnswer
from connectors.errors import Rejected
from handlers.errors import DatabaseBusy
from handlers.mailroom import outbox

log = structlog.get_logger(__name__)

MAX_BODY = 256 * 1024
_SLOW_S = 5.0


class Webhooks:
    """The doors of all accounts, and the three addresses for those who watch the service."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        dispatcher: Dispatcher,
        database: OpenDatabase,
        clock: Clock,
        metrics: Metrics,
        *,
        schema_ok: Callable[[], Awaitable[bool]],
    ) -> None:
        self._connectors = connectors
        self._dispatcher = dispatcher
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._schema_ok = schema_ok

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
        try:
            delivery = await self._delivery(request, account, name)
            answer = await self._answered(door, delivery)
        except Rejected as error:
            return self._refuse(account, name, error)
        except DatabaseBusy as error:
            log.error("delivery.not_stored", account=account, door=name, reason=error.reason)
            self._metrics.deliveries.labels(account, name, "busy").inc()
            return web.Response(status=503)
        except Exception:  # the HTTP edge: a mistake of ours is no success, and tells an outsider nothing
            log.exception("delivery.broken", account=account, door=name)
            self._metrics.deliveries.labels(account, name, "broken").inc()
            return web.Response(status=500)
        self._metrics.deliveries.labels(account, name, "answered").inc()
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type})

    async def healthz(self, request: web.Request) -> web.Response:
        """Alive: the loop turns."""
        return web.Response(text="ok")

    async def readyz(self, request: web.Request) -> web.Response:
        """A write would be durable and the tables are right; says in a word what is not."""
        reason = await self._unready()
        return web.Response(text=reason or "ok", status=503 if reason else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        await self._count_letters()
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _delivery(self, request: web.Request, account: str, door: str) -> Delivery:
        return Delivery(
            account=account,
            door=door,
            method=request.method,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await _body(request),
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

    async def _unready(self) -> str:
        try:
            async with asyncio.timeout(_SLOW_S):
                if not await self._database.healthy():
                    return "database"
                return "" if await self._schema_ok() else "schema"
        except TimeoutError:
            return "database slow"

    async def _count_letters(self) -> None:
        try:
            counts = await self._database.read(outbox.counts)
        except DatabaseBusy:
            return
        for state in ("waiting", "dead"):
            self._metrics.waiting.labels(state).set(counts.get(state, 0))


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
