"""Every minute: letters that cannot be delivered where they wait go on, and administrators hear of accounts that went.

See `handlers/mailroom/elsewhere.py` for what moves and what does not.
"""

from __future__ import annotations

from datetime import timedelta

from cards import accounts as words
from cards.model import Text
from handlers.context import Context
from handlers.mailroom import due, elsewhere, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.roster import rules

KIND = "mailroom.elsewhere"
_KEPT = timedelta(hours=1)


async def on_due(row: Due, ctx: Context) -> None:
    own = rules.of(ctx.office)
    swept = await elsewhere.sweep(
        ctx.tx, served=tuple(own.platforms), patience=own.patience, now=ctx.now
    )
    await due.forget_done(ctx.tx, KIND, before=ctx.now - _KEPT)
    if not swept.moved and not swept.dead:
        return
    for person in await directory.in_role(ctx.tx, "admin"):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            text = Text(words.account_gone(moved=swept.moved, dead=swept.dead))
            await outbox.post(ctx.tx, Letter(to=where, message=text, key=f"gone/{row.id}/{person.id}"), now=ctx.now)
