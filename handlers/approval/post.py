"""Who is told what after an act: new copies for new approvers and personnel, a new face for every copy that is out.

What was only said changes no card: a platform may let each be changed once more (WeCom), and that is for a decision.
Those words are a letter, and stand in the history of the card from its next change on.
"""

from __future__ import annotations

from cards import amend as amend_cards
from cards import approval as approval_cards
from cards.model import Text
from connectors.refs import Recipient
from handlers.approval import engine, reminders, store, views
from handlers.approval.language import book, sampling, surroundings
from handlers.context import Context
from handlers.mailroom import copies, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

_SAID = frozenset({engine.Verb.COMMENT, engine.Verb.ATTACH})
_PROMISED = frozenset({engine.Verb.HOLD, engine.Verb.UNDO})
"""Nothing has happened yet, or nothing after all: whoever did it sees it, and nobody else."""
_UNSEEN = _SAID | {engine.Verb.URGE}


async def changed(
    ctx: Context,
    before: store.Item,
    after: store.Item,
    *,
    decision: engine.Decision,
    new: tuple[str, ...] = (),
    many: bool = False,
) -> None:
    """Called inside the transaction of the act; `new` are those whose turn it became, `many` an act of a batch."""
    if decision.verb in _PROMISED:
        if not many:  # a batch shows it on its own card; each item's card is changed once, when it counts
            await refresh(ctx, after, person=decision.person)
        return
    if decision.verb not in _UNSEEN:
        given_back = before.request.state is engine.State.RETURNED
        await refresh(ctx, after, again=frozenset(new), history=given_back)
    if decision.verb in _SAID:
        await _pass_on(ctx, after, decision)
    if decision.verb is engine.Verb.AMEND:
        await _tell_of_change(ctx, before, after, decision)
    if engine.blocked(after.request) and not engine.blocked(before.request):
        await _tell_stuck(ctx, after)
    for person in new:
        await send(ctx, after, person, kind=views.DECIDE, urgent=True)
    await _tell_of_steps(ctx, before, after)
    if new:
        await reminders.plan(ctx, after)
    if _closed_now(before, after):
        await reminders.forget(ctx, after)
    if after.request.state is engine.State.APPROVED and _closed_now(before, after):
        await _inform(ctx, after)
    if decision.verb is engine.Verb.URGE:
        for person in await store.waited_for(ctx.tx, after.id):
            await send(ctx, after, person, kind=views.REMINDER, urgent=True)
    for person in set(after.request.readers) - set(before.request.readers):
        await send(ctx, after, person, kind=views.INFORMED)


async def refresh(
    ctx: Context, item: store.Item, *, person: str = "", again: frozenset[str] = frozenset(), history: bool = False
) -> None:
    """Every copy that is out, or every one of this person, gets the item's present face.

    To those whose turn it is `again` a card of its own comes: what they had before is not opened a second time beside
    it. As `history` it stays as it was (a platform may have to send anew what it cannot change any more).
    """
    held = await copies.of_item(ctx.tx, item.id)
    shown = [copy for copy in held if person in ("", copy.person, engine.SYSTEM)]
    over = {copy.id for copy in shown if copy.person in again and copy.kind in (views.DECIDE, views.REMINDER)}
    faces = {
        copy.id: await views.of_copy(ctx, item, copy, closed=copy.id in over)
        for copy in shown
        if not (history and copy.id in over)
    }
    await outbox.refresh_all(ctx.tx, faces, now=ctx.now)


async def send(
    ctx: Context, item: store.Item, person: str, *, kind: str, urgent: bool = False, to: Recipient | None = None
) -> None:
    """A new copy of the item for a person, to their preferred account unless `to` says where."""
    reader = await directory.load(ctx.tx, person)
    where = to or (await directory.reach(ctx.tx, reader) if reader else None)
    if where is None:
        return  # nobody without an account can be told; `officebot check` names them
    card = await views.card(ctx, item, reader=person, kind=kind, account=where.account)
    await copies.open_copy(
        ctx.tx, item=item.id, person=person, to=where, kind=kind, card=card, version=item.request.version,
        now=ctx.now, urgent=urgent,
    )  # fmt: skip


