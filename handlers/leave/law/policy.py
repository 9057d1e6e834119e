"""What an office may choose about leave, as values: the annual-leave policy, and how each kind is counted and kept.

Every choice the law leaves open is a named option here and data in config/leave. `annual_from` and `kind_from` take
plain mappings, so that the office's files (checked by config/leave_policy.py) and case files are read the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from handlers.leave.book.allocation import UseOrder
from handlers.leave.law import allowance
from handlers.leave.law.allowance import Allowance
from handlers.leave.law.counting import HALF_DAY, Counting, CountRules, in_minutes


class Feb29(StrEnum):
    """The anniversary of a 29 February in a common year. Civil Code art. 202 gives the last day of the month."""

    FEB28 = "feb28"
    MAR1 = "mar1"


class YearsCompleteOn(StrEnum):
    ANNIVERSARY = "anniversary"
    DAY_BEFORE = "day_before"


class BracketChange(StrEnum):
    """From when a new figure counts (office-rules.md 1.3)."""

    NEXT_MONTH_FULL = "next_month_full"
    SAME_DAY_FULL = "same_day_full"
    AT_YEAR_START = "at_year_start"
    WHOLE_YEAR_IF_REACHED = "whole_year_if_reached"
    DAILY_PRORATED = "daily_prorated"


class Proration(StrEnum):
    NO_PRORATION = "no_proration"
    PRORATED_365 = "prorated_365"


class Eligibility(StrEnum):
    CUMULATIVE_ONLY = "cumulative_only"
    CONTINUOUS_12_MONTHS = "continuous_12_months"


class Rounding(StrEnum):
    """Fractions are dropped down to whole or half days."""

    FLOOR_DAY = "floor_day"
    FLOOR_HALF = "floor_half"


class AfterTaking(StrEnum):
    """When leave that was taken before a disqualification costs the next year's (Measures 2008, organs art. 4)."""

    ANY_TAKEN = "next_year_lost_if_any_taken"
    ONLY_IF_ALL_TAKEN = "next_year_lost_only_if_all_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualPolicy:
    """How much annual leave. `brackets`: (complete years, days), rising; limits in calendar days by bracket (days).

    `bases` names the article behind each rule of `entitlement`, for its trace.
    """

    brackets: tuple[tuple[int, int], ...]
    bracket_change: BracketChange
    years_complete_on: YearsCompleteOn = YearsCompleteOn.ANNIVERSARY
    feb29_anniversary: Feb29 = Feb29.FEB28
    joining: Proration = Proration.NO_PRORATION
    leaving: Proration = Proration.NO_PRORATION
    eligibility: Eligibility = Eligibility.CUMULATIVE_ONLY
    rounding: Rounding = Rounding.FLOOR_DAY
    personal_limit_days: Fraction | None = None
    sick_limit_days: Mapping[int, Fraction] = field(default_factory=dict)
    school_top_up: bool = False
    disqualified_after_taking: AfterTaking = AfterTaking.ANY_TAKEN
    bases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPolicy:
    """Pay for leave that was due and not taken. `divisor`: days a year (261) or a month (21.75)."""

    divisor: Fraction
    multiplier: Fraction
    normal_pay_only_reasons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of leave: its names, how it is counted, and how the ledger keeps it.

    `limited` kinds need a grant; the others are only reckoned up. `by_amount` kinds are asked for in hours on a day.
    `counts_toward` names a running total that can cost the annual leave: sick, personal. `confidential` kinds are
    shown to personnel and approvers only.
    """

    code: str
    title: str
    aliases: tuple[str, ...]
    rules: CountRules
    limited: bool
    order: UseOrder = UseOrder.OLDEST_FIRST
    by_amount: bool = False
    hour_step: int = 0
    """Minutes to which a leave by the clock is rounded up; 0: not by the hour."""
    evidence: str = ""
    evidence_from: int = 0
    """Minutes of leave from which evidence is asked for."""
    counts_toward: str = ""
    sex: str | None = None
    confidential: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    allowance: Allowance | None = None
    basis: tuple[str, ...] = ()

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def annual_from(data: Mapping[str, object]) -> AnnualPolicy:
    """A policy from its mapping; choices that are not named keep the defaults. Raises KeyError or ValueError."""
    personal = data.get("personal_limit_days")
    if data.get("bracket_change") is None:
        raise KeyError("bracket_change")
    return AnnualPolicy(
        brackets=tuple(sorted((int(str(years)), int(str(days))) for years, days in mapping(data["brackets"]).items())),
        bracket_change=choice(data, "bracket_change", BracketChange.NEXT_MONTH_FULL),
        years_complete_on=choice(data, "years_complete_on", YearsCompleteOn.ANNIVERSARY),
        feb29_anniversary=choice(data, "feb29_anniversary", Feb29.FEB28),
        joining=choice(data, "joining", Proration.NO_PRORATION),
        leaving=choice(data, "leaving", Proration.NO_PRORATION),
        eligibility=choice(data, "eligibility", Eligibility.CUMULATIVE_ONLY),
        rounding=choice(data, "rounding", Rounding.FLOOR_DAY),
        personal_limit_days=None if personal is None else fraction(personal),
        sick_limit_days={
            int(str(bracket)): fraction(days) for bracket, days in mapping(data.get("sick_limit_days")).items()
        },
        school_top_up=switch(data, "school_top_up"),
        disqualified_after_taking=choice(data, "disqualified_after_taking", AfterTaking.ANY_TAKEN),
        bases={str(rule): str(basis) for rule, basis in mapping(data.get("bases")).items()},
    )


def pay_from(data: Mapping[str, object]) -> PayPolicy:
    reasons = data.get("normal_pay_only_reasons") or ()
    return PayPolicy(
        divisor=fraction(data["divisor"]),
        multiplier=fraction(data["multiplier"]),
        normal_pay_only_reasons=frozenset(str(reason) for reason in sequence(reasons)),
    )


def rules_from(data: Mapping[str, object]) -> CountRules:
    """The counting rules of a policy or kind: counting, unit (days) and half_holiday_free."""
    return CountRules(
        counting=choice(data, "counting", Counting.WORKDAYS),
        unit=in_minutes(fraction(data["unit"])) if "unit" in data else HALF_DAY,
        half_holiday_free=switch(data, "half_holiday_free"),
    )


def kind_from(code: str, data: Mapping[str, object]) -> Kind:
    """A kind from one entry of `kinds` in config/leave. Raises KeyError or ValueError."""
    evidence = mapping(data.get("evidence"))
    return Kind(
        code=code,
        title=str(data["title"]),
        aliases=tuple(str(name) for name in sequence(data.get("aliases") or ())),
        rules=rules_from(data),
        limited=bool(data.get("limited", False)),
        order=choice(data, "use_order", UseOrder.OLDEST_FIRST),
        by_amount=bool(data.get("by_amount", False)),
        hour_step=int(fraction(data.get("hours") or 0) * 60),
        evidence=str(evidence.get("kind", "")),
        evidence_from=in_minutes(fraction(evidence.get("from_days", 0))),
        counts_toward=str(data.get("counts_toward") or ""),
        sex=None if data.get("sex") is None else str(data["sex"]),
        confidential=bool(data.get("confidential", False)),
        valid_from=_day(data.get("valid_from")),
        valid_to=_day(data.get("valid_to")),
        allowance=_allowance(data),
        basis=tuple(str(basis) for basis in sequence(data.get("basis") or ())),
    )


def _allowance(data: Mapping[str, object]) -> Allowance | None:
    found = mapping(data.get("allowance"))
    return allowance.allowance_from({str(key): value for key, value in found.items()}) if found else None


def kind_named(kinds: Mapping[str, Kind], text: str) -> Kind | None:
    """The kind that people mean by a title, an alias or its code."""
    for kind in kinds.values():
        if text in (kind.code, kind.title, *kind.aliases):
            return kind
    return None


def fraction(value: object) -> Fraction:
    """An exact number out of YAML: 0.5 is a half and not the float next to it."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def mapping(value: object) -> Mapping[object, object]:
    """A mapping, or nothing where there is none. Raises ValueError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"not a mapping: {value!r}")
    return value


def sequence(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"not a list: {value!r}")
    return value


Choice = TypeVar("Choice", bound=StrEnum)


class UnknownChoice(ValueError):
    """A named option has a value that it does not know: `key`, `value`, and what there is (`known`)."""

    def __init__(self, key: str, value: object, known: Iterable[object]) -> None:
        self.key, self.value, self.known = key, str(value), tuple(map(str, known))
        super().__init__(f"{key}: {self.value!r} is none of {', '.join(self.known)}")


def choice(data: Mapping[str, object], key: str, default: Choice) -> Choice:
    """The option of that name. Raises `UnknownChoice`."""
    value = data.get(key)
    if value is None:
        return default
    kind = type(default)
    if str(value) not in {one.value for one in kind}:
        raise UnknownChoice(key, value, kind)
    return kind(str(value))


def switch(data: Mapping[str, object], key: str) -> bool:
    """true or false; the words "no" and "false" in quotes are not true. Raises `UnknownChoice`."""
    value = data.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise UnknownChoice(key, value, ("true", "false"))


def _day(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))
