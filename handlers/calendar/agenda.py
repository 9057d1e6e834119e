"""Entries of people's calendars: entered, changed, cancelled, undone, and who may do or see that.

Each change makes a new `sequence`, sets its reminder and remembers what it replaced; everything in the caller's
transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from cards import calendar as calendar_cards
from handlers import errors, ids
from handlers.audit import log
from handlers.calendar import entry_store, facts, rules, settings, writing
from handlers.calendar.entry_store import ACTIVE, CANCELLED, Entry, Share
from handlers.calendar.rules import Level, Period
from handlers.context import Context
from handlers.mailroom import due
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import from_ms, to_ms

REMIND: Final = "calendar.remind"
SERIES: Final = "series-"
MOST_WORDS: Final = 200
_UNDO = timedelta(days=1)
_LONGEST = timedelta(days=400)


def new_uid(now: datetime) -> str:
    """What calendar programs know an entry by: for ever the same, nobody else's."""
    return f"e{ids.new(now, chance=13)}"


async def enter(ctx: Context, one: Entry) -> Entry:
    """A new entry. Raises BadRequest: invalid_range, entry_untitled, entry_taken (too long)."""
    return await _enter(ctx, one, owner=one.owner, uid=one.uid)


async def _enter(ctx: Context, one: Entry, *, owner: str, uid: str) -> Entry:
    _check(one)
    author = one.author or ctx.origin.person
    number = await entry_store.add(ctx.tx, one, owner=owner, uid=uid, author=author, now=ctx.now)
    kept = replace(
        one, id=number, owner=owner, uid=uid, before={}, sequence=0, state=ACTIVE, author=author, changed=ctx.now
    )
    await _record(ctx, kept)
    if _remind_at(ctx, kept) is not None:
        await _set_reminder(ctx, kept)
    await writing.begin(ctx, kept)
    return kept


async def enter_for(ctx: Context, people: Iterable[str], one: Entry) -> list[Entry]:
    """The same entry in several calendars, each with a uid of its own; people named twice get one."""
    return [await _enter(ctx, one, owner=person, uid=new_uid(ctx.now)) for person in dict.fromkeys(people)]


async def change(ctx: Context, one: Entry, after: Entry) -> Entry:
    """`after` in place of `one` (whose id, uid and owner it keeps). Raises as `enter` does."""
    _check(after)
    kept = replace(
        after, id=one.id, uid=one.uid, owner=one.owner, before=_memory(one), sequence=one.sequence + 1,
        author=ctx.origin.person,
    )  # fmt: skip
    kept = await entry_store.save(ctx.tx, kept, now=ctx.now)
    await _kept(ctx, kept)
    return kept


async def cancel(ctx: Context, one: Entry) -> Entry:
    """Calendar programs are told that it is off: it stays as cancelled."""
    if one.state == CANCELLED:
        return one
    return await change(ctx, one, replace(one, state=CANCELLED))


async def undo(ctx: Context, one: Entry) -> Entry:
    """What the last change replaced is back; that can be undone as well. Raises BadRequest(nothing_to_undo)."""
    if one.before is None:
        raise errors.BadRequest("nothing_to_undo")
    return await change(ctx, one, _remembered(one))


async def enter_series(ctx: Context, one: Entry, periods: Sequence[Period]) -> list[Entry]:
    """An entry per period; several name one another by their source, so that they can be taken back together."""
    source = f"{SERIES}{secrets.token_hex(8)}" if len(periods) > 1 else one.source
    return [await enter(ctx, replace(one, uid=new_uid(ctx.now), period=period, source=source)) for period in periods]


async def series(ctx: Context, one: Entry) -> list[Entry]:
    """The entry and what was entered together with it, as far as it is to come."""
    if not one.source.startswith(SERIES):
        return [one]
    return [each for each in await of_source(ctx, one.source) if each.id == one.id or each.period.end > ctx.now]


async def cancel_source(ctx: Context, source: str) -> int:
    """Everything that an item or a booking had entered is off; how many entries."""
    active = await of_source(ctx, source)
    for one in active:
        await cancel(ctx, one)
    return len(active)


async def of_source(ctx: Context, source: str) -> list[Entry]:
    """What an item or a booking has entered and still holds."""
    return [one for one in await entry_store.of_source(ctx.tx, source) if one.state == ACTIVE]


async def meets(ctx: Context, owner: str, period: Period, *, but: int = 0) -> list[Entry]:
    """What else is in that calendar at that time."""
    return [one for one in await entry_store.of_owner(ctx.tx, owner, period) if one.id != but]


# Sharing


async def sight(ctx: Context, owner: str, reader: Person) -> tuple[Level, bool]:
    """How much of `owner`'s calendar this reader sees, and whether they may write in it.

    What is said of the person goes before what is said of a role, and that before what is said of everybody.
    """
    if owner == reader.id:
        return Level.FULL, True
    given = {one.reader: one for one in await entry_store.shares(ctx.tx, owner)}
    if (own := given.get(f"person:{reader.id}")) is not None:
        return own.level, own.writes
    roles = await directory.roles_of(ctx.tx, reader.id)
    by_role = [given[f"role:{role}"] for role in sorted(roles) if f"role:{role}" in given]
    if by_role:
        order = list(Level)
        return max((one.level for one in by_role), key=order.index), any(one.writes for one in by_role)
    if (everybody := given.get("all")) is not None:
        return everybody.level, everybody.writes
    return settings.of(ctx).others_see, False


