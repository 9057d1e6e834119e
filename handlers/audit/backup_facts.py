"""What the journal says about its copies: backups made and tried, the office restored from one, moved to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from handlers.audit.facts import Fact

ABOUT: Final = "backup"
"""The subject of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Fact):
    """Written, read back and compared; `size` facts under `root` (hex) are in it, `lost` attachments were not there."""

    KIND: ClassVar[str] = "backup.made"
    SUBJECT: ClassVar[str] = "about"

    file: str
    size: int
    root: str
    bytes: int
    keys: bool
    lost: int = 0
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFailed(Fact):
    """`why` is a code of `cards.operation.trouble`; `drill` says that a backup that is there could not be restored."""

    KIND: ClassVar[str] = "backup.failed"
    SUBJECT: ClassVar[str] = "about"

    why: str
    file: str = ""
    drill: bool = False
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTried(Fact):
    """The drill: the backup was restored into a temporary place and everything in it was as it had been."""

    KIND: ClassVar[str] = "backup.drilled"
    SUBJECT: ClassVar[str] = "about"

    file: str
    made: str
    size: int
    root: str
    seconds: int
    attachments: int
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRestored(Fact):
    """The office goes on from a backup: what was recorded between `made` and this fact is not here."""

    KIND: ClassVar[str] = "backup.restored"
    SUBJECT: ClassVar[str] = "about"

    file: str
    made: str
    size: int
    root: str
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeMoved(Fact):
    """The same office on another database; nothing is missing."""

    KIND: ClassVar[str] = "backup.moved"
    SUBJECT: ClassVar[str] = "about"

    source: str
    target: str
    size: int
    root: str
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLeft(Fact):
    """Kept by the database that was left, and by no other: the office goes on at `target` (without its password)."""

    KIND: ClassVar[str] = "backup.left"
    SUBJECT: ClassVar[str] = "about"

    target: str
    size: int
    root: str
    about: str = ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTakenBack(Fact):
    """Somebody decided that the office goes on here, and not where it had gone to."""

    KIND: ClassVar[str] = "backup.taken_back"
    SUBJECT: ClassVar[str] = "about"

    target: str
    about: str = ABOUT
