"""What the office says of its accounts and directories, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from handlers.context import Office
from handlers.people.sync import Brake


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """`platforms` maps each account of the office to its platform, in the order of `office.yaml`; of the `deaf` ones no
    words come back.

    After `patience` an urgent letter leaves a platform that is down. A sync with more than `large` changes is shown to
    the administrators.
    """

    platforms: Mapping[str, str] = field(default_factory=dict)
    deaf: frozenset[str] = frozenset()
    patience: timedelta = timedelta(minutes=30)
    large: int = 20
    brake: Brake = field(default_factory=Brake)


def of(office: Office) -> AccountRules:
    """The office's, or the ordinary ones where nothing is said."""
    found = office.areas.get(AccountRules, AccountRules())
    assert isinstance(found, AccountRules)
    return found
