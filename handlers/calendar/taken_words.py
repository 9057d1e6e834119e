"""“谁在用车”, “三楼会议室明天谁订了”: when and by whom, as on the page of rooms, never what for."""

from __future__ import annotations

from cards import taken as words
from cards.taken import Held
from handlers.calendar import agenda_words, room_words, store
from handlers.calendar.rules import Resource
from handlers.calendar.speaking import Speaker
from handlers.calendar.store import Reservation
from handlers.context import Context
from handlers.people import directory


async def taken(speaker: Speaker, text: str) -> bool:
    """The reservations of some days, today's where none are named."""
    ctx = speaker.ctx
    said = words.asks(text, room_words.names(ctx))
    if said is None:
        return False
    days, rest = agenda_words.days_meant(speaker, said.when)
    if days is None or rest:
        return False
    things = {one.id: one for one in await store.resources(ctx.tx) if one.kind.value == said.kind}
    things = {id: one for id, one in things.items() if said.name in ("", one.name)}
    held = [one for one in await store.between(ctx.tx, days) if one.resource in things]
    rows = [await _shown(ctx, one, things[one.resource]) for one in held]
    day = days.begin.astimezone(ctx.office.timezone).date()
    url = speaker.page(f"rooms?day={day}")
    await speaker.answer(words.listed(said, rows, (days.begin, days.end), now=ctx.now, url=url))
    return True


async def _shown(ctx: Context, one: Reservation, thing: Resource) -> Held:
    who = await directory.load(ctx.tx, one.person)
    name = f"{who.name}（{who.department}）" if who and who.department else who.name if who else ""
    return Held(one.period.begin, one.period.end, thing.name, name, waits=one.state == "held")
