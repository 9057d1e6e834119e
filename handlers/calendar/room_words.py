"""Words about rooms, vehicles and drivers: what is free, booking, giving up, waiting; the dispatcher's `派车`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from cards import actions, vocabulary
from cards import calendar as calendar_cards
from cards import calendar_words as words
from cards.model import Card, Text
from handlers import errors
from handlers.calendar import agenda, asked, booked, booking, entry_store, rules, settings, store, waiting
from handlers.calendar.asked import Times
from handlers.calendar.booking import Wish
from handlers.calendar.rules import Kind, Need, Period, Resource
from handlers.calendar.speaking import Speaker
from handlers.calendar.store import Place, Reservation
from handlers.context import Context
from handlers.days.workdays import CalendarMissing
from handlers.mailroom import copies, outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory

UNBOOK: Final = "unbook"
BOOKED: Final = "calendar.booked"
_KEEPERS: Final = {Kind.ROOM: "room_keeper", Kind.VEHICLE: "dispatcher", Kind.DRIVER: "dispatcher"}


def names(ctx: Context) -> frozenset[str]:
    return frozenset(one.name for one in settings.of(ctx).things if one.kind is Kind.ROOM)


async def mine(speaker: Speaker, text: str) -> bool:
    """`我的预订`."""
    if vocabulary.plain(text) not in words.MINE:
        return False
    ctx = speaker.ctx
    held = await store.of_person(ctx.tx, speaker.person.id, since=ctx.now, limit=200)
    numbers = list(dict.fromkeys(one.booking for one in held))[:10]
    views = [await view(ctx, [one for one in held if one.booking == number]) for number in numbers]
    waits = [await _wait_line(ctx, one) for one in await store.queued_by(ctx.tx, speaker.person.id) if _open(ctx, one)]
    await speaker.answer(calendar_cards.bookings(views, now=ctx.now, waits=waits))
    return True


async def cancel(speaker: Speaker, text: str) -> bool:
    """`取消预订 3`, `取消预订 3 5月8日`."""
    found = words.cancel_booking(text)
    if found is None:
        return False
    number, only = found
    day = _only_day(speaker, only)
    if only and day is None:
        raise errors.BadRequest("entry_when")
    given_up = await give_up(speaker, number, day)
    ctx = speaker.ctx
    if given_up:
        left = [one for one in await store.of_booking(ctx.tx, number) if one.live and one.period.end > ctx.now]
        times = [*dict.fromkeys((one.period.begin, one.period.end) for one in given_up)]
        others = len({one.period for one in left})
        await speaker.answer(calendar_cards.cancelled(number, times, left=others, now=ctx.now))
    else:
        await speaker.answer(calendar_cards.nothing_to_cancel(number))
    await _refresh(ctx, speaker, number)
    return True


async def on_unbook(speaker: Speaker, action: actions.Action) -> Card | None:
    """The button on the card of a booking."""
    number = int(action.item.removeprefix("b")) if action.item.removeprefix("b").isdigit() else 0
    await give_up(speaker, number, None)
    return await _refresh(speaker.ctx, speaker, number)


async def give_up(speaker: Speaker, number: int, day: date | None) -> list[Reservation]:
    """Cancels what is to come of a booking, or its one day. Raises BadRequest(no_booking), NotAllowed."""
    ctx = speaker.ctx
    all = await store.of_booking(ctx.tx, number)
    if not all or not await _may(speaker, all[0]):
        raise errors.BadRequest("no_booking", number=number)
    if all[0].source:
        raise errors.BadRequest("booked_by_item", number=number)
    zone = ctx.office.timezone
    wanted = [one for one in all if day is None or one.period.begin.astimezone(zone).date() == day]
    given_up = await booking.cancel(ctx, wanted)
    gone = {one.period.begin for one in given_up}
    for entry in await entry_store.of_source(ctx.tx, booked.source(number)):
        if entry.period.begin in gone:
            await agenda.cancel(ctx, entry)
    if given_up and all[0].person != speaker.person.id:
        await _tell_holder(speaker, given_up)
    return given_up


async def _tell_holder(speaker: Speaker, given_up: Sequence[Reservation]) -> None:
    """Whose booking a keeper gave up must not learn it at the door."""
    ctx = speaker.ctx
    who = await directory.load(ctx.tx, given_up[0].person)
    where = await directory.reach(ctx.tx, who) if who and who.active else None
    if where is None:
        return
    seen = await view(ctx, given_up)
    said = calendar_cards.taken_away(seen.number, seen.names, seen.times, by=speaker.person.name, now=ctx.now)
    letter = Letter(to=where, message=Text(said), key=f"booking/{seen.number}/{given_up[0].id}/taken", urgent=True)
    await outbox.post(ctx.tx, letter, now=ctx.now)


async def leave_queue(speaker: Speaker, text: str) -> bool:
    """`取消候补 2`."""
    number = words.cancel_queue(text)
    if number is None:
        return False
    ctx = speaker.ctx
    place = await store.place(ctx.tx, number)
    if place is None or place.person != speaker.person.id:
        raise errors.BadRequest("no_place", number=number)
    if served := await waiting.holds(ctx, place):
        await speaker.answer(calendar_cards.served_already(number, served.booking))
        return True
    if not await waiting.leave(ctx, place):
        raise errors.BadRequest("no_place", number=number)
    await speaker.answer(calendar_cards.left_queue(number))
    return True


async def join_queue(speaker: Speaker, text: str) -> bool:
    """`候补 三楼会议室 明天下午3点到5点`: a place in the queue, or the room at once where it is free."""
    rest = words.queue(text)
    if rest is None:
        return False
    ctx = speaker.ctx
    one = await _named_in(ctx, rest)
    found = asked.once(rest.replace(one.name, " ") if one else rest, speaker.about)
    if found is None:
        raise errors.BadRequest("entry_when")
    found = asked.in_hours(found, speaker.about)
    need, subject = asked.need(found.rest.replace("会议室", " "), _equipment(ctx))
    free = await booking.free(ctx, one.kind if one else Kind.ROOM, found.periods[0], need)
    taken = next((each for each in free if one is None or each.id == one.id), None)
    if taken is not None:
        await _book(speaker, taken, found, need, subject)
        return True
    await _place(speaker, one, found.periods[0], need, subject)
    return True


async def _place(speaker: Speaker, one: Resource | None, period: Period, need: Need, subject: str) -> None:
    ctx = speaker.ctx
    kind = one.kind if one else Kind.ROOM
    place = Place(
        id=0, kind=kind, resource=one.id if one else 0, period=period, person=speaker.person.id, subject=subject[:200],
        need=need, state="waiting",
    )  # fmt: skip
    ahead = [each for each in await store.queued(ctx.tx, period, kind) if each.resource in (0, place.resource)]
    joined = await waiting.join(ctx, place)
    name = one.name if one else calendar_cards.kind_word(kind)
    before = len([each for each in ahead if each.id != joined.id])
    words_ = calendar_cards.queued(name, period.begin, period.end, place=joined.id, ahead=before, now=ctx.now)
    await speaker.answer(words_)


async def dispatch(speaker: Speaker, text: str) -> bool:
    """`派车 粤A12345 郑海 明天下午2点到5点 送材料`: a dispatcher's own arrangement of car and driver."""
    rest = words.dispatch(text)
    if rest is None:
        return False
    ctx = speaker.ctx
    if "dispatcher" not in await directory.roles_of(ctx.tx, speaker.person.id):
        raise errors.NotAllowed(code="not_dispatcher")
    car, driver = await _named_in(ctx, rest, Kind.VEHICLE), await _named_in(ctx, rest, Kind.DRIVER)
    if car is None:
        raise errors.BadRequest("no_resource", name=rest.split()[0])
    plain = rest.replace(car.name, " ").replace(driver.name if driver else car.name, " ")
    found = asked.times(plain, speaker.about)
    if found is None:
        raise errors.BadRequest("entry_when")
    need, subject = asked.need(found.rest, ())
    chosen = [car, *([driver] if driver else [])]
    await _book(speaker, chosen, asked.in_hours(found, speaker.about), need, subject)
    return True


