"""Who decides: routes computed from the office's own directory when an item is submitted.

Until forms carry routes of their own (as data), every form goes to the applicant's manager; where there is none, to the
office director, then to an administrator, and never to the applicant.
"""

from __future__ import annotations

from collections.abc import Sequence

from handlers.approval import engine
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Transaction

_FALLBACK = ("office_director", "admin")


async def route(tx: Transaction, applicant: Person) -> tuple[engine.Step, ...]:
    """The steps for an item of this applicant; empty when the office has nobody else."""
    for name, people in await _candidates(tx, applicant):
        others = tuple(person.id for person in people if person.id != applicant.id)
        if others:
            return (engine.Step(name=name, approvers=others, rule=engine.Rule.ANY),)
    return ()


async def _candidates(tx: Transaction, applicant: Person) -> Sequence[tuple[str, Sequence[Person]]]:
    managers = await directory.managers(tx, applicant)
    return [("manager", managers[:1]), *[(role, await directory.in_role(tx, role)) for role in _FALLBACK]]
