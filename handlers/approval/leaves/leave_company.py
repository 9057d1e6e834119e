"""Who else has to do with a leave: who takes the work over, who agreed to it, who is away too, who would be missing.

What is found stands in the item's fields (`leave_more`), for the applicant before and for the leader after the
submission. Of others' leave only names and days are shown, never the kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from cards import words
from handlers import errors
from handlers.approval import store
from handlers.approval.engine import State
from handlers.context import Context
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import CalendarMissing
from handlers.leave import charge, staffing
from handlers.leave.asking.request import LeaveAsk
from handlers.leave.reports import absences
from handlers.leave.reports.absences import OnLeave
from handlers.leave.staffing import Shortage, Staffing
from handlers.people import directory, lookup
from handlers.people.directory import Person

Fields = Mapping[str, Any]
_AT_ONCE = 400


async def people(ctx: Context, person: Person, ask: LeaveAsk) -> dict[str, Any]:
    """The fields of whom the request names.

    Raises BadRequest: who_unknown, who_ambiguous, not_yourself, consent_later.
    """
    said = ask.asides
    found: dict[str, Any] = {"handover": "", "handover_name": "", "consent_by": "", "consent_on": ""}
    if said.handover or said.handover_id:
        other = await _somebody(ctx, person, said.handover, said.handover_id)
        found |= {"handover": other.id, "handover_name": other.name}
    if said.consent or said.consent_id:
        other = await _somebody(ctx, person, said.consent, said.consent_id)
        on = said.consent_on or min(charge.today(ctx), ask.span.start if ask.span else charge.today(ctx))
        if on > charge.today(ctx):
            raise errors.BadRequest("consent_later")
        found |= {"consent_by": other.id, "consent_name": other.name, "consent_on": on.isoformat()}
        found |= {"consent_how": said.consent_how}
    return found


async def around(ctx: Context, person: Person, fields: Fields, *, but: Collection[str]) -> dict[str, Any]:
    """The fields of who else is away, and of what that means. `but` are this request and the one it replaces.

    Raises BadRequest: handover_away, short_staffed (where the office refuses that).
    """
    about = Range(_slot(fields, "start"), _slot(fields, "end"))
    limits = ctx.office.areas.get(Staffing)
    minimums = limits.minimums if isinstance(limits, Staffing) else ()
    own = [one for one in minimums if one.counts(person)]
    staff = await _staff(ctx, person, everybody=any(not one.department for one in own))
    named = {one.id: one for one in staff}
    if fields.get("handover"):
        taking = await directory.load(ctx.tx, fields["handover"])
        named |= {taking.id: taking} if taking else {}
    away = [
        one
        for one in await absences.between(ctx.tx, about.first.day, about.last.day, people=named.keys())
        if one.ref not in but and one.person != person.id and one.about.overlaps(about)
    ]
    _check_handover(ctx, fields, named, away)
    missing = _shortages(ctx, person, staff, away, about, own)
    return {
        "meanwhile": [_away(named[one.person], one) for one in away if _together(person, named[one.person])],
        "shortages": [_short(one) for one in missing],
        "stands_in_for": await _for_whom(ctx, person, about),
    }


def _check_handover(
    ctx: Context, fields: Fields, named: Mapping[str, Person], away: Sequence[OnLeave]
) -> None:
    taken = next((one for one in away if one.person == fields.get("handover")), None)
    if taken is not None:
        raise errors.BadRequest("handover_away", name=named[taken.person].name, when=_when(ctx, taken.about))


def _shortages(
    ctx: Context,
    person: Person,
    staff: Sequence[Person],
    away: Sequence[OnLeave],
    about: Range,
    own: Sequence[staffing.Minimum],
) -> list[Shortage]:
    ranges: dict[str, list[Range]] = defaultdict(list)
    for one in away:
        ranges[one.person].append(one.about)

    def works(day: date) -> bool:
        try:
            return ctx.office.calendar.is_working(day)
        except CalendarMissing:
            return False

    found = staffing.shortages(own, person=person, staff=staff, away=ranges, about=about, works=works)
    strict = next((one for one in found if one.minimum.refuse), None)
    if strict is not None:
        told = _short(strict)
        raise errors.BadRequest(
            "short_staffed",
            group=told["group"],
            when=words.day(strict.day, base=charge.today(ctx)),
            present=strict.present,
            needed=strict.minimum.present,
        )
    return found


async def _for_whom(ctx: Context, person: Person, about: Range) -> list[str]:
    """The names of those whose work this person has promised to take over in that time."""
    touching = [ref for other, ref in await absences.of_whom(ctx.tx, *_days(about)) if other != person.id]
    items = [await store.load(ctx.tx, ref) for ref in await _mentioning(ctx, touching, person.id)]
    own = {one.id: one for one in items if one and one.fields.get("handover") == person.id}
    people = {one.request.applicant for one in own.values() if one.request.state in (State.PENDING, State.APPROVED)}
    found: dict[str, None] = {}
    for one in await absences.between(ctx.tx, *_days(about), people=people) if people else ():
        other = await directory.load(ctx.tx, one.person) if one.ref in own and one.about.overlaps(about) else None
        if other is not None:
            found[other.name] = None
    return list(found)


async def _mentioning(ctx: Context, refs: Sequence[str], person: str) -> list[str]:
    """Those of these items in whose fields the person's id stands at all: the few that are worth reading."""
    found: list[str] = []
    for start in range(0, len(refs), _AT_ONCE):
        some = refs[start : start + _AT_ONCE]
        rows = await ctx.tx.fetch(
            f"SELECT id FROM item WHERE id IN ({', '.join('?' * len(some))}) AND fields_json LIKE ?",
            *some, f'%"{person}"%',
        )  # fmt: skip
        found += [row["id"] for row in rows]
    return found


def _days(about: Range) -> tuple[date, date]:
    return about.first.day, about.last.day


async def _staff(ctx: Context, person: Person, *, everybody: bool) -> list[Person]:
    if everybody:
        return await directory.everybody(ctx.tx)
    return await lookup.where(ctx.tx, "department", [person.department])


async def _somebody(ctx: Context, person: Person, name: str, id: str) -> Person:
    found = [one for one in [await directory.load(ctx.tx, id)] if one] if id else await directory.named(ctx.tx, name)
    other = directory.the_one(found, name)
    if other.id == person.id:
        raise errors.BadRequest("not_yourself")
    return other


def _together(person: Person, other: Person) -> bool:
    return bool(person.department) and other.department == person.department


def _away(person: Person, one: OnLeave) -> dict[str, str]:
    first, last = one.about
    return {
        "name": person.name,
        "start": first.day.isoformat(),
        "start_half": first.half.value,
        "end": last.day.isoformat(),
        "end_half": last.half.value,
    }


def _short(one: Shortage) -> dict[str, Any]:
    group = one.minimum.department + "、".join(one.minimum.posts)
    return {"group": group, "day": one.day.isoformat(), "present": one.present, "needed": one.minimum.present}


def _when(ctx: Context, about: Range) -> str:
    first, last = about
    return words.span(first.day, first.half.value, last.day, last.half.value, base=charge.today(ctx))


def _slot(fields: Fields, name: str) -> Slot:
    return Slot(date.fromisoformat(fields[name]), Half(fields[f"{name}_half"]))
