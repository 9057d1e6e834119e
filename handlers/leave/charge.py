"""What a request costs and what it does to the ledger: the edge between an approval and the pure engine.

Called by the approval's effects inside their transaction. Lots of annual leave are written when they are first needed,
from the entitlement on that day; when the entitlement has changed since, the difference is written beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from cards import vocabulary
from handlers import errors
from handlers.context import Context
from handlers.days import phrases
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import WorkCalendar
from handlers.leave import allocation, claims, counting, entitlement, ledger, request, skipping, standing, store
from handlers.leave.entries import Cause, Charge, Entry, Stamp
from handlers.leave.policy import Kind
from handlers.leave.request import LeaveAsk
from handlers.leave.rules import ANNUAL, LeaveRules, Policy
from handlers.leave.skipping import Skips
from handlers.leave.standing import Who
from handlers.people import directory
from handlers.people.directory import Person

LONGEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Costing:
    """A request counted: the range, its slots with minutes, and whether a year was counted provisionally."""

    about: Range
    charges: tuple[Charge, ...]
    minutes: int
    provisional: bool
    skips: Skips = field(default_factory=Skips)


def understand(ctx: Context, text: str) -> LeaveAsk | None:
    """The request that a text is, or None; `today` and the calendar are the office's."""
    return request.read_request(
        text, kinds=ctx.office.of(LeaveRules).names(), today=today(ctx), calendar=ctx.office.calendar
    )


def answered(ask: LeaveAsk | None, answers: Mapping[str, Any]) -> LeaveAsk:
    """The request with what was answered by buttons since: `kind`, `half`."""
    if ask is None:
        raise errors.BadRequest("not_found")
    span = ask.span
    if span is not None and "half" in answers:
        half = Half(answers["half"])
        span = replace(span, start_half=half, end_half=half, duration_days=None)
    given = {name for name in ("kind", "half") if answers.get(name)}
    missing = tuple(name for name in ask.missing if name not in given)
    return replace(ask, kind=answers.get("kind") or ask.kind, span=span, missing=missing)


def joined(ctx: Context, kept: Mapping[str, Any], text: str) -> str:
    """A sentence of what an earlier message left (`kind` code, `reason`) and the dates that were asked for."""
    names = ctx.office.of(LeaveRules).names().get(str(kept.get("kind", "")))
    parts = (names[0] if names else vocabulary.LEAVE, text, str(kept.get("reason", "")))
    return " ".join(part for part in parts if part)


def kinds_on_offer(ctx: Context, person: Person) -> list[tuple[str, str]]:
    """(code, name) of the kinds that this person may ask for, in the policy's order."""
    policy = policy_of(ctx, person)
    return [(kind.code, kind.title) for kind in policy.kinds_on(today(ctx)) if kind.sex in (None, person.sex or None)]


def policy_of(ctx: Context, person: Person, *, on: date | None = None) -> Policy:
    """The rules that a person is under on a day (None: today)."""
    return ctx.office.of(LeaveRules).of(person.category, on=on or today(ctx))


def today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()


async def draft(ctx: Context, person: Person, ask: LeaveAsk) -> tuple[dict[str, Any], str | None]:
    """The fields of an item for this request, and the code of what stands against it (None: it may be submitted)."""
    kind = _kind(ctx, person, ask.kind or "", on=ask.span.start if ask.span else None)
    fields = _fields(ask, kind)
    try:
        costing = cost(ctx, person, kind, ask)
        fields |= _counted(costing)
        entries = await granted(ctx, person, kind, costing)
        claims.check_free(entries, costing.about)
        fields |= _balances(entries, kind, costing)
        ledger.hold(entries, _ask(kind, costing, ref="draft"), stamp=_stamp(ctx, person.id), order=kind.order)
    except errors.RuleError as refused:
        return fields, refused.code
    return fields, None


