"""Reminding of what begins soon: from the due table, once per state of an entry, never at night, never late unsaid."""

from __future__ import annotations

from datetime import timedelta

from cards import calendar as calendar_cards
from cards.model import Text
from handlers.calendar import agenda, entry_store, rules, settings
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import from_ms

_PUNCTUAL = timedelta(minutes=5)
"""A tick, a queue and a slow platform are no delay that anybody has to be told of."""


async def on_remind(row: Due, ctx: Context) -> None:
    """Whoever has the entry is told; what comes up at night because the service was down waits for the morning."""
    one = await entry_store.find(ctx.tx, row.payload["uid"])
    if one is None or one.state != entry_store.ACTIVE or one.sequence != row.payload["sequence"]:
        return
    quiet, zone = settings.of(ctx).quiet, ctx.office.timezone
    if rules.is_quiet(ctx.now, quiet=quiet, zone=zone):
        morning = rules.quiet_until(ctx.now, quiet=quiet, zone=zone)
        await due.at(ctx.tx, row.key, agenda.REMIND, morning, row.payload, now=ctx.now)
        return
    planned = from_ms(row.payload["planned"])
    late = planned if ctx.now - planned > _PUNCTUAL else None
    who = await directory.load(ctx.tx, one.owner)
    where = await directory.reach(ctx.tx, who) if who and who.active else None
    if where is None:
        return
    words = calendar_cards.reminder(agenda.view(one), now=ctx.now, late_for=late)
    letter = Letter(to=where, message=Text(words), key=f"remind/{one.uid}/{one.sequence}", urgent=True)
    await outbox.post(ctx.tx, letter, now=ctx.now)
