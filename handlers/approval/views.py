"""Which card a copy shows now: the item as seen by the person who holds that copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

from cards import actions
from cards import amend as amend_cards
from cards import approval as approval_cards
from cards.model import Card
from cards.model import Field as Line
from handlers.approval import cancelling, editing, engine, faces, forms, sight, store
from handlers.approval.leaves import leave_form
from handlers.approval.meetings import meeting_progress
from handlers.approval.standins import proxy_store
from handlers.approval.talk import opinions
from handlers.context import Context
from handlers.mailroom.copies import Copy
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

DECIDE = "decide"
MINE = "mine"
INFORMED = "informed"
REMINDER = "reminder"
KINDS = frozenset({DECIDE, MINE, INFORMED, REMINDER})

_BUILDERS = {
    DECIDE: approval_cards.decide,
    MINE: approval_cards.mine,
    INFORMED: approval_cards.informed,
    REMINDER: approval_cards.reminder,
}
_APPROVER_VERBS = (
    engine.Verb.UNDO, engine.Verb.CLAIM, engine.Verb.APPROVE, engine.Verb.CONFIRM, engine.Verb.READ,
    engine.Verb.HAND_BACK, engine.Verb.REJECT, engine.Verb.AMEND, engine.Verb.RETURN, engine.Verb.TRANSFER,
    engine.Verb.ADD_SIGNER,
)  # fmt: skip
"""In the order of their use; a card takes the first six (WeCom's limit), the others have words (`verbs.py`)."""
_COMMENT = (engine.Verb.COMMENT,)
"""Behind all others on an approver's card."""
_MOST = 6
_APPLICANT_VERBS = (
    engine.Verb.CONFIRM, engine.Verb.RESUBMIT, engine.Verb.URGE, engine.Verb.WITHDRAW, engine.Verb.CANCEL,
)  # fmt: skip
_NOTHING = frozenset({engine.State.REJECTED, engine.State.WITHDRAWN, engine.State.CANCELLED, engine.State.DISCARDED})
_SAYS = frozenset({"approve", "reject", "read", "confirm", "return"})
_NEVER_SHOWN = frozenset({engine.Verb.HOLD, engine.Verb.UNDO})
"""What was not yet decided, and what was undone, is between the journal and who did it."""
_LATE = timedelta(minutes=1)
_quoted = lru_cache(maxsize=64)(quote)  # the names of an office's accounts, three times a tap
_VERBS = {DECIDE: _APPROVER_VERBS, REMINDER: _APPROVER_VERBS, MINE: _APPLICANT_VERBS, INFORMED: (engine.Verb.READ,)}


async def card(
    ctx: Context, item: store.Item, *, reader: str, kind: str, account: str = "", closed: bool = False
) -> Card:
    """`kind` is a copy's kind; `reader` the person id that the buttons are made for, `account` where they hold it."""
    if item.request.state is engine.State.DISCARDED:
        return approval_cards.dropped((await faces.of(ctx, item)).name)
    view = await item_view(ctx, item, reader=reader, kind=kind, account=account)
    return _BUILDERS[kind](replace(view, actions=()) if closed else view, now=ctx.now)


async def of_copy(ctx: Context, item: store.Item, copy: Copy, *, closed: bool = False) -> Card:
    """What this copy shows from now on: one card for its letter and for the answer to a tap on it. `closed`: another
    card has what can be done."""
    key = ("face", copy.id)
    known: tuple[store.Item, Card] | None = ctx.tx.memo.get(key)
    if known is not None and known[0] is item:
        return known[1]
    kind = copy.kind if copy.kind in KINDS else MINE
    made = await card(ctx, item, reader=copy.person, kind=kind, account=copy.to.account, closed=closed)
    ctx.tx.memo[key] = (item, made)
    return made


async def item_view(
    ctx: Context, item: store.Item, *, reader: str, kind: str, account: str = ""
) -> approval_cards.ItemView:
    item = await sight.of(ctx, item, reader=reader)
    able = await _actions(ctx, item, reader=reader, kind=kind)
    quick = await opinions.offered(ctx, reader, item) if _SAYS & dict(able).keys() else ()
    seen = await _seen(ctx, item)
    amended = await _amended(ctx, item, reader=reader) if seen.amended else {}
    task = _task(seen.open, reader) if seen.open else None
    lines = seen.lines
    if reader == item.request.applicant:
        lines = await meeting_progress.lines(ctx, item, lines)
    return approval_cards.ItemView(
        form=seen.name,
        code=item.form,
        number=item.number,
        applicant=seen.applicant,
        department=seen.department,
        title=seen.title,
        fields=_marked(lines, amended) if amended else lines,
        state=seen.state,
        waiting=seen.waiting,
        submitted=seen.submitted,
        since=seen.since,
        principal=await _principal(ctx, item, reader) if able and kind in (DECIDE, REMINDER) else "",
        history=_amending(item.request, seen.history, amended) if amended else seen.history,
        actions=able,
        url=page_url(ctx, item.id, account=account) if account else "",
        promise=_promise(seen.held, reader) if seen.held else None,
        quick=quick,
        task=task is not None and task.kind is engine.Kind.TASK,
        reading=task is not None and task.kind is engine.Kind.READ,
        button=task.button if task else "",
        needs=tuple(one.title or one.key for one in task.task if one.required) if task else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What of an item is the same for all who see the same of its fields."""

    of: store.Item
    open: tuple[engine.Step, ...]
    held: tuple[engine.Decision, ...]
    amended: bool
    state: str
    name: str
    title: str
    lines: tuple[Line, ...]
    applicant: str
    department: str
    waiting: tuple[str, ...]
    submitted: datetime
    since: datetime
    history: tuple[approval_cards.Act, ...]


async def _seen(ctx: Context, item: store.Item) -> _Seen:
    """Found once in a unit for all who get this very item: the record is kept, so that its `id` is nobody else's."""
    key = ("seen", id(item))
    known: _Seen | None = ctx.tx.memo.get(key)
    if known is None:
        ctx.tx.memo[key] = known = await _look(ctx, item)
    return known


async def _look(ctx: Context, item: store.Item) -> _Seen:
    request = item.request
    face = await faces.of(ctx, item)
    applicant = await directory.load(ctx.tx, request.applicant)
    title, lines = face.words(_fields(item), ctx.now.astimezone(ctx.office.timezone).date())
    held = tuple([one for step in request.steps for one in step.held])
    return _Seen(
        of=item,
        open=tuple([request.steps[index] for index in engine.present(request)]),
        held=held,
        amended=any(one.changes for one in request.decisions),
        state=request.state.value,
        name=face.name,
        title=title,
        lines=lines,
        applicant=_name(applicant),
        department=applicant.department if applicant else "",
        waiting=await _waiting(ctx, item, _waited_for(request, held)),
        submitted=_submitted(item),
        since=_since(item),
        history=await _history(ctx.tx, request),
    )


def _fields(item: store.Item) -> Mapping[str, Any]:
    came_to_nothing = item.form == forms.LEAVE and item.request.state in _NOTHING
    return forms.without_balance(item.fields) if came_to_nothing else item.fields


def _task(steps: Sequence[engine.Step], reader: str) -> engine.Step | None:
    """The open step if it is something to do or to read; where several are open, the reader's own."""
    mine = [step for step in steps if reader in (*step.approvers, *step.deputies)]
    step = next(iter(mine or steps), None)
    return step if step is not None and step.kind is not engine.Kind.DECIDE else None


async def _amended(
    ctx: Context, item: store.Item, *, reader: str
) -> Mapping[int, tuple[amend_cards.Change, ...]]:
    """What was changed on the way, by the place of the decision; no more than the reader may see."""
    found = {i: one.changes for i, one in enumerate(item.request.decisions) if one.changes}
    codes = await sight.seen(ctx, item, reader=reader)
    return {
        index: await editing.told(
            ctx, item, {code: both for code, both in changes.items() if codes is None or code in codes}
        )
        for index, changes in found.items()
    }


def page_url(ctx: Context, item: str, *, account: str) -> str:
    """The item's page, to be signed in to through this account; "" where the office has no address of its own."""
    base = ctx.office.public_url.rstrip("/")
    return f"{base}/office/items/{item}?via={_quoted(account)}" if base else ""


async def _actions(ctx: Context, item: store.Item, *, reader: str, kind: str) -> tuple[tuple[str, str], ...]:
    """Only what this reader may use now, packed for nobody else. A comment alone keeps no card open."""
    verbs = await _verbs(ctx, item, reader=reader, kind=kind)
    acts = [*[verb.value for verb in verbs], *await _begins(ctx, item, reader, kind)]
    return tuple([(one, _pack(ctx, item, one, reader)) for one in acts]) if acts else ()


async def _verbs(ctx: Context, item: store.Item, *, reader: str, kind: str) -> Sequence[engine.Verb]:
    request = item.request
    if kind != MINE and request.state is not engine.State.PENDING and reader not in request.asked:
        return ()  # nothing to decide, and nobody has asked them to read it
    principals = await proxy_store.principals(ctx.tx, reader, form=item.form, at=ctx.now)
    may = partial(engine.allowed, request, by=reader, principals=principals)
    verbs = list(may(among=_VERBS[kind]))
    if verbs and kind in (DECIDE, REMINDER):
        verbs = [*verbs, *may(among=_COMMENT)][:_MOST]
    if engine.Verb.CANCEL in verbs and not await cancelling.offered(ctx, item):
        verbs.remove(engine.Verb.CANCEL)
    return verbs


async def _begins(ctx: Context, item: store.Item, reader: str, kind: str) -> tuple[str, ...]:
    """What else may be begun from a card: of a leave (`leave_talk`) by its applicant, or by personnel who see its
    papers; of a meeting (`meeting_changes`) by whoever called it.
    """
    if item.form == meeting_progress.CALL and kind == MINE:
        return ("meeting-move",) if await meeting_progress.is_to_come(ctx, item) else ()
    if item.form != leave_form.CODE:
        return ()
    if kind == INFORMED:
        wanted = item.fields.get("proof_wanted") or {}
        owed = wanted and "seen" not in wanted and item.request.state is engine.State.APPROVED
        return ("leave-proof",) if owed and "personnel" in await directory.roles_of(ctx.tx, reader) else ()
    if kind != MINE or "returned" in item.fields:
        return ()
    change = () if item.fields.get("from_time") else ("leave-change",)
    return {engine.State.APPROVED: (*change, "leave-back"), engine.State.PENDING: ("leave-change",)}.get(
        item.request.state, ()
    )


def _pack(ctx: Context, item: store.Item, act: str, reader: str) -> str:
    action = actions.Action(act, item.id, item.request.version)
    return actions.pack(action, to=reader, key=ctx.office.card_key)


def _waited_for(request: engine.Request, held: Sequence[engine.Decision]) -> tuple[str, ...]:
    """Who can still undo is shown as deciding: nobody else is to know before it counts."""
    return tuple(dict.fromkeys([*engine.waiting_for(request), *(one.seat for one in held)]))


async def _waiting(ctx: Context, item: store.Item, people: Sequence[str]) -> tuple[str, ...]:
    """Their names, each with who may decide in their place at present."""
    proxies = [(whose, person) for person, whose in (await store.turns(ctx.tx, item, now=ctx.now)).items() if whose]
    return tuple([
        approval_cards.with_proxies(
            name, await _names(ctx.tx, tuple([proxy for whose, proxy in proxies if whose == person]))
        )
        for person, name in zip(people, await _names(ctx.tx, tuple(people)), strict=True)
    ])


def _promise(decisions: Sequence[engine.Decision], reader: str) -> approval_cards.Promise | None:
    """What the reader can still undo."""
    held = next((one for one in decisions if one.person == reader), None)
    if held is None or held.wanted is None or held.until is None:
        return None
    return approval_cards.Promise(held.wanted.value, held.until)


def _submitted(item: store.Item) -> datetime:
    moves = (engine.Verb.SUBMIT, engine.Verb.RESUBMIT)
    return next((d.at for d in reversed(item.request.decisions) if d.verb in moves), item.created)


def _since(item: store.Item) -> datetime:
    """When the step was reached that it waits at, the longest of several; where it waits for none, the submission."""
    steps = [item.request.steps[index] for index in engine.present(item.request)]
    return min((one.since for one in steps if one.since), default=_submitted(item))


async def _principal(ctx: Context, item: store.Item, reader: str) -> str:
    """The name of the one whose turn the reader would use; "" for their own."""
    principals = await proxy_store.principals(ctx.tx, reader, form=item.form, at=ctx.now)
    seat = engine.seat_of(item.request, by=reader, principals=principals)
    return _name(await directory.load(ctx.tx, seat)) if seat not in ("", reader) else ""


async def _history(tx: Transaction, request: engine.Request) -> tuple[approval_cards.Act, ...]:
    people: dict[str, Person | None] = {}
    for decision in request.decisions:
        for one in (decision.person, decision.on_behalf, *decision.to):
            if one not in people:
                people[one] = await directory.load(tx, one)
    return tuple([
        approval_cards.Act(
            name=_name(people[d.person]),
            verb=d.verb.value,
            opinion=d.opinion,
            at=d.tapped or d.due or d.at,
            on_behalf=_name(people.get(d.on_behalf)),
            to=tuple([_name(people.get(one)) for one in d.to]),
            late=late(d),
            word=word(request, d),
        )
        for d in request.decisions
        if d.verb not in _NEVER_SHOWN
    ])  # fmt: skip


def _marked(lines: Sequence[Line], amended: Mapping[int, tuple[amend_cards.Change, ...]]) -> tuple[Line, ...]:
    return amend_cards.marked(lines, [one for changes in amended.values() for one in changes])


def _amending(
    request: engine.Request,
    history: tuple[approval_cards.Act, ...],
    amended: Mapping[int, tuple[amend_cards.Change, ...]],
) -> tuple[approval_cards.Act, ...]:
    """The history with what this reader may see of the changes."""
    shown = [index for index, d in enumerate(request.decisions) if d.verb not in _NEVER_SHOWN]
    return tuple(
        replace(act, changes=amended.get(index, ())) for index, act in zip(shown, history, strict=True)
    )


def late(decision: engine.Decision) -> datetime | None:
    """When it came into effect, if that was long after it was to: the service was down."""
    wanted = decision.until or decision.due
    return decision.at if wanted and decision.at > wanted + _LATE else None


def word(request: engine.Request, decision: engine.Decision) -> str:
    """The form's own word for finishing this task."""
    if decision.verb is not engine.Verb.CONFIRM or not 0 <= decision.step < len(request.steps):
        return ""
    return request.steps[decision.step].button


async def _names(tx: Transaction, people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([_name(await directory.load(tx, person)) for person in people])


def _name(person: Person | None) -> str:
    return person.name if person else ""
