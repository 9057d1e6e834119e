"""The leave rules of an office as one value: policies for categories of people, in versions that follow one another.

Which version holds is asked for a day: the day that the rule concerns, not the day on which it is asked
(office-rules.md, warning 3). Annual leave of a year: the day of the year as of which it is reckoned. A leave: its first
day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from handlers.days.workdays import HalfHoliday, UnknownYear, WorkCalendar
from handlers.leave.law.policy import AnnualPolicy, Kind
from handlers.leave.law.practice import Practice

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
    """The rules of some categories of people: how much annual leave, and which kinds there are.

    `valid_from` and `valid_to` (included, None: no end) bound the version. `province` is whose rules the kinds have in
    addition ("" where none are known).
    """

    name: str
    annual: AnnualPolicy
    kinds: Mapping[str, Kind]
    title: str = ""
    version: str = ""
    valid_from: date = date.min
    valid_to: date | None = None
    categories: frozenset[str] = frozenset()
    carry_over: CarryOver = field(default_factory=CarryOver)
    practice: Practice = field(default_factory=Practice)
    half_holidays: tuple[HalfHoliday, ...] = ()
    unknown_year: UnknownYear = UnknownYear.REFUSE
    province: str = ""

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def kinds_on(self, on: date) -> list[Kind]:
        """The kinds that there are on a day, in the policy's order."""
        return [kind for kind in self.kinds.values() if kind.in_force(on)]

    def calendar(self, office: WorkCalendar) -> WorkCalendar:
        """The office's calendar as these people have it: their half-holidays beside the local ones, and what to do
        with a year that nobody has announced."""
        own = tuple(one for one in self.half_holidays if one not in office.half_holidays)
        if not own and self.unknown_year is office.unknown_year:
            return office
        return replace(office, half_holidays=(*office.half_holidays, *own), unknown_year=self.unknown_year)


@dataclass(frozen=True, kw_only=True)
class LeaveRules:
    """`policies` side by side by name, the office's own first, each with its versions in the order of time.

    `default` is for people whose category none of them names.
    """

    policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    default: str = ""

    def of(self, category: str, *, on: date | None = None) -> Policy:
        """The version in force on a day (None: the last one, for titles and words only).

        Before the first version that one is taken, and after an end that nothing follows the last: nobody is without
        rules because a file was forgotten (`officebot check` names the gap).
        """
        for versions in self.policies.values():
            found = version_on(versions, on)
            if category in found.categories:
                return found
        return version_on(self.policies[self.default], on)

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Every kind's code with the words people use for it, over all policies: what the chat grammar knows."""
        words: dict[str, dict[str, None]] = {}
        for versions in self.policies.values():
            for code, kind in (item for policy in versions for item in policy.kinds.items()):
                words.setdefault(code, {}).update(dict.fromkeys((kind.title, *kind.aliases)))
        return {code: tuple(names) for code, names in words.items()}


def version_on(versions: Sequence[Policy], on: date | None) -> Policy:
    """Of versions in the order of time. Raises IndexError where there are none."""
    for policy in reversed(versions):
        if on is None or policy.valid_from <= on:
            return policy
    return versions[0]
