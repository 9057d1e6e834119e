"""The form 休假变更, and a request that takes the place of one that waits: what they show and what they do.

An approved leave keeps its number: the change is an item of its own, approved like a new one. A leave that still waits
is withdrawn by the submission of the new one, in one transaction, and those who had decided are told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from cards import leave_change as words
from cards import leave_more as more_cards
from cards import leave_return as return_words
from cards.model import Text
from handlers import errors
from handlers.approval import faces, store
from handlers.approval.engine import Act, State, Verb
from handlers.approval.leaves import amending, leave_company, leave_form, leave_more, leave_return
from handlers.context import Context
from handlers.days.phrases import Span
from handlers.days.slots import Half
from handlers.leave import charge, costing
from handlers.leave.asking import changing
from handlers.leave.book import ledger
from handlers.leave.costing import Costing
from handlers.leave.law.policy import Kind
from handlers.mailroom import outbox
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

CODE = "leave_change"
Perform = Callable[..., Awaitable[store.Item]]


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """The draft with what this change would do. Raises RuleErrors with what stands against it."""
    if not item.fields.get("leave") or not item.fields.get("time"):
        return item
    person, leave, kind, found = await _found(ctx, item)
    _check(ctx, leave, found)
    entries = await charge.granted(ctx, person, kind, found)
    changing.reserved(ctx, person, entries, kind, found, ref=item.id, leave=leave.id)
    return replace(item, fields={**item.fields, **await _shown(ctx, person, leave, kind, found, item)})


async def reserve(ctx: Context, item: store.Item) -> store.Item:
    """Submitted: what the change costs more is set aside."""
    person, leave, kind, found = await _found(ctx, item)
    await changing.reserve(ctx, person, kind, found, ref=item.id, leave=leave.id)
    return item


async def release(ctx: Context, item: store.Item) -> store.Item:
    rejected = item.request.state is State.REJECTED
    await changing.release(ctx, item.request.applicant, item.id, rejected=rejected)
    return item


async def carried_out(ctx: Context, item: store.Item) -> store.Item:
    """Approved: the ledger swaps, and the leave is what it is now."""
    person, leave, kind, found = await _found(ctx, item)
    _check(ctx, leave, found)
    await changing.swap(ctx, person, kind, found, ref=item.id, leave=leave.id)
    await amending.amend(ctx, leave.id, _changed(leave.fields, found, number=item.number), because=item.id)
    return item


async def replaces(ctx: Context, item: store.Item, by: Person, perform: Perform) -> None:
    """The submission of a request that takes another's place withdraws that one. Raises BadRequest(change_decided)."""
    old = await store.lock(ctx.tx, str(item.fields["replaces"]))
    if old is None or old.request.applicant != by.id or old.request.state not in (State.PENDING, State.RETURNED):
        raise errors.BadRequest("change_decided", item=item.id)
    opinion = words.withdrawn_for(item.number)
    await perform(ctx, old.id, Act(verb=Verb.WITHDRAW, opinion=opinion), by=by)
    face = await faces.of(ctx, old)
    for person in dict.fromkeys(one.person for one in old.request.decisions if one.person != by.id):
        reader = await directory.load(ctx.tx, person)
        where = await directory.reach(ctx.tx, reader) if reader and reader.active else None
        if where is not None:
            said = words.void(by.name, face.title(old.fields), old.number, item.number)
            letter = Letter(to=where, message=Text(said), key=f"replaced/{old.id}/{person}")
            await outbox.post(ctx.tx, letter, now=ctx.now)


async def _found(ctx: Context, item: store.Item) -> tuple[Person, store.Item, Kind, Costing]:
    person = await directory.load(ctx.tx, item.request.applicant)
    leave = await store.load(ctx.tx, str(item.fields["leave"]))
    if person is None or leave is None or leave.form != leave_form.CODE or leave.request.applicant != person.id:
        raise errors.BadRequest("return_which", item=item.id)
    if leave.request.state is not State.APPROVED or not leave.fields.get("minutes"):
        raise errors.BadRequest("change_not_approved", item=leave.id)
    if leave.fields.get("from_time"):
        raise errors.BadRequest("change_by_hours", item=leave.id)
    time = item.fields["time"]
    span = Span(
        start=date.fromisoformat(time["start"]),
        start_half=Half(time["start_half"]),
        end=date.fromisoformat(time["end"]),
        end_half=Half(time["end_half"]),
    )
    kind = charge.kind_of(ctx, person, leave.fields["kind"], on=span.start)
    return person, leave, kind, costing.of_span(charge.scale(ctx, person, kind, span.start), span)


def _check(ctx: Context, leave: store.Item, found: Costing) -> None:
    """What has been taken stays: of a leave that has begun only the end may change, and not to before now."""
    old = leave_return.span(leave.fields)
    if found.about == old:
        raise errors.BadRequest("change_same", item=leave.id)
    if not charge.begun(ctx, old.first):
        if charge.begun(ctx, found.about.first):
            raise errors.BadRequest("change_to_past", item=leave.id)
        return
    if found.about.first != old.first:
        raise errors.BadRequest("change_begun", item=leave.id)
    if charge.begun(ctx, found.about.last.next()):
        raise errors.BadRequest("change_over", item=leave.id)


async def _shown(
    ctx: Context, person: Person, leave: store.Item, kind: Kind, found: Costing, item: store.Item
) -> dict[str, Any]:
    first, last = found.about
    ends = {
        "start": first.day.isoformat(), "start_half": first.half.value,
        "end": last.day.isoformat(), "end_half": last.half.value,
    }  # fmt: skip
    around = await leave_company.around(
        ctx, person, {**ends, "handover": leave.fields.get("handover", "")}, but={leave.id, item.id}
    )
    view = leave_more.view(around)
    shown = {
        "leave_name": leave_return.named(leave, charge.today(ctx)),
        "change": words.told(leave.fields["minutes"], found.minutes),
        "days": leave_form.with_values({**leave.fields, "minutes": found.minutes})["days"],
        "company": "；".join(f"{one.name}：{one.value}" for one in more_cards.lines(view, today=charge.today(ctx))),
    }
    if kind.limited:
        entries = await charge.granted(ctx, person, kind, found)
        before = ledger.balance(entries, on=first.day, kind=kind.code).available
        shown["balance"] = return_words.balance(before, before + leave.fields["minutes"] - found.minutes)
    return shown


def _changed(fields: Mapping[str, Any], found: Costing, *, number: int) -> dict[str, Any]:
    """The leave's fields from now on; `changed` keeps how it was before."""
    before = {name: fields[name] for name in ("start", "start_half", "end", "end_half", "minutes")}
    return leave_form.with_values({**fields, **charge.counted_fields(found), "changed": {**before, "number": number}})