async def set_share(ctx: Context, owner: str, one: Share) -> None:
    await entry_store.share(ctx.tx, owner, one)
    fact = facts.Shared(owner=owner, reader=one.reader, level=one.level.value, writes=one.writes)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


async def seen_by(ctx: Context, owner: str, reader: Person, period: Period) -> list[calendar_cards.EntryView]:
    """The owner's entries of that time as this reader may see them. Raises NotAllowed(no_calendar)."""
    level, writes = await sight(ctx, owner, reader)
    if level is Level.NONE:
        who = await directory.load(ctx.tx, owner)
        raise errors.NotAllowed(code="no_calendar", name=who.name if who else "")
    entries = await entry_store.of_owner(ctx.tx, owner, period)
    return [view(one, hidden=level is Level.BUSY, writes=writes) for one in entries]


async def writable(ctx: Context, number: int, by: Person) -> Entry:
    """The entry of that number, if this person may change it by hand. Raises BadRequest(no_entry)."""
    one = await entry_store.lock(ctx.tx, number)
    if one is None or one.kind != entry_store.MANUAL or not (await sight(ctx, one.owner, by))[1]:
        raise errors.BadRequest("no_entry", number=number)
    return one


async def last_undoable(ctx: Context, by: Person) -> Entry | None:
    """What they entered or changed last by hand, within a day."""
    return await entry_store.last_changed_by(ctx.tx, by.id, since=ctx.now - _UNDO)


def view(one: Entry, *, hidden: bool = False, writes: bool = True) -> calendar_cards.EntryView:
    manual = one.kind == entry_store.MANUAL
    return calendar_cards.EntryView(
        number=one.id if writes and not hidden else 0,
        title=calendar_cards.BUSY if hidden else one.title,
        begin=one.period.begin,
        end=one.period.end,
        all_day=one.all_day,
        place="" if hidden else one.place,
        hidden=hidden,
        state=one.state,
        manual=manual,
    )


async def _kept(ctx: Context, one: Entry) -> None:
    """What follows from an entry that was there being so from now on: a fact, its reminder, the platform's own
    calendar. For one that was not, there is nothing to take back (`enter`)."""
    await _record(ctx, one)
    await _set_reminder(ctx, one)
    await writing.follow(ctx, one)


def _check(one: Entry) -> None:
    if one.period.end <= one.period.begin or one.period.length > _LONGEST:
        raise errors.BadRequest("invalid_range")
    if not one.title.strip():
        raise errors.BadRequest("entry_untitled")
    if len(one.title) > MOST_WORDS or len(one.place) > 120 or len(one.note) > 4000:
        raise errors.BadRequest("entry_taken", most=MOST_WORDS)


async def _set_reminder(ctx: Context, one: Entry) -> None:
    key = f"{REMIND}:{one.uid}"
    when = _remind_at(ctx, one)
    if when is None:
        await due.cancel(ctx.tx, key)
        return
    payload = {"uid": one.uid, "sequence": one.sequence, "planned": to_ms(when)}
    await due.at(ctx.tx, key, REMIND, when, payload, now=ctx.now)


def _remind_at(ctx: Context, one: Entry) -> datetime | None:
    """As `remind_when`, None also for what is off and what is too late."""
    when = remind_when(ctx, one) if one.state == ACTIVE else None
    return when if when is not None and when > ctx.now else None


def remind_when(ctx: Context, one: Entry) -> datetime | None:
    """None where nobody wants to be reminded. Whole days are spoken of when the office opens."""
    if one.remind < 0:
        return None
    zone, quiet = ctx.office.timezone, settings.of(ctx).quiet
    if not one.all_day:
        return rules.reminder_at(one.period.begin, one.remind, quiet=quiet, zone=zone)
    day = one.period.begin.astimezone(zone).date()
    opens = next(iter(ctx.office.hours.on(day)), None)
    minutes = opens.begin if opens is not None else 8 * 60 + 30
    return rules.reminder_at(rules.local_midnight(day, zone) + timedelta(minutes=minutes), 0, quiet=quiet, zone=zone)


def _memory(one: Entry) -> dict[str, Any]:
    return {
        "begin": to_ms(one.period.begin), "end": to_ms(one.period.end), "all_day": one.all_day, "title": one.title,
        "place": one.place, "note": one.note, "remind": one.remind, "state": one.state,
    }  # fmt: skip


def _remembered(one: Entry) -> Entry:
    """As it was before its last change; before it was entered there was nothing."""
    old = one.before or {}
    if not old:
        return replace(one, state=CANCELLED)
    return replace(
        one, period=Period(from_ms(old["begin"]), from_ms(old["end"])), all_day=old["all_day"], title=old["title"],
        place=old["place"], note=old["note"], remind=old["remind"], state=old["state"],
    )  # fmt: skip


async def _record(ctx: Context, one: Entry) -> None:
    fact = facts.EntryKept(
        owner=one.owner,
        uid=one.uid,
        number=one.id,
        kind=one.kind,
        source=one.source,
        begin_ms=to_ms(one.period.begin),
        end_ms=to_ms(one.period.end),
        all_day=one.all_day,
        state=one.state,
        sequence=one.sequence,
        remind=one.remind,
        author=one.author,
        words=(one.title, one.place, one.note),
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=one.period.begin)
