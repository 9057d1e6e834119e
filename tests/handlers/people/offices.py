"""Short ways to say who is in an office, and what became of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.refs import PersonRef
from handlers.audit.facts import Origin
from handlers.people import changes
from handlers.people.matching import Wanted
from handlers.people.plan import Known, Plan
from handlers.transaction import Database, Transaction

ORIGIN = Origin(door="test")


def row(name: str, *accounts: str, **fields: object) -> Wanted:
    """`accounts` as `wecom:lisi`."""
    return Wanted(name=name, accounts=tuple(PersonRef(*one.split(":")) for one in accounts), **fields)


def applied(present: Sequence[Known], plan: Plan) -> list[Known]:
    """What the tables would hold after the plan: a model of `changes.apply`, without a database."""
    people = {known.id: known for known in present}
    people |= {known.id: known for known in plan.joined}
    people |= {change.after.id: change.after for change in plan.changed}
    accounts = {ref: (known.id, union) for known in present for ref, union in known.accounts.items()}
    for link in plan.unlinked:
        assert accounts.pop(link.ref)[0] == link.person
    for link in plan.linked:
        assert accounts.get(link.ref, (link.person,))[0] == link.person
        accounts[link.ref] = (link.person, link.union_id)
    left = {person.id for person in plan.left}
    return [_stored(known, accounts, left=plan.left_by if known.id in left else "") for known in people.values()]


def _stored(known: Known, accounts: dict[PersonRef, tuple[str, str]], *, left: str) -> Known:
    theirs = {ref: union for ref, (person, union) in accounts.items() if person == known.id}
    if left:
        return replace(known, accounts=theirs, person=replace(known.person, active=False), left_by=left)
    return replace(known, accounts=theirs)


def counter() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"p{next(numbers)}"


async def facts_of(database: Database) -> list[str]:
    """The kinds in the journal, in order."""

    async def unit(tx: Transaction) -> list[str]:
        return [found["kind"] for found in await tx.fetch("SELECT kind FROM journal ORDER BY id")]

    return await database.read(unit)


async def people_of(database: Database) -> dict[str, Known]:
    """Everybody by name."""
    return {known.person.name: known for known in await database.read(changes.present)}
