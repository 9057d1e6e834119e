"""Having a room, a vehicle or a driver for a time, and nobody else having it then.

Who books locks the resource first, so that two at once wait for each other and the second is told who was first; what
came past that would still be refused by the database (migration 0003). Everything happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cards import calendar as calendar_cards
from handlers import errors
from handlers.audit import log
from handlers.calendar import facts, rules, settings, store, waiting
from handlers.calendar.rules import Kind, Need, Period, Resource
from handlers.calendar.store import Reservation
from handlers.context import Context
from handlers.days.workdays import MINUTES_A_DAY
from handlers.mailroom import counters
from handlers.people import directory
from handlers.transaction import to_ms

_GRACE = timedelta(minutes=15)
"""A meeting that has just begun may still be entered as an ordinary booking."""
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants: all of `resources` (row ids) at all of `periods`, for `person`.

    `source` is the item that asks, whose form says how late it may come; `held` waits for a decision; `late` marks what
    was entered after the fact.
    """

    resources: tuple[int, ...]
    periods: tuple[Period, ...]
    person: str
    subject: str = ""
    need: Need = rules.ANY
    source: str = ""
    held: bool = False
    late: bool = False


async def reserve(ctx: Context, wish: Wish) -> int:
    """The number of the booking: everything that was wished, or a RuleError and nothing.

    Raises BadRequest: invalid_range, too_long, book_past, book_ahead, too_many_days, no_resource, and retired,
    too_small, lacks or expired for what will not do; Clash, worded with who has it and what is free instead.
    """
    _check_times(ctx, wish)
    locked = await store.lock(ctx.tx, wish.resources)
    if len(locked) != len(set(wish.resources)) or not locked:
        raise errors.BadRequest("no_resource", name="")
    for one in locked:
        _check_fit(ctx, one, wish)
    if clashes := await _clashes(ctx, locked, wish.periods):
        raise await _clash(ctx, wish, locked, clashes)
    number = await counters.take(ctx.tx, "booking")
    for one in locked:
        for period in wish.periods:
            await _add(ctx, number, one, period, wish)
    return number


async def confirm(ctx: Context, reservations: Iterable[Reservation]) -> int:
    """Held ones become booked; how many did."""
    held = [one for one in reservations if one.state == "held"]
    for one in held:
        await _move(ctx, one, state="booked")
    return len(held)


async def cancel(ctx: Context, reservations: Iterable[Reservation]) -> list[Reservation]:
    """Gives up what is not over yet, and tells the first in the queue whom that helps; those that were given up."""
    given_up = [one for one in reservations if one.state in ("held", "booked") and one.period.end > ctx.now]
    await store.lock(ctx.tx, [one.resource for one in given_up])
    for one in given_up:
        await _move(ctx, one, state="cancelled")
    for one in given_up:
        await _serve_queue(ctx, one.resource, one.period)
    return given_up


