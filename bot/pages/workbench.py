"""The workbench: what waits for the reader (待办), what they decided (已办), what they asked for (我的流程).

    GET /office/?list=waiting&q=WORDS&page=2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards import approval as approval_cards
from handlers.approval import listing, store, views
from handlers.approval.language import book
from handlers.approval.listing import Which
from handlers.transaction import Transaction

LISTS: Final[tuple[Which, ...]] = ("waiting", "decided", "mine")
_PAGE: Final = 30
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page of a list. `rows` are (item id, view), `waiting` how many wait for the reader in all."""

    list: Which
    query: str
    page: int
    total: int
    rows: Sequence[tuple[str, approval_cards.ItemView]]
    waiting: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // _PAGE))

    def address(self, page: int) -> str:
        asked = {"list": self.list, **({"q": self.query} if self.query else {}), "page": page}
        return f"/office/?{urlencode(asked)}"


class Workbench:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        chosen: Which = next((one for one in LISTS if one == request.query.get("list")), "waiting")
        query = request.query.get("q", "").strip()[:_LONGEST].replace("\0", "")
        page = request.query.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1
        sheet = await self._front.database.read(partial(self._sheet, seen, chosen, query, max(1, number)))
        data = {"sheet": sheet, "list": chosen, "waiting": sheet.waiting, "now": seen.now}
        return visit.render(request, "workbench.html", data, visit=seen)

    async def _sheet(self, seen: Visit, chosen: Which, query: str, page: int, tx: Transaction) -> Sheet:
        ctx = self._front.context(tx, seen)
        forms = [*ctx.office.of(book.Forms).by_code.values()]
        asked = partial(listing.page, tx, chosen, seen.person.id, query=query, forms=forms, limit=_PAGE)
        found = await asked(offset=(page - 1) * _PAGE)
        if not found.items and found.total:  # the list has become shorter meanwhile
            page = -(-found.total // _PAGE)
            found = await asked(offset=(page - 1) * _PAGE)
        items = [item for one in found.items if (item := await store.load(tx, one))]
        kind = views.MINE if chosen == "mine" else views.INFORMED
        rows = [(item.id, await views.item_view(ctx, item, reader=seen.person.id, kind=kind)) for item in items]
        waiting = await store.count_waiting(tx, seen.person.id)
        return Sheet(list=chosen, query=query, page=page, total=found.total, rows=rows, waiting=waiting)
