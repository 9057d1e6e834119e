"""A platform's directory changed: read it again soon. An event says only that something changed, not what.

A handler calls no platform (design.md D13), so it leaves a due row; the bot reads the directory when it comes up. A
member's changed id is carried out at once: the directory itself would show a leaver and a stranger.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.events import DepartmentsChanged, PeopleChanged
from handlers.context import Context
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.people import changes, link_codes
from handlers.roster import rules
from handlers.routing import Router, router

KIND = "people.sync"
"""The kind of the due row; its payload is `{"account": name}`."""

NIGHTLY = "people.nightly"
"""Asks for a reading of every account: for platforms that tell of no changes, and for events that were lost."""

_PAUSE = timedelta(minutes=1)


async def on_people_changed(event: PeopleChanged, ctx: Context) -> None:
    if event.renamed_to is not None:
        for old in event.people:
            await changes.rename(ctx.tx, old, event.renamed_to, now=ctx.now, origin=ctx.origin)
    await _ask(event.account, ctx)


async def on_departments_changed(event: DepartmentsChanged, ctx: Context) -> None:
    await _ask(event.account, ctx)


async def on_nightly(row: Due, ctx: Context) -> None:
    for account in rules.of(ctx.office).platforms:
        await _ask(account, ctx)
    await link_codes.prune(ctx.tx, before=ctx.now - timedelta(days=1))


async def _ask(account: str, ctx: Context) -> None:
    """One reading a minute after the first event of a burst."""
    await due.by(ctx.tx, f"{KIND}:{account}", KIND, ctx.now + _PAUSE, {"account": account}, now=ctx.now)


ROUTES: Router = router((PeopleChanged, on_people_changed), (DepartmentsChanged, on_departments_changed))
