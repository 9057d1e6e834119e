"""Subscription addresses: made here, because an address that has stood in a chat is known to too many; shown once."""

from __future__ import annotations

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from handlers.calendar import entry_store, feeds
from handlers.transaction import Transaction


class Feeds:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/calendar/feeds", page(self.show)),
            web.post("/calendar/feeds", page(self.make)),
            web.post("/calendar/feeds/{feed:[0-9]{1,12}}/revoke", page(self.revoke)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        return await self._page(request, seen)

    async def make(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        token = await self._front.database.write(lambda tx: feeds.make(self._front.context(tx, seen), seen.person.id))
        return await self._page(request, seen, address=f"{self._front.base(request)}/ics/{token}.ics")

    async def revoke(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        feed = int(request.match_info["feed"])
        await self._front.database.write(
            lambda tx: feeds.revoke(self._front.context(tx, seen), seen.person.id, feed)
        )
        raise web.HTTPSeeOther("/office/calendar/feeds")

    async def _page(self, request: web.Request, seen: Visit, *, address: str = "") -> web.StreamResponse:
        async def active(tx: Transaction) -> object:
            return await entry_store.feeds(tx, seen.person.id)

        data = {"feeds": await self._front.database.read(active), "address": address, "most": feeds.MOST}
        return visit.render(request, "feeds.html", data, visit=seen)
