"""Entries written into the platform's own calendar, in the transaction that enters, changes or cancels them.

Only from here to there: what somebody changes there is found by `comparing.py` and never taken over unasked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from cards import calendar as calendar_cards
from cards import calendar_sync as words
from cards.model import Card, Schedule
from connectors.refs import PersonRef
from handlers.audit import log
from handlers.calendar import entry_store, facts, settings
from handlers.calendar.entry_store import ACTIVE, PLATFORM, Entry, Share
from handlers.calendar.rules import Level
from handlers.context import Context
from handlers.mailroom import copies, due, outbox, schedules
from handlers.people import directory

DIFFERS: Final = "calendar.differs"
_AHEAD: Final = timedelta(days=800)
_WORDLESS: Final = {"leave": calendar_cards.LEAVE, "trip": words.OUT}
"""Kinds of which the platform learns only that somebody is away: neither the kind of leave nor where to."""


def as_schedule(one: Entry) -> Schedule:
    """What of an entry leaves this system."""
    bare = one.kind in _WORDLESS
    return Schedule(
        uid=one.uid,
        sequence=one.sequence,
        title=_WORDLESS.get(one.kind, one.title),
        begin=one.period.begin,
        end=one.period.end,
        all_day=one.all_day,
        place="" if bare else one.place,
        note=words.note(one.id),
        cancelled=one.state != ACTIVE,
    )


async def follow(ctx: Context, one: Entry) -> None:
    """The platform's calendar shows the entry as it is now; what was asked about an older state is moot."""
    await moot(ctx, one, "changed")
    copy = await schedules.find(ctx.tx, one.uid)
    if copy is not None:
        if await entry_store.hides(ctx.tx, one.owner):
            return
        assert isinstance(copy.to, PersonRef)
        await schedules.post(ctx.tx, as_schedule(one), person=one.owner, to=copy.to, now=ctx.now)
        return
    await begin(ctx, one)


async def begin(ctx: Context, one: Entry) -> None:
    """An entry that the platform has never had is written there, where that is wanted."""
    if one.state == ACTIVE and one.period.end > ctx.now and not await entry_store.hides(ctx.tx, one.owner):
        await _first(ctx, one)


async def again(ctx: Context, one: Entry) -> None:
    """As it is here, over what was made of it there."""
    await schedules.again(ctx.tx, as_schedule(one), now=ctx.now)


async def _first(ctx: Context, one: Entry) -> bool:
    to = await where(ctx, one.owner)
    if to is None:
        return False
    await schedules.begin(ctx.tx, as_schedule(one), person=one.owner, to=to, now=ctx.now)
    return True


async def where(ctx: Context, owner: str) -> PersonRef | None:
    """The account in whose calendar this person's entries are kept: the preferred one that has a calendar."""
    accounts = settings.of(ctx).written_to
    person = await directory.load(ctx.tx, owner) if accounts else None
    if person is None or not person.active:
        return None
    return next((ref for ref in await directory.accounts(ctx.tx, person) if ref.account in accounts), None)


async def hide(ctx: Context, owner: str, hidden: bool) -> int:
    """By the person's own word: what is to come is taken off the platform's calendar, or written into it; how many."""
    level = Level.NONE if hidden else Level.FULL
    await entry_store.share(ctx.tx, owner, Share(PLATFORM, level, False))
    fact = facts.Shared(owner=owner, reader=PLATFORM, level=level.value, writes=False)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    entries = await entry_store.coming(ctx.tx, since=ctx.now, until=ctx.now + _AHEAD, owner=owner)
    return sum([await (_take_off(ctx, one) if hidden else _write(ctx, one)) for one in entries])


async def _take_off(ctx: Context, one: Entry) -> bool:
    await moot(ctx, one, "changed")
    return await schedules.again(ctx.tx, replace(as_schedule(one), cancelled=True), now=ctx.now)


async def _write(ctx: Context, one: Entry) -> bool:
    return await schedules.again(ctx.tx, as_schedule(one), now=ctx.now) or await _first(ctx, one)


# The open question about one entry: a row that waits until the entry is over


def key(uid: str) -> str:
    return f"{DIFFERS}:{uid}"


def item(uid: str) -> str:
    """Under which the cards of the question lie on phones."""
    return f"differs-{uid}"


async def question(ctx: Context, uid: str) -> Mapping[str, Any] | None:
    return await due.find(ctx.tx, key(uid))


async def moot(ctx: Context, one: Entry, why: str) -> bool:
    """Whatever was asked needs no answer any more; its cards say so. False when nothing was asked."""
    if await question(ctx, one.uid) is None:
        return False
    await due.cancel(ctx.tx, key(one.uid))
    await close_cards(ctx, one, why)
    return True


async def close_cards(ctx: Context, one: Entry, choice: str) -> Card:
    card = words.settled(view(one), choice, now=ctx.now)
    for copy in await copies.of_item(ctx.tx, item(one.uid)):
        await outbox.refresh(ctx.tx, copy.id, card, now=ctx.now)
    return card


def view(one: Entry) -> calendar_cards.EntryView:
    """As its owner sees it."""
    return calendar_cards.EntryView(
        number=one.id, title=one.title, begin=one.period.begin, end=one.period.end, all_day=one.all_day,
        place=one.place, state=one.state, manual=one.kind == entry_store.MANUAL,
    )  # fmt: skip
