"""Rooms, vehicles and drivers of a day: who has what when; a room is booked and a booking given up here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from aiohttp import web

from bot.pages import visit
from bot.pages.agenda import read_day, read_period
from bot.pages.visit import Front, Visit
from cards import calendar as calendar_cards
from handlers.calendar import room_words, rules, store
from handlers.calendar.asked import Times
from handlers.calendar.rules import Kind, Need, Period, Resource
from handlers.calendar.speaking import Speaker
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One reservation as everybody may see it: when and by whom, not what for. `number` 0: not the reader's."""

    when: str
    who: str
    number: int = 0
    waits: bool = False
    late: bool = False


class Rooms:
    """`routes` once."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        page = self._front.page
        return [
            web.get("/rooms", page(self.show)),
            web.post("/rooms", page(self.book)),
            web.post("/rooms/{number:[0-9]{1,9}}/cancel", page(self.cancel)),
        ]

    async def show(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        today = seen.now.astimezone(self._front.office().timezone).date()
        day = read_day(request.query.get("day", ""), today)
        things = await self._front.database.read(partial(self._read, seen, day))
        data = {
            "kinds": [(kind.value, [pair for pair in things if pair[0].kind is kind]) for kind in Kind],
            "day": day, "today": today, "before": day - timedelta(days=1), "after": day + timedelta(days=1),
            "kind_word": calendar_cards.kind_word,
        }  # fmt: skip
        return visit.render(request, "rooms.html", data, visit=seen)

    async def book(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        form = await request.post()
        typed = {name: str(form.get(name, "")).strip() for name in ("room", "day", "start", "end", "people", "subject")}
        await self._front.database.write(partial(self._book, seen, typed))
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/rooms?day={read_day(typed['day'], seen.now.date())}")

    async def cancel(self, request: web.Request, seen: Visit) -> web.StreamResponse:
        number = int(request.match_info["number"])
        form = await request.post()

        async def unit(tx: Transaction) -> None:
            await room_words.give_up(await self._speaker(tx, seen), number, None)

        await self._front.database.write(unit)
        self._front.wake()
        raise web.HTTPSeeOther(f"/office/rooms?day={read_day(str(form.get('day', '')), seen.now.date())}")

    async def _book(self, seen: Visit, typed: dict[str, str], tx: Transaction) -> None:
        speaker = await self._speaker(tx, seen)
        period, all_day = read_period(typed, speaker.ctx)
        people = int(typed["people"]) if typed["people"].isdigit() and len(typed["people"]) <= 4 else 0
        times = Times(periods=(period,), all_day=all_day)
        await room_words.book_named(speaker, typed["room"], times, Need(people=people), typed["subject"])

    async def _speaker(self, tx: Transaction, seen: Visit) -> Speaker:
        """Whoever looks at the page, answered where messages reach them."""
        ctx = self._front.context(tx, seen)
        to = await directory.reach(tx, seen.person)
        assert to is not None, "somebody without an account cannot have signed in"
        return Speaker(ctx=ctx, person=seen.person, to=to, key=f"page:{seen.trace}")

    async def _read(self, seen: Visit, day: date, tx: Transaction) -> Sequence[tuple[Resource, Sequence[Held]]]:
        ctx = self._front.context(tx, seen)
        begin = rules.local_midnight(day, ctx.office.timezone)
        taken = await store.between(tx, Period(begin, begin + timedelta(days=1)))
        held = [(one, await self._held(ctx, one, seen)) for one in taken]
        things = await store.resources(tx)
        return [(thing, [shown for one, shown in held if one.resource == thing.id]) for thing in things]

    async def _held(self, ctx: Context, one: store.Reservation, seen: Visit) -> Held:
        who = await directory.load(ctx.tx, one.person)
        own = one.person == seen.person.id and not one.source and one.period.end > ctx.now
        return Held(
            when=calendar_cards.clock(one.period.begin, one.period.end),
            who=f"{who.name} {who.department}" if who else "",
            number=one.booking if own and one.state in ("held", "booked") else 0,
            waits=one.state == "held",
            late=one.late,
        )
