"""What leave leaves in the journal: every entry of the ledger, as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMoved(Fact):
    """One entry: `cause` and `minutes` in the open, the whole row (`entries.to_row`) as personal data."""

    KIND: ClassVar[str] = "leave.moved"
    SUBJECT: ClassVar[str] = "person"

    person: str
    number: int
    cause: str
    minutes: int
    ref: str
    row: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementIssued(Fact):
    """A statement of leave was handed out; a printed one is checked against this. Its origin says by whom.

    `on` is the day of its balances, `known_at_ms` and `last` say which entries were in it: recorded by then, numbered
    up to it. `figures` are (kind, lot, minutes of each account) as `statement.Statement.figures`.
    """

    KIND: ClassVar[str] = "leave.statement_issued"
    SUBJECT: ClassVar[str] = "statement"

    statement: str
    person: str
    year: int
    on: str
    known_at_ms: int
    last: int
    digest: str
    figures: tuple[tuple[str, str, tuple[int, ...]], ...] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetExported(Fact):
    """Personnel took a sheet of everybody's leave out of the system. Its origin says who.

    `sheet` names it (leave-2026-05), `people` counts its rows, `sha256` is of the file.
    """

    KIND: ClassVar[str] = "leave.sheet_exported"
    SUBJECT: ClassVar[str] = "sheet"

    sheet: str
    department: str
    people: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRead(Fact):
    """Somebody looked at another person's leave, or personnel and leaders at a department's; once an hour.

    `about` is the person's id, or `team:` and the department ("" for all). `what`: balance, statement, list, calendar.
    """

    KIND: ClassVar[str] = "leave.read"
    SUBJECT: ClassVar[str] = "about"

    about: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLoaded(Fact):
    """The working calendar came into force as its files stand now.

    `calendar` is `calendar:` and the first letters of `digest`, the SHA-256 over all files in their order; `files` are
    (name, SHA-256, source, date of publication); `years` those that a notice is loaded for.
    """

    KIND: ClassVar[str] = "leave.calendar_loaded"
    SUBJECT: ClassVar[str] = "calendar"

    calendar: str
    digest: str
    years: tuple[int, ...]
    files: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountDeclined(Fact):
    """Personnel looked at leaves that a new calendar would count differently, and leave them as they are."""

    KIND: ClassVar[str] = "leave.recount_declined"
    SUBJECT: ClassVar[str] = "calendar"

    calendar: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRecorded(Fact):
    """A list said how much of this year's annual leave was left (`minutes`); the entry corrects by the difference."""

    KIND: ClassVar[str] = "leave.opening_recorded"
    SUBJECT: ClassVar[str] = "person"

    person: str
    year: int
    minutes: int
    approver: str
    reason: str = field(metadata=PERSONAL)
