"""What a changed form would have done with the items of the past: the differences, before it is published.

Both versions are resolved over the same people, those of today, so that every difference comes from the form. Pure but
for `past`, which reads the items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers import errors
from handlers.approval import engine, store, submitting
from handlers.approval.language import expressions, fill, quota
from handlers.approval.language.expressions import About
from handlers.approval.language.fill import FieldProblem, Known
from handlers.approval.language.form_model import Form
from handlers.approval.language.functions import Work
from handlers.approval.language.routes import People, Station
from handlers.people import directory
from handlers.transaction import Transaction, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An item that once was submitted: what was filled in, by whom, on which day."""

    number: int
    applicant: str
    on: date
    values: Mapping[str, Any]
    version: str = ""
    used: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a form makes of an item: the stations that are taken, or why it is not accepted."""

    stations: tuple[Station, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    refused: str = ""  # the code of the refusal
    blocked: str = ""  # the step that leads to nobody

    @property
    def way(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """What two outcomes are compared by: step, title and people, in order."""
        return tuple((one.step, one.title, tuple(sorted(one.people))) for one in self.stations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    item: Past
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`gone` counts items whose applicant has left: nobody's manager can be asked for now."""

    looked_at: int
    gone: int = 0
    differences: tuple[Difference, ...] = field(default=())


def replay(
    items: Sequence[Past], olds: Mapping[str, Form], new: Form, people: People, *, work: Work | None = None
) -> Report:
    """`olds` are the forms that the items began with, by version; `work` when the office works."""
    here = [item for item in items if item.applicant in people.persons and item.version in olds]
    found = []
    for item in here:
        before, after = (outcome(form, item, people, work=work) for form in (olds[item.version], new))
        if (before.way, before.refused, before.blocked) != (after.way, after.refused, after.blocked) or (
            after.problems and after.problems != before.problems
        ):
            found.append(Difference(item=item, before=before, after=after))
    return Report(looked_at=len(here), gone=len(items) - len(here), differences=tuple(found))


def outcome(form: Form, item: Past, people: People, *, work: Work | None = None) -> Outcome:
    """What happens when somebody submits these values in this form."""
    about = About(today=item.on, applicant=people.applicant(item.applicant), work=work, used=item.used)
    values = fill.complete(form, item.values, about)
    try:
        route = submitting.route(form, values, item.applicant, people, about=about)
    except errors.BadRequest as refused:
        return Outcome(refused=refused.code)
    taken = tuple(one for one in route.stations if one.index is not None)
    problems = fill.problems(form, values, about, known=Known(people=None))
    return Outcome(stations=taken, problems=tuple(problems), blocked=route.blocked)


async def past(
    tx: Transaction, code: str, *, since: datetime, zone: ZoneInfo, new: Form | None = None
) -> list[Past]:
    """Everything of this form that was submitted since then, oldest first.

    What a submission saw of other items is in its fact; what only `new` asks for is counted again, up to that moment.
    """
    rows = await tx.fetch(
        "SELECT id FROM item WHERE form = ? AND number > 0 AND created_ms >= ? ORDER BY created_ms, id",
        code,
        to_ms(since),
    )
    found = []
    for row in rows:
        item = await store.load(tx, row["id"])
        if item is not None:
            at = next((one.at for one in reversed(item.request.decisions) if one.verb in _SUBMITS), item.created)
            found.append(_past(item, at.astimezone(zone).date(), await _used(tx, item, at, zone, new)))
    return found


_SUBMITS = (engine.Verb.SUBMIT, engine.Verb.RESUBMIT)


async def _used(
    tx: Transaction, item: store.Item, at: datetime, zone: ZoneInfo, new: Form | None
) -> Mapping[str, Any]:
    seen = await quota.recorded(tx, item.id)
    person = await directory.load(tx, item.request.applicant)
    if new is None or person is None or not expressions.used_names(new):
        return seen
    counted = await quota.used(tx, new, person, at=at, zone=zone, item=item.id, past=True)
    return {**counted, **seen}


def _past(item: store.Item, on: date, used: Mapping[str, Any]) -> Past:
    return Past(
        number=item.number,
        applicant=item.request.applicant,
        on=on,
        values=item.fields,
        version=item.form_version,
        used=used,
    )