async def free(speaker: Speaker, text: str) -> bool:
    """`哪个会议室有空 明天下午3点到5点 10人`; without a time, the next hour."""
    kind = words.free(text)
    if kind is None:
        return False
    ctx = speaker.ctx
    if not await store.resources(ctx.tx, Kind(kind)):
        if words.is_room_alone(text):
            return False
        await speaker.answer(calendar_cards.none_of(kind))
        return True
    found = asked.once(text, speaker.about)
    found = asked.in_hours(found, speaker.about) if found else None
    period = found.periods[0] if found else Period(ctx.now, ctx.now + timedelta(hours=1))
    count, _ = words.people(found.rest if found else "")
    rows = await booking.free(ctx, Kind(kind), period, Need(people=count))
    shown = [(one.name, one.seats, one.equipment) for one in rows]
    await speaker.answer(calendar_cards.free_list(kind, shown, period.begin, period.end, now=ctx.now))
    return True


async def book(speaker: Speaker, text: str) -> bool:
    """`会议室 明天下午3点到5点 10人 投影`: the smallest that will do, or the one that is named."""
    ctx = speaker.ctx
    found = words.books(text, names(ctx))
    if found is None:
        return False
    name, rest, verb = found
    when = asked.times(rest, speaker.about)
    if when is None:
        if verb:
            await speaker.answer(calendar_cards.book_when())
        return verb
    if not await store.resources(ctx.tx, Kind.ROOM):
        await speaker.answer(calendar_cards.none_of(Kind.ROOM))
        return True
    when = asked.in_hours(when, speaker.about)
    need, subject = asked.need(when.rest, _equipment(ctx))
    if not name:
        named = await _named_in(ctx, rest, Kind.ROOM)
        name = named.name if named else ""
    chosen = await _choose(speaker, name, when, need)
    if chosen is not None:
        await _book(speaker, chosen, when, need, subject)
    return True


