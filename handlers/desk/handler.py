"""The last to be asked: help for words nobody understood, and a word of thanks for what is not text."""

from __future__ import annotations

from cards import desk as desk_cards
from cards import help as help_cards
from cards import vocabulary
from cards.model import Text
from connectors.events import ChatOpened, MediaReceived, MenuPressed, TextReceived
from connectors.refs import PersonRef
from handlers import senders
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.routing import Router, router


async def on_text(event: TextReceived, ctx: Context) -> None:
    """A subject's words; the help card for who asks for it; else what was not understood, and what could be said."""
    key = senders.reply_key(event)
    word = vocabulary.plain(event.text)
    if word in vocabulary.THANKS:
        letter = Letter(to=event.sender, message=Text(desk_cards.welcome()), key=f"{key}:welcome")
        await outbox.post(ctx.tx, letter, now=ctx.now)
        return
    if vocabulary.asks_for_people(word):
        roles = [await directory.in_role(ctx.tx, role) for role in ("admin", "personnel")]
        words = Text(desk_cards.who_helps(*([one.name for one in people] for people in roles)))
        await outbox.post(ctx.tx, Letter(to=event.sender, message=words, key=f"{key}:people"), now=ctx.now)
        return
    topic = help_cards.topic(word)
    if topic is not None:
        await outbox.post(ctx.tx, Letter(to=event.sender, message=topic, key=f"{key}:help"), now=ctx.now)
        return
    if word in vocabulary.HELP:
        await _help(ctx, event.sender, key)
        return
    words = Text(desk_cards.not_understood(event.text.strip()))
    await outbox.post(ctx.tx, Letter(to=event.sender, message=words, key=f"{key}:what"), now=ctx.now)


async def on_menu(event: MenuPressed, ctx: Context) -> None:
    await _help(ctx, event.sender, senders.reply_key(event))


async def on_media(event: MediaReceived, ctx: Context) -> None:
    """Pictures, voices and files find no use before forms with attachments; a recognised voice is answered as text."""
    key = senders.reply_key(event)
    await outbox.post(ctx.tx, Letter(to=event.sender, message=Text(desk_cards.only_text()), key=key), now=ctx.now)


async def on_opened(event: ChatOpened, ctx: Context) -> None:
    """Opening the chat is no request: nothing is sent, so that nobody is greeted ten times a day."""


async def _help(ctx: Context, to: PersonRef, key: str) -> None:
    person = await senders.known(ctx, to)
    card = help_cards.card(name=person.name, office=ctx.office.name)
    await outbox.post(ctx.tx, Letter(to=to, message=card, key=f"{key}:help"), now=ctx.now)


ROUTES: Router = router(
    (TextReceived, on_text), (MenuPressed, on_menu), (MediaReceived, on_media), (ChatOpened, on_opened)
)
