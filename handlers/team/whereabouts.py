"""Who is away between two days: leave from the ledger, trips and courses from approved items; bounded by the days.

What the asker may not see is not in the answer, so no page and no card has to think of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.approval import store
from handlers.context import Context, Office
from handlers.days.slots import Half, Range, Slot
from handlers.leave.law.rules import LeaveRules
from handlers.leave.reports import absences
from handlers.leave.reports.absences import OnLeave
from handlers.people import directory
from handlers.people.directory import Person
from handlers.team.scope import Scope, scope
from handlers.transaction import Transaction

TRIPS: Mapping[str, str] = {"trip": "出差", "training": "培训"}
"""Forms whose approved `period` takes the applicant and the `companions` away, and what that is called."""
AHEAD = timedelta(days=400)
"""No trip is approved longer before its last day than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """One absence as the asker may see it. `kind` is the title, "" where only the absence is theirs to know.

    `item` opens the slip for those who see the kind. `minutes` are those of the whole leave (0 for trips).
    """

    person: Person
    about: Range
    kind: str = ""
    code: str = ""
    waits: bool = False
    item: str = ""
    minutes: int = 0


async def eyes(tx: Transaction, viewer: Person, roles: frozenset[str]) -> Scope:
    return scope(viewer, await directory.everybody(tx), roles=roles)


async def away(ctx: Context, seen: Scope, first: date, last: date) -> list[Away]:
    """Every absence that touches the days, in their order. What waits for a decision is for those who see the kind."""
    leaves = await absences.between(ctx.tx, first, last, people=seen.people.keys())
    trips = await store.approved_since(ctx.tx, TRIPS, since=datetime.combine(first, time(), ctx.now.tzinfo) - AHEAD)
    found = [*_leaves(leaves, seen, ctx.office), *_trips(trips, seen, first, last)]
    return sorted(found, key=lambda one: (one.about.first, one.about.last, one.person.name, one.person.id))


def _leaves(leaves: Iterable[OnLeave], seen: Scope, office: Office) -> Iterable[Away]:
    rules = office.of(LeaveRules)
    for one in leaves:
        person = seen.people[one.person]
        kind = rules.of(person.category).kinds.get(one.kind)
        known = seen.sees_kind(one.person, confidential=kind is not None and kind.confidential)
        if one.waits and not known:
            continue
        yield Away(
            person=person,
            about=one.about,
            kind=(kind.title if kind else one.kind) if known else "",
            code=one.kind if known else "",
            waits=one.waits,
            item=one.ref if known else "",
            minutes=one.minutes if known else 0,
        )


def _trips(items: Iterable[store.Item], seen: Scope, first: date, last: date) -> Iterable[Away]:
    span = Range(Slot(first, Half.AM), Slot(last, Half.PM))
    for item in items:
        about = period(item.fields.get("period"))
        if about is None or not about.overlaps(span):
            continue
        companions = item.fields.get("companions") or ()
        for one in dict.fromkeys((item.request.applicant, *map(str, companions))):
            if seen.sees(one):
                known = seen.sees_kind(one)
                title = TRIPS[item.form] if known else ""
                yield Away(person=seen.people[one], about=about, kind=title, code=item.form if known else "",
                           item=item.id if known else "")  # fmt: skip


def period(value: Any) -> Range | None:
    """A form's date range; None for what is none, which an old form version may have left."""
    try:
        return Range(
            Slot(date.fromisoformat(value["start"]), Half(value.get("start_half") or Half.AM)),
            Slot(date.fromisoformat(value["end"]), Half(value.get("end_half") or Half.PM)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
