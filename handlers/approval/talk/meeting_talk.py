"""“开会 周五下午3点到5点 三楼会议室 办公室、各科长 年终总结会”: a meeting in one sentence, confirmed on a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cards import meeting as words
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.approval import post, store, views
from handlers.approval.language import book
from handlers.approval.meetings import meeting_call
from handlers.approval.talk import asking
from handlers.calendar import asked, booking
from handlers.calendar.asked import Surroundings
from handlers.calendar.rules import Kind, Period
from handlers.context import Context
from handlers.notice import audience
from handlers.notice.rules import Notices
from handlers.people import directory
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """`进展 12`; or a day with two times and more: what is missing is asked for question by question."""
    number = words.asks_progress(event.text)
    if number is not None:
        return await _progress(event, ctx, number)
    said = words.called(event.text)
    form = ctx.office.of(book.Forms).find(meeting_call.CODE)
    if said is None or form is None:
        return PASS
    today = ctx.now.astimezone(ctx.office.timezone).date()
    found = asked.once(said, about(ctx, today))
    if found is None or found.all_day or found.open_end:
        return PASS
    person = await senders.known(ctx, event.sender)
    values = {"time": clock(ctx, found.periods[0]), **await _parts(ctx, found.rest.split())}
    await asking.start(ctx, person, form, values, to=event.sender, key=senders.reply_key(event))
    return None


async def _progress(event: TextReceived, ctx: Context, number: int) -> Answer:
    """A fresh card, for whoever called the meeting. Raises NotFound, NotAllowed."""
    person = await senders.known(ctx, event.sender)
    item = await store.numbered(ctx.tx, number)
    if item is None or item.form != meeting_call.CODE:
        raise errors.NotFound(number=number)
    if item.request.applicant != person.id:
        raise errors.NotAllowed(by=person.id, item=item.id)
    await post.send(ctx, item, person.id, kind=views.MINE, to=event.sender)
    return None


def about(ctx: Context, today: date) -> Surroundings:
    """What reading a time needs of the office."""
    return Surroundings(today=today, calendar=ctx.office.calendar, hours=ctx.office.hours)


async def _parts(ctx: Context, rest: Sequence[str]) -> Mapping[str, Any]:
    """Which of the words is the room, which the people, the chair, a leader; what is left is the topic."""
    found: dict[str, Any] = {}
    topic = []
    everybody = await directory.everybody(ctx.tx)
    for word in rest:
        if "room" not in found and await booking.by_name(ctx, Kind.ROOM, word) is not None:
            found["room"] = word
        elif "to" not in found and _is_audience(ctx, word, everybody):
            found["to"] = word
        elif (leader := await _named(ctx, words.leader(word))) is not None:
            found["leaders"] = [*found.get("leaders", ()), leader]
        elif "chair" not in found and (chair := await _named(ctx, words.chair(word))) is not None:
            found["chair"] = chair
        else:
            topic.append(word)
    return found | ({"topic": " ".join(topic)[:50]} if topic else {})


async def _named(ctx: Context, name: str) -> str | None:
    """The id of the one person of that name."""
    found = await directory.named(ctx.tx, name) if name else []
    return found[0].id if len(found) == 1 else None


def _is_audience(ctx: Context, word: str, everybody: Sequence[Person]) -> bool:
    found = audience.resolve(word, everybody, named=ctx.office.of(Notices).audiences)
    return bool(found.people) and not found.unknown and not found.ambiguous


def clock(ctx: Context, period: Period) -> dict[str, str]:
    begin, end = (at.astimezone(ctx.office.timezone) for at in (period.begin, period.end))
    return {"date": begin.date().isoformat(), "start": begin.strftime("%H:%M"), "end": end.strftime("%H:%M")}


ROUTES: Router = router((TextReceived, on_text))
