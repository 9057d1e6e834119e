"""The leave form's values and the ledger's own words for them, side by side in an item's fields.

The form (config/forms/leave.yaml) has `kind`, `time`, `reason` and `days`; the ledger reads `start`, `end`, halves and
minutes. Whichever way a leave was asked for, a sentence or a page, the item has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from handlers import errors
from handlers.approval import store
from handlers.approval.engine import Verb
from handlers.approval.language.form_model import Option
from handlers.approval.leaves import leave_company
from handlers.context import Context
from handlers.days.phrases import Span
from handlers.days.slots import Half
from handlers.leave import charge
from handlers.leave.asking import drafting, understanding
from handlers.leave.asking.asides import Asides
from handlers.leave.asking.request import LeaveAsk
from handlers.leave.law import counting
from handlers.people import directory
from handlers.people.directory import Person

CODE = "leave"
KINDS = "leave_kinds"
_DAY = 2 * counting.HALF_DAY


def with_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's fields, with what the form calls them."""
    time = {key: fields[key] for key in ("start", "start_half", "end", "end_half")}
    days = (Decimal(fields["minutes"]) / _DAY).quantize(Decimal("0.1"))
    return {**fields, "time": time, "days": str(days)}


async def counted(ctx: Context, item: store.Item) -> dict[str, Any]:
    """The item's values, with the ledger's count of them. Raises what stands against the request."""
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is None:
        raise errors.NotFound(by=item.request.applicant)
    values = item.fields
    if not values.get("time"):
        return dict(values)
    fields, refusal = await drafted(
        ctx, person, _asked(values), instead_of=str(values.get("replaces", "")), at=_first_asked(item), ref=item.id
    )
    if refusal is not None:
        raise refusal
    return with_values({**values, **fields, "doubts": values.get("doubts", fields["doubts"])})


async def drafted(
    ctx: Context,
    person: Person,
    ask: LeaveAsk,
    *,
    instead_of: str = "",
    at: datetime | None = None,
    ref: str = "",
) -> tuple[dict[str, Any], errors.RuleError | None]:
    """`drafting.draft` with the people around: who takes over, who agreed, who is away too, who would be missing."""
    try:
        named = await leave_company.people(ctx, person, ask)
    except errors.RuleError as refused:
        return {}, refused
    fields, refusal = await drafting.draft(ctx, person, ask, instead_of=instead_of, at=at)
    if not fields.get("late_on"):
        named |= {"consent_by": "", "consent_on": ""}  # who asks in time needs nobody's word
    fields = {**fields, **named}
    if refusal is not None and refusal.code != "late_reason_missing":
        return fields, refusal
    try:
        fields |= await leave_company.around(ctx, person, fields, but={instead_of, ref})
    except errors.RuleError as refused:
        return fields, refused
    return fields, refusal


def _first_asked(item: store.Item) -> datetime | None:
    """When the item was first submitted: sent back and submitted again, it is no later than it was."""
    return next((one.at for one in item.request.decisions if one.verb is Verb.SUBMIT), None)


def _asked(values: Mapping[str, Any]) -> LeaveAsk:
    if bool(values.get("from_time")) != bool(values.get("to_time")):
        raise errors.BadRequest("which_hours")
    return asked(as_it_is({**values, **values["time"]}))


def as_it_is(values: Mapping[str, Any]) -> dict[str, Any]:
    """A leave's fields for `asked`: its number of days follows from its range."""
    return {**values, **{name: values.get(name, "") for name in ("from_time", "to_time")}, "days": ""}


def kept(fields: Mapping[str, Any], span: Span) -> dict[str, Any]:
    """A request at another time as JSON values, for `asked`."""
    names = ("kind", "reason", "handover", "consent_by", "consent_on", "consent_how")
    return {
        **{name: fields.get(name, "") for name in names},
        "start": span.start.isoformat(),
        "start_half": span.start_half.value,
        "end": span.end.isoformat(),
        "end_half": span.end_half.value,
        "from_time": f"{span.from_time:%H:%M}" if span.from_time else "",
        "to_time": f"{span.to_time:%H:%M}" if span.to_time else "",
        "days": str(span.duration_days) if span.duration_days is not None else "",
    }


def asked(values: Mapping[str, Any]) -> LeaveAsk:
    """A request from JSON values: a leave's fields, or what `kept` made."""
    clock = charge.clock_of(values)
    span = Span(
        start=date.fromisoformat(values["start"]),
        start_half=Half(values["start_half"]),
        end=date.fromisoformat(values["end"]),
        end_half=Half(values["end_half"]),
        from_time=clock[0] if clock else None,
        to_time=clock[1] if clock else None,
        duration_days=Decimal(values["days"]) if values.get("days") else None,
    )
    said = Asides(
        handover_id=values.get("handover", ""),
        consent_id=values.get("consent_by", ""),
        consent_on=date.fromisoformat(values["consent_on"]) if values.get("consent_on") else None,
        consent_how=values.get("consent_how", ""),
    )
    return LeaveAsk(kind=values.get("kind"), span=span, reason=values.get("reason", ""), asides=said)


def kinds(ctx: Context, person: Person) -> tuple[Option, ...]:
    """The options of `options_from: leave_kinds` for this person."""
    return tuple(Option(code=code, title=title) for code, title in understanding.kinds_on_offer(ctx, person))
