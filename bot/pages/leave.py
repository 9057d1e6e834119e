"""“我的假期”: the card of the balance and the explanation of every number, as the chat gives them, on a page."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards.model import Message
from handlers.leave import handler as leave
from handlers.transaction import Transaction


class Leave:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/leave", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        balance = await self._front.database.write(partial(self._balance, seen))
        return visit.render(request, "leave.html", {"message": balance}, visit=seen)

    async def _balance(self, seen: Visit, tx: Transaction) -> Message:
        return await leave.balance(self._front.context(tx, seen), seen.person)
