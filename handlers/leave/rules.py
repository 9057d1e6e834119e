"""The leave rules an office has in force, as one value: a policy per category of people, and its kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.leave.policy import AnnualPolicy, Kind

ANNUAL = "annual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One category's rules (civil servants, contract staff): how much annual leave, and which kinds there are."""

    name: str
    annual: AnnualPolicy
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRules:
    """`default` is the policy of people whose category names none."""

    policies: Mapping[str, Policy] = field(default_factory=dict)
    default: str = ""

    def of(self, category: str) -> Policy:
        return self.policies.get(category) or self.policies[self.default]

    def names(self) -> dict[str, tuple[str, ...]]:
        """Every kind's code with the words people use for it, over all policies: what the chat grammar knows."""
        return {
            code: (kind.title, *kind.aliases)
            for policy in self.policies.values()
            for code, kind in policy.kinds.items()
        }
