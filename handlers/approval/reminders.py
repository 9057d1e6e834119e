"""Reminding a leader who has not decided, in working hours, and the weekly digest to a group.

What is due lies in the `due` table, inserted by the transaction that makes somebody wait; a decision deletes it. So a
restart loses nothing and a decided item never rings.
"""

from __future__ import annotations

from datetime import datetime

from cards import approval as approval_cards
from cards.model import Text
from handlers.approval import engine, post, store, views
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory

REMIND = "approval.remind"
DIGEST = "approval.digest"


async def plan(ctx: Context, item: store.Item, *, count: int = 0) -> None:
    """Sets the reminder number `count` (from 0) of the present step; none after the office's limit."""
    rules = ctx.office.reminding
    if count >= rules.at_most:
        return
    minutes = (rules.every_hours if count else rules.after_hours) * 60
    when = ctx.office.working_after(ctx.now, minutes)
    payload = {"item": item.id, "version": item.request.version, "count": count}
    await due.at(ctx.tx, _key(item.id), REMIND, when, payload, now=ctx.now)


async def forget(ctx: Context, item: store.Item) -> None:
    await due.cancel(ctx.tx, _key(item.id))


async def on_remind(row: Due, ctx: Context) -> None:
    """A due row fell due: whoever still holds the item up gets its card anew, and the next reminder is set."""
    item = await store.load(ctx.tx, row.payload["item"])
    if item is None or item.request.state is not engine.State.PENDING:
        return
    if item.request.version != row.payload["version"]:
        return  # the step has changed since: its own reminder is set
    for person in await store.waited_for(ctx.tx, item.id):
        await post.send(ctx, item, person, kind=views.REMINDER)
    await plan(ctx, item, count=row.payload["count"] + 1)


async def on_digest(row: Due, ctx: Context) -> None:
    """The weekly message to the group of the settings, named by the rule's payload."""
    chat = ctx.office.groups.get(row.payload["group"])
    if chat is None:
        return
    rows = await _waiting_by_name(ctx)
    if not rows:
        return  # nothing waits: no message either (减负)
    text = approval_cards.digest(rows, office=ctx.office.name, now=ctx.now)
    await outbox.post(ctx.tx, Letter(to=chat, message=Text(text), key=row.key), now=ctx.now)


async def _waiting_by_name(ctx: Context) -> list[tuple[str, int, datetime]]:
    """(name, how many, oldest since), longest wait first."""
    rows = []
    for person, count, oldest in await store.waiting_by_person(ctx.tx):
        who = await directory.load(ctx.tx, person)
        rows.append((who.name if who else person, count, oldest))
    return rows


def _key(item: str) -> str:
    return f"{REMIND}:{item}"
