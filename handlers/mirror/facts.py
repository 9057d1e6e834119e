"""What is written down of a platform's own approvals; the subject is account and id there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRead(Fact):
    """As the platform said it stood: `state` is of `contract.NativeApproval`, people by their ids here.

    `strangers` counts those who must decide and are nobody's account.
    """

    KIND: ClassVar[str] = "mirror.approval_read"
    SUBJECT: ClassVar[str] = "approval"

    approval: str
    account: str
    state: str
    waiting: tuple[str, ...]
    strangers: int
    applicant: str
    title: str = field(metadata=PERSONAL)
