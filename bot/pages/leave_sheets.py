"""Personnel's month and year sheets: what is in them at a glance, and the file; whoever takes one is written down."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web

from bot import leave_book
from bot.leave_book import Sheet, Wish
from bot.pages import attachments, visit
from bot.pages.visit import Front, Visit
from handlers import errors
from handlers.people import directory
from handlers.team.scope import PERSONNEL
from handlers.transaction import Transaction

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 100


class LeaveSheets:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [web.get("/leave/sheets", page(self.show)), web.get("/leave/sheets/file", page(self.file))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        for_personnel(seen)
        wish = self._wish(request, seen)
        today = seen.now.astimezone(self._front.office().timezone).date()
        departments = await self._front.database.read(_departments)
        sheet = await self._front.database.read(partial(self._read, seen, wish)) if "year" in request.query else None
        data = {
            "wish": wish, "sheet": sheet, "shown": sheet.lines[:_SHOWN] if sheet else (), "departments": departments,
            "total": sheet.total if sheet else None, "years": range(today.year + 1, today.year - 9, -1),
        }  # fmt: skip
        return visit.render(request, "leave_sheets.html", data, visit=seen)

    async def file(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Made in a thread; the fact is durable before the first byte goes out."""
        for_personnel(seen)
        sheet = await self._front.database.read(partial(self._read, seen, self._wish(request, seen)))
        data = await asyncio.to_thread(leave_book.write, sheet)
        await self._front.database.write(
            lambda tx: leave_book.exported(self._front.context(tx, seen), sheet, data)
        )
        return web.Response(body=data, headers=attachments.headers(f"{sheet.wish.title}.xlsx", KIND))

    async def _read(self, seen: Visit, wish: Wish, tx: Transaction) -> Sheet:
        return await leave_book.read(self._front.context(tx, seen), wish)

    def _wish(self, request: web.Request, seen: Visit) -> Wish:
        """This month unless another is asked for. Raises BadRequest(no_such_year)."""
        today = seen.now.astimezone(self._front.office().timezone).date()
        year, month = request.query.get("year", str(today.year)), request.query.get("month", "")
        if "year" not in request.query:
            month = str(today.month)
        period = f"{year}-{month.zfill(2)}" if month else year
        wish = leave_book.wished(period, department=request.query.get("department", "").strip())
        if wish is None:
            raise errors.BadRequest("no_such_year")
        return wish


def for_personnel(seen: Visit) -> None:
    """Raises NotAllowed(personnel_only)."""
    if PERSONNEL not in seen.roles:
        raise errors.NotAllowed(code="personnel_only", by=seen.person.id)


async def _departments(tx: Transaction) -> list[str]:
    return sorted({one.department for one in await directory.everybody(tx) if one.department})
