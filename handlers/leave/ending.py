"""Leave that is about to lapse: whoever has some left is told once, in time to take it, and personnel how many were.

An office arranges annual leave within its year (Regulations on Paid Annual Leave art. 5), so it has to hear of it while
there are weeks left. How long before is the office's: `practice.ending_within`, `practice.toil.ending_within`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from cards import leave as words
from cards.model import Text
from handlers.context import Context
from handlers.leave import charge, standing, store, toil
from handlers.leave.book import ledger
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.law.rules import Policy
from handlers.leave.reports.explanation import name_of
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.people.directory import Person

KIND: Final = "leave.ending"
PERSONNEL: Final = "personnel"
_AT_ONCE: Final = 25  # people: as few as when expiries are written


class Left(NamedTuple):
    """What is left in one lot."""

    name: str
    minutes: int
    until: date


class Ending(NamedTuple):
    """What a person has left of a kind, the nearest end first; `key` is the same until a later end comes near."""

    kind: str
    lots: list[Left]
    key: str

    @property
    def minutes(self) -> int:
        return sum(lot.minutes for lot in self.lots)


async def on_due(row: Due, ctx: Context) -> None:
    """On the first working day of a week, a few people at a time; a week in which the office was down is made good by
    the next, as the key of a letter and no date says who has been told."""
    today = charge.today(ctx)
    if "after" not in row.payload and not _begins_week(ctx, today):
        return
    people = await directory.following(ctx.tx, str(row.payload.get("after", "")), limit=_AT_ONCE)
    told, minutes = int(row.payload.get("told", 0)), int(row.payload.get("minutes", 0))
    ledgers = await store.of_people(ctx.tx, [one.id for one in people])
    for person in people:
        new = await _tell(ctx, person, endings(ctx, person, ledgers[person.id]))
        told, minutes = told + bool(new), minutes + new
    if len(people) == _AT_ONCE:
        payload = {**row.payload, "after": people[-1].id, "told": told, "minutes": minutes}
        key = f"{KIND}:{row.payload['planned']}:{people[-1].id}"
        await due.at(ctx.tx, key, KIND, ctx.now, payload, now=ctx.now)
    elif told:
        await _tell_personnel(ctx, told, minutes, key=f"{KIND}:{row.payload['planned']}")


def endings(ctx: Context, person: Person, entries: Sequence[Entry]) -> list[Ending]:
    """By kind what ends so soon that its person is to hear of it; nothing is written."""
    today = charge.today(ctx)
    policy = charge.policy_of(ctx, person, on=today)
    whole = standing.looked_at(entries, person, policy, on=today, stamp=Stamp(recorded=ctx.now, effective=today))
    found: dict[str, list[Left]] = {}
    for lot, balance in ledger.balances(whole, on=today).items():
        is_known = lot.limited and lot.kind in policy.kinds  # a kind that the rules dropped cannot be asked for
        if is_known and lot.valid_to and not lot.ended_by(today) and balance.available > 0:
            found.setdefault(lot.kind, []).append(Left(name_of(lot), balance.available, lot.valid_to))
    return list(_near(found, policy, today))


def _near(found: dict[str, list[Left]], policy: Policy, today: date) -> Iterator[Ending]:
    for kind, lots in found.items():
        until = today + timedelta(days=_days(policy, kind))
        lots.sort(key=lambda one: one.until)
        near = [one for one in lots if one.until <= until]
        if near and until > today:
            yield Ending(kind, lots if kind == toil.KIND else near, f"{kind}:{near[-1].until}")


def _days(policy: Policy, kind: str) -> int:
    practice = policy.practice
    return practice.toil.ending_within if kind == toil.KIND else practice.ending_within


def _begins_week(ctx: Context, today: date) -> bool:
    before = today - timedelta(days=today.weekday() + 1)
    return ctx.office.calendar.by_law_where_unknown().next_working_day(before) == today


async def _tell(ctx: Context, person: Person, found: Sequence[Ending]) -> int:
    """Minutes of which the person had not been told before."""
    where = await directory.reach(ctx.tx, person) if found else None
    if where is None:
        return 0
    minutes = 0
    for one in found:
        letter = Letter(to=where, message=Text(_said(ctx, person, one)), key=f"{KIND}:{person.id}:{one.key}")
        if not await outbox.is_posted(ctx.tx, letter.key):
            await outbox.post(ctx.tx, letter, now=ctx.now)
            minutes += one.minutes
    return minutes


def _said(ctx: Context, person: Person, one: Ending) -> str:
    today = charge.today(ctx)
    if one.kind == toil.KIND:
        return words.ending_toil([(lot.minutes, lot.until) for lot in one.lots], on=today)
    title = charge.policy_of(ctx, person, on=today).kinds[one.kind].title
    return words.ending(title, one.lots, on=today)


async def _tell_personnel(ctx: Context, people: int, minutes: int, *, key: str) -> None:
    for person in await directory.in_role(ctx.tx, PERSONNEL):
        where = await directory.reach(ctx.tx, person)
        if where is not None:
            letter = Letter(to=where, message=Text(words.ending_told(people, minutes)), key=f"{key}:{person.id}")
            await outbox.post(ctx.tx, letter, now=ctx.now)
