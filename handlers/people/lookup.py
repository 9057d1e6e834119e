"""Some people out of many: what a form's route, a picker or a name needs, without reading the whole staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from handlers.people.directory import Person, from_row
from handlers.transaction import Row, Transaction

_AT_ONCE = 400
"""Values of one statement; the rest goes into the next."""


async def upwards(tx: Transaction, people: Sequence[str]) -> list[Person]:
    """These people and everybody above them, as far as the line of managers goes; active ones only."""
    known = _remembered(tx, people)
    if known is not None:
        return known
    found: dict[str, Person] = {}
    for some in _parts(people):
        rows = await tx.fetch(
            "WITH RECURSIVE line(id) AS (SELECT p.id FROM person p WHERE p.active = 1 AND p.id IN"
            f" ({_places(some)}) UNION SELECT p.manager FROM person p JOIN line ON line.id = p.id"
            " WHERE p.manager <> '') SELECT p.* FROM person p JOIN line ON line.id = p.id WHERE p.active = 1",
            *some,
        )
        found |= {row["id"]: from_row(row) for row in rows}
    for one in found.values():
        tx.people["person", one.id] = one
    return list(found.values())


def _remembered(tx: Transaction, people: Sequence[str]) -> list[Person] | None:
    """The same without a statement; None where somebody on the way was never asked for."""
    line: dict[str, Person | None] = {}
    for begin in people:
        above = begin
        while above and above not in line:
            if ("person", above) not in tx.people:
                return None
            person: Person | None = tx.people["person", above]
            if person is None or (above == begin and not person.active):
                break
            line[above] = person
            above = person.manager
    return [one for one in line.values() if one is not None and one.active]


async def where(
    tx: Transaction, column: Literal["department", "post", "name", "staff_no"], values: Iterable[str]
) -> list[Person]:
    """Active people who have one of these values there, by name; nobody for an empty value."""
    wanted = tuple(one for one in dict.fromkeys(values) if one)
    if not wanted:
        return []
    key = (column, wanted)
    if key not in tx.people:
        rows: list[Row] = []
        for some in _parts(wanted):
            rows += await tx.fetch(
                f"SELECT * FROM person WHERE active = 1 AND {column} IN ({_places(some)}) ORDER BY name, id", *some
            )
        tx.people[key] = tuple(from_row(row) for row in rows)
    return list(tx.people[key])


async def existing(tx: Transaction, people: Sequence[str]) -> frozenset[str]:
    """Those of these ids that are active people."""
    found: set[str] = set()
    for some in _parts(people):
        rows = await tx.fetch(f"SELECT id FROM person WHERE active = 1 AND id IN ({_places(some)})", *some)
        found |= {row["id"] for row in rows}
    return frozenset(found)


async def departments(tx: Transaction) -> list[str]:
    """Every department that somebody is in, by name."""
    rows = await tx.fetch(
        "SELECT DISTINCT department FROM person WHERE active = 1 AND department <> '' ORDER BY department"
    )
    return [row["department"] for row in rows]


async def search(tx: Transaction, query: str, *, near: str = "", limit: int) -> list[Person]:
    """Whom somebody may mean by these words: each is part of a name, department or post, or is a staff number.

    Names that begin with the first word come first, then people of the department `near`. No words: everybody.
    """
    words = query.split()[:5]
    clauses = "".join(
        " AND (name LIKE ? ESCAPE '!' OR department LIKE ? ESCAPE '!' OR post LIKE ? ESCAPE '!' OR staff_no = ?)"
        for _ in words
    )
    values = [value for word in words for value in (*[f"%{_plain(word)}%"] * 3, word)]
    first = f"{_plain(words[0])}%" if words else "%"
    rows = await tx.fetch(
        f"SELECT * FROM person WHERE active = 1{clauses}"
        " ORDER BY CASE WHEN name LIKE ? ESCAPE '!' THEN 0 ELSE 1 END, CASE WHEN department = ? THEN 0 ELSE 1 END,"
        " name, id LIMIT ?",
        *values, first, near, limit,
    )  # fmt: skip
    return [from_row(row) for row in rows]


def _plain(word: str) -> str:
    """For LIKE: nothing that somebody types stands for anything else."""
    return "".join(f"!{one}" if one in "!%_" else one for one in word)


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
