"""Filling in a form on a page, generated from its file.

    GET  /office/forms                    what can be asked for, and drafts begun
    GET  /office/forms/{code}             the form with the draft; ?item=ID mends an item that came back
    POST /office/forms/{code}/live        what is visible, computed and who decides, for what is typed; saves the draft
    POST /office/forms/{code}/files       one file or photo, kept at once; ?field=CODE, and &item=ID
    POST /office/forms/{code}             submits: `act.perform`, as from a chat
    POST /office/forms/{code}/drop        throws the draft away
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from aiohttp import web

from bot.pages import attachments, filling, visit
from bot.pages.attachments import Cabinet, Kept
from bot.pages.filling import Cell, Sent
from bot.pages.uploads import Uploads
from bot.pages.visit import Front, Visit
from cards import desk
from handlers import errors
from handlers.approval import act, effects, engine, faces, post, store, submitting, views
from handlers.approval.language import book, fill, surroundings
from handlers.approval.language.fill import FieldProblem
from handlers.approval.language.form_model import Form
from handlers.approval.papers import page_drafts
from handlers.approval.papers.page_drafts import PageDraft
from handlers.approval.talk import asking
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction

_KEY = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A form as its page shows it now. `notice` is a refusal that belongs to no single field; `warned` are rules
    across fields that do not hold as it stands."""

    form: Form
    draft: PageDraft
    item: str
    cells: Sequence[Cell]
    names: Mapping[str, str]
    route: Sequence[str]
    notice: str = ""
    problems: Sequence[tuple[FieldProblem, str]] = field(default_factory=tuple)
    warned: Sequence[tuple[FieldProblem, str]] = field(default_factory=tuple)

    def visible(self) -> str:
        return " ".join(cell.code for cell in self.cells if cell.visible)

    def computed(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.one.computed]


