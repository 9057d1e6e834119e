"""Who is who: the office's own directory, asked inside a transaction.

Platform accounts lead to a person here, and a person to a platform account; nothing else in the program knows both.

One tap asks for the same few people dozens of times: `by_ref`, `load`, `calendar_wish`, `accounts`, `roles_of`,
`roles` and `in_role` answer from `tx.people` when they were asked before. Whoever writes people, accounts, roles or
wishes calls `forget`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

from cards import addressing
from connectors.refs import PersonRef
from handlers.errors import BadRequest
from handlers.transaction import Row, Transaction

_COLUMNS = (
    "id, name, staff_no, department, post, manager, first_work_date, sex, mobile, category, joined_unit,"
    " continuous_since, leaving_date, service_gaps, holiday_groups, prefer, active"
)

_NAMES = tuple(_COLUMNS.split(", "))
_values = itemgetter(*_NAMES)
_WHOLE = (
    f"SELECT {', '.join(f'p.{name}' for name in _NAMES)}, a.account, a.platform_id, s.level AS calendar FROM person p"
    " LEFT JOIN person_account a ON a.person = p.id"
    " LEFT JOIN agenda_share s ON s.owner = p.id AND s.reader = 'platform'"
    " WHERE p.id = ? ORDER BY a.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`manager` is a person id or empty; `first_work_date` as the file has it (YYYY-MM-DD or YYYY-MM).

    `prefer` is an account's name; `category` leads to the leave policy that names it, empty to the office's default.
    `joined_unit` and `continuous_since` (YYYY-MM-DD, empty: unknown) matter for contract staff. `service_gaps` are the
    spans that do not count as service, as `a..b` with spaces between; `holiday_groups` the groups whose days off a
    person has, as the calendars name them. Neither says more of a person than the reckoning needs.
    """

    id: str
    name: str
    staff_no: str = ""
    department: str = ""
    post: str = ""
    manager: str = ""
    first_work_date: str = ""
    sex: str = ""
    mobile: str = ""
    category: str = ""
    joined_unit: str = ""
    continuous_since: str = ""
    leaving_date: str = ""
    service_gaps: str = ""
    holiday_groups: str = ""
    prefer: str = ""
    active: bool = True


async def by_ref(tx: Transaction, ref: PersonRef) -> Person | None:
    """The active person behind a platform account, or None for strangers and leavers."""
    key = ("ref", ref.account, ref.id)
    if key not in tx.people:
        # With the roles, as whoever does something is asked next what they may do.
        rows = await tx.fetch(
            f"SELECT {_prefixed('p')}, r.role FROM person p JOIN person_account a ON a.person = p.id"
            " LEFT JOIN person_role r ON r.person = p.id"
            " WHERE a.account = ? AND a.platform_id = ? AND p.active = 1",
            ref.account,
            ref.id,
        )
        person = tx.people[key] = from_row(rows[0]) if rows else None
        if person is not None:
            tx.people["person", person.id] = person
            tx.people["roles", person.id] = frozenset(row["role"] for row in rows if row["role"] is not None)
    found: Person | None = tx.people[key]
    return found


async def load(tx: Transaction, person: str) -> Person | None:
    if not person:
        return None
    key = ("person", person)
    if key not in tx.people:
        await _meet(tx, person)
    found: Person | None = tx.people[key]
    return found


async def calendar_wish(tx: Transaction, person: str) -> str:
    """At which level they share their entries with the platform's own calendar; empty: nothing was said."""
    key = ("calendar", person)
    if key not in tx.people:
        await _meet(tx, person)
    return cast("str", tx.people[key])


async def _meet(tx: Transaction, person: str) -> None:
    """Who is asked for is mostly written to next, or entered in a calendar: one statement answers all of that."""
    rows = await tx.fetch(_WHOLE, person)
    tx.people["person", person] = from_row(rows[0]) if rows else None
    tx.people["calendar", person] = (rows[0]["calendar"] if rows else "") or ""
    tx.people["accounts", person] = _refs(rows)


async def everybody(tx: Transaction) -> list[Person]:
    """All active people, by name."""
    return [
        from_row(row) for row in await tx.fetch(f"SELECT {_COLUMNS} FROM person WHERE active = 1 ORDER BY name, id")
    ]


async def following(tx: Transaction, after: str, *, limit: int) -> list[Person]:
    """The next active people by id: for whoever goes through all of them, a few at a time."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM person WHERE active = 1 AND id > ? ORDER BY id LIMIT ?", after, limit
    )
    return [from_row(row) for row in rows]


async def leavers(tx: Transaction) -> list[Person]:
    """Everybody who is not active any more, by name; who was made one with somebody else is that person."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM person WHERE active = 0 AND left_by <> 'merged' ORDER BY name, id"
    )
    return [from_row(row) for row in rows]


