"""The roles of `office.yaml` against the people who hold them: exactly those that the file names, nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.people import directory, facts
from handlers.people.directory import Person
from handlers.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfilled:
    """A word of a role that leads to nobody (`people` 0), or to several of one name: then none of them has the role."""

    role: str
    word: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesSet:
    """What changed, as (role, person id), and what could not be filled."""

    granted: tuple[tuple[str, str], ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()
    unfilled: tuple[Unfilled, ...] = ()


async def set_roles(
    tx: Transaction, roles: Mapping[str, tuple[str, ...]], *, now: datetime, origin: Origin
) -> RolesSet:
    """Makes the table say what `roles` says: role -> names, staff numbers or posts, in the order of precedence.

    Everybody in a post holds its role. To be run again after people changed: a post may have passed to somebody else.
    """
    wanted, unfilled = _resolved(roles, await directory.everybody(tx))
    rows = await tx.fetch("SELECT role, person FROM person_role ORDER BY id")
    present = [(row["role"], row["person"]) for row in rows]
    withdrawn = tuple(one for one in present if one not in wanted)
    granted = tuple(one for one in wanted if one not in present)
    for role, person in withdrawn:
        await tx.execute("DELETE FROM person_role WHERE role = ? AND person = ?", role, person)
        await log.record(tx, facts.RoleWithdrawn(person=person, role=role), origin=origin, now=now)
    for role, person in granted:
        await tx.execute("INSERT INTO person_role (role, person) VALUES (?, ?)", role, person)
        await log.record(tx, facts.RoleGranted(person=person, role=role), origin=origin, now=now)
    directory.forget(tx)
    return RolesSet(granted=granted, withdrawn=withdrawn, unfilled=unfilled)


def _resolved(
    roles: Mapping[str, tuple[str, ...]], people: Iterable[Person]
) -> tuple[list[tuple[str, str]], tuple[Unfilled, ...]]:
    """(role, person id) in order, without repeats."""
    everybody = list(people)
    found: dict[tuple[str, str], None] = {}
    unfilled = []
    for role, words in roles.items():
        for word in words:
            holders, clash = _holders(word, everybody)
            found.update(dict.fromkeys((role, person.id) for person in holders))
            if not holders:
                unfilled.append(Unfilled(role=role, word=word, people=clash))
    return list(found), tuple(unfilled)


def _holders(word: str, everybody: Iterable[Person]) -> tuple[list[Person], int]:
    """A staff number is somebody's own, a name may be; a word that is neither is a post."""
    by_number = [person for person in everybody if person.staff_no == word]
    named = by_number or [person for person in everybody if person.name == word]
    if named:
        return (named, 0) if len(named) == 1 else ([], len(named))
    return [person for person in everybody if person.post == word], 0
