"""A leave policy file (config/leave/*.yaml) as frozen records: every choice named, unknown keys refused.

The choices are those of office-rules.md sections 1, 2 and 4; their meaning is in handlers/leave. `bot` hands
`model_dump()` of the parts to `handlers.leave.policy`, which knows nothing of files.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from config.fields import Section, wrong

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Days = Annotated[Decimal, Field(ge=0, le=366, multiple_of=Decimal("0.5"))]
Bracket = Annotated[int, Field(ge=0, le=60)]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Sex = Literal["female", "male"]
Rule = Literal[
    "completion", "starts", "bracket", "eligible_from", "stretches", "share", "rounded", "due", "sick_limit",
    "disqualified", "next_year_lost", "days_of_the_year",
]  # fmt: skip


class Annual(Section):
    """How much annual leave, and by which reading of the law."""

    brackets: dict[Bracket, Bracket] = Field(min_length=1)
    bracket_change: Literal[
        "next_month_full", "same_day_full", "at_year_start", "whole_year_if_reached", "daily_prorated"
    ]
    years_complete_on: Literal["anniversary", "day_before"] = "anniversary"
    feb29_anniversary: Literal["feb28", "mar1"] = "feb28"
    joining: Literal["no_proration", "prorated_365"] = "no_proration"
    leaving: Literal["no_proration", "prorated_365"] = "no_proration"
    eligibility: Literal["cumulative_only", "continuous_12_months"] = "cumulative_only"
    rounding: Literal["floor_day", "floor_half"] = "floor_day"
    personal_limit_days: Days | None = None
    sick_limit_days: dict[Bracket, Days] = Field(default_factory=dict)
    school_top_up: bool = False
    disqualified_after_taking: Literal["next_year_lost_if_any_taken", "next_year_lost_only_if_all_taken"] = (
        "next_year_lost_if_any_taken"
    )
    bases: dict[Rule, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _brackets_rise(self) -> Self:
        days = [self.brackets[years] for years in sorted(self.brackets)]
        if days != sorted(set(days)):
            raise wrong("工作年限越长，天数应越多", "brackets: {1: 5, 10: 10, 20: 15}")
        if unknown := set(self.sick_limit_days) - set(days):
            raise wrong(f"sick_limit_days 里的 {sorted(unknown)} 不是 brackets 里的天数", "按天数写：{5: 60, 10: 90}")
        return self


class CarryOver(Section):
    """`max` in days (None: all that is left), `years`: how many years across, `needs`: what must be on file."""

    max: Days | None = None
    years: Annotated[int, Field(ge=0, le=3)] = 1
    needs: tuple[Literal["unit_reason", "consent"], ...] = ()
    basis: Text = "本单位规定"


class Payout(Section):
    divisor: Annotated[Decimal, Field(gt=0, le=366)]
    multiplier: Annotated[Decimal, Field(ge=1, le=10)]
    normal_pay_only_reasons: tuple[Code, ...] = ()
    basis: Text = "本单位规定"


class HalfHoliday(Section):
    """`sex` and `group` say who has it."""

    month_day: MonthDay
    half: Literal["am", "pm", "day"]
    sex: Sex | None = None
    group: Code | None = None


class Evidence(Section):
    """What has to be shown, for leaves of `from_days` days and more."""

    from_days: Days = Decimal("0.5")
    kind: Code


class Toil(Section):
    """Overtime is rounded down to `step` minutes and lapses `months` after its day."""

    months: Annotated[int, Field(ge=1, le=36)] = 6
    step: Literal[15, 30, 60, 240] = 30
    ending_within: Annotated[int, Field(ge=0, le=366)] = 30


class Practice(Section):
    """Calendar days; see `handlers.leave.practice`."""

    late_within: Annotated[int, Field(ge=0, le=366)] = 30
    return_within: Annotated[int, Field(ge=0, le=366)] = 90
    return_from: Annotated[Decimal, Field(ge=0, le=366, multiple_of=Decimal("0.5"))] = Decimal(3)
    evidence_within: Annotated[int, Field(ge=1, le=366)] = 7
    ending_within: Annotated[int, Field(ge=0, le=366)] = 92
    toil: Toil = Toil()


class Part(Section):
    """A stretch of a leave. `when` names a condition; `each`: once for every time it holds; `instead` of all others."""

    name: Text
    days: Annotated[Decimal, Field(gt=0, le=732, multiple_of=Decimal("0.5"))]
    counting: Literal["workdays", "calendar_days", "calendar_days_minus_statutory"] | None = None
    when: Literal[
        "difficult_birth", "further_child", "second_child", "third_child", "medical_check", "unit_consent",
        "in_hospital", "miscarriage_early", "miscarriage_late", "spouse", "parents_single", "parents_married",
        "extended",
    ] | None = None  # fmt: skip
    each: bool = False
    instead: bool = False
    article: Text | None = None
    basis: Text | None = None
    certainty: Literal["text", "press", "recalled"] | None = None

    @model_validator(mode="after")
    def _conditional(self) -> Self:
        if (self.each or self.instead) and self.when is None:
            raise wrong("each 和 instead 要和 when 一起写", "when: difficult_birth")
        return self


class Allowance(Section):
    """How long a leave may be; `child_until` an age in years, `within_months` of the event."""

    per: Literal["event", "year", "child_year"] = "event"
    parts: tuple[Part, ...] = ()
    child_until: Annotated[int, Field(ge=1, le=18)] | None = None
    within_months: Annotated[int, Field(ge=1, le=60)] | None = None
    note: Text | None = None


class Kind(Section):
    """One kind of leave; `title` is what people read, `aliases` are what they may type."""

    title: Text
    aliases: tuple[Text, ...] = ()
    counting: Literal["workdays", "calendar_days", "calendar_days_minus_statutory"]
    unit: Annotated[Decimal, Field(ge=Decimal("0.5"), le=1, multiple_of=Decimal("0.5"))] = Decimal("0.5")
    half_holiday_free: bool = False
    limited: bool = False
    use_order: Literal["oldest_first", "newest_first", "earliest_expiry"] = "oldest_first"
    by_amount: bool = False
    hours: Annotated[Decimal, Field(gt=0, le=4, multiple_of=Decimal("0.25"))] | None = None
    evidence: Evidence | None = None
    counts_toward: Literal["sick", "personal"] | None = None
    sex: Sex | None = None
    confidential: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    allowance: Allowance | None = None
    basis: tuple[Text, ...] = Field(min_length=1)


class LeavePolicy(Section):
    """One category of people. `valid_from` and `valid_to` bound the version: two files may follow one another."""

    policy: Code
    title: Text
    version: Text
    valid_from: date
    valid_to: date | None = None
    categories: tuple[Code, ...] = Field(min_length=1)
    annual: Annual
    carry_over: CarryOver = CarryOver()
    practice: Practice = Practice()
    payout: Payout | None = None
    unknown_year: Literal["refuse", "statutory_rule"] = "refuse"
    half_holidays: tuple[HalfHoliday, ...] = ()
    kinds: dict[Code, Kind] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_clear(self) -> Self:
        owner: dict[str, str] = {}
        for code, kind in self.kinds.items():
            for name in (kind.title, *kind.aliases):
                if owner.setdefault(name, code) != code:
                    raise wrong(f"「{name}」同时是 {owner[name]} 和 {code} 的名称", "每个名称只能属于一种假")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise wrong("valid_to 早于 valid_from", "写成先后两天")
        return self


def parse(data: Any) -> LeavePolicy:
    """A parsed file, checked. Raises `pydantic.ValidationError` with everything that is wrong."""
    return LeavePolicy.model_validate(data)
