"""One item for those who may see it: what it says, where it is, who did what, and the acts that the reader may use now.

Acts come in as a form and go the way of every tap: `act.perform` in one transaction, one `authorise`, every copy on
every phone follows. A refusal is recorded and the page shows the present state with the reason.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from bot.pages import attachments, printing, reading, slip, visit
from bot.pages.attachments import Cabinet
from bot.pages.filling import Unsealed
from bot.pages.reading import Shown
from bot.pages.visit import Front, Visit
from cards import approval as approval_cards
from cards import desk
from handlers import errors
from handlers.approval import access, act, engine, facts, proxy_store, store
from handlers.approval.engine import Verb
from handlers.audit import log as journal
from handlers.transaction import Transaction

MAIN = (Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.HAND_BACK, Verb.REJECT, Verb.COMMENT)
"""Share one field for words; the others have a form of their own."""


class Items:
    """`routes` once."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._cabinet = cabinet

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/items/{item}", page(self.show)),
            web.get("/items/{item}/news", page(self.news)),
            web.post("/items/{item}/acts", page(self.act)),
            web.get("/items/{item}/files/{file}", page(self.file)),
            web.get("/items/{item}/slip.pdf", page(self.slip)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        return await self._page(request, seen, done=_done(request.query.get("done", "")))

    async def news(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Nothing (204) as long as the page shows the present version; else the line that offers the new one."""
        shown = await self.load(seen, request.match_info["item"])
        if str(len(shown.item.request.decisions)) == request.query.get("acts"):
            return web.Response(status=204)
        return visit.render(request, "news.html", {"shown": shown}, visit=seen)

    async def file(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """A file of the item, for those who may see the item; never run by the browser as one of our pages."""
        shown = await self.load(seen, request.match_info["item"])
        digest = request.match_info["file"]
        found = next((one for one in reading.files(shown.item) if one["id"] == digest), None)
        if found is None and not any(digest in ids for one in shown.history for _, _, ids in one.proofs):
            raise errors.NotFound(code="file_gone", item=shown.item.id)
        try:
            path = self._cabinet.path(digest)
        except FileNotFoundError:
            raise errors.NotFound(code="file_gone", item=shown.item.id) from None
        name, kind = (found["name"], found["type"]) if found else (digest[:12], self._cabinet.kind(digest))
        return web.FileResponse(path, headers=attachments.headers(str(name), str(kind)))

    async def slip(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """The paper, made in a thread."""
        shown = await self.load(seen, request.match_info["item"])

        async def unit(tx: Transaction) -> printing.Matter:
            ctx = self._front.context(tx, seen)
            return await printing.matter(ctx, shown, printed_by=seen.person.name)

        matter = await self._front.database.read(unit)
        try:
            data = await asyncio.to_thread(slip.pdf, printing.slip(matter))
        except slip.NoFont:
            raise errors.BadRequest("no_font") from None
        name = f"{shown.view.form}{shown.view.number}.pdf"
        return web.Response(body=data, headers=attachments.headers(name, "application/pdf"))

    async def act(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        item = request.match_info["item"]
        unsealed = partial(attachments.noted, person=seen.person.id, key=self._front.key)
        wanted = _wanted(await request.post(), unsealed)

        async def unit(tx: Transaction) -> None:
            await act.perform(self._front.context(tx, seen), item, wanted, by=seen.person)

        try:
            await self._front.database.write(unit)
        except errors.ReasonMissing as missing:
            return await self._page(request, seen, notice=desk.refusal(missing.code, missing.circumstances), status=422)
        except errors.RuleError as refused:
            return await self._refused(request, seen, wanted, refused)
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/items/{item}?done={wanted.verb.value}")

    async def load(self, seen: Visit, item: str) -> Shown:
        """Raises NotFound; for somebody without the right NotAllowed, and that is recorded."""
        try:
            return await self._front.database.read(partial(self._read, seen, item))
        except errors.NotAllowed:
            await self._front.database.write(partial(self._record, seen, item, "read", "hidden"))
            raise

    async def _page(
        self, request: web.Request, seen: Visit, *, done: str = "", notice: str = "", status: int = 200
    ) -> web.StreamResponse:
        shown = await self.load(seen, request.match_info["item"])
        data = {"shown": shown, "done": done, "notice": notice, "main": MAIN, "quick": approval_cards.QUICK}
        return visit.render(request, "item.html", data, visit=seen, status=status)

    async def _refused(
        self, request: web.Request, seen: Visit, wanted: engine.Act, refused: errors.RuleError
    ) -> web.StreamResponse:
        item = request.match_info["item"]
        await self._front.database.write(partial(self._record, seen, item, wanted.verb.value, refused.code))
        status = visit.status(refused)
        return await self._page(request, seen, notice=desk.refusal(refused.code, refused.circumstances), status=status)

    async def _record(self, seen: Visit, item: str, what: str, why: str, tx: Transaction) -> None:
        fact = facts.ActRefused(item=item, person=seen.person.id, act=what, why=why)
        await journal.record(tx, fact, origin=seen.origin(), now=seen.now)

    async def _read(self, seen: Visit, item_id: str, tx: Transaction) -> Shown:
        item = await store.load(tx, item_id)
        if item is None:
            raise errors.NotFound(item=item_id)
        principals = await proxy_store.principals(tx, seen.person.id, form=item.form, at=seen.now)
        if not await access.may_read(
            tx, item, person=seen.person.id, roles=seen.roles, principals=principals
        ):
            raise errors.NotAllowed(code="hidden", item=item_id)
        return await reading.read(self._front.context(tx, seen), item, seen.person, principals=principals)


def _wanted(form: MultiDictProxy[Any], unsealed: Unsealed) -> engine.Act:
    """What the page's form asks for. Raises BadRequest for what no page of ours sends."""
    text = {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        return engine.Act(
            verb=Verb(text.get("verb", "")),
            opinion=text.get("opinion", ""),
            seen=int(text["version"]) if text.get("version") else None,
            to=_people(form, "to"),
            target=int(text["target"]) if text.get("target") else None,
            resume=text.get("resume") == "yes",
            side=engine.Side(text.get("side", engine.Side.BEFORE.value)),
            evidence={
                key.removeprefix("evidence."): _number(value)
                for key, value in text.items()
                if key.startswith("evidence.") and value
            }
            | _uploaded(form, unsealed),
            chosen=_chosen(form),
        )
    except ValueError:
        raise errors.BadRequest("bad_action") from None


def _chosen(form: MultiDictProxy[Any]) -> dict[int, tuple[str, ...]]:
    """Whom this decision names for later steps: `chosen.INDEX`."""
    names = {name for name in form if name.startswith("chosen.")}
    found = {int(name.removeprefix("chosen.")): _people(form, name) for name in sorted(names)}
    return {index: people for index, people in found.items() if people}


def _people(form: MultiDictProxy[Any], name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in form.getall(name, ()) if one)


def _uploaded(form: MultiDictProxy[Any], unsealed: Unsealed) -> dict[str, str | int]:
    """Photos and files of a task: the ids, with a comma between them."""
    found: dict[str, list[str]] = {}
    for name, text in form.items():
        note = unsealed(text) if name.startswith("proof.") and isinstance(text, str) else None
        if note:
            found.setdefault(name.removeprefix("proof."), []).append(note["id"])
    return {key: ",".join(ids) for key, ids in found.items()}


def _done(word: str) -> str:
    """The act that was just done here, "" for anything else that an address may say."""
    return word if word in {verb.value for verb in Verb} else ""


def _number(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text
