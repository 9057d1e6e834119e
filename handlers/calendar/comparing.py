"""What somebody changed in the platform's own calendar: found by reading back, put before the owner, done as they say.

Nothing is taken over and nothing overwritten unasked. What is asked lies in the due table until the entry is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from cards import actions
from cards import calendar_sync as words
from cards.calendar import EntryView
from cards.model import Card, Schedule
from connectors.contract import ScheduleThere
from connectors.events import ObjectChanged
from connectors.refs import PersonRef
from handlers import errors
from handlers.audit import log
from handlers.calendar import agenda, entry_store, facts, settings, writing
from handlers.calendar.entry_store import ACTIVE, MANUAL, Entry
from handlers.calendar.rules import Period
from handlers.calendar.speaking import Speaker
from handlers.context import Context
from handlers.mailroom import copies, due, gate, schedules
from handlers.mailroom.due import Due
from handlers.mailroom.schedules import Kept
from handlers.people import directory
from handlers.routing import PASS, Answer
from handlers.transaction import Transaction, from_ms, to_ms

SWEEP: Final = "calendar.sweep"
READ: Final = "calendar.read"
TAKE, PUT, LEAVE = "take-there", "put-back", "leave-there"
_WEEKS: Final = timedelta(weeks=4)
_AREAS: Final = frozenset({"calendar", "schedule"})
_BURST: Final = timedelta(seconds=5)
"""A hand that drags an entry lets it go several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One person's entries to be read back: key is the uid."""

    person: str
    to: PersonRef
    place: Mapping[str, Any]
    kept: Mapping[str, tuple[Kept, Schedule]]


async def on_sweep(row: Due, ctx: Context) -> None:
    """Once on each working day: a row per account. On other days people are left alone."""
    today = ctx.now.astimezone(ctx.office.timezone).date()
    if not ctx.office.calendar.by_law_where_unknown().is_working(today):
        return
    for account in settings.of(ctx).written_to:
        payload = {"account": account, "person": ""}
        await due.once(ctx.tx, f"{READ}/{account}/{today}", READ, ctx.now, payload)


async def on_changed(event: ObjectChanged, ctx: Context) -> Answer:
    """The platform says that something in a calendar changed: if it is one of ours, its owner's are read back."""
    if event.area not in _AREAS or event.change == "responded":
        return PASS
    copy = await _of_object(ctx, event.account, event.object)
    if copy is None or await schedules.is_echo(ctx.tx, copy.id, now=ctx.now):
        return None
    payload = {"account": event.account, "person": copy.person}
    await due.by(ctx.tx, f"{READ}/{event.account}/{copy.person}", READ, ctx.now + _BURST, payload, now=ctx.now)
    return None


async def _of_object(ctx: Context, account: str, object: str) -> copies.Copy | None:
    """The copy whose handle has the platform's id; only among what is to come."""
    rows = await ctx.tx.fetch(
        "SELECT e.uid FROM agenda_entry e JOIN copy c ON c.item = 'schedule-' || e.uid"
        " WHERE e.end_ms > ? AND c.account = ? AND c.handle LIKE ?",
        to_ms(ctx.now), account, f'%"{object}"%',
    )  # fmt: skip
    for row in rows:
        copy = await schedules.find(ctx.tx, row["uid"])
        if copy is not None and (copy.handle or {}).get("id") == object:
            return copy
    return None


async def asked(ctx: Context, account: str, person: str = "") -> list[Asked]:
    """Whose entries of the coming weeks that account's platform has; of one person, or of everybody."""
    entries = await entry_store.coming(ctx.tx, since=ctx.now, until=ctx.now + _WEEKS, owner=person)
    by_owner: dict[str, dict[str, Entry]] = {}
    for one in entries:
        by_owner.setdefault(one.owner, {})[one.uid] = one
    found = []
    for owner, own in by_owner.items():
        kept = await schedules.settled(ctx.tx, list(own), account=account)
        current = {one.uid: (one, writing.as_schedule(own[one.uid])) for one in kept if _same(one, own)}
        place = await schedules.place_of(ctx.tx, to=kept[0].to) if kept else None
        if current and place is not None and not await entry_store.hides(ctx.tx, owner):
            found.append(Asked(person=owner, to=kept[0].to, place=place, kept=current))
    return found


def _same(one: Kept, own: Mapping[str, Entry]) -> bool:
    """Whether what was written last is what is here now."""
    return one.sequence == own[one.uid].sequence


async def found(ctx: Context, asked: Asked, differing: Mapping[str, ScheduleThere]) -> int:
    """After a whole answer: asks about what differs, withdraws what is equal again; how many new questions."""
    new = 0
    for uid, (kept, _) in asked.kept.items():
        one = await entry_store.find(ctx.tx, uid)
        if one is None or one.state != ACTIVE or one.sequence != kept.sequence:
            continue  # changed here while we read
        if not await schedules.settled(ctx.tx, [uid], account=asked.to.account):
            continue
        if uid not in differing:
            await writing.moot(ctx, one, "same")
            continue
        new += await _ask(ctx, one, differing[uid], account=asked.to.account)
    return new


async def _ask(ctx: Context, one: Entry, there: ScheduleThere, *, account: str) -> bool:
    """False when exactly this was asked, or left as it is, before."""
    there = _fit(ctx, one, there)
    before = await writing.question(ctx, one.uid)
    said = _dump(there)
    if before is not None and before["there"] == said:
        return False
    await writing.moot(ctx, one, "again")
    serial = 1 + (before["serial"] if before else await _cards(ctx.tx, one))
    payload = {"uid": one.uid, "serial": serial, "there": said, "left": False}
    until = max(one.period.end, ctx.now + timedelta(hours=1))
    await due.at(ctx.tx, writing.key(one.uid), writing.DIFFERS, until, payload, now=ctx.now)
    await _record_difference(ctx, one, there, account)
    await _send(ctx, one, there, serial)
    return True


