"""Items that an item asks for: the car and the materials of a meeting that was called, the tasks of its minutes.

They are submitted in the transaction that asks for them, in the same person's name, and name their source; when that is
taken back, so are those that are still under way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from cards import meeting as words
from handlers.approval import engine, store, submitting, views
from handlers.approval.engine import Act, State, Verb
from handlers.approval.language import book
from handlers.approval.meetings import attendance, meeting_call, meeting_move, meeting_progress, minutes
from handlers.approval.meetings.meeting_progress import DUTY, RIDE, SOURCE, followed
from handlers.context import Context
from handlers.mailroom import copies, outbox
from handlers.mailroom.due import Due
from handlers.notice import answering
from handlers.notice import store as notices
from handlers.people import directory
from handlers.people.directory import Person

Wanted = tuple[str, Mapping[str, Any]]
"""A form and what is filled in."""


class Perform(Protocol):
    """`act.perform`, handed in: this module lies below it."""

    def __call__(
        self, ctx: Context, item_id: str, act: Act, *, by: Person, declared: bool = False
    ) -> Awaitable[store.Item]: ...


async def follow(ctx: Context, before: store.Item, after: store.Item, *, perform: Perform) -> None:
    """After a move of an item that asks for others. Raises their RuleErrors: then nothing of it has happened.

    After a move of one of those others the card of the one that asked follows.
    """
    if meeting_progress.is_part(after):
        await show(ctx, str(after.fields[SOURCE]))
    if before.request.state is after.request.state:
        return
    if after.form == meeting_move.CODE and after.request.state is State.APPROVED:
        await _ride_moves(ctx, after, perform)
    if after.form not in _WANTED:
        return
    if await _is_settled(ctx, after):
        await _open(ctx, after, perform)
        await show(ctx, after.id)
    elif after.request.state not in engine.OPEN:
        await _take_back(ctx, after, perform)


async def show(ctx: Context, item_id: str) -> None:
    """The card of the one who called the meeting shows how far it has come."""
    item = await store.load(ctx.tx, item_id)
    if item is None or item.form != meeting_call.CODE:
        return
    for copy in await copies.of_item(ctx.tx, item.id):
        if copy.person == item.request.applicant:
            card = await views.card(ctx, item, reader=copy.person, kind=views.MINE, account=copy.to.account)
            await outbox.refresh(ctx.tx, copy.id, meeting_progress.quiet(card), now=ctx.now)


async def on_count(row: Due, ctx: Context) -> None:
    """Receipts came in: the sender's figures, and with them the meeting's calendars and its card."""
    await answering.on_count(row, ctx)
    item = await store.load(ctx.tx, row.payload["notice"])
    if item is None or item.form != meeting_call.CODE:
        return
    await attendance.settle(ctx, item)
    await show(ctx, item.id)


async def _is_settled(ctx: Context, item: store.Item) -> bool:
    """Whether what it asks for may be asked: a meeting was called, minutes were signed."""
    if item.form == meeting_call.CODE and item.request.state is State.PENDING:
        return await notices.load(ctx.tx, item.id) is not None
    return item.request.state is State.APPROVED


async def _open(ctx: Context, item: store.Item, perform: Perform) -> None:
    """Once: what names this item as its source is not asked for again."""
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is None or await followed(ctx, item):
        return
    for code, values in await _WANTED[item.form](ctx, item):
        await _ask(ctx, item, person, code, values, perform=perform)


async def _ask(
    ctx: Context, item: store.Item, person: Person, code: str, values: Mapping[str, Any], *, perform: Perform
) -> None:
    form = ctx.office.of(book.Forms).find(code)
    if form is None:
        return
    stored = await submitting.draft(ctx, person, form, values)
    one = replace(stored, fields={**stored.fields, SOURCE: item.id})
    await store.save(ctx.tx, one, before=stored)
    # Who submitted the item that asks has declared for both.
    await perform(ctx, one.id, Act(verb=Verb.SUBMIT), by=person, declared=True)


async def _ride_moves(ctx: Context, move: store.Item, perform: Perform) -> None:
    """A car that is on its way for the old time is taken back and asked for anew; one nobody wants any more is not."""
    meeting = await store.numbered(ctx.tx, int(move.fields["number"]))
    person = await directory.load(ctx.tx, move.request.applicant)
    if meeting is None or person is None:
        return
    rides = [one for one in await followed(ctx, meeting) if one.form == RIDE and one.request.state in _ON_ITS_WAY]
    for one in rides:
        await perform(ctx, one.id, Act(verb=Verb.WITHDRAW, opinion=words.moved_ride(move.number)), by=person)
    for code, values in await _of_meeting(ctx, meeting) if rides else ():
        if code == RIDE:
            await _ask(ctx, meeting, person, code, values, perform=perform)
    await show(ctx, meeting.id)


async def _take_back(ctx: Context, item: store.Item, perform: Perform) -> None:
    person = await directory.load(ctx.tx, item.request.applicant)
    for one in await followed(ctx, item) if person else ():
        verb = _OFF.get(one.request.state)
        if verb is Verb.CANCEL and one.form != RIDE:
            continue  # what somebody has done stays done
        if verb is not None and person is not None:
            await perform(ctx, one.id, Act(verb=verb), by=person)


async def _of_meeting(ctx: Context, item: store.Item) -> list[Wanted]:
    fields = item.fields
    topic = str(fields["topic"])
    found: list[Wanted] = []
    if fields.get("car") == "yes":
        wanted = {"purpose": words.ride(topic), "to": fields["car_to"], "time": fields["time"]}
        found.append((RIDE, {**wanted, "passengers": fields["car_people"]}))
    for person in fields.get("materials_from") or ():
        wanted = {"matter": words.material(topic), "doer": [person], "by": fields.get("materials_by")}
        found.append((DUTY, {**wanted, "paper_needed": "yes", "about": topic}))
    return found


async def _of_minutes(ctx: Context, item: store.Item) -> list[Wanted]:
    about = words.of_minutes(str(item.fields.get("meeting", "")))
    rows = item.fields.get("decisions") or ()
    people = [await minutes.people(ctx, row) for row in rows]
    return [
        (DUTY, {"matter": row["matter"], "doer": doers, "by": row.get("by"), "about": about})
        for row, doers in zip(rows, people, strict=True)
    ]


_WANTED: Mapping[str, Callable[[Context, store.Item], Awaitable[list[Wanted]]]] = {
    meeting_call.CODE: _of_meeting,
    minutes.CODE: _of_minutes,
}
_ON_ITS_WAY = (State.PENDING, State.RETURNED)
_OFF: Mapping[State, Verb] = {
    State.PENDING: Verb.WITHDRAW,
    State.RETURNED: Verb.WITHDRAW,
    State.APPROVED: Verb.CANCEL,
}
