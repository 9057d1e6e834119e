"""Personnel's list of everybody's leave: balances, doubts, what waits and what is about to end; a page at a time."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from aiohttp import web

from bot.pages import visit
from bot.pages.leave_sheets import for_personnel
from bot.pages.visit import Front, Visit
from handlers.leave import watching
from handlers.leave.reports import overview
from handlers.leave.reports.overview import Listed, Wish
from handlers.transaction import Transaction


class LeavePeople:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/leave/people", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        for_personnel(seen)
        wish = _wish(request)
        listed, due = await self._front.database.read(partial(self._read, seen, wish))
        if due:
            await self._front.database.write(partial(self._looked, seen, wish))
        asked = {"q": wish.query, "department": wish.department, "only": wish.only}
        data = {"listed": listed, "wish": wish, "again": urlencode({key: one for key, one in asked.items() if one})}
        return visit.render(request, "leave_people.html", data, visit=seen)

    async def _read(self, seen: Visit, wish: Wish, tx: Transaction) -> tuple[Listed, bool]:
        listed = await overview.listed(self._front.context(tx, seen), wish)
        about = watching.team(wish.department)
        return listed, await watching.is_due(tx, about, "list", by=seen.person.id, now=seen.now)

    async def _looked(self, seen: Visit, wish: Wish, tx: Transaction) -> None:
        await watching.looked(self._front.context(tx, seen), watching.team(wish.department), "list")


def _wish(request: web.Request) -> Wish:
    query = request.query
    page, only = query.get("page", "1"), query.get("only", "")
    return Wish(
        query=query.get("q", "").strip()[:40],
        department=query.get("department", "").strip(),
        only=only if only in overview.ONLY else overview.ALL,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )
