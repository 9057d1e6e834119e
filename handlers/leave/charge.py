"""What a request costs and what it does to the ledger: the edge between an approval and the pure engine.

Called by the approval's effects inside their transaction. Lots of annual leave are written when they are first needed,
from the entitlement on that day; when the entitlement has changed since, the difference is written beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from cards import leave_more, words
from handlers import errors
from handlers.context import Context
from handlers.days.slots import Half, Range, Slot
from handlers.leave import costing, standing, store
from handlers.leave.book import allocation, claims, ledger
from handlers.leave.book.claims import Claim, State
from handlers.leave.book.entries import Cause, Entry, Stamp
from handlers.leave.costing import Clock, Costing, Scale
from handlers.leave.law import entitlement
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import ANNUAL, LeaveRules, Policy
from handlers.leave.standing import Who
from handlers.people import directory
from handlers.people.directory import Person


def policy_of(ctx: Context, person: Person, *, on: date | None = None) -> Policy:
    """The rules that a person is under on a day (None: today)."""
    return ctx.office.of(LeaveRules).of(person.category, on=on or today(ctx))


def today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()


async def hold(ctx: Context, person_id: str, ref: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Submitted: counts again, with today's ledger, and sets the time aside. Returns the fields with fresh balances."""
    person = await _person(ctx, person_id)
    kind = _kind(ctx, person, fields["kind"], on=_slot(fields, "start").day)
    found = counted(ctx, person, kind, fields)
    entries = await granted(ctx, person, kind, found)
    check_free(ctx, person, entries, found)
    stamp = stamp_of(ctx, person_id, fields)
    new = ledger.hold(entries, request_of(kind, found, ref=ref), stamp=stamp, order=kind.order)
    await store.append(ctx, person_id, new)
    return {**fields, **counted_fields(found), **balances(entries, kind, found)}


async def consume(ctx: Context, person: str, ref: str, *, by: str) -> None:
    """Approved: what was held is used."""
    await _append(ctx, person, ref, lambda entries: ledger.consume(entries, ref, stamp=since(ctx, entries, ref, by)))


async def release(ctx: Context, person: str, ref: str, *, rejected: bool) -> None:
    """Rejected or withdrawn: what was held goes back to its lots."""
    cause = Cause.REJECT if rejected else Cause.WITHDRAW
    await _append(
        ctx, person, ref, lambda entries: ledger.release(entries, ref, stamp=since(ctx, entries, ref, ""), cause=cause)
    )


async def restore(ctx: Context, person: str, ref: str, fields: Mapping[str, Any]) -> None:
    """Cancelled before it began; a leave that has begun is ended by reporting back, not by a tap."""
    if date.fromisoformat(fields["start"]) <= today(ctx):
        raise errors.BadRequest("too_late", item=ref)
    await _append(ctx, person, ref, lambda entries: ledger.restore(entries, ref, stamp=_stamp(ctx, person)))


async def granted(ctx: Context, person: Person, kind: Kind, found: Costing) -> list[Entry]:
    """The ledger with the annual lots of every year that the request touches, written where they were missing."""
    entries = await store.lock(ctx.tx, person.id)
    if kind.code != ANNUAL:
        return entries
    for year in sorted({charge.slot.day.year for charge in found.charges}):
        entries = await grant_year(ctx, person, year, entries)
    return entries


async def grant_year(ctx: Context, person: Person, year: int, entries: list[Entry]) -> list[Entry]:
    """Brings the annual lot of `year` to what the person is entitled to today; the ledger with the new entry.

    Raises BadRequest(no_first_work_date). Regulations on Paid Annual Leave art. 3 through `entitlement`.
    """
    policy = policy_of(ctx, person, on=standing.as_of(year, today=today(ctx)))
    new = standing.due(entries, person, policy, year, stamp=_stamp(ctx, ""))
    await store.append(ctx, person.id, new)
    return [*entries, *new]


def entitled(ctx: Context, person: Person, year: int) -> entitlement.Entitlement:
    """The annual leave of a year as it stands today. Raises BadRequest(no_first_work_date)."""
    policy = policy_of(ctx, person, on=standing.as_of(year, today=today(ctx)))
    return standing.entitled(person, policy, year, today=today(ctx))


def counted(ctx: Context, person: Person, kind: Kind, fields: Mapping[str, Any]) -> Costing:
    """A leave's stored fields counted again. Raises as `costing.of_span`."""
    first, last = _slot(fields, "start"), _slot(fields, "end")
    by = scale(ctx, person, kind, first.day)
    clock = clock_of(fields)
    return costing.of_clock(by, first.day, clock) if clock else costing.of_range(by, Range(first, last))


def clock_of(fields: Mapping[str, Any]) -> Clock | None:
    """The times of a leave by the clock."""
    if not fields.get("from_time") or not fields.get("to_time"):
        return None
    return time.fromisoformat(fields["from_time"]), time.fromisoformat(fields["to_time"])