async def book_named(speaker: Speaker, name: str, when: Times, need: Need, subject: str) -> None:
    """As `book`, from a page: `name` "" is any that will do. Raises as `booking.reserve`, and BadRequest(none_fits)."""
    chosen = await _choose(speaker, name, asked.in_hours(when, speaker.about), need)
    if chosen is None:
        raise errors.BadRequest("none_fits")
    await _book(speaker, chosen, asked.in_hours(when, speaker.about), need, subject[:200])


async def _choose(speaker: Speaker, name: str, when: Times, need: Need) -> Resource | None:
    """None where no room would do at any time, which is then said."""
    ctx = speaker.ctx
    if name:
        one = await booking.by_name(ctx, Kind.ROOM, name)
        if one is None:
            raise errors.BadRequest("no_resource", name=name)
        return one
    free = await booking.free_throughout(ctx, Kind.ROOM, when.periods, need)
    if free:
        return free[0]
    rooms = await store.resources(ctx.tx, Kind.ROOM)
    fit = rules.fitting(rooms, need, when.periods[0], zone=ctx.office.timezone)
    if not fit:
        await speaker.answer(calendar_cards.any_fits(need.people, need.equipment))
        return None
    return fit[0]  # taken: booking it says by whom, and what is free instead


async def _book(speaker: Speaker, chosen: Resource | Sequence[Resource], when: Times, need: Need, subject: str) -> None:
    ctx = speaker.ctx
    things = [chosen] if isinstance(chosen, Resource) else list(chosen)
    wish = Wish(
        resources=tuple(one.id for one in things), periods=when.periods, person=speaker.person.id, subject=subject,
        need=need,
    )  # fmt: skip
    number = await booking.reserve(ctx, wish)
    for period in when.periods:
        await booked.enter(ctx, number, things, period, person=speaker.person.id, subject=subject)
    held = await store.of_booking(ctx.tx, number)
    seen = replace(await view(ctx, held), off=_off(ctx, when.periods))
    card = calendar_cards.booked(
        seen, now=ctx.now, cancel=speaker.packed(UNBOOK, f"b{number}"), url=speaker.page("rooms")
    )
    await copies.open_copy(
        ctx.tx, item=booked.source(number), person=speaker.person.id, to=speaker.to, kind=BOOKED, card=card, version=1,
        now=ctx.now, urgent=True,
    )  # fmt: skip


