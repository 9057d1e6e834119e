"""“全部同意”: what waits is shown on one card, what looks unusual is left out of it, one tap agrees to the rest.

Each item goes the way of a single tap, with the version that the card showed, so that nothing is agreed to unseen.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from cards import actions
from cards import batch as batch_cards
from cards.batch import Line
from cards.model import Text
from connectors.events import ButtonPressed, TextReceived
from handlers import errors
from handlers.approval import act, engine, faces, proxy_store, sight, store
from handlers.approval.engine import Act, Verb
from handlers.context import Context
from handlers.mailroom import outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

ACT: Final = "batch-approve"
KIND: Final = "approval.batch"
LONG: Final = 5 * 480
"""Minutes of leave from which an item wants a look of its own."""
_MOST: Final = 50
_PATIENCE: Final = timedelta(minutes=30)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    left_out = batch_cards.asked(event.text)
    if left_out is None:
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        raise errors.BadRequest("stranger")
    items = await store.waiting(ctx.tx, person.id, limit=_MOST)
    lines = [await _line(ctx, item, person, items, left_out) for item in items]
    going = [[item.id, item.request.version] for item, line in zip(items, lines, strict=True) if not line.flags]
    await prompts.ask(ctx.tx, person.id, KIND, {"items": going}, until=ctx.now + _PATIENCE, now=ctx.now)
    payload = actions.pack(actions.Action(ACT, "batch"), to=person.id, key=ctx.office.card_key)
    letter = Letter(to=event.sender, message=batch_cards.card(lines, payload=payload), key=_key(event))
    await outbox.post(ctx.tx, letter, now=ctx.now)
    return None


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    try:
        action = actions.unpack(event.payload, to=person.id, key=ctx.office.card_key)
    except actions.BadAction:
        return PASS
    if action.act != ACT:
        return PASS
    prompt = await prompts.take(ctx.tx, person.id, now=ctx.now)
    if prompt is None or prompt.kind != KIND:
        words = batch_cards.over()
    else:
        words = await _approve(ctx, person, prompt.data["items"])
    await outbox.post(ctx.tx, Letter(to=event.sender, message=Text(words), key=_key(event)), now=ctx.now)
    return None


async def _approve(ctx: Context, person: Person, wanted: list[tuple[str, int]]) -> str:
    """Those that changed since are left out; a refusal by an effect undoes the whole batch and is said."""
    count, skipped = 0, []
    for item_id, version in wanted:
        item = await store.load(ctx.tx, item_id)
        if item is None or not await _may(ctx, item, person, version):
            skipped += [item.number] if item else []
            continue
        await act.perform(ctx, item_id, Act(verb=Verb.APPROVE, seen=version), by=person)
        count += 1
    return batch_cards.done(count, skipped)


async def _may(ctx: Context, item: store.Item, person: Person, version: int) -> bool:
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    try:
        wanted = Act(verb=Verb.APPROVE, seen=version)
        engine.authorise(item.request, wanted, by=person.id, principals=principals, now=ctx.now)
    except errors.RuleError:
        return False
    return True


async def _line(
    ctx: Context, item: store.Item, person: Person, items: list[store.Item], left_out: frozenset[int]
) -> Line:
    face = await faces.of(ctx, item)
    applicant = await directory.load(ctx.tx, item.request.applicant)
    able = await _may(ctx, item, person, item.request.version)
    seen = await sight.of(ctx, item, reader=person.id)
    title = f"{applicant.name if applicant else ''}的{face.title(seen.fields)}"
    return Line(number=item.number, title=title, flags=_flags(item, items, left_out, able=able))


def _flags(item: store.Item, items: list[store.Item], left_out: frozenset[int], *, able: bool) -> tuple[str, ...]:
    fields = item.fields
    after = fields.get("after")
    found = {
        "excluded": item.number in left_out,
        "not_a_decision": not able,
        "long": _number(fields.get("minutes")) > LONG,
        "over_balance": after is not None and _number(after) < 0,
        "repeated": Counter(one.request.applicant for one in items)[item.request.applicant] > 1,
    }
    return tuple(flag for flag, holds in found.items() if holds)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _key(event: TextReceived | ButtonPressed) -> str:
    return f"re:{event.account}:{event.key}:batch"


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
