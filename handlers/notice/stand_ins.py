"""Whom somebody sends in their place (派人参加): told what it is about, of every change, and when they need not go.

Only who is found in the staff list by the name that was written, and borne by nobody else there: all others are left
to whoever sends them, and the answer says so.
"""

from __future__ import annotations

from cards import notice as cards
from cards.model import Text
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.notice import store, views
from handlers.notice.rules import Notice, Receipt, Reply
from handlers.people import directory
from handlers.people.directory import Person


async def of(ctx: Context, receipt: Receipt) -> Person | None:
    """Who goes in place of the receipt's person; None for nobody, or for somebody who is not on the list."""
    if receipt.reply is not Reply.SUBSTITUTE:
        return None
    found = await directory.named(ctx.tx, receipt.detail.get("name", ""))
    return found[0] if len(found) == 1 and found[0].id != receipt.person else None


async def for_whom(ctx: Context, notice: str, person: str) -> str:
    """The name of the first who sends this person in their place; "" for nobody."""
    for receipt in await store.replied(ctx.tx, notice, Reply.SUBSTITUTE):
        goes = await of(ctx, receipt)
        if goes is not None and goes.id == person:
            sender = await directory.load(ctx.tx, receipt.person)
            return sender.name if sender else ""
    return ""


async def changed(ctx: Context, notice: Notice, before: Receipt, after: Receipt) -> None:
    """An answer came: who goes now is asked to, who went before need not."""
    old, new = await of(ctx, before), await of(ctx, after)
    if old is not None and (new is None or new.id != old.id):
        await _say(ctx, notice, after, old, "free")
    if new is not None and (old is None or new.id != old.id or after.replied != before.replied):
        await _say(ctx, notice, after, new, "sent")


async def corrected(ctx: Context, notice: Notice) -> None:
    """The notice has other words: whoever goes for somebody else got no card that would show them."""
    for receipt in await store.replied(ctx.tx, notice.id, Reply.SUBSTITUTE):
        if (person := await of(ctx, receipt)) is not None:
            await _say(ctx, notice, receipt, person, "corrected")


async def called_off(ctx: Context, notice: Notice, receipt: Receipt) -> None:
    """The notice was taken back."""
    if (person := await of(ctx, receipt)) is not None:
        await _say(ctx, notice, receipt, person, "off")


async def _say(ctx: Context, notice: Notice, receipt: Receipt, person: Person, what: str) -> None:
    where = await directory.reach(ctx.tx, person)
    if where is None:
        return
    sender = await directory.load(ctx.tx, receipt.person)
    view = await views.receipt_view(ctx, notice, receipt, account=where.account)
    words = cards.stand_in(what, view, by=sender.name if sender else "")
    at = int(ctx.now.timestamp() * 1000)
    key = f"notice/stand-in/{notice.id}/{notice.version}/{receipt.person}/{person.id}/{what}/{at}"
    await outbox.post(ctx.tx, Letter(to=where, message=Text(words), key=key), now=ctx.now)
