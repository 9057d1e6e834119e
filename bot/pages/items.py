"""One item for those who may see it: what it says, where it is, who did what, and the acts that the reader may use now.

Acts come in as a form and go the way of every tap: `act.perform` in one transaction, one `authorise`, every copy on
every phone follows. A refusal is recorded and the page shows the present state with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web
from multidict import MultiDictProxy

from bot.pages import attachments, filling, printed, printing, reading, visit
from bot.pages.attachments import Cabinet, Kept
from bot.pages.filling import Unsealed
from bot.pages.reading import Shown
from bot.pages.uploads import Uploads
from bot.pages.visit import Front, Visit
from cards import desk
from handlers import errors
from handlers.approval import access, act, editing, engine, faces, facts, store, submitting, watching
from handlers.approval.engine import Verb
from handlers.approval.language import book, fill
from handlers.approval.language.form_model import Field, Form, Type
from handlers.approval.leaves import leave_form
from handlers.approval.papers import slips as slip_papers
from handlers.approval.papers.slips import Paper
from handlers.approval.standins import proxy_store
from handlers.approval.talk import asking
from handlers.audit import log as journal
from handlers.context import Context
from handlers.transaction import Transaction

MAIN = (Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.HAND_BACK, Verb.REJECT, Verb.COMMENT)
"""Share one field for words; the others have a form of their own."""

Typed = Callable[[Shown, Transaction], Awaitable[Shown]]
"""The page again with what was typed."""
LATER: Final = Field(title="附件", type=Type.ATTACHMENT)
_NO_PICTURE: Final = Path(__file__).parent / "static" / "picture.svg"

log = structlog.get_logger(__name__)


class Items:
    """`routes` once."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._cabinet = cabinet
        self._uploads = Uploads(front, cabinet)

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/items/{item}", page(self.show)),
            web.get("/items/{item}/news", page(self.news)),
            web.post("/items/{item}/acts", page(self.act)),
            web.post("/items/{item}/files", page(self.upload)),
            web.get("/items/{item}/files/{file}", page(self.file)),
            web.get("/items/{item}/files/{file}/small", page(self.small)),
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
        """A file of the item, for those who may see the item; never run by the browser as one of our pages.

        What was altered on the disk is not handed out as what somebody once handed in.
        """
        shown = await self.load(seen, request.match_info["item"])
        found = _file_of(shown, request.match_info["file"])
        try:
            path = self._cabinet.path(found["id"])
            sound = await self._cabinet.sound(found["id"])
        except FileNotFoundError:
            raise errors.NotFound(code="file_gone", item=shown.item.id) from None
        if not sound:
            log.error("file.altered", item=shown.item.id, file=found["id"])
            raise errors.NotFound(code="file_altered", item=shown.item.id)
        return web.FileResponse(path, headers=attachments.headers(str(found["name"]), str(found["type"])))

    async def small(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """A picture as it stands on the page; a sign for a picture that browsers cannot show."""
        shown = await self.load(seen, request.match_info["item"])
        found = _file_of(shown, request.match_info["file"])
        try:
            path = self._cabinet.small(found["id"])
        except FileNotFoundError:
            return web.FileResponse(_NO_PICTURE)
        cached = {"Cache-Control": "private, max-age=3600"}
        return web.FileResponse(path, headers=attachments.headers(str(found["name"]), "image/jpeg") | cached)

    async def upload(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """A file for the evidence of a step, or (no `field`) one that is handed in later."""
        item, field = request.match_info["item"], request.query.get("field", "")
        shown = await self.load(seen, item)

        async def unit(tx: Transaction) -> Form:
            return await book.of_item(self._front.context(tx, seen), shown.item)

        if not field and Verb.ATTACH in shown.verbs:
            return await self._uploads.take(request, seen, LATER, "file")
        if not field or shown.item.form == leave_form.CODE or not {Verb.CONFIRM, Verb.AMEND} & {*shown.verbs}:
            raise errors.NotAllowed(item=item, verb="upload")
        form = await self._front.database.read(unit)
        if field.startswith(filling.EDIT):
            return await self._uploads.take(request, seen, form.fields.get(field.removeprefix(filling.EDIT)), field)
        return await self._uploads.take(request, seen, form.fields.get(field), f"proof.{field}")

    async def slip(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """The paper, made in a thread."""
        shown = await self.load(seen, request.match_info["item"])

        async def unit(tx: Transaction) -> tuple[printing.Matter, Paper]:
            ctx = self._front.context(tx, seen)
            await watching.printed(ctx, shown.item, seen.person.id)
            matter = printing.matter(ctx, shown, printed_by=seen.person.name)
            content = printing.slip(matter).content()
            return matter, await slip_papers.issue(ctx, shown.item, seen.person.id, content)

        matter, numbered = await self._front.database.write(unit)
        head = await self._front.head()  # signed after the paper's own fact, so that it stands under it
        matter = printing.numbered(matter, numbered, head, base=self._front.office().public_url)
        try:
            data = await asyncio.to_thread(printed.slip, printing.slip(matter))
        except printed.NoFont:
            raise errors.BadRequest("no_font") from None
        name = f"{shown.view.form}{shown.view.number}.pdf"
        return web.Response(body=data, headers=attachments.headers(name, "application/pdf"))

    async def act(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        item = request.match_info["item"]
        unsealed = partial(attachments.noted, person=seen.person.id, key=self._front.key)
        sent = await request.post()
        wanted = _wanted(sent, unsealed)

        async def unit(tx: Transaction) -> None:
            ctx = self._front.context(tx, seen)
            asked = wanted
            if wanted.verb is Verb.AMEND:
                asked = replace(wanted, values=await _amended(ctx, item, sent, unsealed, by=seen.person.id))
            await act.perform(ctx, item, asked, by=seen.person)

        try:
            await self._front.database.write(unit)
        except errors.ReasonMissing as missing:
            return await self._page(request, seen, notice=desk.refusal(missing.code, missing.circumstances), status=422)
        except errors.RuleError as refused:
            typed = partial(self._typed, seen, item, sent, unsealed, refused) if wanted.verb is Verb.AMEND else None
            return await self._refused(request, seen, wanted, refused, typed=typed)
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/items/{item}?done={wanted.verb.value}")

    async def _typed(
        self,
        seen: Visit,
        item_id: str,
        sent: MultiDictProxy[Any],
        unsealed: Unsealed,
        refused: errors.RuleError,
        shown: Shown,
        tx: Transaction,
    ) -> Shown:
        """The page of a change that was refused: with what was typed, and what is wrong beside its field."""
        ctx = self._front.context(tx, seen)
        form = await book.of_item(ctx, shown.item)
        codes = [cell.code.removeprefix(filling.EDIT) for cell in shown.edit]
        values = {**shown.item.fields, **fill.normalise(form, filling.edited(form, codes, sent, unsealed))}
        found = refused.circumstances.get("problems", ())
        problems = [(one, asking.problem_words(form, one)) for one in found] if isinstance(found, tuple) else []
        known = await submitting.known(ctx, form, seen.person, values)
        names = await faces.names_in(tx, form, values)
        cells = filling.edits(form, codes, values, known=known, problems=problems)
        return replace(shown, edit=cells, names={**shown.names, **names})

    async def load(self, seen: Visit, item: str) -> Shown:
        """Raises NotFound; for somebody without the right NotAllowed, and that is recorded.

        So is who looked. What cannot be written down is not shown: DatabaseBusy.
        """
        try:
            shown, noted = await self._front.database.read(partial(self._read, seen, item))
        except errors.NotAllowed:
            await self._front.database.write(partial(self._record, seen, item, "read", "hidden"))
            raise
        if not noted:
            await self._front.database.write(
                lambda tx: watching.looked(self._front.context(tx, seen), shown.item, seen.person.id)
            )
        return shown

    async def _page(
        self,
        request: web.Request,
        seen: Visit,
        *,
        done: str = "",
        notice: str = "",
        status: int = 200,
        tried: str = "",
        opinion: str = "",
        typed: Typed | None = None,
    ) -> web.StreamResponse:
        shown = await self.load(seen, request.match_info["item"])
        if typed is not None and shown.edit:
            shown = await self._front.database.read(partial(typed, shown))
        data = {
            "shown": shown, "done": done, "notice": notice, "main": MAIN, "later": LATER, "quick": shown.quick,
            "tried": tried, "opinion": opinion, "note_of": self._note_of(seen),
        }  # fmt: skip
        return visit.render(request, "item.html", data, visit=seen, status=status)

    def _note_of(self, seen: Visit) -> Callable[[Mapping[str, Any]], str]:
        """A file that is there already, as the page carries it back."""

        def note_of(file: Mapping[str, Any]) -> str:
            kept = Kept(id=file["id"], name=file["name"], size=file["size"], type=file["type"])
            return attachments.note(kept, person=seen.person.id, key=self._front.key)

        return note_of

    async def _refused(
        self,
        request: web.Request,
        seen: Visit,
        wanted: engine.Act,
        refused: errors.RuleError,
        *,
        typed: Typed | None = None,
    ) -> web.StreamResponse:
        item = request.match_info["item"]
        await self._front.database.write(partial(self._record, seen, item, wanted.verb.value, refused.code))
        status = visit.status(refused)
        notice = desk.refusal(refused.code, refused.circumstances)
        return await self._page(
            request, seen, notice=notice, status=status, tried=wanted.verb.value, opinion=wanted.opinion, typed=typed
        )

    async def _record(self, seen: Visit, item: str, what: str, why: str, tx: Transaction) -> None:
        fact = facts.ActRefused(item=item, person=seen.person.id, act=what, why=why)
        await journal.record(tx, fact, origin=seen.origin(), now=seen.now)

    async def _read(self, seen: Visit, item_id: str, tx: Transaction) -> tuple[Shown, bool]:
        """The item, and whether this look needs no note any more."""
        item = await store.load(tx, item_id)
        if item is None:
            raise errors.NotFound(item=item_id)
        principals = await proxy_store.principals(tx, seen.person.id, form=item.form, at=seen.now)
        if not await access.may_read(
            tx, item, person=seen.person.id, roles=seen.roles, principals=principals
        ):
            raise errors.NotAllowed(code="hidden", item=item_id)
        shown = await reading.read(self._front.context(tx, seen), item, seen.person, principals=principals)
        due = await watching.is_due(tx, item, seen.person.id, facts.RecordRead.KIND, now=seen.now)
        return shown, not due


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
            | {key: ",".join(ids) for key, ids in _uploaded(form, unsealed).items()},
            files=tuple(_notes(form, "file", unsealed)),
            chosen=_chosen(form),
        )
    except ValueError:
        raise errors.BadRequest("bad_action") from None


async def _amended(
    ctx: Context, item_id: str, sent: MultiDictProxy[Any], unsealed: Unsealed, *, by: str
) -> dict[str, Any]:
    """The fields that are not as they were; the page sends all that may be changed."""
    item = await store.load(ctx.tx, item_id)
    if item is None:
        raise errors.NotFound(item=item_id)
    form = await book.of_item(ctx, item)
    principals = await proxy_store.principals(ctx.tx, by, form=item.form, at=ctx.now)
    codes = editing.editable(item, form, by=by, principals=principals)
    raw = filling.edited(form, codes, sent, unsealed)
    read = fill.normalise(form, raw)
    return {code: raw[code] for code in codes if read.get(code) != item.fields.get(code)}


def _chosen(form: MultiDictProxy[Any]) -> dict[int, tuple[str, ...]]:
    """Whom this decision names for later steps: `chosen.INDEX`."""
    names = {name for name in form if name.startswith("chosen.")}
    found = {int(name.removeprefix("chosen.")): _people(form, name) for name in sorted(names)}
    return {index: people for index, people in found.items() if people}


def _people(form: MultiDictProxy[Any], name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in form.getall(name, ()) if one)


def _uploaded(form: MultiDictProxy[Any], unsealed: Unsealed) -> dict[str, list[str]]:
    """The ids of the photos and files of a task, by its keys."""
    names = dict.fromkeys(name for name in form if name.startswith("proof."))
    found = {name.removeprefix("proof."): _notes(form, name, unsealed) for name in names}
    return {key: ids for key, ids in found.items() if ids}


def _notes(form: MultiDictProxy[Any], name: str, unsealed: Unsealed) -> list[str]:
    notes = [unsealed(text) for text in form.getall(name, ()) if isinstance(text, str)]
    return list(dict.fromkeys(str(note["id"]) for note in notes if note))


def _file_of(shown: Shown, digest: str) -> Mapping[str, Any]:
    """The record of a file that this reader may open. Raises NotFound."""
    found = next((one for one in shown.files() if one["id"] == digest), None)
    if found is None:
        raise errors.NotFound(code="file_gone", item=shown.item.id)
    return found


def _done(word: str) -> str:
    """The act that was just done here, "" for anything else that an address may say."""
    return word if word in {verb.value for verb in Verb} else ""


def _number(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text
