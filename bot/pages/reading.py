"""An item in words for one reader: its fields, history and route, and what they may do now. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.pages import chart, filling
from bot.pages.filling import Cell
from cards import approval as approval_cards
from cards import forms as form_cards
from handlers.approval import cancelling, clocks, editing, engine, faces, sight, store, submitting, views, watching
from handlers.approval.engine import Verb
from handlers.approval.language import book, fill, limits, linking
from handlers.approval.language.form_model import Column, Field, Form, Type
from handlers.approval.leaves import leave_form
from handlers.approval.papers import files as file_store
from handlers.approval.papers.files import File, Record
from handlers.approval.talk import opinions
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

_LATE: Final = timedelta(seconds=1)
"""Less is the time that writing takes."""


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
    word: str = ""
    """The form's own word for finishing a task."""
    recorded: datetime | None = None
    """When it was written down, where that is another time than `at`."""
    proofs: tuple[tuple[str, str, tuple[Record, ...]], ...] = ()
    """(title, value, files) of what came with the confirmation of a task, or was handed in later."""
    changes: tuple[tuple[str, str, str], ...] = ()
    """(title, before, after) of fields that were amended."""
    replaced: tuple[Record, ...] = ()
    """The files that stood in an amended field before: every version of a draft can still be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field in words; `files` are records as in `fill`, `rows` the whole of a table, its titles first."""

    name: str
    value: str
    files: tuple[Record, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    item: str = ""
    """The item that the field names, where the reader may open it."""
    amended: bool = False


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
    quick: tuple[str, ...] = ()
    """The reader's quick opinions."""
    limits: Mapping[str, Field]
    """The fields of the task, by their keys: what files they take."""
    retention_years: int | None = None
    looks: Sequence[watching.Look] = ()
    """Who has looked at it, for those who may know."""
    edit: tuple[Cell, ...] = ()
    """The fields that the reader may change now; `names` are those of the people in them."""
    names: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> Iterator[Record]:
        """Every file that this reader may open."""
        yield from (one for line in self.lines for one in line.files)
        yield from (one for moment in self.history for _, _, files in moment.proofs for one in files)
        yield from (one for moment in self.history for one in moment.replaced)


async def read(
    ctx: Context, item: store.Item, reader: Person, *, principals: Sequence[str] = ()
) -> Shown:
    """`principals` are those for whom the reader stands in today; that they may read is asked elsewhere (`access`)."""
    whole, item = item, await sight.of(ctx, item, reader=reader.id)
    codes = await sight.seen(ctx, whole, reader=reader.id)
    request = item.request
    kind = views.MINE if request.applicant == reader.id else views.INFORMED
    view = await views.item_view(ctx, item, reader=reader.id, kind=kind)
    names = await _names(ctx.tx, request)
    roles = await directory.roles_of(ctx.tx, reader.id)
    verbs = engine.allowed(request, by=reader.id, principals=principals, roles=roles, now=ctx.now)
    if Verb.CANCEL in verbs and not await cancelling.offered(ctx, whole):
        verbs = tuple(verb for verb in verbs if verb is not Verb.CANCEL)
    mine = [i for i in engine.present(request) if {reader.id, *principals} & {*request.steps[i].approvers}]
    form = None if item.form == leave_form.CODE else await book.of_item(ctx, item)
    task = next((request.steps[i].task for i in mine if request.steps[i].kind is engine.Kind.TASK), ())
    hidden = frozenset(form.fields) - codes if form is not None and codes is not None else frozenset()
    told = _Told(
        request=request, names=names, hidden=hidden, files=await file_store.of_item(ctx.tx, item.id), form=form,
        people={} if form is None else await faces.names_in(ctx.tx, form, item.fields), today=_today(ctx),
        open_items=await linking.readable(ctx, reader, form, item.fields) if form else frozenset(),
    )  # fmt: skip
    return Shown(
        item=item,
        view=view,
        lines=_lines(item, view, told),
        history=await _history(ctx.tx, told, reader.id),
        stations={i: _station(request, i, names) for i in range(len(request.steps))},
        chart=chart.chart(request.steps),
        verbs=verbs,
        earlier=_earlier(request),
        task=task,
        limits={one.key: form.fields[one.key] for one in task if form and one.key in form.fields},
        choices=await _choices(ctx.tx, request, mine),
        quick=await opinions.offered(ctx, reader.id, whole) if mine else (),
        retention_years=form.retention_years if form else None,
        looks=await watching.looks(ctx.tx, item.id, roles=roles),
        edit=await _edit(ctx, whole, form, reader, principals) if Verb.AMEND in verbs else (),
        names=told.people,
    )


async def _edit(
    ctx: Context, item: store.Item, form: Form | None, reader: Person, principals: Sequence[str]
) -> tuple[Cell, ...]:
    if form is None:
        return ()
    codes = editing.editable(item, form, by=reader.id, principals=principals)
    return filling.edits(form, codes, item.fields, known=await submitting.known(ctx, form, reader, item.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the words of an item are made of. `hidden` are fields that the reader does not see, `people` the names of
    those whom its fields mention."""

    request: engine.Request
    names: Mapping[str, str]
    hidden: AbstractSet[str]
    files: Mapping[str, Sequence[File]]
    form: Form | None
    people: Mapping[str, str]
    open_items: AbstractSet[str]
    """The items that its fields name and that the reader may open."""
    today: date

    def record(self, digest: str, person: str) -> Record | None:
        """A file as this person handed it in."""
        known = self.files.get(digest, ())
        own = [one for one in known if one.person == person]
        return next((one.record() for one in reversed(own or known)), None)


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


def _shown(request: engine.Request, reader: str) -> Iterator[engine.Decision]:
    """What counts; what can still be undone is its maker's alone to see, and what was undone nobody's."""
    held = [one for step in request.steps for one in step.held if one.person == reader]
    for decision in request.decisions:
        if decision.verb not in (Verb.HOLD, Verb.UNDO) or decision in held:
            yield decision


async def _history(tx: Transaction, told: _Told, reader: str) -> tuple[Moment, ...]:
    decisions = told.request.decisions
    times = await clocks.recorded(tx, told.request.id, decisions)
    pairs = zip(decisions, times, strict=True)
    shown = {id(one) for one in _shown(told.request, reader)}
    return tuple(_moment(decision, at, told) for decision, at in pairs if id(decision) in shown)


def _moment(decision: engine.Decision, recorded: datetime, told: _Told) -> Moment:
    names, steps = told.names, told.request.steps
    return Moment(
        verb=(decision.wanted or decision.verb).value,
        name=names.get(decision.person, ""),
        at=decision.tapped or decision.due or decision.at,
        on_behalf=names.get(decision.on_behalf, ""),
        opinion=decision.opinion,
        to=tuple(names.get(one, "") for one in decision.to),
        target=_title(steps[decision.target]) if decision.target is not None else "",
        auto=decision.auto,
        step=_title(steps[decision.step]) if 0 <= decision.step < len(steps) else "",
        word=views.word(told.request, decision),
        recorded=recorded if abs(recorded - decision.at) >= _LATE else views.late(decision),
        proofs=tuple(_proofs(decision, told)),
        changes=tuple(_changes(decision, told)),
        replaced=tuple(_replaced(decision, told)),
    )


def _replaced(decision: engine.Decision, told: _Told) -> Iterator[Record]:
    for key, (before, after) in decision.changes.items():
        one = told.form.fields.get(key) if told.form and key not in told.hidden else None
        if one is not None and one.type in (Type.ATTACHMENT, Type.PHOTO):
            yield from (record for record in before or () if record not in (after or ()))


def _proofs(decision: engine.Decision, told: _Told) -> Iterator[tuple[str, str, tuple[Record, ...]]]:
    steps = told.request.steps
    task = steps[decision.step].task if 0 <= decision.step < len(steps) else ()
    titles = {one.key: one for one in task}
    for key, value in decision.evidence.items():
        one = titles.get(key)
        if key in told.hidden or one is None:
            continue
        if one.kind in (engine.Proof.PHOTO, engine.Proof.FILE):
            yield one.title or key, "", _records(str(value).split(","), decision.person, told)
        else:
            yield one.title or key, _worded(key, value, told), ()
    if decision.files:
        yield "", "", _records(decision.files, decision.person, told)


def _records(ids: Iterable[str], person: str, told: _Told) -> tuple[Record, ...]:
    found = (told.record(one, person) for one in ids)
    return tuple(one for one in found if one)


def _changes(decision: engine.Decision, told: _Told) -> Iterator[tuple[str, str, str]]:
    for key, (before, after) in decision.changes.items():
        one = told.form.fields.get(key) if told.form else None
        if one is not None and key not in told.hidden:
            yield one.title, _worded(key, before, told), _worded(key, after, told)


def _worded(key: str, value: Any, told: _Told) -> str:
    """A value of the form as people read it; what has another shape than its field, as it came."""
    one = told.form.fields.get(key) if told.form else None
    if value in (None, "", [], {}):
        return ""
    if one is None or limits.shape_problem(one, value):
        return str(value)
    return form_cards.shown(faces.view(one, key, value, told.people, known=fill.NOTHING_KNOWN), today=told.today)


def _lines(item: store.Item, view: approval_cards.ItemView, told: _Told) -> tuple[Line, ...]:
    """Everything that the form has, also what a card leaves out; leave is told in the card's own words."""
    if told.form is None:
        return tuple(Line(name=one.name, value=one.value) for one in view.fields)
    amended = {key for one in item.request.decisions for key in one.changes}
    return tuple(
        _line(one, code, item.fields[code], told, amended=code in amended)
        for code, one in told.form.fields.items()
        if item.fields.get(code) not in (None, "", [], {})
    )


def _line(one: Field, code: str, value: Any, told: _Told, *, amended: bool) -> Line:
    if one.type in (Type.ATTACHMENT, Type.PHOTO):
        return Line(name=one.title, value="", files=tuple(value), amended=amended)
    if one.type is Type.TABLE:
        return Line(name=one.title, value="", rows=_table(one, value, told.people, told.today), amended=amended)
    link = value if one.type is Type.ITEM and value in told.open_items else ""
    return Line(name=one.title, value=_worded(code, value, told), item=link, amended=amended)


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()


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
        status=_status(request, step),
        votes=tuple((names.get(vote.by, ""), vote.yes) for vote in step.votes),
        at=step.since if index in engine.present(request) else _last(request, index) or step.since,
        need=step.need,
    )


def _status(request: engine.Request, step: engine.Step) -> str:
    """Nothing waits at the step where an item was given back or withdrawn, though it was never closed."""
    if any(not vote.yes for vote in step.votes):
        return "refused"
    if step.status is engine.Status.OPEN and request.state is not engine.State.PENDING:
        return "returned" if request.state is engine.State.RETURNED else engine.Status.DROPPED.value
    return step.status.value


def _last(request: engine.Request, index: int) -> datetime | None:
    """When the step was last decided on."""
    decisive = (Verb.APPROVE, Verb.CONFIRM, Verb.READ, Verb.REJECT, Verb.RETURN)
    return next((d.at for d in reversed(request.decisions) if d.step == index and d.verb in decisive), None)


def _earlier(request: engine.Request) -> tuple[tuple[int, str], ...]:
    return tuple(
        (i, _title(step)) for i, step in enumerate(request.steps) if step.status is engine.Status.DONE
    )


def _title(step: engine.Step) -> str:
    return step.title or step.name
