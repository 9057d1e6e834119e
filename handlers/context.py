"""What a handler may use, passed in by name. A handler awaits nothing but `tx` (see `handlers.transaction`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.refs import ChatRef
from handlers.audit.facts import Origin
from handlers.days import workdays
from handlers.days.workdays import WorkCalendar, WorkHours
from handlers.transaction import Transaction

T = TypeVar("T")


def _no_calendar() -> WorkCalendar:
    none: frozenset[date] = frozenset()
    return WorkCalendar(years=frozenset(), statutory=none, days_off=none, makeup_workdays=none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """When somebody who has not decided is reminded, in working hours, and how often at the most."""

    after_hours: int = 4
    every_hours: int = 8
    at_most: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """For how many seconds a decision can be undone; 0: it counts at once. `batch_seconds`: of many with one tap."""

    seconds: int = 0
    batch_seconds: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The office's own settings as values, the same for every event until a reload."""

    name: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    card_key: bytes = field(default=b"", repr=False)
    public_url: str = ""
    accounts: tuple[str, ...] = ()  # in the order in which a person with several is written to
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # role -> names of people or posts
    marked_phrases: tuple[str, ...] = ()  # the office's own secrecy markings, beside those of `mailroom.gate`
    groups: Mapping[str, ChatRef] = field(default_factory=dict)
    calendar: WorkCalendar = field(default_factory=_no_calendar)
    hours: WorkHours = field(default_factory=lambda: WorkHours(periods=()))
    reminding: Reminding = field(default_factory=Reminding)
    undoing: Undoing = field(default_factory=Undoing)
    opinions: tuple[str, ...] = ()  # the office's quick opinions; empty: the packaged ones
    areas: Mapping[type, object] = field(default_factory=dict)

    def of(self, kind: type[T]) -> T:
        """An area's own rules (`LeaveRules`, ...), which this file must not know. Raises KeyError if there are none."""
        value = self.areas[kind]
        assert isinstance(value, kind)
        return value

    def working_after(self, start: datetime, minutes: int) -> datetime:
        """When so much working time has passed (0: the first working moment), for reminders and deadlines; in a year
        whose notice is missing, by what the law alone gives."""
        calendar = self.calendar.by_law_where_unknown()
        return workdays.add_working_minutes(start, minutes, calendar=calendar, hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One event's surroundings: its transaction, the time, who caused it, the office."""

    tx: Transaction
    now: datetime
    trace: str
    origin: Origin
    office: Office
