"""What an approval leaves in the journal; the subject of each fact is the item's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from handlers.audit.facts import PERSONAL, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOpened(Fact):
    """An item left the draft: `content` is what was submitted, `route` the approvers' ids step by step."""

    KIND: ClassVar[str] = "approval.item_opened"

    item: str
    number: int
    form: str
    form_version: str
    applicant: str
    route: list[dict[str, Any]]
    content: Mapping[str, Any] = field(metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecided(Fact):
    """Somebody acted on a step; `state` and `version` are the item's afterwards."""

    KIND: ClassVar[str] = "approval.step_decided"

    item: str
    step: int
    person: str
    verb: str
    state: str
    version: int
    opinion: str = field(default="", metadata=PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Fact):
    """Somebody tried what they may not: the tap, the words or the reply changed nothing."""

    KIND: ClassVar[str] = "approval.act_refused"

    item: str
    person: str
    act: str
    why: str
