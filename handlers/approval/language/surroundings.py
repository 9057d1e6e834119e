"""What an item's expressions know besides its fields: who asks, the day, the office's working time, what was used."""

from __future__ import annotations

from datetime import date

from handlers import errors
from handlers.approval import engine, store
from handlers.approval.language import circle, expressions, quota
from handlers.approval.language.expressions import About
from handlers.approval.language.form_model import Form
from handlers.approval.language.functions import Work
from handlers.context import Context, Office
from handlers.people import directory
from handlers.people.directory import Person

_SUBMITS = (engine.Verb.SUBMIT, engine.Verb.RESUBMIT)


async def now(ctx: Context, person: Person, form: Form, *, item: str = "") -> About:
    """For somebody who fills in this form at this moment; `item` is the one that asks, where there is one already."""
    return About(
        today=today(ctx),
        applicant=await _applicant(ctx, person.id),
        work=work(ctx.office),
        used=await quota.used(ctx.tx, form, person, at=ctx.now, zone=ctx.office.timezone, item=item),
    )


async def then(ctx: Context, item: store.Item, form: Form) -> About:
    """As it was when this item was submitted last: what a later step brings must not change why it went its way."""
    person = await directory.load(ctx.tx, item.request.applicant)
    if person is None:
        raise errors.NotFound(item=item.id)
    at = next((one.at for one in reversed(item.request.decisions) if one.verb in _SUBMITS), ctx.now)
    used = await quota.recorded(ctx.tx, item.id) if expressions.used_names(form) else {}
    return About(
        today=at.astimezone(ctx.office.timezone).date(),
        applicant=await _applicant(ctx, person.id),
        work=work(ctx.office),
        used=used,
    )


def work(office: Office) -> Work:
    return Work(calendar=office.calendar, hours=office.hours)


def today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()


async def _applicant(ctx: Context, person: str) -> expressions.Applicant:
    people = await circle.alone(ctx.tx, person)
    return people.applicant(person) if person in people.persons else expressions.Applicant()
