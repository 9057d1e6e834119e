"""The form 会议改期: a meeting that was called, at another time or in another room, with everything that hangs on it.

One transaction, like calling it: a room that is taken then refuses the whole, and all stays as it was. The car is
withdrawn and asked for anew by `followups.py`, because dispatch decides about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cards import meeting as words
from cards.model import Text
from handlers import errors
from handlers.approval import amended, store
from handlers.approval.meetings import attendance, bookings, meeting_call, meeting_progress
from handlers.calendar import agenda, booking
from handlers.calendar import store as reservations
from handlers.calendar.rules import Period
from handlers.context import Context
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.notice import publishing
from handlers.notice import store as notices
from handlers.people import directory

CODE: Final = "meeting_move"


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """The draft with what it is about and who is away then. Raises as `called`, BadRequest(move_same, move_to_past)."""
    if not item.fields.get("number"):
        return item
    meeting = await called(ctx, int(item.fields["number"]), by=item.request.applicant)
    people = [one.person for one in await notices.receipts(ctx.tx, meeting.id)]
    shown = {"meeting": meeting.fields["topic"], "before": said(meeting.fields), "count": len(people)}
    if item.fields.get("time"):
        period = _checked(ctx, meeting, item.fields)
        shown["absent"] = await meeting_call.absent(ctx, [*people, *meeting_call.hosts(meeting)], period)
    return replace(item, fields={**item.fields, **shown})


async def carried_out(ctx: Context, item: store.Item) -> store.Item:
    """Nobody has anything against it. Raises as `counted`, and as `bookings.hold_room` where the room is taken."""
    meeting = await called(ctx, int(item.fields["number"]), by=item.request.applicant)
    _checked(ctx, meeting, item.fields)
    after = replace(meeting, fields=_moved(ctx, meeting.fields, item.fields))
    await bookings.hold_room(ctx, after)
    await booking.confirm(ctx, await reservations.of_source(ctx.tx, meeting.id))
    after = await amended.amend(ctx, meeting.id, after.fields, because=item.id)
    await _enter(ctx, after)
    await _publish(ctx, item, meeting, after)
    await attendance.settle(ctx, after)
    await _tell_hosts(ctx, item, after)
    return item


async def called(ctx: Context, number: int, *, by: str) -> store.Item:
    """The meeting of that number that this person called and that is still to come.

    Raises NotFound, NotAllowed, BadRequest: meeting_not_called, meeting_begun.
    """
    item = await store.numbered(ctx.tx, number)
    if item is None or item.form != meeting_call.CODE:
        raise errors.NotFound(number=number)
    if item.request.applicant != by:
        raise errors.NotAllowed(code="not_your_meeting", by=by, item=item.id)
    if await meeting_progress.is_to_come(ctx, item):
        return item
    period = bookings.meeting_time(ctx, item.fields)
    begun = period is not None and period.begin <= ctx.now
    raise errors.BadRequest("meeting_begun" if begun else "meeting_not_called", item=item.id)


def said(fields: Mapping[str, Any]) -> str:
    """When and where, in words."""
    return words.when_where(fields, meeting_call.when(fields))


def _checked(ctx: Context, meeting: store.Item, wanted: Mapping[str, Any]) -> Period:
    period = bookings.meeting_time(ctx, wanted)
    if period is None or period.begin <= ctx.now:
        raise errors.BadRequest("move_to_past", item=meeting.id)
    room = wanted.get("room") or meeting.fields.get("room")
    if period == bookings.meeting_time(ctx, meeting.fields) and room == meeting.fields.get("room"):
        raise errors.BadRequest("move_same", item=meeting.id)
    return period


def _moved(ctx: Context, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The meeting's fields from now on; a time for answers that would be over by then is that of the meeting."""
    after = {**before, "time": wanted["time"], "absent": wanted.get("absent", "")}
    if wanted.get("room"):
        after["room"] = wanted["room"]
    today = ctx.now.astimezone(ctx.office.timezone).date().isoformat()
    if not today < str(before.get("reply_date") or today) < str(wanted["time"]["date"]):
        after = {name: value for name, value in after.items() if name not in ("reply_date", "reply_time")}
    return after


async def _enter(ctx: Context, meeting: store.Item) -> None:
    wanted = meeting_call.entry(ctx, meeting)
    assert wanted is not None  # `_checked`
    for one in await agenda.of_source(ctx, meeting.id):
        await agenda.change(ctx, one, replace(one, period=wanted.period, place=wanted.place))


async def _publish(ctx: Context, item: store.Item, before: store.Item, after: store.Item) -> None:
    """New words, and everybody is asked once more: who could come then may not be able to now."""
    draft = meeting_call.draft(ctx, after)
    moved = words.moved(said(before.fields), str(item.fields.get("reason") or ""))
    await publishing.correct(
        ctx, before.id, title=draft.title, body=f"{moved}\n{draft.body}", again=True, by_item=item.id,
        reply_by=draft.reply_by,
    )  # fmt: skip


async def _tell_hosts(ctx: Context, item: store.Item, meeting: store.Item) -> None:
    """The chair and the leaders who were shown it: who is among the recipients gets the notice again anyhow."""
    invited = {one.person for one in await notices.receipts(ctx.tx, meeting.id)}
    caller = await directory.load(ctx.tx, item.request.applicant)
    text = words.moved_to(str(meeting.fields["topic"]), said(meeting.fields), caller.name if caller else "")
    for host in dict.fromkeys(meeting_call.hosts(meeting)):
        person = await directory.load(ctx.tx, host)
        tells = person is not None and person.active and host not in (*invited, item.request.applicant)
        where = await directory.reach(ctx.tx, person) if person and tells else None
        if where is not None:
            letter = Letter(to=where, message=Text(text), key=f"moved/{item.id}/{host}")
            await outbox.post(ctx.tx, letter, now=ctx.now)
