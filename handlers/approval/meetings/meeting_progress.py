"""How far a meeting that was called has come: room, receipts, leaders, car, materials and calendars on its one card.

Fed by what is there: nothing here is kept. The card is the item's own; it is shown anew, in place, whenever one of its
parts has moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cards import meeting as words
from cards.model import Card, Field
from handlers.approval import engine, store
from handlers.approval.meetings import bookings
from handlers.calendar import agenda
from handlers.calendar import store as reservations
from handlers.context import Context
from handlers.notice import store as notices
from handlers.notice import views as notice_views
from handlers.people import directory

CALL: Final = "meeting_call"
RIDE: Final = "vehicle"
DUTY: Final = "duty"
SOURCE: Final = "source"
"""The field, given by the office, in which an item names the item that asked for it."""
_LOOKED_AT: Final = 200


async def lines(ctx: Context, item: store.Item, shown: Sequence[Field]) -> tuple[Field, ...]:
    """What the card says of the item itself (`shown`), with the progress instead of what was asked for."""
    if item.form != CALL or item.request.state not in (engine.State.PENDING, engine.State.APPROVED):
        return tuple(shown)
    notice = await notices.load(ctx.tx, item.id)
    if notice is None:
        return tuple(shown)
    counts = await notice_views.counts_view(ctx, notice)
    opened = await followed(ctx, item)
    return words.progress(
        shown,
        room=await _room(ctx, item),
        answered=(counts.answered, counts.total),
        replies=counts.replies,
        leaders=await _leaders(ctx, item),
        rides=[_ride(one) for one in _rides(opened)],
        papers=[(await _doer(ctx, one), one.request.state is engine.State.APPROVED) for one in _asked(opened)],
        calendars=len(await agenda.of_source(ctx, item.id)),
    )


async def is_to_come(ctx: Context, item: store.Item) -> bool:
    """A meeting whose notice is out and that has not begun: one that can be moved."""
    period = bookings.meeting_time(ctx, item.fields) if item.form == CALL else None
    if period is None or period.begin <= ctx.now:
        return False
    notice = await notices.load(ctx.tx, item.id)
    return notice is not None and notice_views.is_open(notice)


async def to_come(ctx: Context, caller: str) -> list[store.Item]:
    """The meetings that this person has called and could move."""
    own = await store.of_applicant(ctx.tx, caller, limit=_LOOKED_AT)
    return [one for one in own if await is_to_come(ctx, one)]


async def followed(ctx: Context, item: store.Item) -> list[store.Item]:
    """The items that this one asked for."""
    own = await store.of_applicant(ctx.tx, item.request.applicant, limit=_LOOKED_AT)
    return [one for one in own if one.form in (RIDE, DUTY) and one.fields.get(SOURCE) == item.id]


def _asked(opened: Iterable[store.Item]) -> list[store.Item]:
    over = (engine.State.WITHDRAWN, engine.State.CANCELLED)
    return [one for one in opened if one.form == DUTY and one.request.state not in over]


async def _room(ctx: Context, item: store.Item) -> str:
    held = [one for one in await reservations.of_source(ctx.tx, item.id) if one.live]
    return held[0].state if held else ""


async def _leaders(ctx: Context, item: store.Item) -> list[tuple[str, bool]]:
    done = {one.person for one in item.request.decisions} | {one.on_behalf for one in item.request.decisions}
    found = []
    for leader in item.fields.get("leaders") or ():
        person = await directory.load(ctx.tx, leader)
        found.append((person.name if person else "", leader in done))
    return found


def _rides(opened: Iterable[store.Item]) -> list[store.Item]:
    """Those that are on; where none is, what became of them. A meeting that was moved has asked for another car."""
    rides = [one for one in opened if one.form == RIDE]
    return [one for one in rides if one.request.state is not engine.State.WITHDRAWN] or rides[:1]


def _ride(item: store.Item) -> tuple[str, str]:
    """(state, plate once there is one)."""
    return item.request.state.value, str(item.fields.get("plate") or "")


async def _doer(ctx: Context, item: store.Item) -> str:
    doer = item.fields.get("doer") or []
    person = await directory.load(ctx.tx, doer if isinstance(doer, str) else doer[0]) if doer else None
    return person.name if person else ""


def is_part(item: store.Item) -> bool:
    """Whether another item's card tells how this one has come along."""
    return item.form in (RIDE, DUTY) and bool(item.fields.get(SOURCE))


def quiet(card: Card) -> Card:
    """Shown in place or not at all: nobody gets a message for each receipt."""
    return replace(card, fleeting=True)
