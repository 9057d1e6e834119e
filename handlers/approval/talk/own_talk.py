"""“用车取消”, “不出差了”, “出差延长一天”, “3号到哪了”: words about what was submitted, answered with its card.

Asked late, when nobody else has understood: leaves and called meetings have words of their own (`leave_talk`,
`meeting_changes`). Nothing happens by words here, the card's button does it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cards import approval as approval_cards
from cards import menu, vocabulary
from cards import own as words
from cards.model import Text
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.approval import access, cancelling, engine, faces, post, store, views
from handlers.approval.engine import State
from handlers.approval.language import book
from handlers.approval.standins import proxy_store
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

_LATEST: Final = 30
_RECENT: Final = timedelta(days=30)
_OPEN: Final = (State.PENDING, State.RETURNED)


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS
    number = words.shows(event.text)
    if number is not None:
        item = await store.numbered(ctx.tx, number)
        if item is None:
            raise errors.NotFound(number=number)
        await _show(ctx, event, person, item)
        return None
    if await begin(ctx, event, person) or await _why_not(ctx, event, person):
        return None
    return await _named(ctx, event, person)


async def begin(ctx: Context, event: TextReceived, person: Person) -> bool:
    """Answers words about what is not wanted any more, or not as it is; False for others."""
    off = words.not_wanted(event.text)
    what = off or words.otherwise(event.text)
    meant = await _meant(ctx, person, what) if what else []
    if not meant:
        return False
    live = [one for one in meant if one.request.state in _OPEN or await cancelling.offered(ctx, one)]
    if len(live) > 1:
        await _say(ctx, event, words.which([(one.number, await _title(ctx, one)) for one in live]))
    elif live:
        button = approval_cards.taking_back(live[0].request.state.value, live[0].form)
        await _say(ctx, event, words.here(button) if off else words.first(button))
        await post.send(ctx, live[0], person.id, kind=views.MINE, to=event.sender)
    else:
        await _say(ctx, event, words.over(meant[0].number, await _title(ctx, meant[0])))
    return True


async def names_draft(ctx: Context, person: Person, text: str) -> bool:
    """`加班取消` of somebody who is filling in 加班: the draft is meant, not an answer to its question."""
    what = words.not_wanted(text)
    for one in await store.drafts(ctx.tx, person.id) if what else ():
        form = await book.of_item(ctx, one)
        if words.is_meant(what, (form.title, *form.aliases)):
            return True
    return False


async def _meant(ctx: Context, person: Person, what: str) -> list[store.Item]:
    """The person's own of a form that is called so: what is under way, and what was approved a short while ago."""
    found = []
    for one in await store.of_applicant(ctx.tx, person.id, limit=_LATEST):
        recent = one.request.state is State.APPROVED and one.changed > ctx.now - _RECENT
        form = await book.of_item(ctx, one)
        if (one.request.state in _OPEN or recent) and words.is_meant(what, (form.title, *form.aliases)):
            found.append(one)
    return found


async def _why_not(ctx: Context, event: TextReceived, person: Person) -> bool:
    """The reason stands on the card of what was turned down last."""
    if not words.asks_why_not(event.text):
        return False
    own = await store.of_applicant(ctx.tx, person.id, limit=_LATEST)
    down = [one for one in own if one.request.state in (State.REJECTED, State.RETURNED)]
    if down:
        latest = max(down, key=lambda one: one.changed)
        await post.send(ctx, latest, person.id, kind=views.MINE, to=event.sender)
    else:
        await _say(ctx, event, words.nothing_turned_down())
    return True


async def _named(ctx: Context, event: TextReceived, person: Person) -> Answer:
    """A sentence that nobody understands and that names an item: its card says more than a list of what can be said."""
    number = words.names(event.text)
    if menu.asks_records(vocabulary.plain(event.text)) is not None:
        return PASS
    item = await store.numbered(ctx.tx, number) if number is not None else None
    if item is None or person.id not in engine.parties(item.request):
        return PASS
    await _say(ctx, event, words.not_understood(item.number))
    await _show(ctx, event, person, item)
    return None


async def _show(ctx: Context, event: TextReceived, person: Person, item: store.Item) -> None:
    """Its card, to whoever it waits for or who asked for it; a page to others who may read it. Raises
    NotAllowed(hidden)."""
    roles = await directory.roles_of(ctx.tx, person.id)
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    if not await access.may_read(ctx.tx, item, person=person.id, roles=roles, principals=principals):
        raise errors.NotAllowed(code="hidden", by=person.id, item=item.id)
    waits = person.id in await store.waited_for(ctx.tx, item.id)
    own = person.id == item.request.applicant
    url = views.page_url(ctx, item.id, account=event.account)
    if waits or own or not url:
        kind = views.DECIDE if waits else views.MINE if own else views.INFORMED
        await post.send(ctx, item, person.id, kind=kind, to=event.sender)
    else:
        told = words.elsewhere(item.number, await _title(ctx, item), url)
        await senders.answer(ctx, event, Text(told), "own-page")


async def _title(ctx: Context, item: store.Item) -> str:
    return (await faces.of(ctx, item)).title(item.fields)


async def _say(ctx: Context, event: TextReceived, text: str) -> None:
    await senders.answer(ctx, event, Text(text), "own")


ROUTES: Router = router((TextReceived, on_text))