async def view(ctx: Context, held: Sequence[Reservation]) -> calendar_cards.BookingView:
    """Rows of one booking as people read them."""
    live = [one for one in held if one.live] or list(held)
    things = [await store.resource(ctx.tx, id) for id in dict.fromkeys(one.resource for one in live)]
    times = dict.fromkeys((one.period.begin, one.period.end) for one in live)
    first = live[0]
    return calendar_cards.BookingView(
        number=first.booking,
        names=tuple(one.name for one in things if one),
        times=tuple(sorted(times)),
        subject=first.subject,
        people=first.people,
        state="cancelled" if first.state == "cancelled" else first.state,
        late=first.late,
    )


async def _refresh(ctx: Context, speaker: Speaker, number: int) -> Card | None:
    """The copies of the booking show what is left of it."""
    held = await store.of_booking(ctx.tx, number)
    if not held:
        return None
    left = [one for one in held if one.live]
    seen = await view(ctx, left or held)
    mine = None
    for copy in await copies.of_item(ctx.tx, booked.source(number)):
        cancel = speaker.packed(UNBOOK, f"b{number}", to=copy.person) if left else ""
        card = calendar_cards.booked(seen, now=ctx.now, cancel=cancel)
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)
        mine = card if copy.person == speaker.person.id else mine
    return mine


async def _may(speaker: Speaker, one: Reservation) -> bool:
    """Whoever has it, and those who keep such things."""
    if one.person == speaker.person.id:
        return True
    thing = await store.resource(speaker.ctx.tx, one.resource)
    roles = await directory.roles_of(speaker.ctx.tx, speaker.person.id)
    return thing is not None and _KEEPERS[thing.kind] in roles


async def _named_in(ctx: Context, text: str, kind: Kind | None = None) -> Resource | None:
    """The resource whose name stands in the text; the longest name, where one is part of another."""
    plain = text.upper()
    found = [one for one in await store.resources(ctx.tx, kind) if one.name.upper() in plain]
    return max(found, key=lambda one: len(one.name), default=None)


def _equipment(ctx: Context) -> list[str]:
    return [each for one in settings.of(ctx).things if one.kind is Kind.ROOM for each in one.equipment]


def _off(ctx: Context, periods: Iterable[Period]) -> tuple[date, ...]:
    """Days of it on which nobody works, where that is known."""
    days = [one.begin.astimezone(ctx.office.timezone).date() for one in periods]
    try:
        return tuple(day for day in days if not ctx.office.calendar.is_working(day))
    except CalendarMissing:
        return ()


def _only_day(speaker: Speaker, text: str) -> date | None:
    found = asked.once(text, speaker.about) if text else None
    return found.periods[0].begin.astimezone(speaker.ctx.office.timezone).date() if found else None


def _open(ctx: Context, place: Place) -> bool:
    return place.state == "waiting" and place.period.end > ctx.now


async def _wait_line(ctx: Context, place: Place) -> str:
    one = await store.resource(ctx.tx, place.resource) if place.resource else None
    name = one.name if one else calendar_cards.kind_word(place.kind)
    return calendar_cards.wait_line(place.id, name, place.period.begin, place.period.end, now=ctx.now)
