"""“交办 张三 周五前报安全生产总结”: a duty in one sentence, confirmed on a card; “我交办的事办得怎么样了”."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from cards import duty as words
from cards.duty import Given
from cards.model import Text
from connectors.events import TextReceived
from handlers import senders
from handlers.approval import engine, store
from handlers.approval.engine import State
from handlers.approval.language import book
from handlers.approval.talk import asking
from handlers.context import Context
from handlers.days import phrases
from handlers.leave import charge
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router

FORM: Final = "duty"
_LATEST: Final = 200


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """PASS where those who are named first are nobody: then it is a form that begins with what it is about."""
    form = ctx.office.of(book.Forms).find(FORM)
    if form is None:
        return PASS
    if words.asks_given(event.text) or words.asks_undone(event.text):
        return await _given(event, ctx)
    said = words.said(event.text)
    if said is None or not all([await directory.named(ctx.tx, name) for name in said[0]]):
        return PASS
    person = await senders.known(ctx, event.sender)
    doers = [directory.the_one(await directory.named(ctx.tx, name), name).id for name in said[0]]
    values = {"doer": doers, **_what(ctx, said[1])}
    await asking.start(ctx, person, form, values, to=event.sender, key=senders.reply_key(event))
    return None


def _what(ctx: Context, said: str) -> dict[str, Any]:
    """The matter, and the last day where one is said."""
    for when, what in words.deadlines(said):
        reading = phrases.read(when, today=charge.today(ctx), calendar=ctx.office.calendar)
        if len(reading.spans) == 1 and not reading.rest:
            return {"matter": what, "by": reading.spans[0].end.isoformat()}
    return {"matter": said}


async def _given(event: TextReceived, ctx: Context) -> Answer:
    person = await senders.known(ctx, event.sender)
    mine = await store.of_applicant(ctx.tx, person.id, limit=_LATEST)
    running = [one for one in mine if one.form == FORM and one.request.state is State.PENDING]
    if not running and not words.asks_given(event.text):
        return PASS
    running.sort(key=lambda one: (one.fields.get("by") or "9", one.number))
    rows = [await _row(ctx, one) for one in running]
    await senders.answer(ctx, event, Text(words.listed(rows, today=charge.today(ctx))), "duty")
    return None


async def _row(ctx: Context, item: store.Item) -> Given:
    people: list[Person | None] = [await directory.load(ctx.tx, one) for one in engine.waiting_for(item.request)]
    by = item.fields.get("by")
    return Given(
        item.number,
        str(item.fields.get("matter", "")),
        [one.name for one in people if one],
        date.fromisoformat(by) if by else None,
    )


ROUTES: Router = router((TextReceived, on_text))
