"""The workbench: what waits for the reader (待办), what they decided (已办), what they asked for (我的流程)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards import approval as approval_cards
from handlers.approval import store, views
from handlers.transaction import Transaction

LISTS = ("waiting", "decided", "mine")
_PAGE = 50


class Workbench:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        chosen = request.query.get("list", "waiting")
        chosen = chosen if chosen in LISTS else "waiting"
        rows, waiting = await self._front.database.read(partial(self._rows, seen, chosen))
        data = {"list": chosen, "rows": rows, "waiting": waiting, "now": seen.now}
        return visit.render(request, "workbench.html", data, visit=seen)

    async def _rows(
        self, seen: Visit, chosen: str, tx: Transaction
    ) -> tuple[Sequence[tuple[str, approval_cards.ItemView]], int]:
        """(item id, view) of each, and how many wait in all."""
        ctx = self._front.context(tx, seen)
        items = await _LISTS[chosen](tx, seen.person.id, limit=_PAGE)
        kind = views.MINE if chosen == "mine" else views.INFORMED
        rows = [(item.id, await views.item_view(ctx, item, reader=seen.person.id, kind=kind)) for item in items]
        return rows, await store.count_waiting(tx, seen.person.id)


_LISTS = {"waiting": store.waiting, "decided": store.decided_by, "mine": store.of_applicant}
