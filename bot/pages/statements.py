"""休假对账单: a year of somebody's leave on a page and on paper, and the page that says whether a paper is right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.pages import attachments, printed, visit
from bot.pages.visit import Front, Visit
from cards import leave_statement as words
from handlers import errors
from handlers.leave import watching
from handlers.leave.reports import statement, statements
from handlers.leave.reports.statement import Statement
from handlers.leave.reports.statements import Checked
from handlers.people import directory
from handlers.people.directory import Person
from handlers.team.scope import PERSONNEL
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`on` and `known_at` None: as usual."""

    year: int
    on: date | None
    known_at: datetime | None
    person: str

    def query(self) -> str:
        """The same question as an address has it."""
        values: dict[str, Any] = {"year": self.year}
        values |= {"on": self.on.isoformat()} if self.on else {}
        values |= {"known_at": self.known_at.isoformat(timespec="minutes")[:16]} if self.known_at else {}
        return urlencode(values | ({"person": self.person} if self.person else {}))


class Statements:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/leave/statement", page(self.show)),
            web.post("/leave/statement", page(self.issue)),
            web.get("/leave/statement/{serial}.pdf", page(self.print)),
            web.get("/leave/check", page(self.find)),
            web.get("/leave/check/{serial}", page(self.check)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        asked = self._asked(request.query, seen)
        found, due = await self._front.database.read(partial(self._read, seen, asked))
        if due:
            await self._front.database.write(partial(self._looked, seen, found))
        data = {
            "shown": words.page(statement.view(found, office=self._front.office().name)),
            "asked": asked, "person": found.question.person, "own": found.question.person.id == seen.person.id,
            "years": range(self._today(seen).year + 1, max(found.question.year, self._today(seen).year) - 6, -1),
        }  # fmt: skip
        return visit.render(request, "statement.html", data, visit=seen)

    async def issue(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Gives out a numbered paper, which is a fact; then on to the paper, which any web view can fetch again."""
        asked = self._asked(await request.post(), seen)
        issued = await self._front.database.write(partial(self._issue, seen, asked))
        raise web.HTTPSeeOther(f"/office/leave/statement/{issued.serial}.pdf?{urlencode({'code': issued.code})}")

    async def print(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """A paper that was given out, made again from what it knew; one that no longer comes out the same is not."""
        serial, code = request.match_info["serial"], request.query.get("code", "")
        checked, by = await self._front.database.read(partial(self._again, seen, serial, code))
        if checked is None or not checked.genuine or not checked.agrees:
            raise web.HTTPSeeOther(f"/office/leave/check/{serial}?{urlencode({'code': code})}")
        question = checked.then.question
        content = words.paper(
            statement.view(checked.then, office=self._front.office().name),
            serial=serial,
            code=code,
            url=f"{self._front.base(request)}/office/leave/check/{serial}?{urlencode({'code': code})}",
            printed_by=by,
            printed=checked.issued,
        )
        try:
            data = await asyncio.to_thread(printed.statement, content)
        except printed.NoFont:
            raise errors.BadRequest("no_font") from None
        name = f"{question.person.name}{question.year}年休假对账单.pdf"
        return web.Response(body=data, headers=attachments.headers(name, "application/pdf"))

    async def find(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Number and code typed by hand."""
        serial, code = (request.query.get(name, "").strip().upper() for name in ("serial", "code"))
        if serial and code:
            where = f"/office/leave/check/{quote(serial[:40], safe='')}"
            raise web.HTTPSeeOther(f"{where}?{urlencode({'code': code[:40]})}")
        return visit.render(request, "statement_check.html", {"checked": None, "serial": serial}, visit=seen)

    async def check(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        serial = request.match_info["serial"].upper()
        code = request.query.get("code", "")
        checked = await self._front.database.read(partial(self._check, seen, serial, code))
        data: dict[str, Any] = {"serial": serial, "checked": None, "unknown": words.unknown_paper()}
        if checked is None:
            return visit.render(request, "statement_check.html", data, visit=seen, status=404)
        data |= self._verdict(seen, checked)
        return visit.render(request, "statement_check.html", data, visit=seen)

    def _verdict(self, seen: Visit, checked: Checked) -> dict[str, Any]:
        question = checked.then.question
        titles = {code: kind.title for code, kind in question.policy.kinds.items()}
        tone, head, advice = words.verdict(
            genuine=checked.genuine, agrees=checked.agrees, changed=bool(checked.since) or checked.later
        )
        # Whoever holds a genuine paper may learn that it is one; what else it says is for the usual readers.
        open_to = question.person.id == seen.person.id or PERSONNEL in seen.roles
        office = self._front.office().name
        return {
            "checked": checked, "tone": tone, "head": head, "advice": advice, "open_to": open_to,
            "then": words.page(statement.view(checked.then, office=office)),
            "now": words.page(statement.view(checked.now, office=office)),
            "wrong": [words.change(one) for one in statement.changes(checked.wrong, titles)],
            "since": [words.change(one) for one in statement.changes(checked.since, titles)],
        }  # fmt: skip

    async def _issue(self, seen: Visit, asked: Asked, tx: Transaction) -> statements.Issued:
        ctx = self._front.context(tx, seen)
        person = await whose(tx, seen, asked.person)
        found = await statements.look(ctx, person, asked.year, on=asked.on, known_at=asked.known_at)
        return await statements.issue(ctx, found)

    async def _read(self, seen: Visit, asked: Asked, tx: Transaction) -> tuple[Statement, bool]:
        person = await whose(tx, seen, asked.person)
        ctx = self._front.context(tx, seen)
        found = await statements.look(ctx, person, asked.year, on=asked.on, known_at=asked.known_at)
        return found, await watching.is_due(tx, person.id, "statement", by=seen.person.id, now=seen.now)

    async def _looked(self, seen: Visit, found: Statement, tx: Transaction) -> None:
        question = found.question
        await watching.looked(self._front.context(tx, seen), question.person.id, "statement", detail=str(question.year))

    async def _again(
        self, seen: Visit, serial: str, code: str, tx: Transaction
    ) -> tuple[Checked | None, str]:
        """With the name of whoever asked for the paper first."""
        checked = await self._check(seen, serial, code, tx)
        if checked is None:
            return None, ""
        await whose(tx, seen, checked.then.question.person.id)
        by = await directory.load(tx, checked.by)
        return checked, by.name if by else ""

    async def _check(self, seen: Visit, serial: str, code: str, tx: Transaction) -> Checked | None:
        return await statements.check(self._front.context(tx, seen), serial, code)

    def _today(self, seen: Visit) -> date:
        return seen.now.astimezone(self._front.office().timezone).date()

    def _asked(self, sent: Any, seen: Visit) -> Asked:
        """What the address or the form asks for. Raises BadRequest(no_such_year) for what is no day and no time."""
        year, on, known = (str(sent.get(name, "")).strip() for name in ("year", "on", "known_at"))
        try:
            day = date.fromisoformat(on) if on else None
            zone = self._front.office().timezone
            moment = datetime.fromisoformat(known) if known else None
            if moment is not None and moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone, second=59) if len(known) <= len("2026-05-01T09:30") else moment
                moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            number = int(year) if year else (day or self._today(seen)).year
        except (ValueError, OverflowError):
            raise errors.BadRequest("no_such_year") from None
        if moment is not None and moment > seen.now:
            moment = None
        return Asked(year=number, on=day, known_at=moment, person=str(sent.get("person", "")).strip())


async def whose(tx: Transaction, seen: Visit, person: str) -> Person:
    """The reader, or for personnel anybody. Raises NotAllowed(leave_hidden), NotFound."""
    if person in ("", seen.person.id):
        return seen.person
    if PERSONNEL not in seen.roles:
        raise errors.NotAllowed(code="leave_hidden", by=seen.person.id)
    found = await directory.load(tx, person)
    if found is None:
        raise errors.NotFound(code="no_page", person=person)
    return found
