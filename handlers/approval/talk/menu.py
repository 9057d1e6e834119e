"""“办事”, “已办”, and a guess at what was meant before the desk gives up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cards import approval as approval_cards
from cards import form_words, loose, vocabulary
from cards import leave as leave_cards
from cards import menu as menu_cards
from cards.model import Message, Text
from connectors.events import TextReceived
from handlers import senders
from handlers.approval import access, store, views
from handlers.approval.language import book
from handlers.context import Context
from handlers.days import phrases
from handlers.mailroom import prompts
from handlers.mailroom.prompts import Prompt
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

OFFER: Final = "menu.offer"
_PATIENCE: Final = timedelta(minutes=10)
_GOING: Final = ("trip", "vehicle")
"""The forms of whoever goes somewhere."""


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """To be asked late: a guess must not take the words of somebody who knows better."""
    person = await senders.known(ctx, event.sender)
    word = vocabulary.plain(event.text)
    message = await _answer(ctx, person, word, event.text.strip())
    if message is None:
        return PASS
    await senders.answer(ctx, event, message, "menu")
    return None


async def _answer(ctx: Context, person: Person, word: str, text: str) -> Message | None:
    subject = menu_cards.asks(word)
    if subject is not None:
        subjects = _subjects(ctx)
        return menu_cards.forms(subjects, only=subject) if subjects else Text(menu_cards.nothing())
    number = menu_cards.asks_records(word)
    if number is not None:
        return await _records(ctx, person, number)
    if menu_cards.asks_decided(word):
        items = await store.decided_by(ctx.tx, person.id, limit=6)
        shown = [await views.item_view(ctx, item, reader=person.id, kind=views.INFORMED) for item in items]
        return approval_cards.decided_list(shown, now=ctx.now)
    if word in vocabulary.HELP:
        return None
    if closed := menu_cards.opens(word, _names(ctx, enabled=False)):
        return Text(menu_cards.not_here(closed))
    meant = menu_cards.likely(word, _names(ctx))
    if not meant and vocabulary.ill(word):
        await _keep(ctx, person, text, [vocabulary.SICK])
        return Text(leave_cards.offer_sick(text))
    meant = menu_cards.either(_going(ctx, text), meant)
    if not meant:
        closed = menu_cards.named(word, _names(ctx, enabled=False))
        return Text(menu_cards.not_here(closed)) if closed else None
    await _keep(ctx, person, text, meant)
    return Text(menu_cards.offer(text, meant))


def _going(ctx: Context, text: str) -> list[str]:
    """`明天去市局送材料`: the titles of the forms for going there; none for other words."""
    today = ctx.now.astimezone(ctx.office.timezone).date()
    place, _ = form_words.destination(phrases.read(text, today=today, calendar=ctx.office.calendar).rest)
    forms = [ctx.office.of(book.Forms).find(code) for code in _GOING if place]
    return [form.title for form in forms if form is not None]


async def _keep(ctx: Context, person: Person, text: str, titles: list[str]) -> None:
    """So that “是” begins it, unless another question is open."""
    if not await prompts.waits(ctx.tx, person.id, now=ctx.now):
        data = {"text": text, "titles": titles, "aside": True}  # any other words are about something else
        await prompts.ask(ctx.tx, person.id, OFFER, data, until=ctx.now + _PATIENCE, now=ctx.now)


def taken_up(prompt: Prompt, answer: str) -> str | None:
    """The sentence that begins the form which was offered, with what was said before; None for another answer."""
    titles = prompt.data["titles"]
    named = answer.strip() if answer.strip() in titles else titles[0] if loose.is_yes(answer, "") else ""
    return f"{named} {prompt.data['text']}" if named else None


async def _records(ctx: Context, person: Person, number: str) -> Message | None:
    """The page decides what its reader sees; a number that is none of the office's is nobody's word here."""
    base = ctx.office.public_url.rstrip("/")
    if not number:
        allowed = base and access.LOG_READERS & await directory.roles_of(ctx.tx, person.id)
        url = f"{base}/office/log"
        return menu_cards.records(url, number="") if allowed else Text(menu_cards.records_refused())
    item = await store.numbered(ctx.tx, int(number))
    if item is None or not base:
        return None
    return menu_cards.records(f"{base}/office/items/{item.id}/proof", number=number)


def _subjects(ctx: Context) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for form in ctx.office.of(book.Forms).enabled():
        found.setdefault(form.category, []).append(form.title)
    return found


def _names(ctx: Context, *, enabled: bool = True) -> Mapping[str, tuple[str, ...]]:
    forms = ctx.office.of(book.Forms).by_code.values()
    return {form.title: (form.title, *form.aliases) for form in forms if form.is_enabled is enabled}


ROUTES: Router = router((TextReceived, on_text))