async def hold(ctx: Context, person_id: str, ref: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Submitted: counts again, with today's ledger, and sets the time aside. Returns the fields with fresh balances."""
    person = await _person(ctx, person_id)
    about = Range(_slot(fields, "start"), _slot(fields, "end"))
    kind = _kind(ctx, person, fields["kind"], on=about.first.day)
    costing = _cost_range(ctx, person, kind, about)
    entries = await granted(ctx, person, kind, costing)
    claims.check_free(entries, about)
    new = ledger.hold(entries, _ask(kind, costing, ref=ref), stamp=_stamp(ctx, person_id), order=kind.order)
    await store.append(ctx, person_id, new)
    return {**fields, **_counted(costing), **_balances(entries, kind, costing)}


async def consume(ctx: Context, person: str, ref: str, *, by: str) -> None:
    """Approved: what was held is used."""
    await _append(ctx, person, lambda entries: ledger.consume(entries, ref, stamp=_stamp(ctx, by)))


async def release(ctx: Context, person: str, ref: str, *, rejected: bool) -> None:
    """Rejected or withdrawn: what was held goes back to its lots."""
    cause = Cause.REJECT if rejected else Cause.WITHDRAW
    await _append(ctx, person, lambda entries: ledger.release(entries, ref, stamp=_stamp(ctx, ""), cause=cause))


async def restore(ctx: Context, person: str, ref: str, fields: Mapping[str, Any]) -> None:
    """Cancelled before it began; a leave that has begun is ended by reporting back, not by a tap."""
    if date.fromisoformat(fields["start"]) <= today(ctx):
        raise errors.BadRequest("too_late", item=ref)
    await _append(ctx, person, lambda entries: ledger.restore(entries, ref, stamp=_stamp(ctx, person)))


async def granted(ctx: Context, person: Person, kind: Kind, costing: Costing) -> list[Entry]:
    """The ledger with the annual lots of every year that the request touches, written where they were missing."""
    entries = await store.lock(ctx.tx, person.id)
    if kind.code != ANNUAL:
        return entries
    for year in sorted({charge.slot.day.year for charge in costing.charges}):
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


def cost(ctx: Context, person: Person, kind: Kind, ask: LeaveAsk) -> Costing:
    """Counts a request. Raises the refusals of `counting`, CalendarMissing, BadRequest(too_long)."""
    assert ask.span is not None
    span = _closed(ctx, person, kind, ask.span)
    return _cost_range(ctx, person, kind, Range(Slot(span.start, span.start_half), Slot(span.end, span.end_half)))


def _closed(ctx: Context, person: Person, kind: Kind, span: phrases.Span) -> phrases.Span:
    calendar = policy_of(ctx, person, on=span.start).calendar(ctx.office.calendar)
    try:
        return phrases.stretched(span, counts=_counts(calendar, kind))
    except ValueError:
        raise errors.BadRequest("too_long") from None


def _cost_range(ctx: Context, person: Person, kind: Kind, about: Range) -> Costing:
    if (about.last.day - about.first.day).days > LONGEST:
        raise errors.BadRequest("too_long")
    calendar = policy_of(ctx, person, on=about.first.day).calendar(ctx.office.calendar)
    who = Who.of(person)
    counted = counting.count(about, rules=kind.rules, calendar=calendar, sex=who.sex, groups=who.groups)
    charges = tuple(Charge(slot, counting.HALF_DAY) for slot in counted.slots)
    rest = counted.minutes - allocation.total(charges)
    if rest:  # rounded up to the kind's unit: the last slot bears it
        charges = (*charges[:-1], Charge(charges[-1].slot, charges[-1].minutes + rest))
    return Costing(
        about=about,
        charges=charges,
        minutes=counted.minutes,
        provisional=counted.provisional,
        skips=skipping.skips(about, rules=kind.rules, calendar=calendar, sex=who.sex, groups=who.groups),
    )


def _counts(calendar: WorkCalendar, kind: Kind) -> Callable[[date], bool]:
    if kind.rules.counting is counting.Counting.WORKDAYS:
        return calendar.is_working
    if kind.rules.counting is counting.Counting.CALENDAR_DAYS_MINUS_STATUTORY:
        return lambda day: not calendar.is_statutory(day)
    return lambda _: True


def _fields(ask: LeaveAsk, kind: Kind) -> dict[str, Any]:
    span = ask.span
    assert span is not None
    doubts = [doubt.code for doubt in ask.doubts]
    if span.from_time is not None and not kind.by_amount:
        doubts.append("hours_as_halves")
    return {
        "kind": kind.code,
        "kind_name": kind.title,
        "start": span.start.isoformat(),
        "start_half": span.start_half.value,
        "end": span.end.isoformat(),
        "end_half": span.end_half.value,
        "minutes": 0,
        "reason": ask.reason,
        "calendar_days": kind.rules.counting is not counting.Counting.WORKDAYS,
        "doubts": doubts,
    }


def _counted(costing: Costing) -> dict[str, Any]:
    first, last = costing.about
    return {
        "start": first.day.isoformat(),
        "start_half": first.half.value,
        "end": last.day.isoformat(),
        "end_half": last.half.value,
        "minutes": costing.minutes,
        "provisional": costing.provisional,
        "skipped": [
            {"first": one.first.isoformat(), "last": one.last.isoformat(), "why": one.why, "half": one.half}
            for one in costing.skips.skipped
        ],
        "makeup": [day.isoformat() for day in costing.skips.makeup],
    }


def _balances(entries: Sequence[Entry], kind: Kind, costing: Costing) -> dict[str, Any]:
    if not kind.limited:
        return {}
    on = costing.charges[0].slot.day
    before = ledger.balance(entries, on=on, kind=kind.code).available
    return {"before": before, "after": before - costing.minutes}


def _ask(kind: Kind, costing: Costing, *, ref: str) -> allocation.Ask:
    return allocation.Ask(ref=ref, kind=kind.code, charges=costing.charges, about=costing.about, limited=kind.limited)


def _kind(ctx: Context, person: Person, code: str, *, on: date | None = None) -> Kind:
    """As the rules of a day have it (None: today). Raises BadRequest(unknown_kind)."""
    kind = policy_of(ctx, person, on=on).kinds.get(code)
    if kind is None or not kind.in_force(on or today(ctx)):
        raise errors.BadRequest("unknown_kind")
    return kind


async def _person(ctx: Context, person: str) -> Person:
    found = await directory.load(ctx.tx, person)
    if found is None:
        raise errors.NotFound(by=person)
    return found


async def _append(ctx: Context, person: str, change: Callable[[list[Entry]], list[Entry]]) -> None:
    entries = await store.lock(ctx.tx, person)
    await store.append(ctx, person, change(entries))


def _stamp(ctx: Context, actor: str) -> Stamp:
    return Stamp(recorded=ctx.now, effective=today(ctx), actor=actor)


def _slot(fields: Mapping[str, Any], name: str) -> Slot:
    return Slot(date.fromisoformat(fields[name]), Half(fields[f"{name}_half"]))
