"""What a move of an item does elsewhere: functions by name, which forms call, run in the transaction of the act.

A function gets the item after the move and returns it, perhaps with new fields; a RuleError from it undoes the act.
Adding one: a function and its row in `EFFECTS`; a form then names it under `effects:`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from handlers.approval import engine, facts, store
from handlers.approval.engine import State
from handlers.approval.language import book
from handlers.approval.language.form_model import Effects
from handlers.approval.leaves import leave_change, leave_form, leave_return, losses, overdue, overtime, proofs
from handlers.approval.meetings import bookings, meeting_call, meeting_move, minutes, notice_form, trip_reports
from handlers.audit import log
from handlers.context import Context
from handlers.leave import charge
from handlers.leave.asking import changing
from handlers.people.directory import Person

Effect = Callable[[Context, store.Item], Awaitable[store.Item]]


async def apply(ctx: Context, before: store.Item, after: store.Item, *, by: Person) -> store.Item:
    """Runs what the item's own version of its form says about this move; nothing where it says nothing."""
    form = await book.of_item(ctx, after)
    for name in _called(form.effects, before.request, after.request):
        after = await EFFECTS[name](ctx, after)
    return after


async def drafted(ctx: Context, item: store.Item) -> store.Item:
    """What a form wants computed before the applicant confirms: nothing is kept elsewhere. Raises RuleErrors."""
    form = await book.of_item(ctx, item)
    for name in form.effects.draft:
        item = await EFFECTS[name](ctx, item)
    return item


def _called(effects: Effects, before: engine.Request, after: engine.Request) -> Iterator[str]:
    """Steps first, because the last one is done when the item is approved."""
    old = {step.name: step.status for step in before.steps}
    for step in after.steps:
        if step.status is engine.Status.DONE and old.get(step.name) is not engine.Status.DONE:
            yield from effects.steps.get(step.name, ())
    if before.state is after.state:
        return
    yield from _MOVES[after.state](effects) if after.state in _MOVES else ()


_MOVES: Mapping[State, Callable[[Effects], tuple[str, ...]]] = {
    State.PENDING: lambda effects: effects.submit,
    State.APPROVED: lambda effects: effects.approve,
    State.REJECTED: lambda effects: effects.reject,
    State.RETURNED: lambda effects: effects.returned,
    State.WITHDRAWN: lambda effects: effects.withdraw,
    State.CANCELLED: lambda effects: effects.cancel,
}


async def _count(ctx: Context, item: store.Item) -> store.Item:
    return replace(item, fields=await leave_form.counted(ctx, item))


async def _hold(ctx: Context, item: store.Item) -> store.Item:
    fields = await charge.hold(ctx, item.request.applicant, item.id, item.fields)
    if item.fields.get("late_on") and item.fields.get("start"):
        began = str(item.fields["start"])
        late = facts.LateEntered(item=item.id, began=began, asked=str(item.fields["late_on"]))
        await log.record(ctx.tx, late, origin=ctx.origin, now=ctx.now, effective=date.fromisoformat(began))
    return replace(item, fields=leave_form.with_values(fields))


async def _consume(ctx: Context, item: store.Item) -> store.Item:
    await charge.consume(ctx, item.request.applicant, item.id, by=_last(item))
    return item


async def _consented(ctx: Context, item: store.Item) -> store.Item:
    """A leader who is said to have agreed by word of mouth has now said so: nobody else can in their place."""
    who = item.fields.get("consent_by")
    if not who or not any(d.person == who and d.verb is engine.Verb.APPROVE for d in item.request.decisions):
        return item
    if not item.fields.get("consent_confirmed"):
        on = str(item.fields.get("consent_on") or ctx.now.astimezone(ctx.office.timezone).date())
        fact = facts.ConsentConfirmed(item=item.id, person=who, on=on, how=item.fields.get("consent_how", ""))
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=date.fromisoformat(on))
    return replace(item, fields={**item.fields, "consent_confirmed": True})


async def _release(ctx: Context, item: store.Item) -> store.Item:
    """What it holds is free; one that was sent back holds nothing any more when it is withdrawn."""
    await changing.release(ctx, item.request.applicant, item.id, rejected=item.request.state is State.REJECTED)
    return item


async def _restore(ctx: Context, item: store.Item) -> store.Item:
    await charge.restore(ctx, item.request.applicant, item.id, item.fields)
    return item


def _last(item: store.Item) -> str:
    approvals = [d.person for d in item.request.decisions if d.verb is engine.Verb.APPROVE]
    return approvals[-1] if approvals else ""


EFFECTS: Mapping[str, Effect] = {
    "leave.count": _count,
    "leave.hold": _hold,
    "leave.consume": _consume,
    "leave.consented": _consented,
    "leave.release": _release,
    "leave.restore": _restore,
    "room.hold": bookings.hold_room,
    "room.confirm": bookings.confirm_room,
    "room.release": bookings.release,
    "vehicle.dispatch": bookings.dispatch,
    "vehicle.return": bookings.returned,
    "vehicle.release": bookings.release,
    "calendar.enter": bookings.enter_absence,
    "calendar.remove": bookings.release,
    "leave.ask_proof": proofs.ask,
    "leave.watch": losses.watch,
    "leave.ask_return": overdue.watch,
    "leave.earning": overtime.counted,
    "leave.earn": overtime.granted,
    "leave.changing": leave_change.counted,
    "leave.reserve": leave_change.reserve,
    "leave.change": leave_change.carried_out,
    "leave.unreserve": leave_change.release,
    "leave.returning": leave_return.counted,
    "leave.return": leave_return.carried_out,
    "trip.ask_report": trip_reports.ask,
    "meeting.count": meeting_call.counted,
    "meeting.call": meeting_call.call,
    "meeting.off": meeting_call.off,
    "meeting.moving": meeting_move.counted,
    "meeting.move": meeting_move.carried_out,
    "minutes.find": minutes.checked,
    "minutes.issue": minutes.issued,
    "duty.enter": minutes.entered,
    "duty.leave": minutes.left,
    "notice.count": notice_form.counted,
    "notice.publish": notice_form.published,
    "notice.recall": notice_form.recalled,
    "notice.find": notice_form.to_correct,
    "notice.correct": notice_form.corrected,
}
NAMES = frozenset(EFFECTS)
