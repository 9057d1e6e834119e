"""A step's time, in working hours: set when the step is reached, gone when it is done, and what then happens.

The due row is inserted by the transaction that opens the step, under the step's turn: a step that was returned and is
reached again has a new deadline, and the old row finds nothing to do.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.approval import act, engine, post, store, views
from handlers.approval.engine import Act, Late, Status, Verb
from handlers.context import Context
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.people.directory import Person

KIND = "approval.deadline"
_MOMENT = timedelta(seconds=1)
_SYSTEM = Person(id=engine.SYSTEM, name="")


async def follow(ctx: Context, before: store.Item, after: store.Item) -> None:
    """Sets the deadlines of steps that the act opened and takes away those of steps that it closed."""
    was = _running(before.request)
    now = _running(after.request)
    for key in sorted(was.keys() - now.keys()):
        await due.cancel(ctx.tx, key)
    for key in sorted(now.keys() - was.keys()):
        step = now[key]
        deadline = after.request.steps[step].deadline
        assert deadline is not None
        payload = {"item": after.id, "step": step, "turn": after.request.steps[step].turn}
        await due.at(ctx.tx, key, KIND, ctx.office.working_after(ctx.now, deadline.minutes), payload, now=ctx.now)


async def on_due(row: Due, ctx: Context) -> None:
    """Time is up: a reminder, or the engine's EXPIRE as an act of the system, recorded like any other."""
    item = await store.load(ctx.tx, row.payload["item"])
    index = int(row.payload["step"])
    if item is None or index not in engine.present(item.request):
        return
    step = item.request.steps[index]
    if step.turn != row.payload["turn"] or step.deadline is None:
        return
    if step.held:  # somebody decided in time, and can still undo it: what comes of that is looked at afterwards
        later = max(one.until or ctx.now for one in step.held) + _MOMENT
        await due.at(ctx.tx, row.key, KIND, later, row.payload, now=ctx.now)
        return
    if step.deadline.then is Late.REMIND:
        for person in await store.waited_for(ctx.tx, item.id):
            await post.send(ctx, item, person, kind=views.REMINDER)
        return
    # a refusal by an effect of the form rolls all of it back; the row is tried again and then shown to the operator
    await act.perform(ctx, item.id, Act(verb=Verb.EXPIRE, step=index, due=row.due), by=_SYSTEM)


def _running(request: engine.Request) -> dict[str, int]:
    """key -> step, for every open step with a deadline."""
    if request.state is not engine.State.PENDING:
        return {}
    return {
        f"{KIND}:{request.id}:{index}:{step.turn}": index
        for index, step in enumerate(request.steps)
        if step.status is Status.OPEN and step.deadline is not None
    }
