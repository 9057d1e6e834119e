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
