"""A person's own quick opinions by chat: seen, added to, taken from."""

from __future__ import annotations

from cards import opinions as words
from cards.model import Message, Text
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.approval import access, store
from handlers.approval.talk import opinions
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    if "常用意见" not in event.text and not words.lists(event.text):
        return PASS
    person = await senders.known(ctx, event.sender)
    answer = await _answer(ctx, person, event.text)
    if answer is None:
        return PASS
    await senders.answer(ctx, event, answer, "opinion")
    return None


async def _answer(ctx: Context, person: Person, text: str) -> Message | None:
    if words.lists(text):
        return words.listed(await opinions.own(ctx.tx, person.id))
    if words.forgets(text):
        return Text(words.forgotten(await opinions.forget(ctx.tx, person.id)))
    if wanted := words.adds(text):
        await opinions.add(ctx, person.id, wanted)
        return Text(words.added(wanted))
    if which := words.removes(text):
        return Text(words.removed(await opinions.remove(ctx.tx, person.id, which)))
    number = words.of_item(text)
    return None if number is None else Text(await _of_item(ctx, person, number))


async def _of_item(ctx: Context, person: Person, number: int) -> str:
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number)
    if not await access.may_read(ctx.tx, item, person=person.id, roles=await directory.roles_of(ctx.tx, person.id)):
        raise errors.NotAllowed(verb="read", item=item.id)
    return words.for_item(number, await opinions.offered(ctx, person.id, item))


ROUTES: Router = router((TextReceived, on_text))
