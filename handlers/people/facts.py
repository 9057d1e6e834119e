"""What changes among people leave in the journal; the subject of each fact is the person's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFact(Fact):
    SUBJECT: ClassVar[str] = "person"

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonJoined(PersonFact):
    """`record` is the row of the new person: column -> text."""

    KIND: ClassVar[str] = "people.person_joined"

    record: Mapping[str, str] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(PersonFact):
    """`fields` names the columns, `changes` has the text before and after of each."""

    KIND: ClassVar[str] = "people.person_changed"

    fields: tuple[str, ...]
    changes: Mapping[str, tuple[str, str]] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(PersonFact):
    """`by` is who says so: `csv` or the account whose directory has lost them."""

    KIND: ClassVar[str] = "people.person_left"

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReturned(PersonFact):
    """A leaver is active again."""

    KIND: ClassVar[str] = "people.person_returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLinked(PersonFact):
    """From now on, this platform account is this person. Also when only the `union_id` became known."""

    KIND: ClassVar[str] = "people.account_linked"

    account: str
    platform_id: str = field(metadata=PERSONAL)
    union_id: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUnlinked(PersonFact):
    KIND: ClassVar[str] = "people.account_unlinked"

    account: str
    platform_id: str = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(PersonFact):
    KIND: ClassVar[str] = "people.role_granted"

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWithdrawn(PersonFact):
    KIND: ClassVar[str] = "people.role_withdrawn"

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(PersonFact):
    """Somebody opened our pages through this account of the office."""

    KIND: ClassVar[str] = "people.signed_in"

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(PersonFact):
    """Somebody who is not ours wanted in; `person` is empty. `why`: stranger (not in the directory) or outsider."""

    KIND: ClassVar[str] = "people.sign_in_refused"

    account: str
    why: str
    platform_id: str = field(default="", metadata=PERSONAL)
