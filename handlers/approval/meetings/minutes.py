"""The form 会议纪要: which meeting it is about, its issue to whoever was invited, and a task per decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from cards import meeting as words
from handlers import errors
from handlers.approval import store
from handlers.approval.papers import files
from handlers.calendar import agenda, rules
from handlers.calendar.entry_store import Entry
from handlers.calendar.rules import Period
from handlers.context import Context
from handlers.notice import publishing
from handlers.notice import store as notices
from handlers.notice.publishing import Draft
from handlers.notice.rules import Notice, Want
from handlers.people import directory

CODE: Final = "minutes"
_SPLIT: Final = str.maketrans("、，,；;/", "      ")


async def checked(ctx: Context, item: store.Item) -> store.Item:
    """The draft with the meeting that it is about.

    Raises NotFound, NotAllowed; BadRequest: who_unknown, who_ambiguous.
    """
    if not item.fields.get("number"):
        return item
    notice = await _meeting(ctx, item)
    for row in item.fields.get("decisions") or ():
        await people(ctx, row)  # who cannot be found is said before the chair has signed
    return replace(item, fields={**item.fields, "meeting": notice.title})


async def people(ctx: Context, row: Mapping[str, Any]) -> list[str]:
    """The ids of those whom one decision names. Raises BadRequest: who_unknown, who_ambiguous."""
    return [await _person(ctx, name) for name in str(row.get("doer", "")).translate(_SPLIT).split()]


async def issued(ctx: Context, item: store.Item) -> store.Item:
    """Signed: everybody who was invited gets the minutes to read."""
    notice = await _meeting(ctx, item)
    invited = [receipt.person for receipt in await notices.receipts(ctx.tx, notice.id)]
    await publishing.publish(
        ctx,
        Draft(
            id=item.id, number=item.number, sender=item.request.applicant, title=words.of_minutes(notice.title),
            body=str(item.fields["text"]), people=tuple(invited), want=Want.READ,
            files=tuple(files.ids({"files": item.fields["papers"]} if item.fields.get("papers") else {})),
        ),
    )  # fmt: skip
    return item


async def _meeting(ctx: Context, item: store.Item) -> Notice:
    """The meeting with the number that was typed; its minutes are its caller's, or its chair's."""
    number = int(item.fields["number"])
    notice = await notices.numbered(ctx.tx, number)
    called = await store.load(ctx.tx, notice.id) if notice else None
    if notice is None or called is None:
        raise errors.NotFound(number=number)
    if item.request.applicant not in (notice.sender, called.fields.get("chair")):
        raise errors.NotAllowed(by=item.request.applicant, item=notice.id)
    return notice


async def _person(ctx: Context, name: str) -> str:
    return directory.the_one(await directory.named(ctx.tx, name), name).id


# ---- tasks -----------------------------------------------------------------------------------------------------------


async def entered(ctx: Context, item: store.Item) -> store.Item:
    """A task stands in its people's calendars on its last day."""
    by = item.fields.get("by")
    if not by or await agenda.of_source(ctx, item.id):
        return item
    day = date.fromisoformat(by)
    zone = ctx.office.timezone
    period = Period(rules.local_midnight(day, zone), rules.local_midnight(day + timedelta(days=1), zone))
    entry = Entry(
        uid="", owner="", kind="duty", source=item.id, period=period, all_day=True,
        title=words.duty(str(item.fields.get("matter", "")))[: agenda.MOST_WORDS],
    )  # fmt: skip
    await agenda.enter_for(ctx, _doers(item.fields), entry)
    return item


async def left(ctx: Context, item: store.Item) -> store.Item:
    await agenda.cancel_source(ctx, item.id)
    return item


def _doers(fields: Mapping[str, Any]) -> list[str]:
    doer = fields.get("doer") or []
    return [doer] if isinstance(doer, str) else list(doer)
