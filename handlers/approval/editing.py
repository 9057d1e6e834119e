"""An approver changes fields that the form lets the people of their step change (改): read, checked, kept.

The item is checked as it was when it was submitted: what is wrong already is not the approver's to mend, what their
change makes wrong is refused. Where the conditions of the route look at a changed field, it goes another way from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from cards import forms as form_cards
from cards.amend import Change
from handlers import errors
from handlers.approval import engine, faces, facts, store, submitting
from handlers.approval.engine import Act, Decision, Verb
from handlers.approval.language import book, circle, fill, linking, surroundings, tied
from handlers.approval.language.expressions import About
from handlers.approval.language.fill import FieldProblem
from handlers.approval.language.form_model import Field, Form, Type
from handlers.approval.papers import files
from handlers.approval.talk import answers, asking
from handlers.audit import log
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction


async def read(ctx: Context, item: store.Item, act: Act, *, by: Person, principals: Sequence[str]) -> Act:
    """The act with everything that becomes different by it: whose `values` are fields as `fill` reads them.

    Raises what the engine has against it before anything is looked at; BadRequest(amend_refused) with `what` in words,
    BadRequest(no_change, not_editable), what `submitting.route` raises.
    """
    if act.verb is not Verb.AMEND:
        return act
    engine.authorise(item.request, act, by=by.id, principals=principals, now=ctx.now)
    form = await book.of_item(ctx, item)
    if not act.values.keys() <= form.fields.keys() - tied.by(form).keys():
        raise errors.BadRequest("not_editable")
    about = await surroundings.then(ctx, item, form)
    fields = with_values(form, item.fields, act.values, about)
    changes = {
        code: (item.fields.get(code), fields.get(code))
        for code in form.fields
        if item.fields.get(code) != fields.get(code)
    }
    if not changes:
        raise errors.BadRequest("no_change")
    await _known_files(ctx, item, changes, by=by)
    await _check(ctx, form, item, fields, frozenset(act.values), about)
    return replace(act, changes=changes, detour=await _detour(ctx, form, item, fields, about))


def kept(item: store.Item, decision: Decision) -> store.Item:
    """The item with what the decision changed."""
    if not decision.changes:
        return item
    new = {code: value for code, (_, value) in decision.changes.items()}
    fields = {code: value for code, value in {**item.fields, **new}.items() if code not in new or value is not None}
    return replace(item, fields=fields)


async def record(ctx: Context, item: store.Item, decision: Decision) -> None:
    if decision.verb is not Verb.AMEND:
        return
    fact = facts.FieldsAmended(
        item=item.id,
        person=decision.person,
        step=decision.step,
        fields=sorted(decision.changes),
        rerouted=decision.detour is not None,
        before={code: old for code, (old, _) in decision.changes.items()},
        after={code: new for code, (_, new) in decision.changes.items()},
    )
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now)


def with_values(form: Form, fields: Mapping[str, Any], values: Mapping[str, Any], about: About) -> dict[str, Any]:
    """The item's fields with these instead, and with what is computed from them; an empty value takes one away."""
    beside = {code: value for code, value in fields.items() if code not in form.fields}
    left = {code: value for code, value in fields.items() if code not in values}
    return {**beside, **fill.complete(form, {**left, **fill.normalise(form, values)}, about)}


