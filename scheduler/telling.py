"""Every five minutes: administrators hear once of what gave up since they were told last, at most once an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cards import operation as words
from cards.operation import Count
from handlers.context import Context
from handlers.mailroom import counters, dead, due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import from_ms, to_ms

KIND: Final = "mailroom.dead"
PAGE: Final = "/office/operation/dead"
_TOLD: Final = "dead/told"
_AT_MOST_EVERY: Final = timedelta(hours=1)
_KEPT: Final = timedelta(hours=1)
_WHYS: Final = 3


async def on_due(row: Due, ctx: Context) -> None:
    """One card to each administrator, or nothing; what comes within the hour is told with the next one."""
    await due.forget_done(ctx.tx, KIND, before=ctx.now - _KEPT)
    told = await counters.look(ctx.tx, _TOLD)
    last = None if told is None else from_ms(told)
    if last is not None and ctx.now - last < _AT_MOST_EVERY:
        return
    found = await dead.died(ctx.tx, after=last, until=ctx.now)
    if not found:
        return
    await counters.put(ctx.tx, _TOLD, to_ms(ctx.now))
    counted = [
        Count(what=what, number=sum(whys.values()), whys=tuple(whys.items())[:_WHYS]) for what, whys in found.items()
    ]
    base = ctx.office.public_url.rstrip("/")
    card = words.died(counted, url=f"{base}{PAGE}" if base else "")
    for person in await directory.in_role(ctx.tx, "admin"):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            key = f"{dead.OWN}{row.id}/{person.id}"
            await outbox.post(ctx.tx, Letter(to=where, message=card, key=key), now=ctx.now)
