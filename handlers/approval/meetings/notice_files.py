"""The files that belong to a notice: those that it was written with, and what people have handed in for its meeting."""

from __future__ import annotations

from handlers.approval import store
from handlers.approval.engine import State
from handlers.approval.meetings import meeting_progress
from handlers.approval.papers import files
from handlers.approval.papers.files import Record
from handlers.context import Context

_FIELDS = ("files", "materials", "papers")
"""Of the forms notice, meeting_call and minutes."""


async def of(ctx: Context, item: store.Item) -> tuple[Record, ...]:
    """Each once; for everybody who may see the notice."""
    found = [record for field in _FIELDS for record in files.records(item.fields.get(field))]
    if item.form == meeting_progress.CALL:
        for one in await meeting_progress.followed(ctx, item):
            if one.form == meeting_progress.DUTY and one.request.state is State.APPROVED:
                found += files.records(one.fields.get("paper"))
    return tuple({str(record["id"]): record for record in found}.values())
