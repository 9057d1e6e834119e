"""Rooms, vehicles and drivers of `office.yaml` brought into the tables; what is struck out there is out of use here."""

from __future__ import annotations

from dataclasses import replace

from handlers.audit import log
from handlers.calendar import facts, store
from handlers.calendar.rules import Kind, Resource, Thing
from handlers.context import Context
from handlers.people import directory


async def bring_in(ctx: Context, things: tuple[Thing, ...]) -> int:
    """Adds, changes and retires; how many changed. Bookings of a retired one stay, so that people can be told."""
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
            changed += 1
    return changed


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
