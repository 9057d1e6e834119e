"""Rooms, vehicles and drivers of `office.yaml` brought into the tables; what is struck out there is out of use here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from cards import calendar as calendar_cards
from cards.model import Text
from handlers.audit import log
from handlers.calendar import facts, store
from handlers.calendar.rules import Kind, Period, Resource, Thing
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory

_AHEAD: Final = timedelta(days=800)
"""Nothing is booked farther ahead than this (`book_days_ahead` and a rule's year)."""


async def bring_in(ctx: Context, things: tuple[Thing, ...]) -> int:
    """Adds, changes and retires; how many changed. Bookings of a retired one stay; their holders are told."""
    present = {(one.kind, one.name): one for one in await store.resources(ctx.tx, all=True)}
    wanted = {(thing.kind, thing.name): await _as_resource(ctx, thing) for thing in things}
    changed = 0
    for key, one in wanted.items():
        before = present.get(key)
        if before is None or _differs(before, one):
            await _save(ctx, one)
            changed += 1
    for key, one in present.items():
        if key not in wanted and one.active:
            await _save(ctx, replace(one, active=False))
            await _tell_holders(ctx, one)
            changed += 1
    return changed


async def _tell_holders(ctx: Context, one: Resource) -> None:
    """Whoever still has it booked must look for another one; a message each, with every time."""
    ahead = Period(ctx.now, ctx.now + _AHEAD)
    held = await store.between(ctx.tx, ahead, resource=one.id)
    for person in dict.fromkeys(each.person for each in held):
        who = await directory.load(ctx.tx, person)
        where = await directory.reach(ctx.tx, who) if who and who.active else None
        if where is None:
            continue
        times = [(each.period.begin, each.period.end) for each in held if each.person == person]
        words = calendar_cards.retired(one.name, times, now=ctx.now)
        key = f"retired/{one.id}/{person}/{held[0].id}"
        await outbox.post(ctx.tx, Letter(to=where, message=Text(words), key=key), now=ctx.now)


async def _as_resource(ctx: Context, thing: Thing) -> Resource:
    person = ""
    if thing.kind is Kind.DRIVER:
        found = await directory.named(ctx.tx, thing.name)
        person = found[0].id if len(found) == 1 else ""
    return Resource(
        id=0, kind=thing.kind, name=thing.name, seats=thing.seats, equipment=thing.equipment, place=thing.place,
        person=person, valid_until=thing.valid_until,
    )  # fmt: skip


def _differs(before: Resource, after: Resource) -> bool:
    return replace(before, id=0, odometer=0) != after


async def _save(ctx: Context, one: Resource) -> None:
    number = await store.save_resource(ctx.tx, one)
    fact = facts.ResourceChanged(
        resource=f"{one.kind}:{one.name}",
        number=number,
        seats=one.seats,
        equipment=one.equipment,
        place=one.place,
        valid_until=one.valid_until.isoformat() if one.valid_until else "",
        active=one.active,
        person=one.person,
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
