"""From values to an item that may go its way: checked against its form, numbered, with its route.

The same for a sentence, a chat and a page: whoever has values calls `draft`, then the act SUBMIT through `act.perform`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers import errors
from handlers.approval import effects, engine, facts, store
from handlers.approval.language import book, circle, expressions, fill, form_model, linking, quota, routes, surroundings
from handlers.approval.language.expressions import About
from handlers.approval.language.fill import Known
from handlers.approval.language.form_model import Form, Option
from handlers.approval.language.routes import People, Route
from handlers.approval.leaves import leave_form, leave_return
from handlers.approval.papers import files
from handlers.audit import log
from handlers.context import Context
from handlers.days.workdays import CalendarMissing
from handlers.mailroom import counters
from handlers.people import lookup
from handlers.people.directory import Person


async def draft(ctx: Context, person: Person, form: Form, raw: Mapping[str, Any]) -> store.Item:
    """A new draft of this form with these values, stored. Its fields may still be incomplete."""
    version = await book.keep(ctx.tx, form, now=ctx.now)
    about = await surroundings.now(ctx, person, form)
    values = fill.complete(form, fill.with_defaults(form, _typed(form, raw)), about)
    item = store.Item(
        request=engine.Request(id=store.new_id(ctx.now), applicant=person.id),
        form=form.code,
        form_version=version,
        number=0,
        fields=values,
        created=ctx.now,
        changed=ctx.now,
    )
    await store.add(ctx.tx, item)
    await files.use(ctx.tx, item.id, files.ids(values))
    return item


async def change(ctx: Context, item: store.Item, person: Person, raw: Mapping[str, Any]) -> store.Item:
    """The draft, or an item sent back, with these values instead; only by its applicant. Raises RuleErrors."""
    if item.request.applicant != person.id:
        raise errors.NotAllowed(verb="fill", item=item.id)
    if item.request.state not in (engine.State.DRAFT, engine.State.RETURNED):
        raise errors.AlreadyDecided(item=item.id, state=item.request.state)
    form = await book.of_item(ctx, item)
    given = {code: value for code, value in item.fields.items() if code in _given(form)}
    about = await surroundings.now(ctx, person, form, item=item.id)
    values = fill.complete(form, {**given, **_typed(form, raw)}, about)
    after = replace(item, fields=values, changed=ctx.now)
    await store.save(ctx.tx, after, before=item)
    await files.use(ctx.tx, item.id, files.ids(values))
    if item.request.state is engine.State.RETURNED and values != item.fields:  # a draft is in no journal
        fact = facts.ItemAmended(item=item.id, because="mend", content=dict(values))
        await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)
    return after


def _typed(form: Form, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the applicant may fill in: what the office computes or a later step adds is nobody's to send along."""
    allowed = {code for code, _ in form.inputs()}
    return {code: value for code, value in raw.items() if code in allowed}


def _given(form: Form) -> frozenset[str]:
    return frozenset(form.fields) - frozenset(code for code, _ in form.inputs())


async def preview(ctx: Context, form: Form, values: Mapping[str, Any], person: Person, *, item: str = "") -> Route:
    """Where an item with these values would go. Raises BadRequest(cannot_route), CalendarMissing."""
    people = await circle.around(ctx.tx, form, values, person.id)
    return route(form, values, person.id, people, about=await surroundings.now(ctx, person, form, item=item))


def route(form: Form, values: Mapping[str, Any], applicant: str, people: People, *, about: About) -> Route:
    """`preview` without a database. Raises BadRequest(cannot_route) where a condition cannot be computed, and
    CalendarMissing where it needs a year whose holidays are not known."""
    try:
        return routes.resolve(form, values, applicant=applicant, people=people, about=about)
    except expressions.Failed as failed:
        if failed.year:
            raise CalendarMissing(year=failed.year, form=form.code) from failed
        raise errors.BadRequest("cannot_route", form=form.code) from failed


async def ready(ctx: Context, item: store.Item, by: Person, *, declared: bool = False) -> store.Item:
    """The item with its number and route, about to leave the draft; the engine refuses what is not a draft.

    Raises BadRequest(incomplete) with `problems`, a tuple of FieldProblem, and BadRequest(undeclared) where the form
    wants to hear first that no secrets are in it; NoApprover is the engine's to raise.
    """
    if item.request.state is not engine.State.DRAFT or by.id != item.request.applicant:
        return item
    item, way = await _checked(ctx, item, by)
    await _declaration(ctx, item, by, declared=declared)
    number = await counters.take(ctx.tx, "item")
    request = replace(item.request, steps=way.steps, unattended=way.unattended)
    return replace(item, number=number, request=request)


