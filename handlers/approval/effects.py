"""What a move of an item does elsewhere, by form: a table of functions, run in the transaction of the act.

A function gets the item after the move and returns it, perhaps with new fields; a RuleError from it undoes the act.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers.approval import engine, forms, store
from handlers.approval.engine import State
from handlers.context import Context
from handlers.leave import charge
from handlers.people.directory import Person

Effect = Callable[[Context, store.Item], Awaitable[store.Item]]


async def apply(ctx: Context, before: store.Item, after: store.Item, *, by: Person) -> store.Item:
    """Runs the effect of the form's move from state to state; nothing where the table has no row."""
    effect = EFFECTS.get((after.form, before.request.state, after.request.state))
    return await effect(ctx, after) if effect else after


async def _hold(ctx: Context, item: store.Item) -> store.Item:
    fields = await charge.hold(ctx, item.request.applicant, item.id, item.fields)
    return replace(item, fields=fields)


async def _consume(ctx: Context, item: store.Item) -> store.Item:
    await charge.consume(ctx, item.request.applicant, item.id, by=_last(item))
    return item


async def _release(ctx: Context, item: store.Item) -> store.Item:
    await charge.release(ctx, item.request.applicant, item.id, rejected=item.request.state is State.REJECTED)
    return item


async def _restore(ctx: Context, item: store.Item) -> store.Item:
    await charge.restore(ctx, item.request.applicant, item.id, item.fields)
    return item


def _last(item: store.Item) -> str:
    approvals = [d.person for d in item.request.decisions if d.verb is engine.Verb.APPROVE]
    return approvals[-1] if approvals else ""


EFFECTS: Mapping[tuple[str, State, State], Effect] = {
    (forms.LEAVE, State.DRAFT, State.PENDING): _hold,
    (forms.LEAVE, State.PENDING, State.APPROVED): _consume,
    (forms.LEAVE, State.PENDING, State.REJECTED): _release,
    (forms.LEAVE, State.PENDING, State.WITHDRAWN): _release,
    (forms.LEAVE, State.APPROVED, State.CANCELLED): _restore,
}
