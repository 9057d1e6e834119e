"""The leave form's values and the ledger's own words for them, side by side in an item's fields.

The form (config/forms/leave.yaml) has `kind`, `time`, `reason` and `days`; the ledger reads `start`, `end`, halves and
minutes. Whichever way a leave was asked for, a sentence or a page, the item has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from handlers import errors
from handlers.approval.form_model import Option
from handlers.context import Context
from handlers.days.phrases import Span
from handlers.days.slots import Half
from handlers.leave import charge, counting
from handlers.leave.request import LeaveAsk
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


async def counted(ctx: Context, applicant: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values, with the ledger's count of them. Raises BadRequest with what stands against the request."""
    person = await directory.load(ctx.tx, applicant)
    if person is None:
        raise errors.NotFound(by=applicant)
    if not values.get("time"):
        return dict(values)
    fields, refusal = await charge.draft(ctx, person, _asked(values))
    if refusal is not None:
        raise errors.BadRequest(refusal)
    return with_values({**values, **fields, "doubts": values.get("doubts", fields["doubts"])})


def _asked(values: Mapping[str, Any]) -> LeaveAsk:
    time = values["time"]
    span = Span(
        start=date.fromisoformat(time["start"]),
        start_half=Half(time["start_half"]),
        end=date.fromisoformat(time["end"]),
        end_half=Half(time["end_half"]),
    )
    return LeaveAsk(kind=values.get("kind"), span=span, reason=values.get("reason", ""))


def kinds(ctx: Context, person: Person) -> tuple[Option, ...]:
    """The options of `options_from: leave_kinds` for this person."""
    return tuple(Option(code=code, title=title) for code, title in charge.kinds_on_offer(ctx, person))