class Forms:
    """`routes` once."""

    def __init__(self, front: Front, cabinet: Cabinet) -> None:
        self._front = front
        self._uploads = Uploads(front, cabinet)

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/forms", page(self.index)),
            web.get("/forms/{code}", page(self.show)),
            web.post("/forms/{code}", page(self.submit)),
            web.post("/forms/{code}/live", page(self.live)),
            web.post("/forms/{code}/files", page(self.upload)),
            web.post("/forms/{code}/drop", page(self.drop)),
        ]

    async def index(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        forms = self._front.office().of(book.Forms).enabled()
        begun = await self._front.database.read(lambda tx: page_drafts.of_person(tx, seen.person.id))
        titles = {form.code: form.title for form in forms}
        drafts = [(code, titles[code], at) for code, at in begun if code in titles]
        groups: dict[str, list[Form]] = {}
        for form in forms:
            groups.setdefault(form.category or "其他", []).append(form)
        return visit.render(request, "forms.html", {"groups": groups, "drafts": drafts}, visit=seen)

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        code, item = request.match_info["code"], request.query.get("item", "")
        sheet = await self._front.database.write(partial(self._opened, seen, code, item))
        return self._rendered(request, seen, sheet)

    async def live(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        sent: Sent = await request.post()
        sheet = await self._front.database.write(partial(self._lived, seen, request.match_info["code"], sent))
        return visit.render(request, "form_live.html", {"sheet": sheet}, visit=seen)

    async def submit(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        sent: Sent = await request.post()
        code = request.match_info["code"]
        try:
            item = await self._front.database.write(partial(self._submitted, seen, code, sent))
        except errors.RuleError as refused:
            return await self._back(request, seen, sent, refused)
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/items/{item}?done=submit" if item else "/office/?list=mine")

    async def drop(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        sent: Sent = await request.post()
        gone = partial(
            page_drafts.take, person=seen.person.id, form=_key(request.match_info["code"], sent), once=_once(sent)
        )
        await self._front.database.write(lambda tx: gone(tx))
        raise web.HTTPSeeOther("/office/forms")

    async def upload(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        """Answers with the line of the file for the page, or with a line that says why not."""
        code, field, item = request.match_info["code"], request.query.get("field", ""), request.query.get("item", "")

        async def unit(tx: Transaction) -> Form:
            return (await self._source(self._front.context(tx, seen), seen, code, item))[0]

        form = await self._front.database.read(unit)
        return await self._uploads.take(request, seen, dict(form.inputs()).get(field), field)

    async def _opened(self, seen: Visit, code: str, item_id: str, tx: Transaction) -> Sheet:
        ctx = self._front.context(tx, seen)
        form, values = await self._source(ctx, seen, code, item_id)
        key = item_id or code
        draft = await page_drafts.load(tx, person=seen.person.id, form=key)
        if draft is None:
            values = fill.with_defaults(form, values)
            draft = await page_drafts.begin(tx, person=seen.person.id, form=key, values=values, now=seen.now)
        return await self._sheet(ctx, seen, form, draft, draft.values, item_id)

    async def _lived(self, seen: Visit, code: str, sent: Sent, tx: Transaction) -> Sheet:
        ctx = self._front.context(tx, seen)
        item_id = str(sent.get("item", ""))
        form, _ = await self._source(ctx, seen, code, item_id)
        values = fill.normalise(form, filling.raw(form, sent, self._unsealed(seen)))
        person, once = seen.person.id, _once(sent)
        await page_drafts.save(tx, person=person, form=_key(code, sent), once=once, values=values, now=seen.now)
        draft = PageDraft(once=once, values=values, changed=seen.now)
        numbers = filling.numbers(form, sent)
        return await self._sheet(ctx, seen, form, draft, values, item_id, numbers=numbers)

    async def _submitted(self, seen: Visit, code: str, sent: Sent, tx: Transaction) -> str:
        """The item's id; "" when this page was submitted before (a second tap, another tab)."""
        if not await page_drafts.take(tx, person=seen.person.id, form=_key(code, sent), once=_once(sent)):
            return ""
        ctx = self._front.context(tx, seen)
        item_id = str(sent.get("item", ""))
        form, _ = await self._source(ctx, seen, code, item_id)
        values = fill.normalise(form, filling.raw(form, sent, self._unsealed(seen)))
        declared = "declared" in sent
        if item_id:
            if form.declares and not declared:
                raise errors.BadRequest("undeclared", item=item_id)
            item = await store.lock(tx, item_id)
            assert item is not None  # _source has seen it in this transaction
            await submitting.change(ctx, item, seen.person, values)
            await act.perform(ctx, item_id, engine.Act(verb=engine.Verb.RESUBMIT), by=seen.person, declared=declared)
            return item_id
        item = await submitting.draft(ctx, seen.person, form, values)
        item = await act.perform(ctx, item.id, engine.Act(verb=engine.Verb.SUBMIT), by=seen.person, declared=declared)
        refs = {ref.account: ref for ref in await directory.accounts(tx, seen.person)}
        here = refs.get(seen.session.account)
        await post.send(ctx, item, seen.person.id, kind=views.MINE, to=here)
        return item.id

    async def _back(
        self, request: web.Request, seen: Visit, sent: Sent, refused: errors.RuleError
    ) -> web.StreamResponse:
        """The page again with what was typed and everything that is wrong with it, each beside its field."""

        async def unit(tx: Transaction) -> Sheet:
            ctx = self._front.context(tx, seen)
            code, item_id = request.match_info["code"], str(sent.get("item", ""))
            form, _ = await self._source(ctx, seen, code, item_id)
            values = fill.normalise(form, filling.raw(form, sent, self._unsealed(seen)))
            draft = PageDraft(once=_once(sent), values=values, changed=seen.now)
            found = refused.circumstances.get("problems", ())
            problems = [(one, asking.problem_words(form, one)) for one in found] if isinstance(found, tuple) else []
            notice = "" if problems else desk.refusal(refused.code, refused.circumstances)
            return await self._sheet(ctx, seen, form, draft, values, item_id, notice=notice, problems=problems)

        sheet = await self._front.database.read(unit)
        return self._rendered(request, seen, sheet, status=422)

    async def _source(self, ctx: Context, seen: Visit, code: str, item_id: str) -> tuple[Form, Mapping[str, Any]]:
        """The form and what to begin with. Raises NotAllowed, AlreadyDecided for an item that is not theirs to mend."""
        if not item_id:
            return ctx.office.of(book.Forms).get(code), {}
        item = await store.load(ctx.tx, item_id)
        if item is None or item.form != code:
            raise errors.NotFound(item=item_id)
        if item.request.applicant != seen.person.id:
            raise errors.NotAllowed(item=item_id)
        if item.request.state is not engine.State.RETURNED:
            raise errors.AlreadyDecided(item=item_id)
        return await book.of_item(ctx, item), item.fields

    async def _sheet(
        self,
        ctx: Context,
        seen: Visit,
        form: Form,
        draft: PageDraft,
        values: Mapping[str, Any],
        item_id: str,
        *,
        notice: str = "",
        problems: Sequence[tuple[FieldProblem, str]] = (),
        numbers: Mapping[str, Sequence[int]] = MappingProxyType({}),
    ) -> Sheet:
        about = await surroundings.now(ctx, seen.person, form, item=item_id)
        known = await submitting.known(ctx, form, seen.person, values)
        complete = fill.complete(form, values, about)
        settled, told = await _drafted(ctx, seen, form, complete)
        cells = filling.cells(
            form, {**values, **settled}, visible=fill.visible(form, values, about), known=known, problems=problems,
            numbers=numbers,
        )  # fmt: skip
        broken = [one for one in fill.problems(form, values, about, known=known) if one.code == "must"]
        return Sheet(
            form=form, draft=draft, item=item_id, cells=cells, route=await _route(ctx, seen, form, settled, item_id),
            names=await faces.names_in(ctx.tx, form, values), notice=notice or told, problems=problems,
            warned=[(one, asking.problem_words(form, one)) for one in broken],
        )  # fmt: skip

    def _rendered(self, request: web.Request, seen: Visit, sheet: Sheet, *, status: int = 200) -> web.Response:
        def note_of(file: Mapping[str, Any]) -> str:
            kept = Kept(id=file["id"], name=file["name"], size=file["size"], type=file["type"])
            return attachments.note(kept, person=seen.person.id, key=self._front.key)

        return visit.render(request, "form.html", {"sheet": sheet, "note_of": note_of}, visit=seen, status=status)

    def _unsealed(self, seen: Visit) -> filling.Unsealed:
        return partial(attachments.noted, person=seen.person.id, key=self._front.key)


async def _drafted(
    ctx: Context, seen: Visit, form: Form, values: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str]:
    """With what the form's effects compute before submitting, and what they have to say against it."""
    if not form.effects.draft:
        return values, ""
    request = engine.Request(id="", applicant=seen.person.id)
    item = store.Item(
        request=request, form=form.code, number=0, fields=values, created=seen.now, changed=seen.now
    )
    try:
        return (await effects.drafted(ctx, item)).fields, ""
    except errors.RuleError as refused:
        return values, desk.refusal(refused.code, refused.circumstances)
    except (KeyError, ValueError):  # half-typed values that the effect cannot read yet; submitting names them
        return values, ""


async def _route(ctx: Context, seen: Visit, form: Form, values: Mapping[str, Any], item: str) -> list[str]:
    """Who will decide, in order; nothing while the values do not say yet."""
    try:
        return await asking.stations(ctx, await submitting.preview(ctx, form, values, seen.person, item=item))
    except errors.RuleError:
        return []


def _key(code: str, sent: Sent) -> str:
    return str(sent.get("item", "")) or code


def _once(sent: Sent) -> str:
    return str(sent.get(_KEY, ""))
