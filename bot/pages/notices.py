"""A notice for those who got it: its words, its files, their answer; for its sender the figures and the roster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from bot import roster_book
from bot.pages import attachments, visit
from bot.pages.attachments import Cabinet
from bot.pages.leave_sheets import KIND
from bot.pages.visit import Front, Visit
from cards.notice import CountsView, NoticeView
from handlers import errors
from handlers.approval import access
from handlers.approval import store as items
from handlers.approval.meetings import notice_files
from handlers.notice import answering, rules, stand_ins, store, views
from handlers.notice.rules import Notice, Receipt, Reply
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the reader is shown; `receipt` None for somebody who sends it, checks, or goes in the place of `instead_of`
    (a name)."""

    notice: Notice
    view: NoticeView
    receipt: Receipt | None = None
    instead_of: str = ""
    counts: CountsView | None = None
    lines: tuple[roster_book.Line, ...] = ()
    files: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list of what the reader got."""

    notice: Notice
    view: NoticeView
    answered: bool


class Notices:
    """`routes` once."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._cabinet = cabinet

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/notices", page(self.all)),
            web.get("/notices/{notice}", page(self.show)),
            web.post("/notices/{notice}", page(self.answer)),
            web.get("/notices/{notice}/roster.xlsx", page(self.roster)),
            web.get("/notices/{notice}/files/{file}", page(self.file)),
        ]

    async def all(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """The way back to a notice where no words reach us and its link is too old: to be answered, or read again."""
        received, sent = await self._front.database.read(partial(self._listed, seen))
        return visit.render(request, "notices.html", {"received": received, "sent": sent}, visit=seen)

    async def _listed(self, seen: Visit, tx: Transaction) -> tuple[list[Row], list[Notice]]:
        ctx = self._front.context(tx, seen)
        received = [
            Row(
                notice=notice,
                view=await views.receipt_view(ctx, notice, receipt),
                answered=rules.answered(notice, receipt),
            )
            for notice, receipt in await store.for_person(tx, seen.person.id, limit=_LISTED)
        ]
        return received, await store.of_sender(tx, seen.person.id, limit=_LISTED)

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Opening it is what “read” means: recorded for a recipient, once."""
        notice = request.match_info["notice"]
        shown = await self._front.database.read(partial(self._shown, seen, notice))
        if shown.receipt is not None and shown.receipt.seen is None and views.is_open(shown.notice):
            shown = await self._front.database.write(partial(self._opened, seen, notice))
            self._front.wake()
        data = {"shown": shown, "done": request.query.get("done", ""), "replies": Reply, "cells": roster_book.cells}
        return visit.render(request, "notice.html", data, visit=seen)

    async def answer(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """The same `answering.answer` as a tap."""
        notice, sent = request.match_info["notice"], await request.post()
        kind = _kind(str(sent.get("reply", "")))
        fields = {name: str(value).strip() for name, value in sent.items() if name.startswith("d.")}
        detail = {name.removeprefix("d."): value for name, value in fields.items() if value}
        wanted = {name: value for name, value in detail.items() if name in _WITH[kind] or name.isdigit()}

        async def unit(tx: Transaction) -> None:
            await answering.answer(self._front.context(tx, seen), seen.person, notice, kind, wanted)

        await self._front.database.write(unit)
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/notices/{notice}?done=1")

    async def roster(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        shown = await self._front.database.read(partial(self._shown, seen, request.match_info["notice"]))
        if shown.counts is None:
            raise errors.NotAllowed(code="hidden", by=seen.person.id, item=shown.notice.id)
        make = partial(roster_book.write, office=self._front.office().name, made=seen.now)
        data = await asyncio.to_thread(make, shown.notice, shown.lines)

        async def unit(tx: Transaction) -> None:
            await roster_book.exported(self._front.context(tx, seen), shown.notice, shown.lines, data)

        await self._front.database.write(unit)
        return web.Response(body=data, headers=attachments.headers(f"{shown.view.title}-回执.xlsx", KIND))

    async def file(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        shown = await self._front.database.read(partial(self._shown, seen, request.match_info["notice"]))
        found = next((one for one in shown.files if one["id"] == request.match_info["file"]), None)
        if found is None:
            raise errors.NotFound(code="file_gone", item=shown.notice.id)
        try:
            path = self._cabinet.path(found["id"])
        except FileNotFoundError:
            raise errors.NotFound(code="file_gone", item=shown.notice.id) from None
        if not await self._cabinet.sound(found["id"]):
            raise errors.NotFound(code="file_altered", item=shown.notice.id)
        return web.FileResponse(path, headers=attachments.headers(str(found["name"]), str(found["type"])))

    async def _opened(self, seen: Visit, notice_id: str, tx: Transaction) -> Shown:
        await answering.seen(self._front.context(tx, seen), seen.person, notice_id)
        return await self._shown(seen, notice_id, tx)

    async def _shown(self, seen: Visit, notice_id: str, tx: Transaction) -> Shown:
        """Raises NotFound; NotAllowed(hidden) for whoever has nothing to do with it.

        Who did not send it but answers for the records sees who has answered, not what they wrote.
        """
        ctx = self._front.context(tx, seen)
        notice = await store.load(tx, notice_id)
        if notice is None:
            raise errors.NotFound(item=notice_id)
        receipt = await store.receipt_of(tx, notice.id, seen.person.id)
        sends = notice.sender == seen.person.id or bool(seen.roles & access.LOG_READERS)
        instead_of = "" if receipt else await stand_ins.for_whom(ctx, notice.id, seen.person.id)
        if receipt is None and not sends and not instead_of:
            raise errors.NotAllowed(code="hidden", by=seen.person.id, item=notice.id)
        if receipt is not None and notice.state is rules.State.SCHEDULED and not sends:
            raise errors.NotFound(item=notice_id)
        view = await views.receipt_view(ctx, notice, receipt or Receipt(person=seen.person.id))
        item = await items.load(tx, notice.id)
        return Shown(
            notice=notice,
            view=view,
            receipt=receipt,
            instead_of=instead_of,
            counts=await views.counts_view(ctx, notice) if sends else None,
            lines=tuple(await roster_book.lines(ctx, notice, whole=notice.sender == seen.person.id)) if sends else (),
            files=await notice_files.of(ctx, item) if item else (),
        )


_LISTED = 50
_WITH: Mapping[Reply, frozenset[str]] = {
    Reply.ACK: frozenset(),
    Reply.ATTEND: frozenset(),
    Reply.SUBSTITUTE: frozenset({"name", "post", "phone"}),
    Reply.DECLINE: frozenset({"reason"}),
    Reply.ANSWERED: frozenset(),
}


def _kind(text: str) -> Reply:
    try:
        kind = Reply(text)
    except ValueError:
        raise errors.BadRequest("notice_detail") from None
    if kind is Reply.NONE:
        raise errors.BadRequest("notice_detail")
    return kind