async def returned(ctx: Context, one: Reservation, *, odometer_out: int, odometer_back: int) -> None:
    """A vehicle is back: the rest of its time is free, its odometer is read. Raises BadRequest(odometer_back)."""
    if odometer_back < odometer_out or not await store.read_odometer(ctx.tx, one.resource, odometer_back):
        found = await store.resource(ctx.tx, one.resource)
        raise errors.BadRequest("odometer_back", last=found.odometer if found else odometer_out)
    await store.driven(ctx.tx, one.id, out=odometer_out, back=odometer_back)
    await ended(ctx, one)
    fact = facts.VehicleReturned(
        booking=str(one.booking),
        reservation=one.id,
        resource=one.resource,
        odometer_out=odometer_out,
        odometer_back=odometer_back,
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def ended(ctx: Context, one: Reservation) -> None:
    """It was used, until now if that is earlier than planned; over before it was to begin, its time was never used."""
    if ctx.now <= one.period.begin:
        await cancel(ctx, [one])
        return
    end = min(one.period.end, ctx.now)
    await _move(ctx, replace(one, period=Period(one.period.begin, end)), state="used")
    if end < one.period.end:
        await _serve_queue(ctx, one.resource, Period(end, one.period.end))


async def free(ctx: Context, kind: Kind, period: Period, need: Need = rules.ANY) -> list[Resource]:
    """What of this kind will do and is free all of that time, the smallest first."""
    fit = rules.fitting(await store.resources(ctx.tx, kind), need, period, zone=ctx.office.timezone)
    taken = {one.resource for one in await store.between(ctx.tx, period)}
    return [one for one in fit if one.id not in taken]


async def free_throughout(
    ctx: Context, kind: Kind, periods: Sequence[Period], need: Need = rules.ANY
) -> list[Resource]:
    """As `free`, for every one of the periods."""
    found = await free(ctx, kind, periods[0], need)
    for period in periods[1:]:
        ids = {one.id for one in await free(ctx, kind, period, need)}
        found = [one for one in found if one.id in ids]
    return found


async def by_name(ctx: Context, kind: Kind, name: str) -> Resource | None:
    """The one that is called so, or the only one whose name has these words in it."""
    wanted = "".join(name.split()).upper()
    active = await store.resources(ctx.tx, kind)
    exact = [one for one in active if one.name.upper() == wanted]
    near = exact or [one for one in active if wanted and (wanted in one.name.upper() or one.name.upper() in wanted)]
    return near[0] if len(near) == 1 else None


async def of_driver(ctx: Context, person: str) -> Resource | None:
    """By who it is; by name where the staff list came after the drivers."""
    drivers = await store.resources(ctx.tx, Kind.DRIVER)
    who = await directory.load(ctx.tx, person)
    named = {who.name, who.staff_no} - {""} if who else set()
    known = [one for one in drivers if one.person == person]
    return next(iter(known or [one for one in drivers if not one.person and one.name in named]), None)


async def _serve_queue(ctx: Context, resource: int, freed: Period) -> None:
    """Whoever has waited longest for a time that this makes possible gets it, and is told."""
    one = await store.resource(ctx.tx, resource)
    if one is None or freed.end <= ctx.now:
        return
    for place in await store.queued(ctx.tx, freed, one.kind):
        if place.resource not in (0, one.id) or rules.unfit(one, place.need, place.period, zone=ctx.office.timezone):
            continue
        wish = Wish(
            resources=(one.id,), periods=(place.period,), person=place.person, subject=place.subject, need=place.need
        )
        try:
            number = await reserve(ctx, wish)
        except errors.RuleError:  # still taken in part, or over: the next one
            continue
        await waiting.served(ctx, place, number, one)


def _check_times(ctx: Context, wish: Wish) -> None:
    if not wish.periods or len(wish.periods) > rules.MOST_DAYS:
        raise errors.BadRequest("too_many_days" if wish.periods else "invalid_range", most=rules.MOST_DAYS)
    for period in wish.periods:
        if period.end <= period.begin:
            raise errors.BadRequest("invalid_range")
        if period.length > rules.LONGEST:
            raise errors.BadRequest("book_long", days=rules.LONGEST.days)
        if period.begin < ctx.now - _GRACE and not (wish.late or wish.source):
            raise errors.BadRequest("book_past")
    ahead = settings.of(ctx).days_ahead
    if wish.periods[-1].begin > ctx.now + timedelta(days=ahead, minutes=MINUTES_A_DAY) and len(wish.periods) == 1:
        raise errors.BadRequest("book_ahead", days=ahead)


def _check_fit(ctx: Context, one: Resource, wish: Wish) -> None:
    need = wish.need if one.kind is Kind.ROOM else Need(people=wish.need.people if one.kind is Kind.VEHICLE else 0)
    for period in wish.periods:
        why = rules.unfit(one, need, period, zone=ctx.office.timezone)
        if why and not (wish.late and why == "retired"):
            lacks = "、".join(rules.lacking(one, need))
            raise errors.BadRequest(f"book_{why}", name=one.name, seats=one.seats, lacks=lacks, until=one.valid_until)


async def _clashes(
    ctx: Context, resources: Sequence[Resource], periods: Sequence[Period]
) -> list[tuple[Resource, Period, Reservation]]:
    """(what, the wished time, who has it), for every occurrence to the last."""
    found = []
    for one in resources:
        for period in periods:
            held = await store.between(ctx.tx, period, resource=one.id)
            found += [(one, period, held[0])] if held else []
    return found


async def _clash(
    ctx: Context, wish: Wish, resources: Sequence[Resource], clashes: Sequence[tuple[Resource, Period, Reservation]]
) -> errors.Clash:
    taken = [
        calendar_cards.Taken(
            name=one.name, begin=held.period.begin, end=held.period.end, holder=await _who(ctx, held.person)
        )
        for one, _, held in clashes
    ]
    first, period, held = clashes[0]
    others = await free_throughout(ctx, first.kind, wish.periods, wish.need)
    view = calendar_cards.ClashView(
        taken=tuple(taken),
        days=len(wish.periods),
        others=tuple((one.name, one.seats) for one in others[:_SHOWN]),
        times=tuple(
            (one.begin, one.end) for one in await _other_times(ctx, first, period, single=len(wish.periods) == 1)
        ),
        swap=await _swap(ctx, first, held, wish) if not others else None,
        kind=first.kind.value,
        wanted=(period.begin, period.end),
    )
    resource = ", ".join(one.name for one in resources)
    return errors.Clash(said=calendar_cards.clash(view, now=ctx.now), resource=resource, by=held.person)


async def _other_times(ctx: Context, one: Resource, wanted: Period, *, single: bool) -> list[Period]:
    if not single or wanted.length > timedelta(hours=9):
        return []
    day = rules.local_midnight(wanted.begin.astimezone(ctx.office.timezone).date(), ctx.office.timezone)
    taken = await store.between(ctx.tx, Period(day, day + timedelta(days=1)), resource=one.id)
    return rules.free_times(
        [held.period for held in taken], wanted, hours=ctx.office.hours, zone=ctx.office.timezone, not_before=ctx.now
    )


async def _swap(ctx: Context, one: Resource, held: Reservation, wish: Wish) -> tuple[str, str] | None:
    """Whom to ask to move where: a room that is too small for us may do for the one who has ours."""
    if one.kind is not Kind.ROOM:
        return None
    others = await free(ctx, Kind.ROOM, held.period, Need(people=held.people))
    return (await _who(ctx, held.person), others[0].name) if others and held.people else None


async def _who(ctx: Context, person: str) -> str:
    found = await directory.load(ctx.tx, person)
    if found is None:
        return ""
    return f"{found.name}（{found.department}）" if found.department else found.name


async def _add(ctx: Context, number: int, one: Resource, period: Period, wish: Wish) -> None:
    new = Reservation(
        id=0,
        booking=number,
        resource=one.id,
        period=period,
        state="held" if wish.held else "booked",
        person=wish.person,
        subject=wish.subject[:200],
        people=wish.need.people,
        source=wish.source,
        late=wish.late,
    )
    id = await store.add(ctx.tx, new, now=ctx.now)
    fact = facts.Reserved(
        booking=str(number),
        reservation=id,
        resource=one.id,
        begin_ms=to_ms(period.begin),
        end_ms=to_ms(period.end),
        state=new.state,
        person=wish.person,
        source=wish.source,
        people=new.people,
        late=wish.late,
        subject_words=new.subject,
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=period.begin)


async def _move(ctx: Context, one: Reservation, *, state: str) -> None:
    await store.move(ctx.tx, one.id, state=state, end=one.period.end, now=ctx.now)
    fact = facts.ReservationMoved(
        booking=str(one.booking), reservation=one.id, state=state, end_ms=to_ms(one.period.end)
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
