"""Whether an approved item may be taken back: only where its form says what that means, and before it has begun."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import errors
from handlers.approval import store
from handlers.approval.engine import Act, Verb
from handlers.approval.language import book
from handlers.approval.leaves import leave_form
from handlers.context import Context


async def check(ctx: Context, item: store.Item, act: Act) -> None:
    """What was bought, sealed or filed is not undone by a button: NotAllowed(not_cancellable), (too_late_to_cancel).

    A leave's own rules know halves of a day and say it in their words.
    """
    if act.verb is not Verb.CANCEL:
        return
    if not await _means_something(ctx, item):
        raise errors.NotAllowed(code="not_cancellable", item=item.id)
    if item.form != leave_form.CODE and _begins(item) < _today(ctx):
        raise errors.NotAllowed(code="too_late_to_cancel", item=item.id)


async def offered(ctx: Context, item: store.Item) -> bool:
    """Whether the applicant's card and page have the button."""
    begins, today = _begins(item), _today(ctx)
    ahead = begins > today or (begins == today and item.form != leave_form.CODE)
    return ahead and await _means_something(ctx, item)


async def _means_something(ctx: Context, item: store.Item) -> bool:
    return bool((await book.of_item(ctx, item)).effects.cancel)


def _begins(item: store.Item) -> str:
    """The first day of what was approved, as ISO text; what has no day can always be taken back."""
    fields = item.fields
    return str(
        fields.get("start") or _of(fields.get("period"), "start") or _of(fields.get("time"), "date") or "9999"
    )


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _today(ctx: Context) -> str:
    return ctx.now.astimezone(ctx.office.timezone).date().isoformat()
