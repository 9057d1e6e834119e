"""What the people of a task bring with their confirmation: read as fields of the form, checked like them, kept.

The engine asks whether it is there; the form says what it has to look like (a number plate, a day, one of the options,
two photos of at most 10 MB). Files travel as their ids, and only those that this person handed in count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers import errors
from handlers.approval import engine, store, submitting
from handlers.approval.language import book, fill, surroundings
from handlers.approval.language.fill import FieldProblem
from handlers.approval.language.form_model import Form, Type
from handlers.approval.papers import files
from handlers.context import Context
from handlers.people import directory
from handlers.people.directory import Person

_FILES = (Type.ATTACHMENT, Type.PHOTO)
MOST_AT_ONCE = 20


async def read(ctx: Context, item: store.Item, act: engine.Act, *, by: Person) -> engine.Act:
    """The act with its evidence as values: a text is what somebody typed (`25` is yuan), a number is a value already.

    Files are ids. What cannot be read stays as it came: `kept` refuses it. Files that are handed in later
    (`ATTACH`) raise BadRequest(file_unknown, too_many_files).
    """
    if len(act.files) > MOST_AT_ONCE:
        raise errors.BadRequest("too_many_files", most=MOST_AT_ONCE)
    if act.files:
        await _brought(ctx, act.files, by.id)
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
    given = {
        code: await _value(ctx, form, code, value, decision.person)
        for code, value in decision.evidence.items()
        if code in form.fields
    }
    about = await surroundings.then(ctx, item, form)
    values = fill.complete(form, {**item.fields, **given}, about)
    wanted = frozenset(one.key for one in item.request.steps[decision.step].task)
    known = replace(await submitting.known(ctx, form, applicant, given), files=None)  # `_brought` has asked
    today = surroundings.today(ctx)
    wrong = fill.problems(form, values, about, known=known, only=wanted, on=today)
    found = [one for one in wrong if _counts(form, one)]
    if found:
        raise errors.BadRequest("incomplete", item=item.id, problems=tuple(found))
    return replace(item, fields={**item.fields, **values})


async def _meant(ctx: Context, form: Form, code: str, value: str | int) -> str | int:
    """A person may be named in words, where one person has that name."""
    if form.fields[code].type is not Type.PERSON or not isinstance(value, str):
        return value
    found = await directory.named(ctx.tx, value)
    return found[0].id if len(found) == 1 else value


async def _value(ctx: Context, form: Form, code: str, value: Any, person: str) -> Any:
    """Uploaded files travel as one id, or several with commas between."""
    if form.fields[code].type not in _FILES or not isinstance(value, str):
        return value
    return await _brought(ctx, [one for one in value.split(",") if one], person)


async def _brought(ctx: Context, ids: Sequence[str], person: str) -> list[dict[str, Any]]:
    """The files as a field keeps them, each once. Raises BadRequest(file_unknown)."""
    known = await files.brought(ctx.tx, ids, person=person)
    if any(one not in known for one in ids):
        raise errors.BadRequest("file_unknown")
    return [known[one].record() for one in dict.fromkeys(ids)]


def _counts(form: Form, problem: FieldProblem) -> bool:
    return problem.code != "missing" or form.fields[str(problem.path[0])].required
