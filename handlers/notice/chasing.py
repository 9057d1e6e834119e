"""Reminding those who are silent, and only them: one message per person, never at night, within budgets.

When each receipt is due for a reminder lies in its row, so a restart loses nothing; `on_sweep` comes round every few
minutes and takes what is due by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from cards import notice as cards
from cards.model import Text, Urgent
from handlers import errors
from handlers.audit import log
from handlers.context import Context
from handlers.mailroom import counters, due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.notice import facts, rules, store, views
from handlers.notice.rules import Chasing, Grade, Notice, Notices, Per, Receipt, Rung, State
from handlers.people import directory
from handlers.people.directory import Person

SWEEP: Final = "notice.sweep"
BURDEN: Final = "notice.burden"
_MOST: Final = 200
"""People per transaction; the rest follow in the next."""
_ASKED: Final = "notice/chased/"
_JUST_NOW: Final = timedelta(minutes=30)
_MORNING, _EVENING = time(8, 0), time(21, 0)
"""Outside of these nobody is reminded of anything, whatever its grade (office-rules.md 5)."""

Pair = tuple[Notice, Receipt]


def first(ctx: Context, notice: Notice) -> datetime | None:
    """When the first reminder is due, in working time."""
    return _after(ctx, rules.pause(_chasing(ctx), notice.grade, 0))


async def on_sweep(row: Due, ctx: Context) -> None:
    """Reminds everybody who is due; outside working time only of what is critical, at night of nothing."""
    grades = _allowed(ctx)
    if not grades:
        return
    people = await store.due_people(ctx.tx, now=ctx.now, grades=grades, limit=_MOST)
    for person in people:
        await _remind(ctx, person, grades)
    if len(people) == _MOST:
        await due.once(ctx.tx, f"{row.key}+", SWEEP, ctx.now, {})


async def now(ctx: Context, notice: Notice) -> tuple[int, int]:
    """The sender asks for it: (reminded, held back by the day's budget). The ladder is not climbed faster by that.
    Asked for again a moment later, nobody is in either number: a second tap must not use up the day's reminders.

    Raises BadRequest(reminder_hours) outside the hours in which the clock would remind.
    """
    if notice.grade not in _allowed(ctx):
        raise errors.BadRequest("reminder_hours", item=notice.id)
    asked, moment = f"{_ASKED}{notice.id}", int(ctx.now.timestamp() * 1000)
    last = await counters.look(ctx.tx, asked)
    if last is not None and moment - last < _JUST_NOW / timedelta(milliseconds=1):
        return 0, 0
    await counters.put(ctx.tx, asked, moment)
    reminded = held = 0
    for receipt in rules.silent(notice, await views.present(ctx, notice)):
        if await _over_budget(ctx, receipt.person, [(notice, receipt)]):
            held += 1
        elif await _say(ctx, receipt.person, [(notice, receipt)], Rung.CARD):
            reminded += 1
            later = _after(ctx, rules.pause(_chasing(ctx), notice.grade, 1))
            if receipt.chase_at is not None:
                await store.write(ctx.tx, notice.id, replace(receipt, chase_at=later))
    return reminded, held


async def _remind(ctx: Context, person: str, grades: frozenset[Grade]) -> None:
    rows = [pair for pair in await store.overdue(ctx.tx, person, now=ctx.now) if pair[0].grade in grades]
    waiting = [pair for pair in rows if await _still(ctx, *pair)]
    for pair in rows:
        if pair not in waiting:
            await store.write(ctx.tx, pair[0].id, replace(pair[1], chase_at=None))
    if not waiting:
        return
    if await _over_budget(ctx, person, waiting):
        await _postpone(ctx, waiting)
        return
    loudest = _loudest(waiting)
    if not await _say(ctx, person, waiting, loudest):
        await _postpone(ctx, waiting)
        return
    for notice, receipt in waiting:
        await store.write(ctx.tx, notice.id, _chased(ctx, notice, receipt))


async def _still(ctx: Context, notice: Notice, receipt: Receipt) -> bool:
    """Whether this one is waited for; of a department, whether nobody of it has answered."""
    if notice.state is not State.PUBLISHED or rules.rung(notice.grade, receipt.chased) is None:
        return False
    person = await directory.load(ctx.tx, receipt.person)
    if person is None or not person.active:
        return False
    if notice.per is Per.PERSON:
        return not rules.answered(notice, receipt)
    silent = rules.silent(notice, await store.receipts(ctx.tx, notice.id))
    return receipt.person in {one.person for one in silent}


async def _over_budget(ctx: Context, person: str, rows: Iterable[Pair]) -> bool:
    if any(notice.grade is Grade.CRITICAL for notice, _ in rows):
        return False
    return await store.reminded(ctx.tx, person, _today(ctx)) >= _chasing(ctx).a_day


async def _say(ctx: Context, person: str, rows: Sequence[Pair], wanted: Rung) -> bool:
    """One message about all of them; False for somebody without an account."""
    who = await directory.load(ctx.tx, person)
    if who is None or not await directory.reach(ctx.tx, who):
        return False
    rung = await _granted(ctx, wanted)
    if rung is Rung.CARD and len(rows) == 1:
        await views.send_receipt(ctx, *rows[0])
    else:
        await _post(ctx, who, rows, rung)
    await store.remember_reminder(ctx.tx, person, day=_today(ctx), rung=rung, notices=len(rows), now=ctx.now)
    items = tuple(notice.id for notice, _ in rows)
    fact = facts.PersonReminded(person=person, items=items, rung=rung, asked=wanted, day=_today(ctx))
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    return True


async def _post(ctx: Context, who: Person, rows: Sequence[Pair], rung: Rung) -> None:
    where = await directory.reach(ctx.tx, who)
    assert where is not None
    page = views.url(ctx, rows[0][0].id, where.account) if len(rows) == 1 else ""
    words = cards.digest([(one.number, one.title, one.want, one.reply_by) for one, _ in rows], url=page)
    message = Text(words) if rung is Rung.CARD else Urgent(words, level=rung)
    count = await store.reminded(ctx.tx, who.id, _today(ctx))
    key = f"notice/remind/{who.id}/{_today(ctx)}/{count}"
    await outbox.post(ctx.tx, Letter(to=where, message=message, key=key), now=ctx.now)


async def _granted(ctx: Context, wanted: Rung) -> Rung:
    """What the month's quota leaves of a text message or a call; used up, it is a reminder inside the app."""
    most = {Rung.SMS: _chasing(ctx).sms, Rung.PHONE: _chasing(ctx).phone}.get(wanted)
    if most is None:
        return wanted
    taken = await counters.take(ctx.tx, f"notice/{wanted}/{_today(ctx)[:7]}")
    return wanted if taken <= most else Rung.APP


def _loudest(rows: Iterable[Pair]) -> Rung:
    loudest = Rung.CARD
    for notice, receipt in rows:
        loudest = rules.louder(loudest, rules.rung(notice.grade, receipt.chased) or Rung.CARD)
    return loudest


def _chased(ctx: Context, notice: Notice, receipt: Receipt) -> Receipt:
    chased = receipt.chased + 1
    more = rules.rung(notice.grade, chased) is not None
    when = _after(ctx, rules.pause(_chasing(ctx), notice.grade, chased)) if more else None
    return replace(receipt, chased=chased, chase_at=when)


async def _postpone(ctx: Context, rows: Iterable[Pair]) -> None:
    """To the first working moment of the next day."""
    midnight = datetime.combine(_local(ctx).date() + timedelta(days=1), time(), ctx.office.timezone)
    for notice, receipt in rows:
        await store.write(ctx.tx, notice.id, replace(receipt, chase_at=ctx.office.working_after(midnight, 0)))


async def on_burden(row: Due, ctx: Context) -> None:
    """The month that is over, to the administrators."""
    end = _local(ctx).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begin = (end - timedelta(days=1)).replace(day=1)
    last = end - timedelta(days=1)
    messages = dict(await store.burden(ctx.tx, first=begin.date().isoformat(), last=last.date().isoformat()))
    people = messages.pop("people")
    notices, receipts = await store.published_between(ctx.tx, begin=begin, end=end)
    if not notices and not messages:
        return
    month = f"{begin.year}年{begin.month}月"
    words = cards.burden(month, notices=notices, receipts=receipts, messages=messages, people=people)
    for person in await directory.in_role(ctx.tx, "admin"):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            await outbox.post(ctx.tx, Letter(to=where, message=Text(words), key=f"{row.key}:{person.id}"), now=ctx.now)


def _allowed(ctx: Context) -> frozenset[Grade]:
    here = _local(ctx)
    if not _MORNING <= here.time() < _EVENING:
        return frozenset()
    working = ctx.office.working_after(ctx.now, 0) <= ctx.now
    return frozenset(Grade) if working else frozenset({Grade.CRITICAL})


def _after(ctx: Context, pause: timedelta) -> datetime:
    return ctx.office.working_after(ctx.now, pause // timedelta(minutes=1))


def _chasing(ctx: Context) -> Chasing:
    return ctx.office.of(Notices).chasing


def _local(ctx: Context) -> datetime:
    return ctx.now.astimezone(ctx.office.timezone)


def _today(ctx: Context) -> str:
    return _local(ctx).date().isoformat()
