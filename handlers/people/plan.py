"""What is to change among people, as a value: made by `staff` or `sync`, shown to an administrator, then applied.

Pure. A plan with `refusals` is for reading only: nothing of it is applied.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.refs import PersonRef
from handlers.people.directory import Person

FIELDS = (
    "name", "staff_no", "department", "post", "manager", "first_work_date", "sex", "mobile", "category",
    "joined_unit", "continuous_since", "leaving_date", "service_gaps", "holiday_groups", "prefer",
)  # fmt: skip

MERGED = "merged"
"""`left_by` of somebody who turned out to be another person whom we knew already."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person with all that the tables hold. `accounts` maps each account to its union id (empty if unknown).

    `sources` maps a field to the platform account that filled it; fields of the office's own list are not in it.
    `left_by` is `csv`, `merged` or a platform account, empty for active people. `apart` are accounts of which an
    administrator said that they are not this person's, whatever a directory suggests.
    """

    person: Person
    accounts: Mapping[PersonRef, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    left_by: str = ""
    apart: frozenset[PersonRef] = frozenset()

    @property
    def id(self) -> str:
        return self.person.id

    def on(self, account: str) -> list[PersonRef]:
        """The person's ids on one of the office's accounts."""
        return [ref for ref in self.accounts if ref.account == account]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field; a manager stands as a person id."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    before: Known
    after: Known

    @property
    def returned(self) -> bool:
        return self.after.person.active and not self.before.person.active

    @property
    def differences(self) -> list[Difference]:
        pairs = [(name, getattr(self.before.person, name), getattr(self.after.person, name)) for name in FIELDS]
        return [Difference(name, before, after) for name, before, after in pairs if before != after]

    @property
    def nothing(self) -> bool:
        return not self.returned and not self.differences and dict(self.before.sources) == dict(self.after.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An account that becomes a person's, or stops being it. `known`: it was theirs, only its union id is new."""

    person: str
    ref: PersonRef
    union_id: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something for a human to look at; `code` is worded by the command. `line` is the row of the file, or 0."""

    code: str
    name: str = ""
    line: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`absent` are active people whom the list does not have and who stay; `names` words every person id in the plan.

    `apart` are accounts that are certainly not this person's from now on.

    `doubts` were left alone or done with a question; `refusals` stop everything.
    """

    joined: tuple[Known, ...] = ()
    changed: tuple[Change, ...] = ()
    linked: tuple[Link, ...] = ()
    unlinked: tuple[Link, ...] = ()
    left: tuple[Person, ...] = ()
    left_by: str = ""
    apart: tuple[Link, ...] = ()
    absent: tuple[Person, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    refusals: tuple[Doubt, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether applying it would change nothing."""
        return not (self.joined or self.changed or self.linked or self.unlinked or self.left or self.apart)


def new_id() -> str:
    """`p` and fourteen characters a person can read out: 69 bits."""
    return "p" + "".join(secrets.choice(_ALPHABET) for _ in range(14))


def circle(start: str, managers: Mapping[str, str]) -> list[str]:
    """The person ids of the circle that begins and ends at `start` when one goes up, or nothing."""
    path = [start]
    while (above := managers.get(path[-1], "")) and above not in path:
        path.append(above)
    return path if above == start else []


def names_of(people: Iterable[Known]) -> dict[str, str]:
    return {known.id: known.person.name for known in people}