def editable(item: store.Item, form: Form, *, by: str, principals: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields that this person may change now, in the order of the form."""
    if Verb.AMEND not in engine.allowed(item.request, by=by, principals=principals):
        return ()
    codes = engine.amendable(item.request, by=by, principals=principals)
    return tuple(code for code in form.fields if code in codes and code not in tied.by(form))


async def typed(
    ctx: Context, form: Form, pairs: Sequence[tuple[str, str]], codes: Sequence[str]
) -> dict[str, Any]:
    """`份数=5` as values: fields by title or code, people by name.

    Raises BadRequest: no_such_field with `known`, on_page for what does not fit a line, who_unknown, who_ambiguous.
    """
    found: dict[str, Any] = {}
    for name, text in pairs:
        code = next((one for one in codes if name in (one, form.fields[one].title)), "")
        if not code:
            known = "、".join(form.fields[one].title for one in codes)
            raise errors.BadRequest("no_such_field", name=name, known=known)
        found[code] = await _typed(ctx, form.fields[code], text)
    return found


async def told(ctx: Context, item: store.Item, changes: Mapping[str, tuple[Any, Any]]) -> tuple[Change, ...]:
    """Changes in words, in the order of the form."""
    form = await book.of_item(ctx, item)
    names = await _names(ctx.tx, form, changes)
    today = surroundings.today(ctx)
    return tuple(
        Change(
            title=one.title, hidden=one.never_leaves or not one.on_card,
            before=_shown(one, code, changes[code][0], names, today),
            after=_shown(one, code, changes[code][1], names, today),
        )
        for code, one in form.fields.items()
        if code in changes
    )  # fmt: skip


def shown(form: Form, code: str, value: Any, names: Mapping[str, str], today: date) -> str:
    return _shown(form.fields[code], code, value, names, today)


async def _typed(ctx: Context, one: Field, text: str) -> Any:
    if one.type in (Type.TABLE, Type.ATTACHMENT, Type.PHOTO):
        raise errors.BadRequest("on_page", title=one.title)
    if one.type is Type.CHOICES:
        return [part for part in text.replace("、", ",").replace("，", ",").split(",") if part.strip()]
    if one.type is Type.PERSON:
        people = [await _someone(ctx, name) for name in text.replace("、", " ").split()]
        return people if one.many else "".join(people[:1])
    today = surroundings.today(ctx)
    return answers.raw(one, text, today=today, known=fill.NOTHING_KNOWN, calendar=ctx.office.calendar)


async def _someone(ctx: Context, name: str) -> str:
    return directory.the_one(await directory.named(ctx.tx, name), name).id


async def _known_files(
    ctx: Context, item: store.Item, changes: Mapping[str, tuple[Any, Any]], *, by: Person
) -> None:
    """Files that come in by a change are this person's own, or stand in the item already."""
    before = set(files.ids(item.fields))
    new = [one for _, after in changes.values() for one in files.ids(after) if one not in before]
    if set(new) - (await files.brought(ctx.tx, new, person=by.id)).keys():
        raise errors.BadRequest("file_unknown")


async def _check(
    ctx: Context, form: Form, item: store.Item, fields: Mapping[str, Any], codes: frozenset[str], about: About
) -> None:
    """Refuses what was in order before and is not any more, whichever field it is in."""
    applicant = await directory.load(ctx.tx, item.request.applicant)
    if applicant is None:
        raise errors.NotFound(item=item.id)
    wanted = codes | {code for code, _ in form.inputs()} | {code for code in form.evidence() if code in item.fields}
    today = surroundings.today(ctx)
    found: list[list[FieldProblem]] = []
    for values in (item.fields, fields):
        known = replace(await submitting.known(ctx, form, applicant, values), files=None)  # no file is changed here
        all_of_it = fill.problems(form, values, about, known=known, only=frozenset(wanted), on=today)
        found.append([one for one in all_of_it if _counts(form, one)])
    before, after = found
    after = after or await linking.problems(ctx, form, fields, item=item.id)
    wrong = [one for one in after if one not in before or one.path[0] in codes]
    if wrong:
        what = form_cards.rejected([asking.problem_words(form, one) for one in wrong])
        raise errors.BadRequest("amend_refused", item=item.id, problems=tuple(wrong), what=what)


def _counts(form: Form, problem: FieldProblem) -> bool:
    return problem.code != "missing" or len(problem.path) > 1 or form.fields[str(problem.path[0])].required


async def _detour(
    ctx: Context, form: Form, item: store.Item, fields: Mapping[str, Any], about: About
) -> engine.Detour | None:
    """Both ways over the same people, those of now, so that every difference comes from the changed fields."""
    applicant = item.request.applicant
    ways = []
    for values in (item.fields, fields):
        people = await circle.around(ctx.tx, form, values, applicant)
        ways.append(submitting.route(form, values, applicant, people, about=about).steps)
    return engine.detour(item.request, *ways)


async def _names(tx: Transaction, form: Form, changes: Mapping[str, tuple[Any, Any]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for side in (0, 1):
        values = {code: pair[side] for code, pair in changes.items() if pair[side] is not None}
        names |= await faces.names_in(tx, form, values)
    return names


def _shown(one: Field, code: str, value: Any, names: Mapping[str, str], today: date) -> str:
    return form_cards.shown(faces.view(one, code, value, names, known=fill.NOTHING_KNOWN), today=today)
