"""An item in words for one reader: its fields, history and route, and what they may do now. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.pages import chart
from cards import approval as approval_cards
from cards import forms as form_cards
from handlers.approval import book, engine, faces, fill, leave_form, sight, store, views
from handlers.approval.engine import Verb
from handlers.approval.form_model import Column, Field, Type
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction


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
    choices: tuple[tuple[int, str, tuple[Person, ...]], ...]


async def read(
    ctx: Context, item: store.Item, reader: Person, *, principals: Sequence[str] = ()
) -> Shown:
    """`principals` are those for whom the reader stands in today; that they may read is asked elsewhere (`access`)."""
    whole, item = item, await sight.of(ctx, item, reader=reader.id)
    hidden = whole.fields.keys() - item.fields.keys()
    request = item.request
    kind = views.MINE if request.applicant == reader.id else views.INFORMED
    view = await views.item_view(ctx, item, reader=reader.id, kind=kind)
    names = await _names(ctx.tx, request)
    roles = await directory.roles_of(ctx.tx, reader.id)
    verbs = engine.allowed(request, by=reader.id, principals=principals, roles=roles, now=ctx.now)
    mine = [i for i in engine.present(request) if {reader.id, *principals} & {*request.steps[i].approvers}]
    return Shown(
        item=item,
        view=view,
        lines=await _lines(ctx, item, view),
        history=tuple(_moment(decision, request, names, hidden) for decision in request.decisions),
        stations={i: _station(request, i, names) for i in range(len(request.steps))},
        chart=chart.chart(request.steps),
        verbs=verbs,
        earlier=_earlier(request),
        task=next((request.steps[i].task for i in mine if request.steps[i].kind is engine.Kind.TASK), ()),
        choices=await _choices(ctx.tx, request, mine),
    )


def files(item: store.Item) -> Iterator[Mapping[str, Any]]:
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


async def _names(tx: Transaction, request: engine.Request) -> Mapping[str, str]:
    people = set(engine.parties(request))
    for decision in request.decisions:
        people |= {decision.on_behalf, *decision.to}
    found = {one: await directory.load(tx, one) for one in sorted(people - {""})}
    return {one: person.name for one, person in found.items() if person}


async def _choices(
    tx: Transaction, request: engine.Request, mine: Sequence[int]
) -> tuple[tuple[int, str, tuple[Person, ...]], ...]:
    """Steps whose people the reader names by deciding now: (index, title, whom the form allows; empty: anybody)."""
    found = []
    for index, step in enumerate(request.steps):
        if step.chosen_by is not None and step.chosen_by in mine:
            people = [await directory.load(tx, one) for one in step.candidates]
            found.append((index, _title(step), tuple(one for one in people if one)))
    return tuple(found)


def _moment(
    decision: engine.Decision, request: engine.Request, names: Mapping[str, str], hidden: AbstractSet[str]
) -> Moment:
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
        proofs=_proofs(decision, steps, hidden),
    )


def _proofs(
    decision: engine.Decision, steps: Sequence[engine.Step], hidden: AbstractSet[str]
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not 0 <= decision.step < len(steps):
        return ()
    titles = {one.key: one for one in steps[decision.step].task}
    found = []
    for key, value in decision.evidence.items():
        if key in hidden:
            continue
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


def _title(step: engine.Step) -> str:
    return step.title or step.name