async def ready_again(
    ctx: Context, item: store.Item, by: Person, *, declared: bool = False
) -> tuple[store.Item, tuple[engine.Step, ...]]:
    """A returned item about to leave its applicant again, checked as `ready` does; and its new route, if it has one.

    The same way as before stays as it is, so that who returned it with `resume` gets it directly; a way that new values
    or new people change is begun anew.
    """
    if item.request.state is not engine.State.RETURNED or by.id != item.request.applicant:
        return item, ()
    item, way = await _checked(ctx, item, by)
    await _declaration(ctx, item, by, declared=declared)
    if await _last_way(ctx, item) == plain(way.steps):
        return item, ()
    return replace(item, request=engine.rerouted(item.request, way.steps)), way.steps


def plain(steps: Sequence[engine.Step]) -> list[dict[str, Any]]:
    """A route as the journal has it."""
    found: list[dict[str, Any]] = json.loads(store.dump_steps(steps))
    return found


async def _checked(ctx: Context, item: store.Item, by: Person) -> tuple[store.Item, Route]:
    """With the form held: what others have used of it does not change before this item is saved."""
    form = await book.of_item(ctx, item)
    await quota.held(ctx.tx, form)
    about = await surroundings.now(ctx, by, form, item=item.id)
    item = await effects.drafted(ctx, _computed_anew(form, item, about))
    found = fill.problems(form, item.fields, about, known=await known(ctx, form, by, item.fields))
    found = found or await linking.problems(ctx, form, item.fields, item=item.id)
    if found:
        raise errors.BadRequest("incomplete", item=item.id, problems=tuple(found))
    people = await circle.around(ctx.tx, form, item.fields, by.id)
    return replace(item, used=about.used), route(form, item.fields, by.id, people, about=about)


async def _declaration(ctx: Context, item: store.Item, by: Person, *, declared: bool) -> None:
    """On record, or refused. An item that comes back unchanged was declared before; a page asks for every change."""
    if not (await book.of_item(ctx, item)).declares:
        return
    if declared:
        await log.record(ctx.tx, facts.SecrecyDeclared(item=item.id, person=by.id), origin=ctx.origin, now=ctx.now)
    elif not any(row.kind == facts.SecrecyDeclared.KIND for row in await log.read(ctx.tx, item.id)):
        raise errors.BadRequest("undeclared", item=item.id)


def _computed_anew(form: Form, item: store.Item, about: About) -> store.Item:
    """A draft may have lain for days, and others have used the form meanwhile."""
    beside = {name: value for name, value in item.fields.items() if name not in form.fields}
    return replace(item, fields={**fill.complete(form, item.fields, about), **beside})


async def _last_way(ctx: Context, item: store.Item) -> list[dict[str, Any]] | None:
    """As it was resolved, before anybody was dropped from it or added to it; None where an approver's change of fields
    turned it on the way: then it is no way that the form has as a whole."""
    ways: list[list[dict[str, Any]] | None] = [[]]
    for row in await log.read(ctx.tx, item.id):
        if row.data.get("route"):
            ways.append(row.data["route"])
        elif row.kind == facts.FieldsAmended.KIND and row.data["rerouted"]:
            ways.append(None)
    return ways[-1]


async def known(ctx: Context, form: Form, person: Person, values: Mapping[str, Any]) -> Known:
    """What lies outside the form, as far as these values ask: people, departments, files, kinds of leave."""
    types = {one.type for one in form.fields.values()}
    departments = await lookup.departments(ctx.tx) if form_model.Type.DEPARTMENT in types else None
    return Known(
        options={**await _options(ctx, form, person), **await linking.options(ctx, person, form, values)},
        people=await lookup.existing(ctx.tx, circle.chosen(form, values)),
        departments=None if departments is None else frozenset(departments),
        files=await files.usable(ctx.tx, files.ids(values), person=person.id),
    )


async def _options(ctx: Context, form: Form, person: Person) -> dict[str, tuple[Option, ...]]:
    """What the form's `options_from` name, for this person."""
    asked = {one.options_from for one in form.fields.values()}
    found = {leave_form.KINDS: leave_form.kinds(ctx, person)} if leave_form.KINDS in asked else {}
    if leave_return.OWN in asked:
        found[leave_return.OWN] = await leave_return.options(ctx, person)
    return found
