"""Which fields of an item a reader sees: a form may show the people of a step only some of them (`reads`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.approval import engine, store
from handlers.approval.engine import Status, Verb
from handlers.approval.language import book
from handlers.approval.language.form_model import Form
from handlers.approval.leaves import leave_form
from handlers.approval.standins import proxy_store
from handlers.context import Context


async def of(ctx: Context, item: store.Item, *, reader: str) -> store.Item:
    """The item as this reader sees it, who may stand in for others today."""
    if reader == item.request.applicant or item.form == leave_form.CODE:
        return item
    form = await book.of_item(ctx, item)
    if not any(step.reads for step in form.steps()):
        return item
    principals = await proxy_store.principals(ctx.tx, reader, form=item.form, at=ctx.now)
    return narrowed(form, item, reader=reader, principals=principals)


async def seen(ctx: Context, item: store.Item, *, reader: str) -> frozenset[str] | None:
    """The codes of the form's fields that this reader may see, filled in or not; None for all."""
    if reader == item.request.applicant or item.form == leave_form.CODE:
        return None
    form = await book.of_item(ctx, item)
    if not any(step.reads for step in form.steps()):
        return None
    principals = await proxy_store.principals(ctx.tx, reader, form=item.form, at=ctx.now)
    return _shown(form, item.request, frozenset({reader, *principals}))


def narrowed(form: Form, item: store.Item, *, reader: str, principals: Sequence[str] = ()) -> store.Item:
    """The item with no more of the form's fields than this reader may see.

    Somebody with several steps sees what those that were reached show together. The applicant and those who have no
    step (a copy, the keepers of records) see everything; `of` shows all of a leave, which has words of its own.
    """
    if reader == item.request.applicant:
        return item
    shown = _shown(form, item.request, frozenset({reader, *principals}))
    if shown is None:
        return item
    fields = {code: value for code, value in item.fields.items() if code in shown or code not in form.fields}
    return replace(item, fields=fields)


def _shown(form: Form, request: engine.Request, people: frozenset[str]) -> frozenset[str] | None:
    """The codes of the fields, None for all."""
    askers = _askers(request, people)
    gone = {one.step for one in request.decisions if one.verb is Verb.TRANSFER and one.person in askers}
    sat = [one for index, one in enumerate(request.steps) if index in gone or _sits(one, askers)]
    steps = [one for one in sat if not one.added_by]
    steps = [one for one in steps if one.status is not Status.AHEAD] or steps
    known = [form.step(_code(form, one)) for one in steps]
    if not known or any(one is None or not one.reads for one in known):
        return None
    evidence = [code for one in known if one and one.task for code in one.task.evidence]
    return frozenset([*evidence, *(code for one in known if one for code in (*one.reads, *one.edits))])


def _askers(request: engine.Request, people: frozenset[str]) -> frozenset[str]:
    """Who was added as a signer sees what those see who added them."""
    added = {one.added_by for one in request.steps if one.added_by and _sits(one, people)}
    return _askers(request, people | added) if added - people else people


def _sits(step: engine.Step, people: frozenset[str]) -> bool:
    lent = [borrower for _, borrower in step.lent]
    return not people.isdisjoint((*step.approvers, *step.deputies, *lent, *(vote.by for vote in step.votes)))


def _code(form: Form, step: engine.Step) -> str:
    """Levels of managers are one step of the form: `step`, `step_2`, `step_3`."""
    return step.name if form.step(step.name) else step.name.rpartition("_")[0]
