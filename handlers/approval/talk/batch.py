"""“全部同意”: what waits is shown on one card, what looks unusual is left out of it, one tap agrees to the rest.

Each item goes the way of a single tap, with the version that the card showed, so that nothing is agreed to unseen. For
some seconds all of it or single items can be undone (`undo`); what was offered and what was agreed to are rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cards import actions, loose
from cards import batch as batch_cards
from cards import undo as undo_words
from cards.batch import Line
from cards.model import Card, Text
from connectors.events import ButtonPressed, TextReceived
from connectors.refs import PersonRef
from handlers import errors, senders
from handlers.approval import act, engine, faces, sight, store, undo
from handlers.approval.engine import Act, Verb
from handlers.approval.standins import proxy_store
from handlers.approval.talk import batches, risks
from handlers.approval.talk.batches import Batch
from handlers.context import Context
from handlers.mailroom import copies, due, outbox, prompts
from handlers.mailroom.due import Due
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

ACT: Final = "batch-approve"
UNDO: Final = "batch-undo"
KIND: Final = "batch"
OVER: Final = "approval.batch_over"
ASK: Final = "approval.batch"
_DECIDING: Final = "approval."
"""Questions to somebody who decides, whose place this one may take; one about an own request stays."""
_LOOKED_AT: Final = 50
_PATIENCE: Final = timedelta(minutes=30)
_MOMENT: Final = timedelta(seconds=1)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    if batch_cards.confirms(event.text) or await _says_yes(event, ctx):
        await _confirmed(event, ctx)
        return None
    numbers = undo_words.asked(event.text)
    if numbers is not None:
        return await _undone_in_words(event, ctx, numbers)
    left_out = batch_cards.asked(event.text)
    if left_out is None:
        return PASS
    await _offer(ctx, await senders.known(ctx, event.sender), left_out, to=event.sender)
    return None


async def _says_yes(event: TextReceived, ctx: Context) -> bool:
    """“是” or “同意” right after the list; any other word closes that question, and the card stays as it is."""
    person = await directory.by_ref(ctx.tx, event.sender)
    asked = await prompts.take_of(ctx.tx, person.id, ASK, now=ctx.now) if person is not None else None
    return asked is not None and loose.is_yes(event.text, Verb.APPROVE.value)


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    tap = await senders.tapped(ctx, event, ACT, UNDO)
    if tap is None:
        return PASS
    person, action = tap
    batch = await batches.lock(ctx.tx, action.item)
    if batch is None or batch.person != person.id:
        raise errors.BadRequest("bad_action", by=person.id)
    chosen = [int(one) for one in event.inputs.get(batch_cards.ITEMS, ()) if one.isdecimal()]
    if not chosen:
        await _say(ctx, event, batch_cards.nothing_chosen())
        return await _face(ctx, batch)
    if action.act == UNDO:
        await _undo(ctx, person, batch, chosen)
        return await _face(ctx, batch)
    if batch.is_decided:
        return await _face(ctx, batch)
    _, skipped = await _approve(ctx, person, batch, chosen)
    if skipped:
        await _say(ctx, event, batch_cards.done(len(batch.lines) - len(skipped), skipped))
    return await _face(ctx, await _again(ctx, batch))


async def on_over(row: Due, ctx: Context) -> None:
    """The time to undo is over: the card says what came of it."""
    batch = await batches.lock(ctx.tx, row.payload["batch"])
    if batch is not None:
        await _refresh(ctx, batch)


async def _offer(ctx: Context, person: Person, left_out: frozenset[int], *, to: PersonRef) -> None:
    items = await store.waiting(ctx.tx, person.id, limit=_LOOKED_AT)
    lines = [await _line(ctx, item, person, items, left_out) for item in items]
    going = [(item, line) for item, line in zip(items, lines, strict=True) if not line.flags][: batch_cards.MOST]
    batch = await batches.add(
        ctx.tx, person.id, [(item.id, item.request.version) for item, _ in going], now=ctx.now
    )
    shown = [line for line in lines if line.flags] + [line for _, line in going]
    more = sum(1 for line in lines if not line.flags) - len(going)
    card = batch_cards.card(shown, payload=_pack(ctx, batch, ACT), more=more)
    await copies.open_copy(
        ctx.tx, item=batch.id, person=person.id, to=to, kind=KIND, card=card, version=1, now=ctx.now, urgent=True
    )
    asked = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    if going and (asked is None or asked.kind.startswith(_DECIDING)):
        await prompts.ask(ctx.tx, person.id, ASK, {}, until=ctx.now + _PATIENCE, now=ctx.now)


async def _confirmed(event: TextReceived, ctx: Context) -> None:
    """All that the last card showed, agreed to in words."""
    person = await senders.known(ctx, event.sender)
    batch = await batches.open_one(ctx.tx, person.id, since=ctx.now - _PATIENCE)
    if batch is None:
        await _say(ctx, event, batch_cards.over())
        return
    items = [item for item, _ in batch.lines]
    numbers = [item.number for item in [await store.load(ctx.tx, one) for one in items] if item]
    done, skipped = await _approve(ctx, person, batch, numbers)
    until = await _until(ctx, person, done)
    await _say(ctx, event, batch_cards.done(len(done), skipped, until=until))
    await _refresh(ctx, await _again(ctx, batch))


async def approve_numbered(ctx: Context, person: Person, numbers: Sequence[int]) -> tuple[list[store.Item], str]:
    """Those of them that wait for this person, agreed to as one batch; and until when it can be undone, in words."""
    found = [await store.numbered(ctx.tx, number) for number in numbers]
    items = [one for one in found if one is not None and await _may(ctx, one, person, one.request.version)]
    if not items:
        return [], ""
    batch = await batches.add(ctx.tx, person.id, [(one.id, one.request.version) for one in items], now=ctx.now)
    done, _ = await _approve(ctx, person, batch, [one.number for one in items])
    after = [item for item in [await store.load(ctx.tx, one) for one in done] if item is not None]
    return after, batch_cards.undo_words(await _until(ctx, person, done))


async def _approve(
    ctx: Context, person: Person, batch: Batch, chosen: Sequence[int]
) -> tuple[list[str], list[int]]:
    """(items agreed to, numbers of those that changed since); a refusal by an effect undoes the whole batch."""
    done, skipped = [], []
    for item_id, version in batch.lines:
        item = await store.load(ctx.tx, item_id)
        if item is None or item.number not in chosen:
            continue
        if not await _may(ctx, item, person, version):
            skipped.append(item.number)
            continue
        await act.perform(ctx, item_id, Act(verb=Verb.APPROVE, seen=version), by=person, many=True)
        done.append(item_id)
    await batches.decided(ctx.tx, batch.id, done, now=ctx.now)
    until = await _until(ctx, person, done)
    if until is not None:
        await due.at(ctx.tx, f"{OVER}:{batch.id}", OVER, until + _MOMENT, {"batch": batch.id}, now=ctx.now)
    return done, skipped


async def _undone_in_words(event: TextReceived, ctx: Context, numbers: Sequence[int]) -> Answer:
    """`撤销`: the last batch as far as it can be undone; `撤销 3`: that item, however it was decided."""
    person = await senders.known(ctx, event.sender)
    batch = await batches.latest(ctx.tx, person.id)
    items = [await store.numbered(ctx.tx, number) for number in numbers]
    if not numbers and batch is not None:
        items = [await store.load(ctx.tx, one) for one in batch.done]
    back, late = [], [number for number, item in zip(numbers, items, strict=False) if item is None]
    for item in items:
        if item is None:
            continue
        if undo.held_by(item, person.id) is None:
            late.append(item.number)
            continue
        in_batch = batch is not None and item.id in batch.done
        await act.perform(ctx, item.id, Act(verb=Verb.UNDO), by=person, many=in_batch)
        back.append(item.number)
    if not back and not numbers:
        return PASS  # nothing of ours: the word may mean something else to another area
    if batch is not None and back:
        await _refresh(ctx, batch)
    await _say(ctx, event, undo_words.undone_many(tuple(back), too_late=tuple(late) if numbers else ()))
    return None


async def _undo(ctx: Context, person: Person, batch: Batch, chosen: Sequence[int]) -> None:
    for item_id in batch.done:
        item = await store.load(ctx.tx, item_id)
        if item is not None and item.number in chosen and undo.held_by(item, person.id) is not None:
            await act.perform(ctx, item.id, Act(verb=Verb.UNDO), by=person, many=True)


async def _face(ctx: Context, batch: Batch) -> Card:
    """What the card of a batch shows now: the offer, what can still be undone, or what came of it."""
    items = [item for item in [await store.load(ctx.tx, one) for one, _ in batch.lines] if item]
    person = await directory.load(ctx.tx, batch.person)
    if person is None or not batch.is_decided:
        lines = [await _line(ctx, item, person, items, frozenset()) for item in items] if person else []
        return batch_cards.card(lines, payload=_pack(ctx, batch, ACT))
    done = [item for item in items if item.id in batch.done]
    held = [item for item in done if undo.held_by(item, batch.person) is not None]
    if held:
        until = await _until(ctx, person, [item.id for item in held])
        lines = [await _line(ctx, item, person, (item,), frozenset()) for item in held]
        return batch_cards.agreed(lines, skipped=(), until=until or ctx.now, payload=_pack(ctx, batch, UNDO))
    kept = [item for item in done if _agreed(item, batch.person)]
    lost = [item for item in done if item not in kept]
    undone = [item.number for item in lost if _undid(item, batch.person)]
    overtaken = [item.number for item in lost if item.number not in undone]
    return batch_cards.closed(len(kept), skipped=overtaken, undone=undone)


async def _refresh(ctx: Context, batch: Batch) -> None:
    for copy in await copies.of_item(ctx.tx, batch.id):
        await outbox.refresh(ctx.tx, copy.id, await _face(ctx, batch), now=ctx.now)


async def _again(ctx: Context, batch: Batch) -> Batch:
    return await batches.lock(ctx.tx, batch.id) or batch


async def _until(ctx: Context, person: Person, items: Sequence[str]) -> datetime | None:
    """When the last of these counts; None where nothing can be undone."""
    held = [undo.held_by(item, person.id) for item in [await store.load(ctx.tx, one) for one in items] if item]
    return max((one.until for one in held if one is not None and one.until is not None), default=None)


async def _may(ctx: Context, item: store.Item, person: Person, version: int) -> bool:
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    try:
        wanted = Act(verb=Verb.APPROVE, seen=version)
        engine.authorise(item.request, wanted, by=person.id, principals=principals, now=ctx.now)
    except errors.RuleError:
        return False
    return True


async def _line(
    ctx: Context, item: store.Item, person: Person, items: Sequence[store.Item], left_out: frozenset[int]
) -> Line:
    face = await faces.of(ctx, item)
    applicant = await directory.load(ctx.tx, item.request.applicant)
    able = await _may(ctx, item, person, item.request.version)
    seen = await sight.of(ctx, item, reader=person.id)
    found = await risks.of(ctx, item, items)
    title, told = face.words(seen.fields, ctx.now.astimezone(ctx.office.timezone).date())
    detail = next((line.value for line in told if line.value not in title), "")
    own = (("excluded", item.number in left_out), ("not_a_decision", not able))
    return Line(
        number=item.number,
        title=f"{applicant.name if applicant else ''}的{title}",
        detail=detail,
        flags=(*(code for code, holds in own if holds), *found.flags),
        notes=found.notes,
    )


def _undid(item: store.Item, person: str) -> bool:
    """Rather than being overtaken, by a withdrawal say, before it counted."""
    return any(one.person == person and one.verb is Verb.UNDO for one in item.request.decisions)


def _agreed(item: store.Item, person: str) -> bool:
    return any(one.person == person and one.verb is Verb.APPROVE for one in item.request.decisions)


def _pack(ctx: Context, batch: Batch, what: str) -> str:
    return actions.pack(actions.Action(what, batch.id), to=batch.person, key=ctx.office.card_key)


async def _say(ctx: Context, event: TextReceived | ButtonPressed, text: str) -> None:
    await senders.answer(ctx, event, Text(text), "batch")


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
