"""The form 销假 and what it does: the leave it is about, what comes back, and the leave as it is afterwards.

An approved leave is looked up among the applicant's own; nothing that somebody types says which leave or how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from cards import leave_return as words
from handlers import errors
from handlers.approval import store
from handlers.approval.engine import State
from handlers.approval.language.form_model import Option
from handlers.approval.leaves import amending, leave_form
from handlers.context import Context
from handlers.days.slots import Half, Range, Slot
from handlers.leave import charge
from handlers.leave.book import returning
from handlers.leave.book.entries import Stamp
from handlers.leave.book.returning import Return
from handlers.leave.law.policy import Kind
from handlers.leave.reports import explanation
from handlers.people import directory
from handlers.people.directory import Person

CODE = "leave_return"
OWN = "own_leaves"
_LATEST = 60


async def own(ctx: Context, person: Person) -> list[store.Item]:
    """The approved leaves that may still be reported back from: running ones, then past, then coming ones."""
    today = _today(ctx)
    oldest = today - timedelta(days=charge.policy_of(ctx, person).practice.return_within)
    found = [one for one in await store.of_applicant(ctx.tx, person.id, limit=_LATEST) if _counts(one, oldest, today)]
    return sorted(found, key=lambda one: _rank(one, today))


async def options(ctx: Context, person: Person) -> tuple[Option, ...]:
    """The options of `options_from: own_leaves`."""
    return tuple(Option(code=one.id, title=named(one, _today(ctx))) for one in await own(ctx, person))


def named(item: store.Item, today: date) -> str:
    fields = item.fields
    first, last = span(fields)
    ends = (first.day, first.half.value, last.day, last.half.value)
    return words.name(fields["kind_name"], fields["minutes"], ends, number=item.number, base=today)


def span(fields: Mapping[str, Any]) -> Range:
    """From the first to the last half-day of a leave's fields."""
    return Range(
        Slot(date.fromisoformat(fields["start"]), Half(fields["start_half"])),
        Slot(date.fromisoformat(fields["end"]), Half(fields["end_half"])),
    )


async def counted(ctx: Context, item: store.Item) -> store.Item:
    """The draft with what this return would do. Raises RuleErrors with what stands against it."""
    if not item.fields.get("leave") or not item.fields.get("last_day"):
        return item
    person, leave = await _parties(ctx, item)
    _check_time(ctx, person, leave)
    await _check_alone(ctx, item, person)
    kind = _kind(ctx, person, leave)
    found = await returning.look(
        ctx, person.id, leave.id, _last(item.fields), rules=kind.rules, stamp=_stamp(ctx, person)
    )
    return replace(item, fields={**item.fields, **_shown(ctx, leave, found)})


async def carried_out(ctx: Context, item: store.Item) -> store.Item:
    """Confirmed: the ledger gets back what was not taken, and the leave ends where it ended."""
    person, leave = await _parties(ctx, item)
    kind = _kind(ctx, person, leave)
    found = await returning.carry_out(
        ctx, person.id, leave.id, _last(item.fields), rules=kind.rules, stamp=_stamp(ctx, person)
    )
    await amending.amend(ctx, leave.id, _ended(ctx, leave.fields, found, number=item.number), because=item.id)
    return replace(item, fields={**item.fields, **_shown(ctx, leave, found)})


async def _parties(ctx: Context, item: store.Item) -> tuple[Person, store.Item]:
    person = await directory.load(ctx.tx, item.request.applicant)
    leave = await store.load(ctx.tx, str(item.fields["leave"]))
    if person is None or leave is None or leave.form != leave_form.CODE or leave.request.applicant != person.id:
        raise errors.BadRequest("return_which", item=item.id)
    return person, leave


def _check_time(ctx: Context, person: Person, leave: store.Item) -> None:
    first, last = span(leave.fields)
    if leave.request.state is not State.APPROVED:
        raise errors.BadRequest("return_not_approved", item=leave.id)
    if not charge.begun(ctx, first, clock=charge.clock_of(leave.fields)):
        raise errors.BadRequest("return_not_begun", item=leave.id)
    most = charge.policy_of(ctx, person).practice.return_within
    if (_today(ctx) - last.day).days > most:
        raise errors.BadRequest("return_too_long", days=most)


async def _check_alone(ctx: Context, item: store.Item, person: Person) -> None:
    """One return at a time: the second would be reckoned from what the first has not written yet."""
    for other in await store.of_applicant(ctx.tx, person.id, limit=_LATEST):
        same = other.id != item.id and other.form == item.form and other.fields.get("leave") == item.fields["leave"]
        if same and other.request.state in (State.PENDING, State.RETURNED):
            raise errors.BadRequest("return_waits", number=other.number)


def _shown(ctx: Context, leave: store.Item, found: Return) -> dict[str, Any]:
    today = _today(ctx)
    shown = {
        "leave_name": named(leave, today),
        "outcome": found.outcome.value,
        "back": words.back(
            [(explanation.name_of(one.lot), one.minutes, one.ended) for one in found.backs], kept=found.kept
        ),
    }
    if found.before is not None and found.after is not None and found.minutes:
        shown["balance"] = words.balance(found.before, found.after)
    if found.minutes and today > found.approved.last.day:
        shown["late"] = words.late(today, found.approved.last.day)
    return shown


def _ended(ctx: Context, fields: Mapping[str, Any], found: Return, *, number: int) -> dict[str, Any]:
    """The leave's fields from now on; `returned` keeps how it was approved."""
    told = {
        "outcome": found.outcome.value,
        "on": _today(ctx).isoformat(),
        "number": number,
        "minutes": found.minutes,
        "was": fields["minutes"],
        "was_end": fields["end"],
        "was_end_half": fields["end_half"],
    }
    ended = {**fields, "returned": told, "minutes": found.kept}
    if found.outcome is returning.Outcome.EARLY and found.taken is not None:
        ended |= {"end": found.taken.last.day.isoformat(), "end_half": found.taken.last.half.value}
    return leave_form.with_values(ended)


def _last(fields: Mapping[str, Any]) -> Slot:
    return Slot(date.fromisoformat(fields["last_day"]), Half(fields.get("last_half", "pm")))


def _counts(item: store.Item, oldest: date, today: date) -> bool:
    if item.form != leave_form.CODE or item.request.state is not State.APPROVED or not item.fields.get("minutes"):
        return False
    end = date.fromisoformat(item.fields["end"])
    return end >= (today if "returned" in item.fields else oldest)


def _rank(item: store.Item, today: date) -> tuple[int, int]:
    first, last = span(item.fields)
    if first.day > today:
        return 2, first.day.toordinal()
    return int(last.day < today), -last.day.toordinal()


def _kind(ctx: Context, person: Person, leave: store.Item) -> Kind:
    return charge.kind_of(ctx, person, leave.fields["kind"], on=span(leave.fields).first.day)


def _stamp(ctx: Context, person: Person) -> Stamp:
    return Stamp(recorded=ctx.now, effective=_today(ctx), actor=person.id)


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(ctx.office.timezone).date()
