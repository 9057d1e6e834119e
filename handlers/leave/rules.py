"""The leave rules an office has in force, as one value: a policy per category of people, and its kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.leave.policy import AnnualPolicy, Kind
from handlers.leave.practice import Practice

ANNUAL = "annual"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOver:
    """What may go into the next year (office-rules.md 1.6). `most` in minutes, None: all that is left.

    `needs` names what must be on file; anything named means that personnel confirm person by person.
    """

    years: int = 0
    most: int | None = None
    needs: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of some categories of people: how much annual leave, and which kinds there are."""

    name: str
    annual: AnnualPolicy
    kinds: Mapping[str, Kind]
    title: str = ""
    version: str = ""
    categories: frozenset[str] = frozenset()
    carry_over: CarryOver = field(default_factory=CarryOver)
    practice: Practice = field(default_factory=Practice)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRules:
    """`policies` side by side, the office's own first; `default` is for people whose category none of them names."""

    policies: Mapping[str, Policy] = field(default_factory=dict)
    default: str = ""

    def of(self, category: str) -> Policy:
        found = (policy for policy in self.policies.values() if category in policy.categories)
        return next(found, None) or self.policies[self.default]

    def names(self) -> dict[str, tuple[str, ...]]:
        """Every kind's code with the words people use for it, over all policies: what the chat grammar knows."""
        words: dict[str, dict[str, None]] = {}
        for policy in self.policies.values():
            for code, kind in policy.kinds.items():
                words.setdefault(code, {}).update(dict.fromkeys((kind.title, *kind.aliases)))
        return {code: tuple(names) for code, names in words.items()}