def begun(ctx: Context, slot: Slot, *, clock: Clock | None = None, at: datetime | None = None) -> bool:
    """Whether work has begun in this half-day, by the office's timetable, or the leave by its own clock."""
    periods = ctx.office.hours.on(slot.day)
    minute = (periods[0] if slot.half is Half.AM else periods[-1]).begin if periods else 0
    begin = clock[0] if clock else time(minute // 60, minute % 60)
    return datetime.combine(slot.day, begin, ctx.office.timezone) <= (at or ctx.now)


def kind_of(ctx: Context, person: Person, code: str, *, on: date | None = None) -> Kind:
    """As the rules of a day have it (None: today). Raises BadRequest(unknown_kind)."""
    return _kind(ctx, person, code, on=on)


def scale(ctx: Context, person: Person, kind: Kind, on: date) -> Scale:
    calendar = policy_of(ctx, person, on=on).calendar(ctx.office.calendar)
    return Scale(kind=kind, calendar=calendar, timetable=ctx.office.hours, who=Who.of(person))


def check_free(
    ctx: Context, person: Person, entries: Sequence[Entry], found: Costing, *, but: Iterable[str] = ()
) -> None:
    """Raises `Overlap` with what there is already, in words; `but` are requests that may be overlapped."""
    passed = set(but)
    for claim in claims.overlapping(entries, found.about):
        if claim.ref not in passed and not _beside(entries, claim, found):
            raise errors.Overlap(
                with_ref=claim.ref,
                kind=_title(ctx, person, claim),
                when=_words(ctx, claim),
                waits=claim.state is State.HELD,
            )


def _beside(entries: Sequence[Entry], claim: Claim, found: Costing) -> bool:
    """Two leaves by the clock, on one half-day and not at one time."""
    holds = [entry.note for entry in entries if entry.ref == claim.ref and entry.cause is Cause.HOLD]
    other = costing.clock_of(holds[-1]) if holds else None
    if other is None or found.clock is None or found.about.first.day != claim.spent[0].charge.slot.day:
        return False
    return found.clock[1] <= other[0] or other[1] <= found.clock[0]


def _title(ctx: Context, person: Person, claim: Claim) -> str:
    kind = policy_of(ctx, person).kinds.get(claim.kind)
    return kind.title if kind else claim.kind


def _words(ctx: Context, claim: Claim) -> str:
    if claim.about is None:
        return ""
    first, last = claim.about
    return words.span(first.day, first.half.value, last.day, last.half.value, base=today(ctx))


def counted_fields(found: Costing) -> dict[str, Any]:
    first, last = found.about
    return {
        "start": first.day.isoformat(),
        "start_half": first.half.value,
        "end": last.day.isoformat(),
        "end_half": last.half.value,
        "minutes": found.minutes,
        "provisional": found.provisional,
        "skipped": [
            {"first": one.first.isoformat(), "last": one.last.isoformat(), "why": one.why, "half": one.half}
            for one in found.skips.skipped
        ],
        "makeup": [day.isoformat() for day in found.skips.makeup],
    }


def balances(entries: Sequence[Entry], kind: Kind, found: Costing) -> dict[str, Any]:
    """`before` and `after` in minutes, as fields; nothing for a kind that is only reckoned up."""
    if not kind.limited:
        return {}
    on = found.charges[0].slot.day
    before = ledger.balance(entries, on=on, kind=kind.code).available
    return {"before": before, "after": before - found.minutes}


def request_of(kind: Kind, found: Costing, *, ref: str) -> allocation.Ask:
    return allocation.Ask(ref=ref, kind=kind.code, charges=found.charges, about=found.about, limited=kind.limited)


def _kind(ctx: Context, person: Person, code: str, *, on: date | None = None) -> Kind:
    """As the rules of a day have it (None: today). Raises BadRequest: unknown_kind, not_for_you."""
    kind = policy_of(ctx, person, on=on).kinds.get(code)
    if kind is None or not kind.in_force(on or today(ctx)):
        raise errors.BadRequest("unknown_kind")
    if kind.sex is not None and person.sex in ("male", "female") and kind.sex != person.sex:
        raise errors.BadRequest("not_for_you", kind=kind.title)
    return kind


async def _person(ctx: Context, person: str) -> Person:
    found = await directory.load(ctx.tx, person)
    if found is None:
        raise errors.NotFound(by=person)
    return found


async def _append(ctx: Context, person: str, ref: str, change: Callable[[list[Entry]], list[Entry]]) -> None:
    """`change` looks at nothing but the request's own entries."""
    entries = await store.lock_request(ctx.tx, person, ref)
    await store.append(ctx, person, change(entries))


def _stamp(ctx: Context, actor: str) -> Stamp:
    return Stamp(recorded=ctx.now, effective=today(ctx), actor=actor)


def stamp_of(ctx: Context, actor: str, fields: Mapping[str, Any]) -> Stamp:
    """A late request counts from when the leave began and is recorded now; the note says so, and names the hours."""
    clock = clock_of(fields)
    notes = [leave_more.LEDGER_LATE if fields.get("late_on") else "", costing.clock_note(clock) if clock else ""]
    effective = min(today(ctx), _slot(fields, "start").day) if fields.get("late_on") else today(ctx)
    return Stamp(recorded=ctx.now, effective=effective, actor=actor, note=" ".join(one for one in notes if one))


def since(ctx: Context, entries: Sequence[Entry], ref: str, actor: str) -> Stamp:
    """What is done to a request that came late counts from when that did."""
    holds = [entry for entry in entries if entry.ref == ref and entry.cause is Cause.HOLD]
    stamp = _stamp(ctx, actor)
    if not holds or holds[-1].effective >= holds[-1].recorded.astimezone(ctx.office.timezone).date():
        return stamp
    return replace(stamp, effective=holds[-1].effective)


def _slot(fields: Mapping[str, Any], name: str) -> Slot:
    return Slot(date.fromisoformat(fields[name]), Half(fields[f"{name}_half"]))
