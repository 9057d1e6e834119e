"""A called meeting at another time, in another room, not at all: “会议改到周五下午4点”, “会议推迟半小时”, “取消会议”.

What was understood of a move is confirmed on a card; taking a meeting back is its own card's button.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cards import approval as approval_cards
from cards import meeting_changes as words
from cards.model import Text
from connectors.events import ButtonPressed, TextReceived
from handlers import senders
from handlers.approval import post, store, views
from handlers.approval.language import book
from handlers.approval.meetings import bookings, meeting_call, meeting_move, meeting_progress
from handlers.approval.talk import asking, menu, own_talk
from handlers.approval.talk.meeting_talk import about, clock
from handlers.calendar import asked
from handlers.calendar import store as reservations
from handlers.calendar.asked import Times
from handlers.calendar.rules import Kind, Period
from handlers.context import Context
from handlers.mailroom import prompts
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

MOVE: Final = "meeting-move"


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """PASS where the words may answer a question, or be about something else than a meeting that this person called.

    Raises as `meeting_move.called`.
    """
    off, move = words.calls_off(event.text), words.moves(event.text)
    said = off or move
    person = await directory.by_ref(ctx.tx, event.sender) if said else None
    if person is None or said is None or await _is_asked(ctx, person):
        return PASS
    meant = await _meant(ctx, person, said)
    if meant:
        return await (_called_off(event, ctx, person, meant) if off else _move(event, ctx, person, said, meant))
    if await own_talk.begin(ctx, event, person):
        return None  # a meeting that was applied for, not called
    if not words.is_any(said.what):
        return PASS
    await senders.answer(ctx, event, Text(words.none()))
    return None


async def on_button(event: ButtonPressed, ctx: Context) -> Answer:
    """改期 on the card of whoever called it: when to is asked. Raises as `meeting_move.called`."""
    tap = await senders.tapped(ctx, event, MOVE)
    item = await store.load(ctx.tx, tap[1].item) if tap else None
    form = ctx.office.of(book.Forms).find(meeting_move.CODE)
    if tap is None or item is None or form is None:
        return PASS
    await meeting_move.called(ctx, item.number, by=tap[0].id)
    key = senders.reply_key(event)
    await asking.start(ctx, tap[0], form, {"number": item.number}, to=event.sender, key=key, first=True)
    return None


async def _is_asked(ctx: Context, person: Person) -> bool:
    """Whether a question is open to which words about a meeting may be the answer: why, what for."""
    prompt = await prompts.peek(ctx.tx, person.id, now=ctx.now)
    return not asking.is_free(prompt) and prompt is not None and prompt.kind != menu.OFFER


async def _move(
    event: TextReceived, ctx: Context, person: Person, move: words.Move, meant: Sequence[store.Item]
) -> Answer:
    form = ctx.office.of(book.Forms).find(meeting_move.CODE)
    if form is None:
        return PASS
    if len(meant) > 1:
        await senders.answer(ctx, event, Text(words.which(_rows(meant))))
        return None
    values = await _moved(ctx, meant[0], move)
    if isinstance(values, str):
        await senders.answer(ctx, event, Text(values))
        return None
    await asking.start(ctx, person, form, values, to=event.sender, key=senders.reply_key(event))
    return None


async def _called_off(event: TextReceived, ctx: Context, person: Person, meant: Sequence[store.Item]) -> Answer:
    """The card with the button that takes the whole meeting back."""
    if len(meant) > 1:
        await senders.answer(ctx, event, Text(words.which_off(_rows(meant))))
        return None
    button = approval_cards.taking_back(meant[0].request.state.value, meant[0].form)
    await senders.answer(ctx, event, Text(words.off(button)))
    await post.send(ctx, meant[0], person.id, kind=views.MINE, to=event.sender)
    return None


def _rows(meetings: Sequence[store.Item]) -> list[tuple[int, str, str]]:
    return [(one.number, str(one.fields["topic"]), meeting_move.said(one.fields)) for one in meetings]


async def _meant(ctx: Context, person: Person, move: words.Move) -> list[store.Item]:
    """By number only what is a meeting of anybody's: `3号改到5月9日` is a leave's."""
    if move.number:
        item = await store.numbered(ctx.tx, move.number)
        if item is None or item.form != meeting_call.CODE or not (move.what or item.request.applicant == person.id):
            return []
        return [await meeting_move.called(ctx, move.number, by=person.id)]
    if not move.what:
        return []
    own = await meeting_progress.to_come(ctx, person.id)
    if words.is_any(move.what):
        return own
    return [one for one in own if words.is_this(move.what, one.fields["topic"])] or _on(ctx, move.what, own)


def _on(ctx: Context, what: str, meetings: Sequence[store.Item]) -> list[store.Item]:
    """`周五的会`, `下午的会议`: those of that time."""
    if not words.is_meeting(what):
        return []
    said = asked.once(what, about(ctx, ctx.now.astimezone(ctx.office.timezone).date()))
    times = [(one, bookings.meeting_time(ctx, one.fields)) for one in meetings] if said else []
    return [one for one, period in times if period and said and period.meets(said.periods[0])]


async def _moved(ctx: Context, meeting: store.Item, move: words.Move) -> dict[str, Any] | str:
    """What the form is filled in with, or what to say where neither a time nor a room was understood."""
    old = bookings.meeting_time(ctx, meeting.fields)
    assert old is not None  # `meeting_progress.is_to_come`
    values: dict[str, Any] = {"number": meeting.number, "time": meeting.fields["time"]}
    if move.shift:
        by = timedelta(minutes=move.shift)
        return {**values, "time": clock(ctx, Period(old.begin + by, old.end + by))}
    room, rest = await _room(ctx, move.rest)
    found = _said(ctx, rest, old)
    if found is None:
        place = rest if move.elsewhere and not room else room if not rest else ""
        return {**values, "room": place} if place else words.unclear(meeting.number)
    if found.halves:
        return words.which_hour()
    said = {"room": room, "reason": found.rest.strip(" ，,。在")}
    values |= {name: value for name, value in said.items() if value}
    return {**values, "time": clock(ctx, _at(ctx, found, old))}


def _said(ctx: Context, text: str, old: Period) -> Times | None:
    """An hour alone is one of the meeting's own day."""
    today, day = (at.astimezone(ctx.office.timezone).date() for at in (ctx.now, old.begin))
    found = asked.once(text, about(ctx, today)) if text else None
    return asked.once(text, about(ctx, day)) if found is not None and found.day_unsaid else found


def _at(ctx: Context, said: Times, old: Period) -> Period:
    """As long as it was, where no end is said; at the same hour, where only a day is."""
    new = said.periods[0]
    if not said.all_day:
        return Period(new.begin, new.begin + old.length) if said.open_end else new
    zone = ctx.office.timezone
    day = new.begin.astimezone(zone).date()
    begin = datetime.combine(day, old.begin.astimezone(zone).time(), zone)
    return Period(begin, begin + old.length)


async def _room(ctx: Context, text: str) -> tuple[str, str]:
    """The room that is named, "" for none, and the words without it."""
    rooms = [one.name for one in await reservations.resources(ctx.tx, Kind.ROOM)]
    named = max((one for one in rooms if one in text), key=len, default="")
    before, _, after = text.partition(named) if named else (text, "", "")
    return named, f"{before.rstrip('在到去，, ')} {after}".strip(" ，,")


ROUTES: Router = router((TextReceived, on_text), (ButtonPressed, on_button))
