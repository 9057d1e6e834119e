"""An approved trip asks for its report (form `trip_report`) once it is over: told the day after, and again.

A report is an item of its own that names the trip, so that nothing holds up the trip's approval, and with it absence
and calendar. `report_within`, a field of the trip, says in how many days; 0 asks for none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from cards import trip_report as words
from cards.model import Text
from handlers.approval import faces, store
from handlers.approval.engine import State
from handlers.approval.language import book, fill
from handlers.approval.papers import page_drafts
from handlers.context import Context
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory

CODE: Final = "trip_report"
KIND: Final = "trip.report"
_AT: Final = time(9)
_MOST: Final = 3
_AGAIN: Final = timedelta(days=7)


async def ask(ctx: Context, item: store.Item) -> store.Item:
    """Plans the first reminder of an approved trip."""
    if item.fields.get("report_within"):
        await _plan(ctx, item.id, _end(item) + timedelta(days=1), 0)
    return item


async def on_due(row: Due, ctx: Context) -> None:
    """To the applicant: the day after the trip, on the last day, a week later; not when the report is there."""
    item = await store.load(ctx.tx, str(row.payload["item"]))
    form = ctx.office.of(book.Forms).find(CODE)
    if item is None or form is None or not await _is_owed(ctx, item):
        return
    times, until = int(row.payload["times"]), _end(item) + timedelta(days=int(item.fields["report_within"]))
    await _tell(ctx, item, until, key=f"{row.key}:{times}")
    draft = await page_drafts.load(ctx.tx, person=item.request.applicant, form=CODE)
    if draft is None:  # the page opens with the trip chosen
        values = fill.with_defaults(form, {"trip": item.id})
        await page_drafts.begin(ctx.tx, person=item.request.applicant, form=CODE, values=values, now=ctx.now)
    if times + 1 < _MOST:
        day = max(until, _today(ctx) + timedelta(days=1)) if times == 0 else _today(ctx) + _AGAIN
        await _plan(ctx, item.id, day, times + 1)


async def _is_owed(ctx: Context, item: store.Item) -> bool:
    return item.request.state is State.APPROVED and not await store.naming(ctx.tx, item.id, form=CODE)


async def _tell(ctx: Context, item: store.Item, until: date, *, key: str) -> None:
    person = await directory.load(ctx.tx, item.request.applicant)
    where = await directory.reach(ctx.tx, person) if person and person.active else None
    if where is None:
        return
    title = (await faces.of(ctx, item)).title(item.fields)
    text = words.due(item.number, title, until, today=_today(ctx))
    await outbox.post(ctx.tx, Letter(to=where, message=Text(text), key=key), now=ctx.now)


async def _plan(ctx: Context, item: str, day: date, times: int) -> None:
    at = datetime.combine(day, _AT, ctx.office.timezone).astimezone(UTC)
    await due.at(ctx.tx, f"{KIND}:{item}", KIND, at, {"item": item, "times": times}, now=ctx.now)


def _end(item: store.Item) -> date:
    return date.fromisoformat(item.fields["period"]["end"])


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()
