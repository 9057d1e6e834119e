"""What forms do in calendars: a room held while a meeting is decided, car and driver from dispatch on, absences.

Fields by their usual names: `time` (and `until`), `room`, `people`, `plate`, `driver`, `period` or `start` and `end`.
What an item has entered names the item as its source, so that taking it back needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any, Final

from cards import calendar as calendar_cards
from handlers import errors
from handlers.approval import store
from handlers.approval.language import book
from handlers.approval.leaves import leave_form
from handlers.approval.standins import absence
from handlers.calendar import agenda, booking, rules, settings
from handlers.calendar import store as reservations
from handlers.calendar.booking import Wish
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Kind, Need, Period, Resource
from handlers.context import Context

_LIKE: Final = 0.75
"""三楼会议市, 四楼会议室 beside 三楼会议室; not 市局四楼会议室."""


async def hold_room(ctx: Context, item: store.Item) -> store.Item:
    """The room that the item names is its own until it is decided; another one than before replaces that.

    A room of somebody else is nobody's business here. Raises BadRequest and Clash as `booking.reserve`, and
    BadRequest(no_room) where a room of one's own seems to be meant that the office does not have.
    """
    period = meeting_time(ctx, item.fields)
    one = await booking.by_name(ctx, Kind.ROOM, str(item.fields.get("room", "")))
    if one is None:
        await _check_elsewhere(ctx, item)
    wanted = (one.id, period) if one and period else None
    held = [each for each in await reservations.of_source(ctx.tx, item.id) if each.live]
    if [(each.resource, each.period) for each in held] == ([wanted] if wanted else []):
        return item
    await booking.cancel(ctx, held)
    if one is not None and period is not None:
        need = Need(people=int(item.fields.get("people", 0)))
        await booking.reserve(ctx, _wish(item, (one,), period, need=need, held=True))
    return item


async def _check_elsewhere(ctx: Context, item: store.Item) -> None:
    """Where the form asks what kind of place it is, its first kind is the office's own; where it does not, a name that
    looks like one of the office's rooms is taken for a slip of the pen."""
    name = str(item.fields.get("room", ""))
    rooms = [one.name for one in await reservations.resources(ctx.tx, Kind.ROOM)]
    places = (await book.of_item(ctx, item)).fields.get("place")
    if places is not None and places.options:
        own = item.fields.get("place") == places.options[0].code
    else:
        own = bool(get_close_matches(name, rooms, cutoff=_LIKE))
    if own and rooms:
        raise errors.BadRequest("no_room", name=name, rooms="、".join(rooms))


async def confirm_room(ctx: Context, item: store.Item) -> store.Item:
    """Approved: the room is booked, and the meeting stands in the calendars of the applicant and the chair."""
    item = await hold_room(ctx, item)  # where nobody had to decide, nothing was held
    await booking.confirm(ctx, await reservations.of_source(ctx.tx, item.id))
    period = meeting_time(ctx, item.fields)
    if period is None:
        return item
    people = [item.request.applicant, str(item.fields.get("chair", ""))]
    entry = Entry(
        uid="",
        owner="",
        kind="meeting",
        source=item.id,
        period=period,
        title=calendar_cards.meeting_title(str(item.fields.get("topic", "")))[: agenda.MOST_WORDS],
        place=str(item.fields.get("room", ""))[:120],
        remind=settings.of(ctx).remind_before,
    )
    await agenda.enter_for(ctx, [person for person in people if person], entry)
    return item


async def dispatch(ctx: Context, item: store.Item) -> store.Item:
    """The dispatcher chose car and driver: both are this trip's, or a Clash says whose they are.

    Raises BadRequest(no_resource) for a car or driver that the office does not have, where it says which it has.
    """
    await booking.cancel(ctx, await reservations.of_source(ctx.tx, item.id))
    await agenda.cancel_source(ctx, item.id)
    period = trip_time(ctx, item.fields)
    chosen = [one for one in (await _car(ctx, item.fields), await _driver(ctx, item.fields)) if one is not None]
    if period is None or not chosen:
        return item
    passengers = Need(people=int(item.fields.get("passengers", 0)))
    await booking.reserve(ctx, _wish(item, chosen, period, need=passengers))
    plate = str(item.fields.get("plate", ""))
    entry = Entry(
        uid="",
        owner="",
        kind="trip",
        source=item.id,
        period=period,
        title=calendar_cards.ride_title(str(item.fields.get("to", "")))[: agenda.MOST_WORDS],
        place=plate,
        remind=settings.of(ctx).remind_before,
    )
    people = [item.request.applicant, *(one.person for one in chosen if one.person)]
    await agenda.enter_for(ctx, people, entry)
    return item


