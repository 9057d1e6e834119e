"""Overtime that was approved becomes time off in lieu, in the transaction of the approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from cards import leave_more as words
from handlers import errors
from handlers.approval import store
from handlers.approval.engine import Verb
from handlers.context import Context
from handlers.leave import toil
from handlers.people import directory
from handlers.people.directory import Person


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """The draft with what it will be worth (`toil`), for those who decide."""
    person, found = await _found(ctx, item)
    if person is None or found is None:
        return item
    return replace(item, fields={**item.fields, "toil": words.toil(found.minutes, found.until)})


async def granted(ctx: Context, item: store.Item) -> store.Item:
    person, found = await _found(ctx, item)
    if person is None or found is None or not found.minutes:
        return item
    by = next((one.person for one in reversed(item.request.decisions) if one.verb is Verb.APPROVE), "")
    day = date.fromisoformat(item.fields["time"]["date"])
    await toil.grant(ctx, person, day, found, ref=item.id, by=by)
    return item


async def _found(ctx: Context, item: store.Item) -> tuple[Person | None, toil.Earned | None]:
    at = item.fields.get("time")
    person = await directory.load(ctx.tx, item.request.applicant)
    if not isinstance(at, dict) or person is None:
        return person, None
    try:
        day, begin, until = date.fromisoformat(at["date"]), *(time.fromisoformat(at[one]) for one in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise errors.BadRequest("incomplete", item=item.id) from None
    return person, toil.of(ctx, person, day, begin, until)
