"""The car of a meeting that was called in one step: an item of the form `vehicle`, asked for and given up with it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Final, Protocol

from cards import meeting as words
from handlers.approval import book, engine, meeting_call, store, submitting
from handlers.approval.engine import Act, State, Verb
from handlers.context import Context
from handlers.notice import store as notices
from handlers.people import directory
from handlers.people.directory import Person

RIDE: Final = "vehicle"
_LOOKED_AT: Final = 100


class Perform(Protocol):
    """`act.perform`, handed in: this module lies below it."""

    def __call__(
        self, ctx: Context, item_id: str, act: Act, *, by: Person, declared: bool = False
    ) -> Awaitable[store.Item]: ...


async def follow(ctx: Context, before: store.Item, after: store.Item, *, perform: Perform) -> None:
    """After a meeting was called its car is asked for, after it was taken back given up; in the same transaction."""
    if after.form != meeting_call.CODE or before.request.state is after.request.state:
        return
    if after.request.state in (State.PENDING, State.APPROVED):
        if await notices.load(ctx.tx, after.id) is not None and after.fields.get("car") == "yes":
            await _ask_for_car(ctx, after, perform)
    elif after.request.state not in engine.OPEN:
        await _give_up_car(ctx, after, perform)


async def _ask_for_car(ctx: Context, item: store.Item, perform: Perform) -> None:
    """Once; the applicant has declared for the meeting what the car's form asks as well."""
    person = await directory.load(ctx.tx, item.request.applicant)
    form = ctx.office.of(book.Forms).by_code.get(RIDE)
    if person is None or form is None or await _ride(ctx, item) is not None:
        return
    fields = item.fields
    wanted = {
        "purpose": words.ride(str(fields["topic"])), "to": fields["car_to"], "time": fields["time"],
        "passengers": fields["car_people"],
    }  # fmt: skip
    ride = await submitting.draft(ctx, person, form, wanted)
    ride = replace(ride, fields={**ride.fields, "meeting": item.id})
    await store.save(ctx.tx, ride, before=ride.request)
    await perform(ctx, ride.id, Act(verb=Verb.SUBMIT), by=person, declared=True)


async def _give_up_car(ctx: Context, item: store.Item, perform: Perform) -> None:
    ride = await _ride(ctx, item)
    person = await directory.load(ctx.tx, item.request.applicant)
    if ride is None or person is None:
        return
    verbs = {State.PENDING: Verb.WITHDRAW, State.RETURNED: Verb.WITHDRAW, State.APPROVED: Verb.CANCEL}
    if (verb := verbs.get(ride.request.state)) is not None:
        await perform(ctx, ride.id, Act(verb=verb), by=person)


async def _ride(ctx: Context, item: store.Item) -> store.Item | None:
    for one in await store.of_applicant(ctx.tx, item.request.applicant, limit=_LOOKED_AT):
        if one.form == RIDE and one.fields.get("meeting") == item.id:
            return one
    return None