async def _pass_on(ctx: Context, item: store.Item, decision: engine.Decision) -> None:
    """The words of a comment, to the applicant, those whose turn it is and those who have acted."""
    request = item.request
    people = [request.applicant, *await store.waited_for(ctx.tx, item.id), *(one.person for one in request.decisions)]
    for person in dict.fromkeys(people):
        reader = await directory.load(ctx.tx, person) if person != decision.person else None
        where = await directory.reach(ctx.tx, reader) if reader and reader.active else None
        if where is None:
            continue
        view = await views.item_view(ctx, item, reader=person, kind=views.MINE)
        key = f"said/{item.id}/{len(request.decisions)}/{person}"
        await outbox.post(ctx.tx, Letter(to=where, message=Text(approval_cards.said(view)), key=key), now=ctx.now)


async def _tell_of_change(
    ctx: Context, before: store.Item, after: store.Item, decision: engine.Decision
) -> None:
    """What an approver changed, to the applicant and to those who acted on what it was; each what they may see."""
    people = dict.fromkeys([after.request.applicant, *(one.person for one in before.request.decisions)])
    who = await directory.load(ctx.tx, decision.person)
    for person in people:
        reader = await directory.load(ctx.tx, person) if person != decision.person else None
        where = await directory.reach(ctx.tx, reader) if reader and reader.active else None
        view = await views.item_view(ctx, after, reader=person, kind=views.MINE) if where else None
        changes = view.history[-1].changes if view else ()
        if where is None or view is None or not changes:
            continue
        text = amend_cards.told(
            who.name if who else "", after.number, f"{view.applicant}的{view.title}", changes,
            route=decision.detour is not None,
        )  # fmt: skip
        key = f"amended/{after.id}/{len(after.request.decisions)}/{person}"
        await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


async def _tell_stuck(ctx: Context, item: store.Item) -> None:
    """Nobody can move it on: the administrators find somebody."""
    reason = engine.blocked(item.request)
    step = next((one for one in item.request.steps if one.status is engine.Status.OPEN), None)
    for person in await directory.in_role(ctx.tx, "admin"):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            text = approval_cards.stuck(item.number, step.title if step else "", reason)
            key = f"stuck/{item.id}/{item.request.version}/{person.id}"
            await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


async def _tell_of_steps(ctx: Context, before: store.Item, after: store.Item) -> None:
    """Whom the form wants to know that a step is done; who has a copy sees it there."""
    old = before.request.steps
    done = [
        step
        for index, step in enumerate(after.request.steps)
        if step.status is engine.Status.DONE and (index >= len(old) or old[index].status is not engine.Status.DONE)
    ]
    people = dict.fromkeys(person for step in done for person in step.cc if person != after.request.applicant)
    if not people:
        return
    held = {copy.person for copy in await copies.of_item(ctx.tx, after.id)}
    for person in people.keys() - held:
        await send(ctx, after, person, kind=views.INFORMED)


async def _inform(ctx: Context, item: store.Item) -> None:
    for person in await _informed(ctx, item):
        await send(ctx, item, person.id, kind=views.INFORMED)


async def _informed(ctx: Context, item: store.Item) -> list[Person]:
    """Whom the form wants to know of it or to look at it afterwards, less its parties and those who know already."""
    form = await book.of_item(ctx, item)
    about = await surroundings.then(ctx, item, form) if form.sampling else None
    sample = sampling.drawn(form, item.id, item.fields, about) if about else ""
    roles = [*form.cc, *([sample] if sample else [])]
    parties = {item.request.applicant} | {person for step in item.request.steps for person in step.approvers}
    told = {copy.person for copy in await copies.of_item(ctx.tx, item.id) if copy.kind == views.INFORMED}
    people = {one.id: one for role in roles for one in await directory.in_role(ctx.tx, role)}
    return [one for one in people.values() if one.id not in parties | told]


def _closed_now(before: store.Item, after: store.Item) -> bool:
    return before.request.state in engine.OPEN and after.request.state not in engine.OPEN
