"""Verbs without a number: which item was meant is worked out from what waits, shown, and asked where it decides.

A deciding word on the only item that it can be about is confirmed first, with the version that was shown; urging and
taking back an only item happen at once, and the answer says which it was. Several are listed and a number is awaited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from cards import loose as words
from cards.loose import Said
from cards.model import Text
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.approval import act, drafts, engine, store, views
from handlers.approval.engine import Act, Verb
from handlers.approval.leaves import takeback
from handlers.approval.standins import proxy_store
from handlers.approval.talk import batch, opinions, verbs
from handlers.context import Context
from handlers.mailroom import prompts
from handlers.mailroom.prompts import Prompt
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

WHICH: Final = "approval.which"
_PATIENCE: Final = timedelta(minutes=10)
_LOOKED_AT: Final = 30
_OWN: Final = frozenset({Verb.URGE, Verb.WITHDRAW})


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """The answer to our question, or one of the words of `cards.loose`; an open question of others comes first."""
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    prompt = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    answer = await _answered(ctx, person, prompt, event) if prompt is not None and prompt.kind == WHICH else ""
    if not answer:
        said = words.said(event.text) or words.by_name(event.text)
        if said is None or not _may_read(prompt, said):
            return PASS
        answer = await _meant(ctx, person, said)
    if not answer:
        return PASS
    await senders.answer(ctx, event, Text(answer), "meant")
    return None


def _may_read(prompt: Prompt | None, said: Said) -> bool:
    """While something else is asked, only words with a number are ours; the others may be the answer."""
    if prompt is not None and prompt.kind == drafts.FILL:
        return prompt.data["asks"] != drafts.REASON or bool(said.numbers)
    return prompt is None or prompt.kind == WHICH or bool(said.numbers) or not prompt.data.get("field", True)


async def _answered(ctx: Context, person: Person, prompt: Prompt, event: TextReceived) -> str:
    """“是”, or a number, after our question; "" for other words, which close it."""
    data = prompt.data
    verb, numbers = Verb(data["verb"]), words.number(event.text)
    if len(data["items"]) == 1 and words.is_yes(event.text, verb.value):
        numbers = (int(next(iter(data["items"]))),)
    await prompts.drop(ctx.tx, person.id)
    known = [one for one in numbers if str(one) in data["items"]]
    if not known or len(known) != len(numbers):
        return ""
    if len(known) > 1:
        return await _many(ctx, person, Said(verb=verb.value, numbers=tuple(known)))
    item = await store.numbered(ctx.tx, known[0])
    if item is None:
        raise errors.NotFound(number=known[0])
    return await _do(ctx, person, item, verb, str(data["rest"]), seen=int(data["items"][str(known[0])]))


async def _meant(ctx: Context, person: Person, said: Said) -> str:
    """"" for words with a name in which nobody is named who waits."""
    verb = Verb(said.verb)
    if len(said.numbers) > 1:
        return await _many(ctx, person, said)
    if said.numbers:
        item = await store.numbered(ctx.tx, said.numbers[0])
        if item is None:
            raise errors.NotFound(number=said.numbers[0])
        if verb is Verb.WITHDRAW:
            verb = takeback.of(item).verb
        elif verb is Verb.TRANSFER and await _only_urges(ctx, person, item, said.rest):
            return await _do(ctx, person, item, Verb.URGE, "")
        return await _do(ctx, person, item, verb, said.rest)
    items = await _candidates(ctx, person, verb)
    if said.whose:
        items = [one for one in items if await _is_of(ctx, one, said.whose)]
    if not items:
        return "" if said.whose else words.none(said.verb)
    if verb in _OWN and (len(items) == 1 or said.latest):
        return await _do(ctx, person, max(items, key=lambda one: one.number), verb, "")
    await _ask(ctx, person, items, said)
    kind = views.MINE if verb in _OWN else views.DECIDE
    shown = [await views.item_view(ctx, one, reader=person.id, kind=kind) for one in items]
    return words.confirm(shown[0], said.verb, said.rest) if len(shown) == 1 else words.which(shown, said.verb)


async def _only_urges(ctx: Context, person: Person, item: store.Item, name: str) -> bool:
    """`请李主任批一下1号` from the applicant while it waits for just that person."""
    if item.request.applicant != person.id or Verb.TRANSFER in await _allowed(ctx, item, person):
        return False
    meant = await directory.named(ctx.tx, name)
    return any(one.id in engine.waiting_for(item.request) for one in meant)


async def _candidates(ctx: Context, person: Person, verb: Verb) -> list[store.Item]:
    """What this person may do this to now."""
    if verb in _OWN:
        states = (engine.State.PENDING,) if verb is Verb.URGE else (engine.State.PENDING, engine.State.RETURNED)
        own = await store.of_applicant(ctx.tx, person.id, limit=_LOOKED_AT)
        return [one for one in own if one.request.state in states]
    waiting = await store.waiting(ctx.tx, person.id, limit=_LOOKED_AT)
    return [one for one in waiting if verb in await _allowed(ctx, one, person)]


async def _is_of(ctx: Context, item: store.Item, whose: str) -> bool:
    applicant = await directory.load(ctx.tx, item.request.applicant)
    return applicant is not None and applicant.name in whose


async def _allowed(ctx: Context, item: store.Item, person: Person) -> Sequence[Verb]:
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    return engine.allowed(item.request, by=person.id, principals=principals, now=ctx.now)


async def _ask(ctx: Context, person: Person, items: Sequence[store.Item], said: Said) -> None:
    seen = {str(one.number): one.request.version for one in items}
    data: dict[str, Any] = {"verb": said.verb, "rest": said.rest, "items": seen}
    await prompts.ask(ctx.tx, person.id, WHICH, data, until=ctx.now + _PATIENCE, now=ctx.now)


async def _do(
    ctx: Context, person: Person, item: store.Item, verb: Verb, rest: str, *, seen: int | None = None
) -> str:
    """Raises RuleErrors, ReasonMissing with the item, so that the reason is asked for."""
    to: tuple[str, ...] = ()
    if verb is Verb.TRANSFER:
        name, _, rest = rest.partition(" ")
        to = ((await verbs.someone(ctx, name, item=item.id)).id,)
    opinion = await opinions.meant(ctx, person.id, item, rest) if rest else ""
    wanted = Act(verb=verb, opinion=opinion, to=to, seen=seen)
    try:
        after = await act.perform(ctx, item.id, wanted, by=person)
    except errors.ReasonMissing:
        raise errors.ReasonMissing(verb=verb, item=item.id) from None
    return await verbs.done(ctx, after, person, verb)


async def _many(ctx: Context, person: Person, said: Said) -> str:
    if said.verb != Verb.APPROVE:
        return words.one_by_one(said.verb)
    done, undo = await batch.approve_numbered(ctx, person, said.numbers)
    shown = [await views.item_view(ctx, one, reader=person.id, kind=views.DECIDE) for one in done]
    refused = [one for one in said.numbers if one not in {item.number for item in done}]
    return words.approved(shown, refused, undo=undo)


ROUTES: Router = router((TextReceived, on_text))
