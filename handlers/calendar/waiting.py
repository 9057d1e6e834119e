"""The queue for a time that is taken: first come, first served, and told at once when it is theirs."""

from __future__ import annotations

from dataclasses import replace

from cards import calendar as calendar_cards
from cards.model import Text
from handlers import errors
from handlers.audit import log
from handlers.calendar import booked, facts, store
from handlers.calendar.rules import Resource
from handlers.calendar.store import Place, Reservation
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import to_ms

_MOST = 20


async def join(ctx: Context, place: Place) -> Place:
    """A place at the end of the queue. Raises BadRequest: book_past, queue_full (somebody with twenty places)."""
    if place.period.begin <= ctx.now:
        raise errors.BadRequest("book_past")
    own = await store.queued_by(ctx.tx, place.person)
    same = [one for one in own if (one.kind, one.resource, one.period) == (place.kind, place.resource, place.period)]
    if same:
        return same[0]
    if len([one for one in own if one.period.end > ctx.now]) >= _MOST:
        raise errors.BadRequest("queue_full", most=_MOST)
    placed = replace(place, id=await store.queue(ctx.tx, place, now=ctx.now))
    await _record(ctx, placed)
    return placed


async def leave(ctx: Context, place: Place) -> bool:
    """Gives the place up; False when it was gone already."""
    if not await store.move_place(ctx.tx, place.id, state="gone", now=ctx.now):
        return False
    await _record(ctx, replace(place, state="gone"))
    return True


async def holds(ctx: Context, place: Place) -> Reservation | None:
    """What was booked for this place and is still held; None while it waits, and once that was given up."""
    if place.state != "told":
        return None
    held = await store.of_person(ctx.tx, place.person, since=ctx.now, limit=200)
    mine = [one for one in held if one.period == place.period and place.resource in (0, one.resource)]
    return next(iter(mine), None)


async def served(ctx: Context, place: Place, booking: int, one: Resource) -> None:
    """It is theirs under this booking, in their calendar too: told in words, and how to give it back."""
    if not await store.move_place(ctx.tx, place.id, state="told", now=ctx.now):
        return
    await _record(ctx, replace(place, state="told"))
    await booked.enter(ctx, booking, [one], place.period, person=place.person, subject=place.subject)
    who = await directory.load(ctx.tx, place.person)
    where = await directory.reach(ctx.tx, who) if who else None
    if where is None:
        return
    words = calendar_cards.your_turn(
        one.name, place.period.begin, place.period.end, booking=booking, now=ctx.now, subject=place.subject
    )
    letter = Letter(to=where, message=Text(words), key=f"queue/{place.id}/told", urgent=True)
    await outbox.post(ctx.tx, letter, now=ctx.now)


async def _record(ctx: Context, place: Place) -> None:
    fact = facts.WaitMoved(
        wait=f"wait-{place.id}",
        person=place.person,
        kind=place.kind.value,
        resource=place.resource,
        begin_ms=to_ms(place.period.begin),
        end_ms=to_ms(place.period.end),
        state=place.state,
        people=place.need.people,
        equipment=place.need.equipment,
        subject_words=place.subject,
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