async def _cards(tx: Transaction, one: Entry) -> int:
    """How often was asked about this entry: an older card must not answer a newer question."""
    return len(await copies.of_item(tx, writing.item(one.uid)))


async def _send(ctx: Context, one: Entry, there: ScheduleThere, serial: int) -> None:
    person = await directory.load(ctx.tx, one.owner)
    to = await directory.reach(ctx.tx, person) if person and person.active else None
    if person is None or to is None:
        return

    def packed(act: str) -> str:
        return actions.pack(actions.Action(act, f"x{one.id}", serial), to=person.id, key=ctx.office.card_key)

    own = one.kind == MANUAL
    view = words.DifferenceView(here=writing.view(one), there=_there_view(one, there), gone=there.gone, own=own)
    choices = words.Choices(take=packed(TAKE) if own else "", put=packed(PUT), leave=packed(LEAVE))
    card = words.difference(view, choices, now=ctx.now)
    await copies.open_copy(
        ctx.tx, item=writing.item(one.uid), person=person.id, to=to, kind=card.kind, card=card, version=serial,
        now=ctx.now,
    )  # fmt: skip


async def on_choice(speaker: Speaker, action: actions.Action) -> Card | None:
    """A tap on the card. Raises StaleCard when something else is the case by now."""
    ctx, number = speaker.ctx, int(action.item.removeprefix("x") or 0)
    one = await entry_store.lock(ctx.tx, number)
    asked = await writing.question(ctx, one.uid) if one is not None else None
    if one is None or one.owner != speaker.person.id or asked is None or asked["left"]:
        raise errors.StaleCard(entry=number)
    if asked["serial"] != action.version or one.state != ACTIVE:
        raise errors.StaleCard(entry=number)
    choice = await _CHOICES[action.act](ctx, one, asked)
    after = await entry_store.find(ctx.tx, one.uid) or one
    settled = facts.ScheduleSettled(owner=one.owner, uid=one.uid, sequence=after.sequence, choice=choice)
    await log.record(ctx.tx, settled, origin=ctx.origin, now=ctx.now)
    return await writing.close_cards(ctx, after, choice)


async def _take(ctx: Context, one: Entry, asked: Mapping[str, Any]) -> str:
    """The platform's time and words are ours. Raises NotAllowed for what a slip or a booking has entered."""
    if one.kind != MANUAL:
        raise errors.NotAllowed(code="entry_of_item", number=one.id)
    there = _load(asked["there"])
    if there.gone:
        await agenda.cancel(ctx, one)
        return "cancelled"
    period = Period(there.begin, there.end)
    after = replace(one, period=period, all_day=there.all_day, title=there.title, place=there.place)
    await agenda.change(ctx, one, after)
    return "taken"


async def _put_back(ctx: Context, one: Entry, asked: Mapping[str, Any]) -> str:
    await due.cancel(ctx.tx, writing.key(one.uid))
    await writing.again(ctx, one)
    return "put_back"


async def _leave(ctx: Context, one: Entry, asked: Mapping[str, Any]) -> str:
    """Remembered, so that the same difference is not asked about again."""
    payload = {**asked, "left": True}
    await due.at(ctx.tx, writing.key(one.uid), writing.DIFFERS, one.period.end, payload, now=ctx.now)
    return "left"


_CHOICES = {TAKE: _take, PUT: _put_back, LEAVE: _leave}


async def on_over(row: Due, ctx: Context) -> None:
    """The entry is over: nobody is asked any more."""
    one = await entry_store.find(ctx.tx, row.payload["uid"])
    if one is not None and not row.payload["left"]:
        await writing.close_cards(ctx, one, "over")


def _fit(ctx: Context, one: Entry, there: ScheduleThere) -> ScheduleThere:
    """As it may be kept here: words with a secrecy marking stay outside, an empty title is no title."""
    title, place = there.title.strip()[: agenda.MOST_WORDS], there.place.strip()[:120]
    if gate.first((title, place), ctx.office.marked_phrases):
        title, place = one.title, one.place
    bare = writing.as_schedule(one)
    title = one.title if not title or title == bare.title else title
    return replace(there, title=title, place=one.place if place == bare.place else place)


def _there_view(one: Entry, there: ScheduleThere) -> EntryView:
    period = Period(there.begin, there.end)
    return writing.view(replace(one, period=period, all_day=there.all_day, title=there.title, place=there.place))


def _dump(there: ScheduleThere) -> dict[str, Any]:
    return {
        "title": there.title, "place": there.place, "begin": to_ms(there.begin), "end": to_ms(there.end),
        "all_day": there.all_day, "gone": there.gone,
    }  # fmt: skip


def _load(said: Mapping[str, Any]) -> ScheduleThere:
    return ScheduleThere(
        title=said["title"], place=said["place"], begin=from_ms(said["begin"]), end=from_ms(said["end"]),
        all_day=said["all_day"], gone=said["gone"],
    )  # fmt: skip


async def _record_difference(ctx: Context, one: Entry, there: ScheduleThere, account: str) -> None:
    fact = facts.ScheduleDiffered(
        owner=one.owner, uid=one.uid, sequence=one.sequence, account=account, begin_ms=to_ms(there.begin),
        end_ms=to_ms(there.end), gone=there.gone, words=(there.title, there.place),
    )  # fmt: skip
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
