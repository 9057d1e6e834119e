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
class AccountKeptApart(PersonFact):
    """An administrator said that this account is not this person: no directory links the two again."""

    KIND: ClassVar[str] = "people.account_kept_apart"

    account: str
    platform_id: str = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleMerged(PersonFact):
    """`person` turned out to be `into`, whom we knew already; the accounts went there."""

    KIND: ClassVar[str] = "people.merged"

    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAsked(PersonFact):
    """Six digits were shown to this person, to be typed on an account of `target` (a platform or an account)."""

    KIND: ClassVar[str] = "people.link_asked"

    account: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRefused(PersonFact):
    """Digits that linked nothing; `person` is who typed them, empty for a stranger.

    `why`: wrong (or over), locked (too many wrong ones), taken (the account is somebody else's), has_one, elsewhere
    (meant for another platform), left.
    """

    KIND: ClassVar[str] = "people.link_refused"

    account: str
    why: str
    platform_id: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRead(Fact):
    """A platform's directory changed our people: how many, in figures; each has facts of their own.

    `confirmed`: an administrator let it pass although it removed many.
    """

    KIND: ClassVar[str] = "people.directory_read"
    SUBJECT: ClassVar[str] = "account"

    account: str
    members: int
    joined: int
    changed: int
    left: int
    linked: int
    unlinked: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDoubted(Fact):
    """A reading that would have removed too many was not carried out; `people` are the ids of those."""

    KIND: ClassVar[str] = "people.directory_doubted"
    SUBJECT: ClassVar[str] = "account"

    account: str
    why: str
    lost: int
    of: int
    people: tuple[str, ...] = field(default=(), metadata=PERSONAL)


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
