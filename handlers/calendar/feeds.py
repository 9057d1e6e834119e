"""Subscription addresses: whoever has the token may read, so only its hash is kept and it can be revoked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from handlers import errors
from handlers.audit import log
from handlers.calendar import entry_store, facts
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Period
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

MOST = 5
_BACK, _AHEAD = timedelta(days=90), timedelta(days=400)


async def make(ctx: Context, person: str) -> str:
    """A new token, told this once. Raises BadRequest(feed_many)."""
    if len(await entry_store.feeds(ctx.tx, person)) >= MOST:
        raise errors.BadRequest("feed_many", most=MOST)
    token = secrets.token_urlsafe(32)
    number = await entry_store.add_feed(ctx.tx, person, _hash(token), now=ctx.now)
    await _record(ctx, person, number, revoked=False)
    return token


async def revoke(ctx: Context, person: str, feed: int) -> bool:
    """Dead at once; False when it was already, or is somebody else's."""
    if not await entry_store.revoke(ctx.tx, person, feed, now=ctx.now):
        return False
    await _record(ctx, person, feed, revoked=True)
    return True


async def revoke_all(ctx: Context, person: str) -> int:
    return sum([await revoke(ctx, person, feed) for feed, _ in await entry_store.feeds(ctx.tx, person)])


async def read(tx: Transaction, token: str, *, now: datetime) -> tuple[Person, list[Entry]] | None:
    """Whose calendar the token opens, and its entries, cancelled ones too; None for no token of ours, or a leaver's."""
    owner = await entry_store.owner_of(tx, _hash(token)) if len(token) <= 128 else None
    person = await directory.load(tx, owner) if owner else None
    if person is None or not person.active:
        return None
    period = Period(now - _BACK, now + _AHEAD)
    return person, await entry_store.of_owner(tx, person.id, period, gone=True, most=5000)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def _record(ctx: Context, person: str, feed: int, *, revoked: bool) -> None:
    fact = facts.FeedMoved(person=person, feed=feed, revoked=revoked)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
