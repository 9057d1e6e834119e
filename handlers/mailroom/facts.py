"""Facts about work that gave up and what an administrator did about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkResumed(Fact):
    """`work` is `letter:17`, `event:4` or `due:8`; it had failed with `error` and is tried anew."""

    KIND: ClassVar[str] = "mailroom.work_resumed"
    SUBJECT: ClassVar[str] = "work"

    work: str
    about: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDiscarded(Fact):
    """Given up for good, with the reason that was asked for; its text is gone, that it was there stays."""

    KIND: ClassVar[str] = "mailroom.work_discarded"
    SUBJECT: ClassVar[str] = "work"

    work: str
    about: str
    error: str
    reason: str = field(metadata=PERSONAL)
