"""A changed form against the one before it, on last year's items: the list behind the card, for administrators."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.visit import Front, Visit
from cards import releases as release_cards
from handlers import errors
from handlers.approval import facts
from handlers.approval.language import form_diff, form_model, releases, surroundings
from handlers.audit import log


class Releases:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/releases/{pair}", self._front.page(self.show))]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        if releases.ADMINISTRATORS not in seen.roles:
            raise errors.NotAllowed(code="hidden")
        read = self._front.database.read
        before, after = await read(partial(releases.pair_of, pair=request.match_info["pair"]))
        if before is None or after is None or before.code != after.code:
            raise errors.NotFound(code="no_page")
        office = self._front.office()
        items, people = await read(partial(releases.year, after=after, now=seen.now, zone=office.timezone))
        report = await asyncio.to_thread(
            releases.compared, items, before, after, people, work=surroundings.work(office)
        )
        fact = facts.FormCompared(
            form=after.code, before=form_model.version(before), after=form_model.version(after),
            items=report.looked_at, person=seen.person.id,
        )  # fmt: skip
        await self._front.database.write(partial(log.record, fact=fact, origin=seen.origin(), now=seen.now))
        changes = [release_cards.change(one.part, one.what, one.title) for one in form_diff.changes(before, after)]
        rows = releases.report_words(report, people)
        data = {"title": after.title, "changes": changes, "report": report, "rows": rows}
        return visit.render(request, "release.html", data, visit=seen)
