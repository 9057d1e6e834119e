"""One item for those who may see it: what it says, where it is, who did what, and the acts that the reader may use now.

Acts come in as a form and go the way of every tap: `act.perform` in one transaction, one `authorise`, every copy on
every phone follows. A refusal is recorded and the page shows the present state with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from bot.pages import attachments, chart, visit
from bot.pages.attachments import Cabinet
from bot.pages.filling import Unsealed
from bot.pages.visit import Front, Visit
from cards import approval as approval_cards
from cards import desk
from cards import forms as form_cards
from handlers import errors
from handlers.approval import access, act, book, engine, faces, facts, fill, leave_form, store, views
from handlers.approval.engine import Verb
from handlers.approval.form_model import Column, Field, Type
from handlers.audit import log as journal
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction

MAIN = (Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.HAND_BACK, Verb.REJECT, Verb.COMMENT)
"""Share one field for words; the others have a form of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the history: who did what to whom, when (UTC); names, not ids."""

    verb: str
    name: str
    at: datetime
    on_behalf: str = ""
    opinion: str = ""
    to: tuple[str, ...] = ()
    target: str = ""
    auto: bool = False
    step: str = ""
    proofs: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """(title, value, ids of files) of what came with the confirmation of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field in words; `files` are records as in `fill`, `rows` the whole of a table, its titles first."""

    name: str
    value: str
    files: tuple[Mapping[str, Any], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What stands in a box of the chart. `votes` are (name, agreed)."""

    title: str
    names: tuple[str, ...]
    rule: str
    kind: str
    status: str
    votes: tuple[tuple[str, bool], ...]
    at: datetime | None
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item as its page shows it to one reader."""

    item: store.Item
    view: approval_cards.ItemView
    lines: tuple[Line, ...]
    history: tuple[Moment, ...]
    stations: Mapping[int, Station]
    chart: chart.Chart
    verbs: tuple[Verb, ...]
    earlier: tuple[tuple[int, str], ...]
    """Steps that were done and that one may return to: (index, title)."""
    task: tuple[engine.Evidence, ...]


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
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        return await self._page(request, seen, done=request.query.get("done", ""))

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
        found = next((one for one in _files(shown.item) if one["id"] == digest), None)
        if found is None and not any(digest in ids for one in shown.history for _, _, ids in one.proofs):
            raise errors.NotFound(code="file_gone", item=shown.item.id)
        try:
            path = self._cabinet.path(digest)
        except FileNotFoundError:
            raise errors.NotFound(code="file_gone", item=shown.item.id) from None
        name, kind = (found["name"], found["type"]) if found else (digest[:12], self._cabinet.kind(digest))
        return web.FileResponse(path, headers=attachments.headers(str(name), str(kind)))

    async def act(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        item = request.match_info["item"]
        unsealed = partial(attachments.noted, person=seen.person.id, key=self._front.key)
        wanted = _wanted(await request.post(), unsealed)

        async def unit(tx: Transaction) -> None:
            await act.perform(self._front.context(tx, seen), item, wanted, by=seen.person)

        try:
            await self._front.database.write(unit)
        except errors.ReasonMissing as missing:
            return await self._page(request, seen, notice=missing.code, status=422)
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
        words = desk.refusal(notice) if notice else ""
        data = {"shown": shown, "done": done, "notice": words, "main": MAIN, "quick": approval_cards.QUICK}
        return visit.render(request, "item.html", data, visit=seen, status=status)

    async def _refused(
        self, request: web.Request, seen: Visit, wanted: engine.Act, refused: errors.RuleError
    ) -> web.StreamResponse:
        item = request.match_info["item"]
        await self._front.database.write(partial(self._record, seen, item, wanted.verb.value, refused.code))
        status = visit.status(refused)
        return await self._page(request, seen, notice=refused.code, status=status)

    async def _record(self, seen: Visit, item: str, what: str, why: str, tx: Transaction) -> None:
        fact = facts.ActRefused(item=item, person=seen.person.id, act=what, why=why)
        await journal.record(tx, fact, origin=seen.origin(), now=seen.now)

    async def _read(self, seen: Visit, item_id: str, tx: Transaction) -> Shown:
        item = await store.load(tx, item_id)
        if item is None:
            raise errors.NotFound(item=item_id)
        if not await access.may_read(tx, item, person=seen.person.id, roles=seen.roles):
            raise errors.NotAllowed(code="hidden", item=item_id)
        ctx = self._front.context(tx, seen)
        kind = views.MINE if item.request.applicant == seen.person.id else views.INFORMED
        view = await views.item_view(ctx, item, reader=seen.person.id, kind=kind)
        names = await _names(tx, item.request)
        verbs = engine.allowed(item.request, by=seen.person.id, roles=seen.roles, now=seen.now)
        return Shown(
            item=item,
            view=view,
            lines=await _lines(ctx, item, view),
            history=tuple(_moment(decision, item.request, names) for decision in item.request.decisions),
            stations={i: _station(item.request, i, names) for i in range(len(item.request.steps))},
            chart=chart.chart(item.request.steps),
            verbs=verbs,
            earlier=_earlier(item.request),
            task=_task(item.request, seen.person.id),
        )


def _wanted(form: MultiDictProxy[Any], unsealed: Unsealed) -> engine.Act:
    """What the page's form asks for. Raises BadRequest for what no page of ours sends."""
    text = {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        return engine.Act(
            verb=Verb(text.get("verb", "")),
            opinion=text.get("opinion", ""),
            seen=int(text["version"]) if text.get("version") else None,
            to=tuple(str(one) for one in form.getall("to", ())),
            target=int(text["target"]) if text.get("target") else None,
            resume=text.get("resume") == "yes",
            side=engine.Side(text.get("side", engine.Side.BEFORE.value)),
            evidence={
                key.removeprefix("evidence."): _number(value)
                for key, value in text.items()
                if key.startswith("evidence.") and value
            }
            | _uploaded(form, unsealed),
        )
    except ValueError:
        raise errors.BadRequest("bad_action") from None


def _uploaded(form: MultiDictProxy[Any], unsealed: Unsealed) -> dict[str, str | int]:
    """Photos and files of a task: the ids, with a comma between them."""
    found: dict[str, list[str]] = {}
    for name, text in form.items():
        note = unsealed(text) if name.startswith("proof.") and isinstance(text, str) else None
        if note:
            found.setdefault(name.removeprefix("proof."), []).append(note["id"])
    return {key: ",".join(ids) for key, ids in found.items()}


def _files(item: store.Item) -> Iterator[Mapping[str, Any]]:
    """Every file in the item's fields, by its record in `fill`'s shape."""
    left: list[Any] = [item.fields]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            if {"id", "name", "size", "type"} <= value.keys():
                yield value
            left += value.values()
        elif isinstance(value, list):
            left += value


def _number(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() else text


async def _names(tx: Transaction, request: engine.Request) -> Mapping[str, str]:
    people = set(engine.parties(request))
    for decision in request.decisions:
        people |= {decision.on_behalf, *decision.to}
    found = {one: await directory.load(tx, one) for one in sorted(people - {""})}
    return {one: person.name for one, person in found.items() if person}


def _moment(decision: engine.Decision, request: engine.Request, names: Mapping[str, str]) -> Moment:
    steps = request.steps
    return Moment(
        verb=decision.verb.value,
        name=names.get(decision.person, ""),
        at=decision.at,
        on_behalf=names.get(decision.on_behalf, ""),
        opinion=decision.opinion,
        to=tuple(names.get(one, "") for one in decision.to),
        target=_title(steps[decision.target]) if decision.target is not None else "",
        auto=decision.auto,
        step=_title(steps[decision.step]) if 0 <= decision.step < len(steps) else "",
        proofs=_proofs(decision, steps),
    )


def _proofs(decision: engine.Decision, steps: Sequence[engine.Step]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not 0 <= decision.step < len(steps):
        return ()
    titles = {one.key: one for one in steps[decision.step].task}
    found = []
    for key, value in decision.evidence.items():
        one = titles.get(key)
        of_files = one is not None and one.kind in (engine.Proof.PHOTO, engine.Proof.FILE)
        ids = tuple(id for id in str(value).split(",") if _is_hash(id)) if of_files else ()
        found.append((one.title if one else key, "" if ids else str(value), ids))
    return tuple(found)


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(one in "0123456789abcdef" for one in text)


async def _lines(ctx: Context, item: store.Item, view: approval_cards.ItemView) -> tuple[Line, ...]:
    """Everything that the form has, also what a card leaves out; leave is told in the card's own words."""
    if item.form == leave_form.CODE:
        return tuple(Line(name=one.name, value=one.value) for one in view.fields)
    form = await book.of_item(ctx, item)
    names = await faces.names_in(ctx.tx, form, item.fields)
    today = ctx.now.astimezone(ctx.office.timezone).date()
    return tuple(
        _line(one, code, item.fields[code], names, today)
        for code, one in form.fields.items()
        if item.fields.get(code) not in (None, "", [], {})
    )


def _line(one: Field, code: str, value: Any, names: Mapping[str, str], today: date) -> Line:
    shown = faces.view(one, code, value, names, known=fill.NOTHING_KNOWN)
    if one.type in (Type.ATTACHMENT, Type.PHOTO):
        return Line(name=one.title, value="", files=tuple(value))
    if one.type is Type.TABLE:
        return Line(name=one.title, value="", rows=_table(one, value, names, today))
    return Line(name=one.title, value=form_cards.shown(shown, today=today))


def _table(one: Field, rows: Any, names: Mapping[str, str], today: date) -> tuple[tuple[str, ...], ...]:
    head = tuple(column.title for column in one.columns.values())
    body = (
        tuple(_cell(column, code, row.get(code), names, today) for code, column in one.columns.items()) for row in rows
    )
    return (head, *body)


def _cell(column: Column, code: str, value: Any, names: Mapping[str, str], today: date) -> str:
    if value in (None, ""):
        return ""
    return form_cards.shown(faces.view(column, code, value, names, known=fill.NOTHING_KNOWN), today=today)


def _station(request: engine.Request, index: int, names: Mapping[str, str]) -> Station:
    step = request.steps[index]
    return Station(
        title=_title(step),
        names=tuple(names.get(one, "") for one in step.approvers),
        rule=step.rule.value if len(step.approvers) > 1 else "",
        kind=step.kind.value,
        status="refused" if any(not vote.yes for vote in step.votes) else step.status.value,
        votes=tuple((names.get(vote.by, ""), vote.yes) for vote in step.votes),
        at=_last(request, index) or step.since,
        need=step.need,
    )


def _last(request: engine.Request, index: int) -> datetime | None:
    """When the step was last decided on."""
    decisive = (Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.REJECT)
    return next((d.at for d in reversed(request.decisions) if d.step == index and d.verb in decisive), None)


def _earlier(request: engine.Request) -> tuple[tuple[int, str], ...]:
    return tuple(
        (i, _title(step)) for i, step in enumerate(request.steps) if step.status is engine.Status.DONE
    )


def _task(request: engine.Request, person: str) -> tuple[engine.Evidence, ...]:
    """What has to come with this person's confirmation."""
    mine: Sequence[engine.Step] = [request.steps[i] for i in engine.present(request)]
    return next((step.task for step in mine if step.kind is engine.Kind.TASK and person in step.approvers), ())


def _title(step: engine.Step) -> str:
    return step.title or step.name
