"""Words and taps about calendars, rooms and vehicles: find out what was meant, do it, say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cards import actions, taken
from cards import calendar_words as words
from cards.model import Card
from connectors.events import ButtonPressed, ObjectChanged, TextReceived
from handlers import senders
from handlers.calendar import agenda_words, comparing, room_words, sync_words, taken_words
from handlers.calendar.speaking import Speaker
from handlers.context import Context
from handlers.mailroom import prompts
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

Said = Callable[[Speaker, str], Awaitable[bool]]
"""Does what the text says, if it is its own, and answers; False leaves it to the next."""

_ORDER: tuple[Said, ...] = (
    room_words.mine,
    room_words.cancel,
    room_words.leave_queue,
    room_words.join_queue,
    room_words.dispatch,
    agenda_words.change,
    agenda_words.undo,
    sync_words.said,
    agenda_words.share,
    agenda_words.feed,
    agenda_words.write,
    agenda_words.remind,
    taken_words.taken,
    agenda_words.ask,
    room_words.free,
    room_words.book,
)

_LOOSE: frozenset[Said] = frozenset(
    {taken_words.taken, agenda_words.ask, room_words.free, room_words.book}
)
"""Sentences rather than commands: while a question of ours is open they may be its answer."""


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """The first that knows the words does them."""
    rooms = room_words.names(ctx)
    if not words.concerns(event.text, rooms) and taken.asks(event.text, rooms) is None:
        return PASS
    person = await directory.by_ref(ctx.tx, event.sender)
    if person is None:
        return PASS  # the next says what strangers are told
    speaker = Speaker(ctx=ctx, person=person, to=event.sender, key=senders.reply_key(event, "cal"))
    may_answer = await _may_answer(ctx, person, event.text, rooms)
    for said in _ORDER:
        if may_answer and said in _LOOSE:
            continue
        if await said(speaker, event.text.strip()):
            return None
    return PASS


async def _may_answer(ctx: Context, person: Person, text: str, rooms: frozenset[str]) -> bool:
    """Whether a question of ours is open that this may be the answer to."""
    asked = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    if asked is None or asked.data.get("aside") or words.unmistakable(text):
        return False
    return bool(asked.data.get("in_words", True)) or not words.no_choice(text, rooms)


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """Giving a booking up, undoing an entry; only for whom the card was made."""
    try:
        claimed = actions.peek(event.payload)
    except actions.BadAction:
        return PASS
    if claimed.act not in _TAPS:
        return PASS
    person = await senders.known(ctx, event.sender)
    action = senders.sealed(ctx, event, person)
    speaker = Speaker(ctx=ctx, person=person, to=event.sender, key=senders.reply_key(event, "cal"))
    return await _TAPS[action.act](speaker, action)


_TAPS: dict[str, Callable[[Speaker, actions.Action], Awaitable[Card | None]]] = {
    room_words.UNBOOK: room_words.on_unbook,
    agenda_words.UNDO: agenda_words.on_undo,
    comparing.TAKE: comparing.on_choice,
    comparing.PUT: comparing.on_choice,
    comparing.LEAVE: comparing.on_choice,
}

ROUTES: Router = router(
    (ButtonPressed, on_button), (TextReceived, on_text), (ObjectChanged, comparing.on_changed)
)
