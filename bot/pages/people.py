"""Whom a picker offers: active people whose name, department, post or staff number has what was typed."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from handlers.people import directory
from handlers.people.directory import Person

_MOST = 12


class People:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/people", self._front.page(self.search))]

    async def search(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        query = request.query.get("q", "").strip()
        everybody = await self._front.database.read(directory.everybody)
        found = matching(everybody, query)[:_MOST]
        return visit.render(request, "people.html", {"found": found, "query": query}, visit=seen)


def matching(people: Iterable[Person], query: str) -> list[Person]:
    """Those whose name begins with it first; everybody for an empty query."""
    found = [one for one in people if query in f"{one.name} {one.department} {one.post}" or query == one.staff_no]
    return sorted(found, key=lambda one: not one.name.startswith(query))
