"""One submission calls a meeting: room, notice with receipts, everybody's calendar, the leaders' copy and a car.

All of it is one transaction: what cannot be had (a room that is taken, a name nobody knows) refuses the whole, and
taking it back takes everything back. The car is an item of its own (`rides.py`), because dispatch decides about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from cards import meeting as words
from handlers.approval import store
from handlers.approval.engine import Kind, State, Status
from handlers.approval.meetings import bookings, notice_form
from handlers.calendar import agenda, booking, settings
from handlers.calendar import store as reservations
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Period
from handlers.context import Context
from handlers.notice import publishing
from handlers.notice import store as notices
from handlers.notice.publishing import Draft
from handlers.notice.rules import Want
from handlers.people import directory

CODE: Final = "meeting_call"
_NAMED: Final = 10


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """How many would come, and who of them is away then. Raises as `publishing.meant`."""
    if not item.fields.get("to") and not item.fields.get("invited"):
        return item
    found = await publishing.meant(ctx, draft(ctx, item))
    people = [*(person.id for person in found.people), item.request.applicant]
    period = bookings.meeting_time(ctx, item.fields)
    shown = await absent(ctx, people, period) if period else ""
    return replace(item, fields={**item.fields, "people": len(people), "absent": shown})


async def absent(ctx: Context, people: Iterable[str], period: Period) -> str:
    """Whose calendar has a leave or a trip then, in words; why they are away is not said."""
    found = []
    for person in dict.fromkeys(people):
        entries = await agenda.meets(ctx, person, period)
        if any(one.kind in ("leave", "trip") for one in entries):
            who = await directory.load(ctx.tx, person)
            found.append(who.name if who else "")
    return words.absent(found[:_NAMED], len(found))


async def call(ctx: Context, item: store.Item) -> store.Item:
    """Everything at once, as soon as nobody has to decide any more; until then the room is held. Twice is once."""
    item = await bookings.hold_room(ctx, item)
    if _waits(item) or await notices.load(ctx.tx, item.id) is not None:
        return item
    await booking.confirm(ctx, await reservations.of_source(ctx.tx, item.id))
    found = await publishing.meant(ctx, draft(ctx, item))
    await publishing.publish(ctx, draft(ctx, item))
    if (one := entry(ctx, item)) is not None:
        await agenda.enter_for(ctx, [*hosts(item), *(person.id for person in found.people)], one)
    return item


async def off(ctx: Context, item: store.Item) -> store.Item:
    """The room is free, calendars forget it, the notice says that it was recalled."""
    await bookings.release(ctx, item)
    await publishing.recall(ctx, item.id)
    return item


def _waits(item: store.Item) -> bool:
    steps = item.request.steps
    return item.request.state is State.PENDING and any(
        step.kind is Kind.DECIDE and step.status in (Status.AHEAD, Status.OPEN) for step in steps
    )


def entry(ctx: Context, item: store.Item) -> Entry | None:
    """The meeting as it stands in a calendar, nobody's yet; None without a time."""
    period = bookings.meeting_time(ctx, item.fields)
    if period is None:
        return None
    return Entry(
        uid="", owner="", kind="meeting", source=item.id, period=period,
        title=str(item.fields["topic"])[: agenda.MOST_WORDS], place=str(item.fields.get("room", ""))[:120],
        remind=settings.of(ctx).remind_before,
    )  # fmt: skip


def hosts(item: store.Item) -> list[str]:
    """Who calls it, who chairs it, the leaders who are shown it: there without being asked whether they come."""
    fields = item.fields
    people = [item.request.applicant, str(fields.get("chair") or ""), *(fields.get("leaders") or ())]
    return [person for person in people if person]


def draft(ctx: Context, item: store.Item) -> Draft:
    """The notice that these fields mean: the form `notice`'s own reading, with the meeting's words."""
    fields = item.fields
    given = {
        **fields, "title": words.title(str(fields.get("topic", ""))), "people": fields.get("invited"),
        "files": fields.get("materials"), "want": Want.ATTEND, "body": words.body(fields, when(fields)),
    }  # fmt: skip
    found = notice_form.draft(ctx, replace(item, fields=given))
    period = bookings.meeting_time(ctx, fields)
    by = found.reply_by or (period.begin if period and period.begin > ctx.now else None)
    return replace(found, reply_by=by)


def when(fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """Day, begin and end as the form has them; "" for what is not said yet."""
    time = fields.get("time") or {}
    return str(time.get("date", "")), str(time.get("start", "")), str(time.get("end", ""))