async def named(tx: Transaction, name: str) -> list[Person]:
    """Active people with exactly this name or staff number; without any, those who are called that: `李主任`."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM person WHERE active = 1 AND (name = ? OR (staff_no = ? AND staff_no <> ''))",
        name,
        name,
    )
    return [from_row(row) for row in rows] or await _called(tx, name)


async def _called(tx: Transaction, word: str) -> list[Person]:
    """Whose post, or whose surname with the title of the post, that is."""
    if not addressing.may_be(word):
        return []
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM person WHERE active = 1 AND post <> '' AND (post = ? OR name LIKE ?)"
        " ORDER BY name, id",
        word, f"{word[0]}%",
    )  # fmt: skip
    found = [from_row(row) for row in rows]
    return [one for one in found if one.post == word or word in addressing.addresses(one.name, one.post)]


async def with_leader(tx: Transaction, person: Person, text: str) -> str:
    """`领导今天在吗` with the name of the asker's direct leader; the text as it is where there is none."""
    if not addressing.asks_leader(text):
        return text
    above = await managers(tx, person)
    return addressing.leader_named(text, above[0].name) if above else text


async def left(tx: Transaction, name: str) -> list[Person]:
    """As `named`, of those who are not active any more: for who looks back."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM person WHERE active = 0 AND left_by <> 'merged'"
        " AND (name = ? OR (staff_no = ? AND staff_no <> ''))",
        name, name,
    )  # fmt: skip
    return [from_row(row) for row in rows]


def the_one(found: Sequence[Person], name: str, **about: object) -> Person:
    """Whom `name` meant. Raises BadRequest: who_unknown, who_ambiguous; `about` goes with it."""
    if len(found) == 1:
        return found[0]
    which = "、".join(f"{one.name}（{one.department} {one.staff_no}）" for one in found)
    raise BadRequest("who_ambiguous" if found else "who_unknown", name=name, which=which, **about)


async def in_role(tx: Transaction, role: str) -> list[Person]:
    """Active holders of a role, in a stable order."""
    key = ("role", role)
    if key not in tx.people:
        # With the accounts, as they are mostly written to next.
        rows = await tx.fetch(
            f"SELECT {_prefixed('p')}, a.account, a.platform_id FROM person p JOIN person_role r ON r.person = p.id"
            " LEFT JOIN person_account a ON a.person = p.id WHERE r.role = ? AND p.active = 1 ORDER BY r.id, a.id",
            role,
        )
        holders = {row["id"]: from_row(row) for row in rows}
        for person, holder in holders.items():
            tx.people["person", person] = holder
            tx.people["accounts", person] = _refs(row for row in rows if row["id"] == person)
        tx.people[key] = tuple(holders.values())
    return list(tx.people[key])


async def roles_of(tx: Transaction, person: str) -> frozenset[str]:
    key = ("roles", person)
    if key not in tx.people:
        rows = await tx.fetch("SELECT role FROM person_role WHERE person = ?", person)
        tx.people[key] = frozenset(row["role"] for row in rows)
    return cast("frozenset[str]", tx.people[key])


async def roles(tx: Transaction) -> Mapping[str, tuple[str, ...]]:
    """Every role with the ids of those who hold it, in a stable order."""
    if "roles" not in tx.people:
        found: dict[str, tuple[str, ...]] = {}
        for row in await tx.fetch("SELECT role, person FROM person_role ORDER BY id"):
            found[row["role"]] = (*found.get(row["role"], ()), row["person"])
        tx.people["roles"] = found
    return cast("Mapping[str, tuple[str, ...]]", tx.people["roles"])


async def accounts(tx: Transaction, person: Person) -> list[PersonRef]:
    """Every account of a person, the preferred one first."""
    key = ("accounts", person.id)
    if key not in tx.people:
        tx.people[key] = _refs(
            await tx.fetch("SELECT account, platform_id FROM person_account WHERE person = ? ORDER BY id", person.id)
        )
    return sorted(tx.people[key], key=lambda ref: ref.account != person.prefer)


async def reach(tx: Transaction, person: Person) -> PersonRef | None:
    """Where a message for this person goes, or None for somebody without any account."""
    found = await accounts(tx, person)
    return found[0] if found else None


async def managers(tx: Transaction, person: Person) -> Sequence[Person]:
    """The line upwards from the direct manager, active people only; ends at a gap or a circle."""
    line: list[Person] = []
    seen = {person.id}
    above = person.manager
    while above and above not in seen:
        seen.add(above)
        boss = await load(tx, above)
        if boss is None:
            break
        if boss.active:
            line.append(boss)
        above = boss.manager
    return line


def forget(tx: Transaction) -> None:
    """People, accounts, roles or wishes were written in this unit: what is asked from here on is read anew."""
    tx.memo.clear()
    tx.people.clear()


def _refs(rows: Iterable[Row]) -> tuple[PersonRef, ...]:
    return tuple(PersonRef(row["account"], row["platform_id"]) for row in rows if row["account"] is not None)


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in _NAMES)


def from_row(row: Row) -> Person:
    values = dict(zip(_NAMES, _values(row), strict=True))
    values["active"] = bool(values["active"])
    return Person(**values)
