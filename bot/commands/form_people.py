"""The office's people for rehearsals: from the tables where there are some, else from the staff list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from bot.database import schema
from bot.database.open import open_database
from config.loader import Configuration
from config.problems import guess, listed
from config.staff import StaffRow
from handlers.approval.language import routes
from handlers.approval.language.routes import People
from handlers.people.directory import Person


async def people(configuration: Configuration) -> People:
    url = configuration.settings.database.url.get_secret_value()
    try:
        current = await schema.schema_state(url) == "current"
    except schema.FAILURES:
        current = False
    if current:
        database = open_database(url)
        try:
            found = await database.read(routes.load_people)
        finally:
            await database.close()
        if found.persons:
            return found
    return of_list(configuration.staff, configuration.settings.roles)


def of_list(staff: Sequence[StaffRow], roles: Mapping[str, Sequence[str]]) -> People:
    """A staff list as if it had been imported; its lines are the ids."""
    ids = {row: f"p{row.line}" for row in staff}
    persons = {
        ids[row]: Person(
            id=ids[row],
            name=row.name,
            staff_no=row.staff_no,
            department=row.department,
            post=row.post,
            manager=_manager(row, staff, ids),
            category=row.category,
        )
        for row in staff
    }
    held = {role: tuple(dict.fromkeys(one for word in words for one in _holders(word, staff, ids)))
            for role, words in roles.items()}  # fmt: skip
    return People(persons=persons, roles=held)


def _manager(row: StaffRow, staff: Sequence[StaffRow], ids: Mapping[StaffRow, str]) -> str:
    for meant in (
        [one for one in staff if row.manager and one.staff_no == row.manager],
        [one for one in staff if row.manager and one.name == row.manager],
        [one for one in staff if row.manager and row.manager in dict(one.accounts).values()],
    ):
        if len(meant) == 1:
            return ids[meant[0]]
    return ""


def _holders(word: str, staff: Sequence[StaffRow], ids: Mapping[StaffRow, str]) -> list[str]:
    named = [row for row in staff if word in (row.staff_no, row.name)]
    return [ids[row] for row in named or [row for row in staff if row.post == word]]


def applicant(people: People, name: str) -> str:
    """Raises ClickException when nobody or more than one person is meant."""
    found = people.named(name)
    if found:
        return found[0]
    names = [one.name for one in people.persons.values()]
    if names.count(name) > 1:
        numbers = listed(one.staff_no or "（没有工号）" for one in people.persons.values() if one.name == name)
        raise click.ClickException(f"有 {names.count(name)} 个人叫「{name}」，请改写工号：{numbers}。")
    meant = guess(name, names)
    raise click.ClickException(f"名单里没有「{name}」。" + (f"是不是 {meant}？" if meant else ""))
