"""What speaks for looking at an item by itself before many are agreed to at once: codes, worded by `cards.batch`."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.approval import engine, store
from handlers.approval.language import book
from handlers.approval.language.form_model import Form, Type
from handlers.approval.leaves import leave_form
from handlers.context import Context
from handlers.people import directory
from handlers.transaction import Transaction

LONG: Final = 5 * 480
"""Minutes of leave from which an item wants a look of its own."""
_FILES: Final = (Type.ATTACHMENT, Type.PHOTO)


@dataclass(frozen=True, slots=True)
class Risks:
    """`flags` keep an item out of a batch, `notes` are only shown with it."""

    flags: tuple[str, ...]
    notes: tuple[str, ...]


async def of(ctx: Context, item: store.Item, beside: Sequence[store.Item]) -> Risks:
    """`beside` are all items of the batch, this one among them."""
    form = await book.of_item(ctx, item)
    return Risks(tuple(_flags(item, form, beside)), tuple([one async for one in _notes(ctx, item, form)]))


def _flags(item: store.Item, form: Form, beside: Sequence[store.Item]) -> Iterator[str]:
    fields = item.fields
    after = fields.get("after")
    if after is not None and _number(after) < 0:
        yield "over_balance"
    if _number(fields.get("minutes")) > LONG:
        yield "long"
    if fields.get("provisional"):
        yield "provisional"
    if form.funds or any(_number(fields.get(code)) for code, one in form.fields.items() if one.type is Type.MONEY):
        yield "funds"
    if form.secrecy != "plain":
        yield "secret"
    if Counter(one.request.applicant for one in beside)[item.request.applicant] > 1:
        yield "repeated"
    if _names_somebody(item.request):
        yield "choice"
    if any(one.turn > 1 for one in item.request.steps):
        yield "again"


def _names_somebody(request: engine.Request) -> bool:
    """Deciding now means naming the people of a later step."""
    present = engine.present(request)
    return any(step.chosen_by in present and not step.approvers for step in request.steps)


async def _notes(ctx: Context, item: store.Item, form: Form) -> AsyncIterator[str]:
    if await _is_first(ctx.tx, item):
        yield "first"
    if item.form == leave_form.CODE and await _others_away(ctx, item):
        yield "overlap"
    if any(item.fields.get(code) for code, one in form.fields.items() if one.type in _FILES):
        yield "files"


async def _is_first(tx: Transaction, item: store.Item) -> bool:
    row = await tx.first(
        "SELECT 1 AS one FROM item WHERE applicant = ? AND form = ? AND number > 0 AND id <> ?",
        item.request.applicant, item.form, item.id,
    )  # fmt: skip
    return row is None


async def _others_away(ctx: Context, item: store.Item) -> bool:
    """Whether somebody else of the department is away, or asks to be, on one of the days."""
    applicant = await directory.load(ctx.tx, item.request.applicant)
    first, last = item.fields.get("start"), item.fields.get("end")
    if applicant is None or not applicant.department or not first or not last:
        return False
    rows = await ctx.tx.fetch(
        "SELECT i.id FROM item i JOIN person p ON p.id = i.applicant WHERE p.department = ? AND i.applicant <> ?"
        " AND i.form = ? AND i.state IN ('pending', 'approved') ORDER BY i.created_ms DESC LIMIT 200",
        applicant.department, applicant.id, leave_form.CODE,
    )  # fmt: skip
    for row in rows:
        other = await store.load(ctx.tx, row["id"])
        if other and str(other.fields.get("start")) <= str(last) and str(other.fields.get("end")) >= str(first):
            return True
    return False


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
