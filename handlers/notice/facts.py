"""What notices leave in the journal. What somebody wrote in a receipt is theirs: personal.

`row` is the notice as it is from then on, as its table has it (`store.to_row`): with the facts of answers, everything
that people see of a notice can be built from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePublished(Fact):
    """`people` are person ids in order, `units` the department of each; `text` is the SHA-256 of title and body."""

    KIND: ClassVar[str] = "notice.published"
    VERSION: ClassVar[int] = 2

    item: str
    version: int
    want: str
    per: str
    grade: str
    people: tuple[str, ...]
    text: str
    reply_by_ms: int
    until_ms: int
    units: tuple[str, ...] = ()
    row: Mapping[str, Any] = field(default_factory=dict, metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeScheduled(Fact):
    """It is approved and goes out at `at_ms`."""

    KIND: ClassVar[str] = "notice.scheduled"
    VERSION: ClassVar[int] = 2

    item: str
    at_ms: int
    row: Mapping[str, Any] = field(default_factory=dict, metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCorrected(Fact):
    """`again` whether everybody is asked once more."""

    KIND: ClassVar[str] = "notice.corrected"
    VERSION: ClassVar[int] = 2

    item: str
    version: int
    again: bool
    text: str
    by_item: str
    row: Mapping[str, Any] = field(default_factory=dict, metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRecalled(Fact):
    KIND: ClassVar[str] = "notice.recalled"

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeClosed(Fact):
    KIND: ClassVar[str] = "notice.closed"

    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSeen(Fact):
    """Opened for the first time."""

    KIND: ClassVar[str] = "notice.seen"

    item: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAnswered(Fact):
    """`by` is who answered: the recipient, or whoever may write for the unit."""

    KIND: ClassVar[str] = "notice.answered"

    item: str
    person: str
    by: str
    version: int
    reply: str
    late: bool
    detail: Mapping[str, str] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterExported(Fact):
    """The sender took the list of answers out of the system; `sha256` is of the file."""

    KIND: ClassVar[str] = "notice.roster_exported"

    item: str
    people: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent(Fact):
    """A reminder that comes again, or one before a date; `missed` earlier moments of a pause fell into it."""

    KIND: ClassVar[str] = "notice.reminder_sent"
    SUBJECT: ClassVar[str] = "reminder"

    reminder: str
    planned_ms: int
    late: bool
    missed: int
    receivers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSetUp(Fact):
    """`said` is the rule as it was understood, `wrote` the whole sentence, read again each time from `first_day` on."""

    KIND: ClassVar[str] = "notice.reminder_set_up"
    VERSION: ClassVar[int] = 2
    SUBJECT: ClassVar[str] = "reminder"

    reminder: str
    owner: str
    said: str
    group: str
    first_day: str = ""
    text: str = field(metadata=PERSONAL)
    wrote: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderStopped(Fact):
    KIND: ClassVar[str] = "notice.reminder_stopped"
    SUBJECT: ClassVar[str] = "reminder"

    reminder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReminded(Fact):
    """One message about these silent notices. `asked` is the rung that the ladder wanted, `rung` what a quota left;
    `day` is the office's."""

    KIND: ClassVar[str] = "notice.reminded"
    VERSION: ClassVar[int] = 2
    SUBJECT: ClassVar[str] = "person"

    person: str
    items: tuple[str, ...]
    rung: str
    asked: str
    day: str = ""
