"""A draft of a leave: its fields as they would be submitted, and the first thing that stands against it.

Nothing is written but the lots of annual leave that were missing (`charge.granted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from handlers import errors
from handlers.context import Context
from handlers.days.phrases import Span
from handlers.leave import charge, costing
from handlers.leave.asking.request import LeaveAsk
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Cause, Entry
from handlers.leave.costing import Costing, Scale
from handlers.leave.law import counting, limits
from handlers.leave.law.policy import Kind
from handlers.people.directory import Person


async def draft(
    ctx: Context, person: Person, ask: LeaveAsk, *, instead_of: str = "", at: datetime | None = None
) -> tuple[dict[str, Any], errors.RuleError | None]:
    """The fields of an item for this request, and what stands against it (None: it may be submitted).

    `instead_of` is a request of the same person that this one replaces: counted as if it had been withdrawn. `at` is
    when it was first submitted, where that was before now: whether it came late is judged by then.
    """
    kind = charge.kind_of(ctx, person, ask.kind or "", on=ask.span.start if ask.span else None)
    fields = _fields(ask, kind)
    assert ask.span is not None
    try:
        scale = charge.scale(ctx, person, kind, ask.span.start)
        found = costing.of_span(scale, ask.span)
        fields |= charge.counted_fields(found) | _lateness(ctx, found, at or ctx.now)
        fields |= _evidence(ctx, person, kind, found)
        entries = await charge.granted(ctx, person, kind, found)
        entries = [*entries, *_withdrawn(ctx, entries, instead_of)]
        fields["doubts"] = [*fields["doubts"], *_limits(scale, found, entries)]
        charge.check_free(ctx, person, entries, found)
        fields |= charge.balances(entries, kind, found)
        stamp = charge.stamp_of(ctx, person.id, fields)
        ledger.hold(entries, charge.request_of(kind, found, ref="draft"), stamp=stamp, order=kind.order)
        _check_late(ctx, person, fields)
    except errors.RuleError as refused:
        return fields, refused
    return fields, None


def _limits(scale: Scale, found: Costing, entries: Sequence[Entry]) -> list[str]:
    """What is unusual about its length."""
    code = limits.doubt(scale.kind, found.about, found.minutes, entries, calendar=scale.calendar)
    return [code] if code else []


def _lateness(ctx: Context, found: Costing, at: datetime) -> dict[str, Any]:
    late = charge.begun(ctx, found.about.first, clock=found.clock, at=at)
    return {"late_on": at.astimezone(ctx.office.timezone).date().isoformat() if late else ""}


def _check_late(ctx: Context, person: Person, fields: Mapping[str, Any]) -> None:
    """What a late request needs. Raises BadRequest: late_too_long, late_reason_missing."""
    if not fields["late_on"]:
        return
    most = charge.policy_of(ctx, person).practice.late_within
    if (date.fromisoformat(fields["late_on"]) - date.fromisoformat(fields["start"])).days > most:
        raise errors.BadRequest("late_too_long", days=most, next_year=charge.today(ctx).year + 1)
    if not fields["reason"]:
        raise errors.BadRequest("late_reason_missing")


def _evidence(ctx: Context, person: Person, kind: Kind, found: Costing) -> dict[str, Any]:
    """Which certificate has to be shown, and until when."""
    if not kind.evidence or found.minutes < kind.evidence_from:
        return {"proof_wanted": {}}
    within = timedelta(days=charge.policy_of(ctx, person).practice.evidence_within)
    due = max(found.about.last.day, charge.today(ctx)) + within
    return {"proof_wanted": {"kind": kind.evidence, "due": due.isoformat()}}


def _withdrawn(ctx: Context, entries: Sequence[Entry], ref: str) -> list[Entry]:
    """What withdrawing a request would write; nothing for one that waits no more."""
    found = claims.claims(entry for entry in entries if entry.ref == ref).get(ref) if ref else None
    if found is None or found.state is not State.HELD:
        return []
    return ledger.release(entries, ref, stamp=charge.since(ctx, entries, ref, ""), cause=Cause.WITHDRAW)


def _fields(ask: LeaveAsk, kind: Kind) -> dict[str, Any]:
    span = ask.span
    assert span is not None
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
        "doubts": [doubt.code for doubt in ask.doubts if doubt.code != "past"],
        **_times(span),
    }


def _times(span: Span) -> dict[str, str]:
    found = {"from_time": span.from_time, "to_time": span.to_time}
    return {name: f"{one:%H:%M}" if one else "" for name, one in found.items()}
