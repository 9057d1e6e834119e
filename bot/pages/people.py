"""Whom a picker offers: active people by any part of their name, department or post, or by their staff number.

The answer has a dozen at the most, however large the office: nobody's browser gets the whole staff.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from handlers.people import lookup

_MOST: Final = 12
_LONGEST: Final = 60


class People:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/people", self._front.page(self.search))]

    async def search(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        query = request.query.get("q", "").strip()[:_LONGEST].replace("\0", "")
        asked = partial(lookup.search, query=query, near=seen.person.department, limit=_MOST + 1)
        found = await self._front.database.read(lambda tx: asked(tx))
        data = {"found": found[:_MOST], "more": len(found) > _MOST, "query": query}
        return visit.render(request, "people.html", data, visit=seen)
