"""`/ics/{token}.ics`: a calendar for calendar programs. The token is the whole sign-in; a revoked one is 404."""

from __future__ import annotations

from aiohttp import web

from bot.pages.visit import Front
from cards import calendar as calendar_cards
from handlers.calendar import feeds, ics

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Ics:
    """`routes` once, at the root of the service: the address stands in people's phones for years."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/ics/{token:[A-Za-z0-9_-]{20,128}}.ics", self.read)]

    async def read(self, request: web.Request) -> web.StreamResponse:
        token, now = request.match_info["token"], self._front.clock.now()
        found = await self._front.database.read(lambda tx: feeds.read(tx, token, now=now))
        if found is None:
            raise web.HTTPNotFound(headers=_HEADERS)
        person, entries = found
        zone = self._front.office().timezone
        body = ics.written(calendar_cards.feed_name(person.name), entries, zone=zone, now=now)
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=_HEADERS)
