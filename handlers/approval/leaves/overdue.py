"""A leave that is over and not reported back from (逾期未销假): its person is reminded, then the leader and personnel.

Overstaying a leave can end in dismissal, so it has to be noticed from the first working day (office-rules.md 2). Which
leaves have to be reported back from is the office's: `practice.return_from`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

from cards import leave_return as words
from cards.model import Text
from handlers.approval import store
from handlers.approval.engine import State
from handlers.approval.leaves import leave_form, leave_return
from handlers.context import Context
from handlers.leave import charge
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

KIND: Final = "leave.overdue"
PERSONNEL: Final = "personnel"
_OWN, _OTHERS = 0, 1
_AT: Final = {_OWN: time(10), _OTHERS: time(9, 30)}


async def watch(ctx: Context, item: store.Item) -> store.Item:
    """An approved leave: when to look whether its person has reported back."""
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is not None and _is_asked_for(ctx, person, item):
        await _plan(ctx, item, leave_return.span(item.fields).last.day, _OWN)
    return item


async def on_due(row: Due, ctx: Context) -> None:
    """First to the person; a working day later, once, to the leader and to personnel."""
    item = await store.load(ctx.tx, str(row.payload["item"]))
    person = await directory.load(ctx.tx, item.request.applicant) if item else None
    if item is None or person is None or not person.active or not await _is_out(ctx, item):
        return
    stage, end = int(row.payload["stage"]), leave_return.span(item.fields).last.day
    if end.isoformat() != row.payload["end"]:  # it ends on another day meanwhile
        await _plan(ctx, item, end, _OWN)
        return
    name = leave_return.named(item, charge.today(ctx))
    if stage == _OWN:
        await _tell(ctx, person, words.due(name), key=f"{row.key}:{end}")
        await _plan(ctx, item, end, _OTHERS)
        return
    others = [*await directory.managers(ctx.tx, person), *await directory.in_role(ctx.tx, PERSONNEL)]
    for other in {one.id: one for one in others if one.id != person.id}.values():
        await _tell(ctx, other, words.overdue(person.name, name), key=f"{row.key}:{end}:{other.id}")


async def is_overdue(ctx: Context, person: Person, item: store.Item) -> bool:
    """Whether the first working day after this leave has come and its person has not reported back."""
    if not _is_asked_for(ctx, person, item):
        return False
    last = leave_return.span(item.fields).last.day
    back = ctx.office.calendar.by_law_where_unknown().next_working_day(last)
    return back <= charge.today(ctx) and await _is_out(ctx, item)


def _is_asked_for(ctx: Context, person: Person, item: store.Item) -> bool:
    least = charge.policy_of(ctx, person, on=date.fromisoformat(item.fields["start"])).practice.return_from
    return item.form == leave_form.CODE and 0 < least <= int(item.fields.get("minutes") or 0)


async def _is_out(ctx: Context, item: store.Item) -> bool:
    """Whether it stands, and neither a return nor a change of it is done or on its way."""
    if item.request.state is not State.APPROVED or not item.fields.get("minutes") or "returned" in item.fields:
        return False
    mine = await store.of_applicant(ctx.tx, item.request.applicant, limit=60)
    waits = [one for one in mine if one.request.state in (State.PENDING, State.RETURNED)]
    return not any(one.fields.get("leave") == item.id for one in waits)


async def _plan(ctx: Context, item: store.Item, end: date, stage: int) -> None:
    calendar = ctx.office.calendar.by_law_where_unknown()
    day = calendar.next_working_day(end if stage == _OWN else max(end, charge.today(ctx)))
    at = datetime.combine(day, _AT[stage], ctx.office.timezone).astimezone(UTC)
    payload = {"item": item.id, "end": end.isoformat(), "stage": stage}
    await due.at(ctx.tx, f"{KIND}:{item.id}", KIND, at, payload, now=ctx.now)


async def _tell(ctx: Context, to: Person, text: str, *, key: str) -> None:
    where = await directory.reach(ctx.tx, to) if to.active else None
    if where is not None:
        await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)
