"""What the people of a task bring with their confirmation: read as fields of the form, checked like them, kept.

The engine asks whether it is there; the form says what it has to look like (a number plate, a day, one of the options).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import errors
from handlers.approval import book, engine, fill, store, submitting
from handlers.approval.fill import FieldProblem
from handlers.approval.form_model import Form, Type
from handlers.context import Context
from handlers.people import directory

_FILES = (Type.ATTACHMENT, Type.PHOTO)


async def read(ctx: Context, item: store.Item, act: engine.Act) -> engine.Act:
    """The act with its evidence as values: a text is what somebody typed (`25` is yuan), a number is a value already.

    Files are ids. What cannot be read stays as it came: `kept` refuses it.
    """
    if act.verb is not engine.Verb.CONFIRM or not act.evidence:
        return act
    form = await book.of_item(ctx, item)
    given = {code: await _meant(ctx, form, code, act.evidence[code]) for code in form.evidence() & set(act.evidence)}
    return replace(act, evidence=fill.normalise(form, given))


async def kept(ctx: Context, item: store.Item, decision: engine.Decision) -> store.Item:
    """The item with what this decision brought and what is computed from it.

    Raises BadRequest(incomplete) with `problems`, as a submission does.
    """
    if decision.verb is not engine.Verb.CONFIRM:
        return item
    applicant = await directory.load(ctx.tx, item.request.applicant)
    if applicant is None:
        raise errors.NotFound(item=item.id)
    form = await book.of_item(ctx, item)
    about = await submitting.about(ctx, applicant)
    values = fill.complete(form, {**item.fields, **_as_values(form, decision.evidence)}, about)
    wanted = frozenset(one.key for one in item.request.steps[decision.step].task)
    known = await submitting.known(ctx, form, applicant)
    checked = frozenset(code for code in wanted if form.fields[code].type not in _FILES)
    found = [
        *_missing_files(form, values, wanted & frozenset(fill.visible(form, values, about))),
        *(one for one in fill.problems(form, values, about, known=known, only=checked) if _counts(form, one)),
    ]
    if found:
        raise errors.BadRequest("incomplete", item=item.id, problems=tuple(found))
    return replace(item, fields={**item.fields, **values})


async def _meant(ctx: Context, form: Form, code: str, value: str | int) -> str | int:
    """A person may be named in words, where one person has that name."""
    if form.fields[code].type is not Type.PERSON or not isinstance(value, str):
        return value
    found = await directory.named(ctx.tx, value)
    return found[0].id if len(found) == 1 else value


def _as_values(form: Form, evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {code: _value(form, code, value) for code, value in evidence.items() if code in form.fields}


def _value(form: Form, code: str, value: Any) -> Any:
    """Uploaded files travel as one id, or several with commas between; whoever shows them knows the rest by the id."""
    if form.fields[code].type in _FILES and isinstance(value, str):
        return [{"id": one} for one in value.split(",") if one]
    return value


def _missing_files(form: Form, values: Mapping[str, Any], wanted: frozenset[str]) -> list[FieldProblem]:
    files = [code for code in wanted if form.fields[code].type in _FILES and form.fields[code].required]
    return [FieldProblem(path=(code,), code="missing") for code in files if not values.get(code)]


def _counts(form: Form, problem: FieldProblem) -> bool:
    return problem.code != "missing" or form.fields[str(problem.path[0])].required
