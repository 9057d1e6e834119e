"""Reminders that come again (每周五下午四点) and those before a date (a contract ends), each once and at its time.

`on_minute` looks at the time that has passed since it last looked, which is kept beside what it sends: a restart loses
nothing and doubles nothing. What comes more than a few minutes late says so; of what a long pause swallowed only the
last is sent, with how many were missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from cards import reminders as reminder_words
from cards.model import Text
from connectors.refs import Recipient
from handlers import errors
from handlers.audit import log
from handlers.context import Context
from handlers.days.phrases import recurring
from handlers.days.phrases.recurring import Rule
from handlers.days.workdays import CalendarMissing
from handlers.mailroom import counters, due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.notice import audience, facts, recurring_store
from handlers.notice.rules import Expiry, Notices, Repeated
from handlers.people import directory

MINUTE: Final = "notice.minute"
_CURSOR: Final = "notice/recurring/seen"
_LATE: Final = timedelta(minutes=10)
_FARTHEST: Final = timedelta(days=366)
"""How far back it looks after a pause: a yearly reminder is not lost in it."""
_BACK: Final = 31
"""Days in which there is a working day before."""
_MORNING, _EVENING = time(8, 0), time(21, 0)
"""A group chat is not rung outside of these."""
_USUAL: Final = time(9, 0)
_KEPT: Final = timedelta(hours=2)
_MOST: Final = 20
"""Reminders that one person may have set up."""
_AHEAD: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One moment of one reminder. `provisional`: reckoned without the year's holidays."""

    at: datetime
    provisional: bool = False


async def on_minute(row: Due, ctx: Context) -> None:
    """Sends what has come due since the last look."""
    since = await counters.look(ctx.tx, _CURSOR)
    now = int(ctx.now.timestamp() * 1000)
    await counters.put(ctx.tx, _CURSOR, max(now, since or 0))
    await due.forget_done(ctx.tx, MINUTE, before=ctx.now - _KEPT)
    if since is None or since >= now:
        return
    begin = max(datetime.fromtimestamp(since / 1000, ctx.now.tzinfo), ctx.now - _FARTHEST)
    for one in await all_of(ctx):
        await _ring(ctx, one, rings(ctx, one.rule, begin, ctx.now))
    for expiry in ctx.office.of(Notices).dates:
        for days in expiry.days:
            await _warn(ctx, expiry, days, begin)


async def all_of(ctx: Context) -> list[Repeated]:
    """Those of the settings, then those that people set up."""
    return [*ctx.office.of(Notices).repeated, *await recurring_store.live(ctx.tx)]


def rings(ctx: Context, rule: Rule, begin: datetime, end: datetime) -> list[Ring]:
    """The moments after `begin` up to `end`."""
    return [ring for ring in _rings(ctx, rule, begin, end) if begin < ring.at <= end]


def _rings(ctx: Context, rule: Rule, begin: datetime, end: datetime) -> Iterator[Ring]:
    zone = ctx.office.timezone
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    provisional = False
    try:
        days = recurring.occurrences(rule, start=first, until=last, calendar=ctx.office.calendar)
    except CalendarMissing:
        lenient = ctx.office.calendar.by_law_where_unknown()
        days = recurring.occurrences(rule, start=first, until=last, calendar=lenient)
        provisional = True
    for day in days:
        yield Ring(at=datetime.combine(day, rule.begin or _USUAL, zone), provisional=provisional)


