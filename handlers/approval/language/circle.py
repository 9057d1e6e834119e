"""The people whom one form's route can reach from one applicant: what is loaded of an office instead of all of it.

`routes.resolve` gives the same answer for these as for everybody: the line of managers above whoever is named, the
members of the departments whose head is asked, and the holders of the roles, posts and names that the form mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from handlers.approval.language.form_model import APPLICANT, Escape, Form, Type, Who
from handlers.approval.language.routes import People
from handlers.people import directory, lookup
from handlers.people.directory import Person
from handlers.transaction import Transaction


async def around(tx: Transaction, form: Form, values: Mapping[str, Any], applicant: str) -> People:
    """For `routes.resolve` with this form, these values and this applicant."""
    roles = await directory.roles(tx)
    named = _named(form)
    ids = {applicant, *_chosen(form, values)}
    ids |= {one for role in _roles_of(form) for one in roles.get(role, ())}
    found = {one.id: one for one in await lookup.upwards(tx, sorted(ids))}
    departments = _departments(form, values, applicant, found)
    for one in (
        *await lookup.where(tx, "department", departments),
        *await lookup.where(tx, "post", [who.post for who in _whos(form) if who.post]),
        *await lookup.where(tx, "name", named),
        *await lookup.where(tx, "staff_no", named),
    ):
        found.setdefault(one.id, one)
    return People(persons=_as_everybody(found), roles=roles)


async def alone(tx: Transaction, person: str) -> People:
    """One person with their roles: enough for what conditions ask of an applicant."""
    one = await directory.load(tx, person)
    return People(persons={one.id: one} if one and one.active else {}, roles=await directory.roles(tx))


def chosen(form: Form, values: Mapping[str, Any]) -> list[str]:
    """The ids in the form's person fields, also in those of tables."""
    return list(dict.fromkeys(_chosen(form, values)))


def _as_everybody(found: Mapping[str, Person]) -> dict[str, Person]:
    """In the order of `directory.everybody`: who holds a post is asked in that order."""
    return {one.id: one for one in sorted(found.values(), key=lambda one: (one.name, one.id)) if one.active}


def _whos(form: Form) -> Iterator[Who]:
    for step in form.steps():
        yield step.who
        if step.deadline and step.deadline.to:
            yield step.deadline.to


def _roles_of(form: Form) -> set[str]:
    found = {role for who in _whos(form) for role in (who.role, who.among) if role} | set(form.cc)
    for step in form.steps():
        found |= set(step.cc)
        for escape in (step.if_empty, step.if_applicant):
            found |= set(escape.role) if isinstance(escape, Escape) else set()
    return found


def _named(form: Form) -> list[str]:
    return [who.person for who in _whos(form) if who.person]


def _chosen(form: Form, values: Mapping[str, Any]) -> Iterator[str]:
    for code, one in form.fields.items():
        value = values.get(code)
        if one.type is Type.PERSON:
            yield from _texts(value)
        if one.type is Type.TABLE and isinstance(value, Sequence):
            names = [name for name, column in one.columns.items() if column.type is Type.PERSON]
            rows = [row for row in value if isinstance(row, Mapping)]
            yield from (person for row in rows for name in names for person in _texts(row.get(name)))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _departments(form: Form, values: Mapping[str, Any], applicant: str, found: Mapping[str, Person]) -> list[str]:
    words = dict.fromkeys(who.department_head for who in _whos(form) if who.department_head)
    return [one for word in words for one in _department(form, values, word, applicant, found) if one]


def _department(
    form: Form, values: Mapping[str, Any], word: str, applicant: str, found: Mapping[str, Person]
) -> list[str]:
    """As `routes` reads the word; of a person, the department they belong to."""
    field = form.fields.get(word)
    if word == APPLICANT:
        return [found[applicant].department] if applicant in found else []
    if field is None:
        return [word]
    if field.type is Type.PERSON:
        return [found[one].department for one in _texts(values.get(word)) if one in found]
    value = values.get(word)
    return [value] if isinstance(value, str) else []