async def returned(ctx: Context, item: store.Item) -> store.Item:
    """Back: the readings are kept, what is left of the time is free. Raises BadRequest(odometer_back)."""
    held = [one for one in await reservations.of_source(ctx.tx, item.id) if one.state == "booked"]
    back = item.fields.get("odometer_back")
    for one in held:
        thing = await reservations.resource(ctx.tx, one.resource)
        if thing is not None and thing.kind is Kind.VEHICLE and isinstance(back, int):
            out = int(item.fields["odometer_out"])
            if out < thing.odometer:
                raise errors.BadRequest("odometer_back", last=thing.odometer, item=item.id)
            await booking.returned(ctx, one, odometer_out=out, odometer_back=back)
        else:
            await booking.ended(ctx, one)
    return item


async def release(ctx: Context, item: store.Item) -> store.Item:
    """Not to be, or no more: whatever the item holds is free, whatever it entered is off."""
    await booking.cancel(ctx, await reservations.of_source(ctx.tx, item.id))
    await agenda.cancel_source(ctx, item.id)
    return item


async def enter_absence(ctx: Context, item: store.Item) -> store.Item:
    """An approved leave, trip or course stands in the calendars of those who are away; of what kind is nobody's."""
    period = away(ctx, item.fields)
    if period is None:
        return item
    leave = item.form == leave_form.CODE
    form = await book.of_item(ctx, item)
    places = str(item.fields.get("places", ""))
    title = calendar_cards.LEAVE if leave else calendar_cards.trip_title(places) if places else form.title
    zone = ctx.office.timezone
    entry = Entry(
        uid="",
        owner="",
        kind="leave" if leave else "trip",
        source=item.id,
        period=period,
        all_day=rules.is_midnight(period.begin, zone) and rules.is_midnight(period.end, zone),
        title=title[: agenda.MOST_WORDS],
        place=places[:120],
    )
    companions = item.fields.get("companions") or []
    await agenda.enter_for(ctx, [item.request.applicant, *companions], entry)
    return item


async def amended(ctx: Context, item: store.Item) -> None:
    """An approved absence became shorter or another: its entries follow."""
    period = away(ctx, item.fields)
    zone = ctx.office.timezone
    for one in await agenda.of_source(ctx, item.id):
        if period is None or not item.fields.get("minutes", 1):
            await agenda.cancel(ctx, one)
        elif one.period != period:
            whole = rules.is_midnight(period.begin, zone) and rules.is_midnight(period.end, zone)
            await agenda.change(ctx, one, replace(one, period=period, all_day=whole))


def meeting_time(ctx: Context, fields: Mapping[str, Any]) -> Period | None:
    """A form's `time`; what ends before it begins ends on the next day."""
    return _clocked(ctx, fields.get("time"), None)


def trip_time(ctx: Context, fields: Mapping[str, Any]) -> Period | None:
    """As `meeting_time`, to the day of `until` where one is given."""
    return _clocked(ctx, fields.get("time"), fields.get("until"))


def away(ctx: Context, fields: Mapping[str, Any]) -> Period | None:
    """The absence that the fields tell of, under their own names or under `period`."""
    given = fields.get("period")
    found = absence.absence(given if isinstance(given, Mapping) else fields, ctx)
    return Period(*found) if found and found[0] < found[1] else None


def _clocked(ctx: Context, value: Any, until: Any) -> Period | None:
    try:
        first = date.fromisoformat(value["date"])
        begins, ends = time.fromisoformat(value["start"]), time.fromisoformat(value["end"])
        last = date.fromisoformat(until) if until else first
    except (KeyError, TypeError, ValueError):
        return None
    zone = ctx.office.timezone
    begin = datetime.combine(first, begins, zone)
    end = datetime.combine(max(first, last), ends, zone)
    end = end if end > begin else end + timedelta(days=1)
    return Period(begin.astimezone(UTC), end.astimezone(UTC))


async def _car(ctx: Context, fields: Mapping[str, Any]) -> Resource | None:
    plate = fields.get("plate")
    if not plate or not await reservations.resources(ctx.tx, Kind.VEHICLE):
        return None
    one = await booking.by_name(ctx, Kind.VEHICLE, str(plate))
    if one is None:
        raise errors.BadRequest("no_resource", name=plate)
    return one


async def _driver(ctx: Context, fields: Mapping[str, Any]) -> Resource | None:
    person = fields.get("driver")
    if not person or not await reservations.resources(ctx.tx, Kind.DRIVER):
        return None
    one = await booking.of_driver(ctx, str(person))
    if one is None:
        raise errors.BadRequest("no_driver")
    return one


def _wish(
    item: store.Item, things: tuple[Resource, ...] | list[Resource], period: Period, *, need: Need, held: bool = False
) -> Wish:
    return Wish(
        resources=tuple(one.id for one in things),
        periods=(period,),
        person=item.request.applicant,
        subject=str(item.fields.get("topic") or item.fields.get("purpose") or "")[:200],
        need=need,
        source=item.id,
        held=held,
        late=bool(item.fields.get("late_reason")),
    )