async def _ring(ctx: Context, one: Repeated, found: Sequence[Ring]) -> None:
    if not found:
        return
    last = found[-1]
    late = ctx.now - last.at > _LATE
    words = reminder_words.repeated(
        one.text, planned=last.at if late else None, missed=len(found) - 1, provisional=last.provisional
    )
    sent = 0
    for place, to in enumerate(await _receivers(ctx, one)):
        key = f"notice/repeated/{one.key}/{int(last.at.timestamp())}/{place}"
        await outbox.post(ctx.tx, Letter(to=to, message=Text(words), key=key), now=ctx.now)
        sent += 1
    fact = facts.ReminderSent(
        reminder=one.key, planned_ms=int(last.at.timestamp() * 1000), late=late, missed=len(found) - 1, receivers=sent
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def _receivers(ctx: Context, one: Repeated) -> list[Recipient]:
    if one.group:
        chat = ctx.office.groups.get(one.group)
        return [chat] if chat is not None else []
    return await _people(ctx, one.to, (one.person,) if one.person else ())


async def _people(ctx: Context, words: str, ids: Sequence[str] = ()) -> list[Recipient]:
    named = ctx.office.of(Notices).audiences
    found = audience.resolve(words, await directory.everybody(ctx.tx), named=named, also=ids)
    reached = [await directory.reach(ctx.tx, person) for person in found.people]
    return [where for where in reached if where is not None]


async def _warn(ctx: Context, expiry: Expiry, days: int, begin: datetime) -> None:
    """At nine on that day, or on the last working day before; to whoever is responsible, else to the administrators."""
    day = _working_before(ctx, expiry.on - timedelta(days=days))
    at = datetime.combine(day, _USUAL, ctx.office.timezone)
    if not begin < at <= ctx.now:
        return
    left = (expiry.on - ctx.now.astimezone(ctx.office.timezone).date()).days
    late = ctx.now - at > _LATE
    words = reminder_words.expiring(expiry.name, expiry.category, expiry.on, left=left, planned=at if late else None)
    to = await _people(ctx, expiry.who) or await _administrators(ctx)
    for place, where in enumerate(to):
        key = f"notice/expiring/{expiry.key}/{days}/{place}"
        await outbox.post(ctx.tx, Letter(to=where, message=Text(words), key=key), now=ctx.now)
    fact = facts.ReminderSent(
        reminder=expiry.key,
        planned_ms=int(at.timestamp() * 1000),
        late=late,
        missed=0,
        receivers=len(to),
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def _administrators(ctx: Context) -> list[Recipient]:
    reached = [await directory.reach(ctx.tx, person) for person in await directory.in_role(ctx.tx, "admin")]
    return [where for where in reached if where is not None]


def _working_before(ctx: Context, day: date) -> date:
    calendar = ctx.office.calendar.by_law_where_unknown()
    for back in range(_BACK):
        near = day - timedelta(days=back)
        if calendar.is_working(near):
            return near
    return day


# ---- set up in the chat ----------------------------------------------------------------------------------------------


async def set_up(ctx: Context, owner: str, said: str, *, group: str) -> str:
    """`每周五下午四点 交周报`: the words for what was set up.

    Raises BadRequest: reminder_rule, reminder_text, reminder_group, reminder_many, reminder_night.
    """
    today = ctx.now.astimezone(ctx.office.timezone).date()
    found = recurring.read(said, today=today)
    if found is None:
        raise errors.BadRequest("reminder_rule")
    text = found.rest.strip(" ，,。：:")
    if not text:
        raise errors.BadRequest("reminder_text")
    if group and group not in ctx.office.groups:
        raise errors.BadRequest("reminder_group", names="、".join(ctx.office.groups))
    if len(await recurring_store.of_owner(ctx.tx, owner)) >= _MOST:
        raise errors.BadRequest("reminder_many", most=_MOST)
    rule = replace(found.rule, first=found.rule.first or today)
    if group and not _MORNING <= (rule.begin or _USUAL) < _EVENING:
        raise errors.BadRequest("reminder_night")
    coming = rings(ctx, rule, ctx.now, ctx.now + timedelta(days=_AHEAD))
    if not coming:
        raise errors.BadRequest("reminder_rule")
    shown = rule_words(said, text)
    number = await recurring_store.add(
        ctx.tx, owner=owner, said=said[:200], text=text[:500], group=group, first=today, now=ctx.now
    )
    fact = facts.ReminderSetUp(
        reminder=f"r{number}", owner=owner, said=shown, group=group, first_day=today.isoformat(), text=text[:500],
        wrote=said[:200],
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    return reminder_words.set_up(number, shown, coming[0].at, group=group)


def rule_words(said: str, text: str) -> str:
    """What was said without what it reminds of: `每周五下午四点`."""
    return said.replace(text, "").strip(" ，,。：:") or said


async def stop(ctx: Context, owner: str, number: int) -> str:
    """Raises NotFound for somebody else's or none."""
    if not await recurring_store.stop(ctx.tx, number, owner):
        raise errors.NotFound(code="no_reminder", number=number)
    await log.record(ctx.tx, facts.ReminderStopped(reminder=f"r{number}"), origin=ctx.origin, now=ctx.now)
    return reminder_words.stopped(number)
