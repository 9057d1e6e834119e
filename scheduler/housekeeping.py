"""Once a night: what was handled and sent long ago loses its text; finished due rows and rights nobody used go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from handlers.context import Context
from handlers.mailroom import copies, due, inbox, outbox
from handlers.mailroom.due import Due
from scheduler.jobs import Rule

log = structlog.get_logger(__name__)

KIND: Final = "mailroom.tidy"
RULE: Final = Rule(name="tidy", cron="40 3 * * *", kind=KIND, grace=timedelta(hours=20))

_TEXTS = timedelta(days=30)
_DONE = timedelta(days=90)  # longer than any rule's grace, or a late tick would run it a second time
_RIGHTS = timedelta(days=7)  # no platform lets a right to change a card live longer than three (wecom.md 8.5)


async def on_tidy(row: Due, ctx: Context) -> None:
    """The keys of events and letters stay for ever: they keep repetitions out."""
    events = await inbox.prune(ctx.tx, before=ctx.now - _TEXTS)
    letters = await outbox.prune(ctx.tx, before=ctx.now - _TEXTS)
    rows = await due.prune(ctx.tx, before=ctx.now - _DONE)
    rights = await copies.prune(ctx.tx, before=ctx.now - _RIGHTS)
    log.info("tidied", events=events, letters=letters, due=rows, rights=rights)
