"""Changing fields in words: `改 3` asks what can be changed, `改 3 份数=5` changes it; a tap on 修改 asks as well."""

from __future__ import annotations

from cards import amend as words
from cards.model import Card, Message, Text
from handlers import errors
from handlers.approval import act, editing, engine, faces, sight, store, views
from handlers.approval.engine import Act, Verb
from handlers.approval.language import book, surroundings
from handlers.approval.standins import proxy_store
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person


async def answer(ctx: Context, person: Person, number: int, rest: str, *, account: str) -> Message:
    """What to say to `改 number rest`, after doing it. Raises RuleErrors."""
    item = await store.numbered(ctx.tx, number)
    if item is None:
        raise errors.NotFound(number=number, verb=Verb.AMEND)
    codes = await _codes(ctx, item, person)
    if not rest:
        return await offer(ctx, item, person, codes, account=account)
    form = await book.of_item(ctx, item)
    try:
        values = await editing.typed(ctx, form, words.pairs(rest), codes)
        after = await act.perform(ctx, item.id, Act(verb=Verb.AMEND, values=values), by=person)
    except errors.RuleError as refused:
        refused.circumstances.setdefault("item", item.id)
        refused.circumstances.setdefault("number", number)
        raise
    changes = await editing.told(ctx, after, after.request.decisions[-1].changes)
    return Text(words.done(number, await _what(ctx, after, person), changes))


async def tapped(ctx: Context, item: store.Item, person: Person, *, account: str) -> Card:
    """A tap carries no values: what can be changed, and how."""
    return await offer(ctx, item, person, await _codes(ctx, item, person), account=account)


async def offer(
    ctx: Context, item: store.Item, person: Person, codes: tuple[str, ...], *, account: str
) -> Card:
    form = await book.of_item(ctx, item)
    names = await faces.names_in(ctx.tx, form, item.fields)
    today = surroundings.today(ctx)
    now = {code: editing.shown(form, code, item.fields.get(code), names, today) for code in codes}
    fields = [(form.fields[code].title, value) for code, value in now.items()]
    url = views.page_url(ctx, item.id, account=account)
    return words.offer(await _what(ctx, item, person), item.number, fields, url=f"{url}#amend" if url else "")


async def _codes(ctx: Context, item: store.Item, person: Person) -> tuple[str, ...]:
    """What this person may change now. Raises what stands against it, as for the change itself."""
    principals = await proxy_store.principals(ctx.tx, person.id, form=item.form, at=ctx.now)
    form = await book.of_item(ctx, item)
    codes = editing.editable(item, form, by=person.id, principals=principals)
    if not codes:
        wanted = Act(verb=Verb.AMEND, values={"": ""})
        try:
            engine.authorise(item.request, wanted, by=person.id, principals=principals, now=ctx.now)
        except errors.RuleError as refused:
            refused.circumstances.setdefault("item", item.id)
            raise
    return codes


async def _what(ctx: Context, item: store.Item, person: Person) -> str:
    seen = await sight.of(ctx, item, reader=person.id)
    applicant = await directory.load(ctx.tx, item.request.applicant)
    return f"{applicant.name if applicant else ''}的{(await faces.of(ctx, item)).title(seen.fields)}"
