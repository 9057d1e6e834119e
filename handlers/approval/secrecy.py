"""What follows when something with a secrecy marking was sent: recorded, the sender told, the secrecy officer told.

Nothing of the content is here any more (`mailroom.screening`, `Front.page`). The same person with the same form and the
same marking within an hour is one matter: a page that saves while somebody types would fill the journal otherwise.
"""

from __future__ import annotations

from datetime import timedelta

from cards import secrecy as words
from cards.model import Card, Text
from connectors.events import ContentWithheld
from connectors.refs import PersonRef
from handlers import senders
from handlers.approval import facts, store
from handlers.approval.language import book
from handlers.approval.talk import asking
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import Router, router

OFFICER = "secrecy_officer"
ADMINISTRATOR = "admin"
_ONE_MATTER = timedelta(hours=1)


async def on_withheld(event: ContentWithheld, ctx: Context) -> Card | None:
    """A message, file or tap; the open question of a form stays open."""
    person = await directory.by_ref(ctx.tx, event.sender)
    form = await _form(ctx, event, person)
    if person is not None:
        await refuse(ctx, person, form=form, rule=event.rule, where=event.where)
    text = Text(words.refused(event.rule, where=event.where))
    await _say(ctx, event.sender, text, senders.reply_key(event, "marked"))
    return None


async def refuse(ctx: Context, person: Person, *, form: str, rule: str, where: str) -> None:
    """The fact, and the letter to the officers; `form` is a code or "", `where` text | file | input | page."""
    if await _told_lately(ctx, person, form, rule):
        return
    refused = facts.ContentRefused(person=person.id, form=form, rule=rule, where=where)
    await log.record(ctx.tx, refused, origin=ctx.origin, now=ctx.now)
    known = ctx.office.of(book.Forms).by_code.get(form)
    card = words.told(name=person.name, form=known.title if known else "", code=rule, where=where)
    for officer in await _officers(ctx):
        to = await directory.reach(ctx.tx, officer) if officer.id != person.id else None
        if to is not None:
            await _say(ctx, to, card, f"marked:{ctx.trace}:{person.id}:{form}:{rule}:{officer.id}")


ROUTES: Router = router((ContentWithheld, on_withheld))


async def _form(ctx: Context, event: ContentWithheld, person: Person | None) -> str:
    """The form that the tapped card, or the question asked last, belongs to."""
    item = event.item
    if not item and person is not None:
        prompt = await prompts.peek(ctx.tx, person.id, now=ctx.now)
        item = str(prompt.data.get("item", "")) if prompt and prompt.kind == asking.ASK else ""
    found = await store.load(ctx.tx, item) if item else None
    return found.form if found else ""


async def _told_lately(ctx: Context, person: Person, form: str, rule: str) -> bool:
    return any(
        row.kind == facts.ContentRefused.KIND
        and (row.data["form"], row.data["rule"]) == (form, rule)
        and row.effective > ctx.now - _ONE_MATTER
        for row in await log.read(ctx.tx, person.id)
    )


async def _officers(ctx: Context) -> list[Person]:
    return await directory.in_role(ctx.tx, OFFICER) or await directory.in_role(ctx.tx, ADMINISTRATOR)


async def _say(ctx: Context, to: PersonRef, message: Text | Card, key: str) -> None:
    await outbox.post(ctx.tx, Letter(to=to, message=message, key=key, urgent=True), now=ctx.now)
