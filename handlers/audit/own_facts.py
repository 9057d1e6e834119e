"""What the journal says about itself: its keys, what was taken out of it, what was erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from handlers.audit.facts import PERSONAL, Fact

KEYS: Final = "audit:keys"
LOG: Final = "audit:log"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIntroduced(Fact):
    """Heads are signed with this key from now on; `before` is the one it follows, "" for the first."""

    KIND: ClassVar[str] = "audit.key_introduced"
    SUBJECT: ClassVar[str] = "about"

    key: str
    before: str = ""
    about: str = KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleExported(Fact):
    """Records were taken out of the system: `sha256` of the bundle's manifest, `facts` how many, `what` in words of the
    command (`2026-04-01..2026-04-30`, `item 17`), `redacted` the names of fields that were left out."""

    KIND: ClassVar[str] = "audit.bundle_exported"
    SUBJECT: ClassVar[str] = "bundle"

    bundle: str
    what: str
    facts: int
    sha256: str
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalErased(Fact):
    """Personal values of earlier facts (`journals`, their numbers) were erased for good; their salted hashes stay.

    `why` is request (then `by` wanted it and `second` agreed, two people) or retention (their time was over).
    """

    KIND: ClassVar[str] = "audit.personal_erased"
    VERSION: ClassVar[int] = 2
    SUBJECT: ClassVar[str] = "about"

    about: str
    fields: tuple[str, ...]
    journals: tuple[int, ...]
    values: int
    why: str = "request"
    by: str = ""
    second: str = ""
    reason: str = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQueried(Fact):
    """Somebody searched the journal itself: `what` are the conditions, `rows` how many they saw."""

    KIND: ClassVar[str] = "audit.log_queried"
    SUBJECT: ClassVar[str] = "about"

    about: str = LOG
    rows: int
    what: Mapping[str, str] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExported(Fact):
    """What a search found was taken out as a sheet; `sha256` is of the file."""

    KIND: ClassVar[str] = "audit.log_exported"
    SUBJECT: ClassVar[str] = "about"

    about: str = LOG
    rows: int
    sha256: str
    what: Mapping[str, str] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRead(Fact):
    """Whoever runs this server read others' data with a command: `command` as typed, `about` a person's id or what."""

    KIND: ClassVar[str] = "audit.command_read"
    SUBJECT: ClassVar[str] = "about"

    about: str
    command: str
    rows: int = 1
