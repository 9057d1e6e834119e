"""What becomes of an approved leave when another item (a return, a change) is approved: its fields follow, as a fact.

The leave keeps its number and its decisions; its cards show it as it now is, and whoever stands in does so no longer
than the leave lasts (A5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.approval import amended, store
from handlers.approval.leaves import leave_form
from handlers.approval.meetings import bookings
from handlers.approval.standins import absence, proxy_store
from handlers.context import Context
from handlers.leave import charge
from handlers.leave import store as leave_store
from handlers.leave.book import claims
from handlers.mailroom.due import Due
from handlers.people import directory


async def amend(ctx: Context, item_id: str, fields: Mapping[str, Any], *, because: str) -> store.Item:
    """As `amended.amend`, with what hangs on an absence; the balance on its card is that of what it costs now."""
    after = await amended.amend(ctx, item_id, {**fields, **_balance(fields)}, because=because)
    await bookings.amended(ctx, after)
    await _hand_back(ctx, after)
    return after


async def on_recounted(row: Due, ctx: Context) -> None:
    """A calendar changed what a leave costs, and personnel confirmed it: the item shows what the ledger has."""
    item = await store.load(ctx.tx, str(row.payload["item"]))
    entries = await leave_store.load(ctx.tx, str(row.payload["person"]))
    claim = claims.claims(entries).get(str(row.payload["item"]))
    if item is None or claim is None or claim.state not in claims.OPEN or claim.minutes == item.fields.get("minutes"):
        return
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is None:
        return
    kind = charge.kind_of(ctx, person, claim.kind, on=date.fromisoformat(item.fields["start"]))
    shown = charge.counted_fields(charge.counted(ctx, person, kind, item.fields))
    fields = leave_form.with_values({**item.fields, **shown, "minutes": claim.minutes})
    await amend(ctx, item.id, fields, because="recounted")


def _balance(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing for a kind that is only reckoned up; none any more where the leave went into another year."""
    before, was = fields.get("before"), fields.get("changed", {}).get("start", fields["start"])
    if before is None:
        return {}
    same = was[:4] == fields["start"][:4]
    return {"after": before - fields["minutes"]} if same else {"before": None, "after": None}


async def _hand_back(ctx: Context, item: store.Item) -> None:
    given = [one for one in await proxy_store.of_source(ctx.tx, item.id) if one.end > ctx.now]
    if not given:
        return
    period = absence.absence(item.fields, ctx)
    if period is None or period[1] <= ctx.now or not item.fields.get("minutes"):
        await absence.end_of(ctx, given)
        return
    if (given[-1].begin, given[-1].end) != period:
        await absence.for_item(ctx, item, given[-1].proxy)
