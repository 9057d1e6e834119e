"""Whose calendar has a meeting that was called: who said that they do not come is free, who goes in their place is not.

Brought in line with the answers a few seconds after the last of them (`answering.COUNT`), however often somebody
changes theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.approval import store
from handlers.approval.meetings import meeting_call
from handlers.calendar import agenda, entry_store
from handlers.context import Context
from handlers.notice import rules, stand_ins, views
from handlers.notice import store as notices
from handlers.notice.rules import Notice, Receipt, Reply


async def settle(ctx: Context, item: store.Item) -> None:
    """Nothing for a meeting that was called off, has no time or is over: what has been is not entered anew."""
    notice = await notices.load(ctx.tx, item.id)
    wanted = meeting_call.entry(ctx, item)
    if notice is None or not views.is_open(notice) or wanted is None or wanted.period.end <= ctx.now:
        return
    people = await _people(ctx, item, notice, await notices.receipts(ctx.tx, item.id))
    entered = await entry_store.of_source(ctx.tx, item.id)
    for one in entered:
        if (one.state == entry_store.ACTIVE) is not (one.owner in people):
            state = entry_store.ACTIVE if one.owner in people else entry_store.CANCELLED
            await agenda.change(ctx, one, replace(one, state=state))
    known = {one.owner for one in entered}
    await agenda.enter_for(ctx, [person for person in people if person not in known], wanted)


async def _people(ctx: Context, item: store.Item, notice: Notice, receipts: Sequence[Receipt]) -> dict[str, None]:
    """In a fixed order, each once. Who declined another time is asked anew; who was sent goes until they are not."""
    away = {one.person for one in receipts if one.reply is Reply.SUBSTITUTE}
    away |= {one.person for one in receipts if one.reply is Reply.DECLINE and rules.answered(notice, one)}
    invited = [*meeting_call.hosts(item), *(one.person for one in receipts)]
    instead = [person.id for one in receipts if (person := await stand_ins.of(ctx, one)) is not None]
    return dict.fromkeys([*(person for person in invited if person not in away), *instead])
