"""“我的假期” on a page: the year as a drawing, every figure with the way to its explanation, and what happened."""

from __future__ import annotations

from datetime import date
from functools import partial

from aiohttp import web

from bot.pages import leave_chart, visit
from bot.pages.statements import whose
from bot.pages.visit import Front, Visit
from cards import leave_statement as words
from handlers import errors
from handlers.leave import watching
from handlers.leave.book.ledger import Balance
from handlers.leave.law.rules import ANNUAL
from handlers.leave.reports import statement, statements
from handlers.leave.reports.statement import Statement
from handlers.transaction import Transaction


class Leave:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/leave", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Own; with `person` anybody's for personnel. Only looks: what is due is reckoned and not written."""
        today = seen.now.astimezone(self._front.office().timezone).date()
        year, person = _year(request.query.get("year", ""), today), request.query.get("person", "")
        found, due = await self._front.database.read(partial(self._read, seen, person, year))
        if due:
            await self._front.database.write(partial(self._looked, seen, found))
        whole = words.page(statement.view(found, office=self._front.office().name))
        data = {
            "shown": whole, "chart": leave_chart.chart(found, today=today), "annual": _annual(found), "year": year,
            "person": found.question.person, "own": found.question.person.id == seen.person.id,
            "years": range(today.year + 1, min(year, today.year - 5) - 1, -1), "missing": found.explained.missing,
            "on": found.question.on,
        }  # fmt: skip
        return visit.render(request, "leave.html", data, visit=seen)

    async def _read(self, seen: Visit, person: str, year: int, tx: Transaction) -> tuple[Statement, bool]:
        who = await whose(tx, seen, person)
        found = await statements.look(self._front.context(tx, seen), who, year)
        return found, await watching.is_due(tx, who.id, "balance", by=seen.person.id, now=seen.now)

    async def _looked(self, seen: Visit, found: Statement, tx: Transaction) -> None:
        await watching.looked(self._front.context(tx, seen), found.question.person.id, "balance")


def _annual(found: Statement) -> Balance:
    """What is left of the year's annual leave, with what was carried into it."""
    return sum((balance for lot, balance in found.lots if lot.kind == ANNUAL), Balance())


def _year(text: str, today: date) -> int:
    try:
        return int(text) if text else today.year
    except ValueError:
        raise errors.BadRequest("no_such_year") from None
