"""How much annual leave a person has in a year: a function of facts, policy and day, with a trace of every rule.

Regulations on Paid Annual Leave (国务院令第514号) arts. 2-4; for organs and institutions 人事部令第9号, for
contract staff 人力资源和社会保障部令第1号 (office-rules.md section 1). The functions under "Rules" are the words of the
trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor

from handlers.leave.law.policy import (
    AfterTaking,
    AnnualPolicy,
    BracketChange,
    Eligibility,
    Feb29,
    Proration,
    Rounding,
)
from handlers.leave.law.service import ONE_DAY, Gap, add_years, completion, gap_days_before_completion
from handlers.leave.law.trace import Applied, Contradiction, Trace, recompute

Changes = tuple[tuple[date, int], ...]
"""From which day which figure counts, in the order of time."""

Stretches = tuple[tuple[int, int], ...]
"""Days, and the figure in force on them."""

STEPS = {Rounding.FLOOR_DAY: Fraction(1), Rounding.FLOOR_HALF: Fraction(1, 2)}
DAYS_OF_A_YEAR = 365
"""The text of the Enterprise Measures (arts. 5, 12) says 365, also in a leap year."""


class Disqualified(StrEnum):
    """Why there is no annual leave this year (Regulations art. 4)."""

    NONE = "none"
    PERSONAL_LEAVE = "personal_leave"
    SICK_LEAVE = "sick_leave"
    SCHOOL_VACATION = "school_vacation"
    FORFEITED = "forfeited_by_last_year"


COSTS_NEXT_YEAR = frozenset({Disqualified.PERSONAL_LEAVE, Disqualified.SICK_LEAVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Absences:
    """Absences of the year that may cost the annual leave, in calendar days."""

    personal_days: Fraction = Fraction(0)
    pay_deducted: bool = False
    sick_days: Fraction = Fraction(0)
    school_vacation_days: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What personnel know of a person and a year. `continuous_since` None: unknown, then nothing is made of it."""

    first_work_date: date
    gaps: tuple[Gap, ...] = ()
    joined_unit: date | None = None
    continuous_since: date | None = None
    leaving_date: date | None = None
    taken: Fraction = Fraction(0)
    forfeited_by_last_year: bool = False
    absences: Absences = Absences()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Days of this year. `bracket` is the full figure in force; `unused` what is paid for when the person leaves."""

    days: Fraction
    bracket: int
    disqualified: Disqualified
    next_year_lost: bool
    unused: Fraction
    trace: tuple[Applied, ...]


# Rules: what a trace is made of. Each takes its figures by name; one that bears another rule's name is its result.


def starts(*, completion: date, change: BracketChange) -> date:
    """From when the figure of a bracket counts, once its years are complete."""
    if change is not BracketChange.NEXT_MONTH_FULL:
        return completion
    return (completion.replace(day=1) + timedelta(days=31)).replace(day=1)


def bracket(*, on: date, changes: Changes) -> int:
    """The figure in force on a day."""
    return next((figure for start, figure in reversed(changes) if start <= on), 0)


def eligible_from(*, continuous_since: date, feb29: Feb29) -> date:
    """Twelve months of continuous work (Enterprise Measures art. 3)."""
    return add_years(continuous_since, 1, feb29)


def stretches(*, first: date, last: date, changes: Changes) -> Stretches:
    """Days and figure of each stretch of a period in which the figure stays the same."""
    begins = [first, *(start for start, _ in changes if first < start <= last)]
    ends = [*(begin - ONE_DAY for begin in begins[1:]), last]
    lengths = [(end - begin).days + 1 for begin, end in zip(begins, ends, strict=True)]
    figures = [bracket(on=begin, changes=changes) for begin in begins]
    return tuple((length, figure) for length, figure in zip(lengths, figures, strict=True) if length > 0)


def share(*, bracket: int, eligible: bool, stretches: Stretches | None) -> Fraction:
    """The part of the figure that the time in the year gives, exact; all of it where nothing is prorated.

    Enterprise Measures arts. 5 and 12; nothing while the twelve months of continuous work are not complete.
    """
    if not eligible:
        return Fraction(0)
    if stretches is None:
        return Fraction(bracket)
    return Fraction(sum(length * figure for length, figure in stretches), DAYS_OF_A_YEAR)


def rounded(*, share: Fraction, step: Fraction) -> Fraction:
    """What falls short of a step is dropped."""
    return floor(share / step) * step


def due(*, rounded: Fraction, school_vacation_days: Fraction, top_up: bool) -> Fraction:
    """A school vacation shorter than the leave is made up to it (Organ Measures art. 5)."""
    return max(Fraction(0), rounded - school_vacation_days) if top_up else rounded


def sick_limit(*, on: date, changes: Changes, limits: Mapping[int, Fraction]) -> Fraction | None:
    """Sick leave that costs the annual leave, by the bracket in force (Regulations art. 4(3)-(5)); None: no limit."""
    return limits.get(bracket(on=on, changes=changes))


def disqualified(
    *,
    rounded: Fraction,
    absences: Absences,
    personal_limit: Fraction | None,
    sick_limit: Fraction | None,
    forfeited: bool,
) -> Disqualified:
    """The situations of Regulations art. 4; a limit is reached by the number itself."""
    if forfeited:
        return Disqualified.FORFEITED
    if personal_limit is not None and absences.personal_days >= personal_limit and not absences.pay_deducted:
        return Disqualified.PERSONAL_LEAVE
    if sick_limit is not None and absences.sick_days >= sick_limit:
        return Disqualified.SICK_LEAVE
    if absences.school_vacation_days > rounded:
        return Disqualified.SCHOOL_VACATION
    return Disqualified.NONE


def next_year_lost(*, disqualified: Disqualified, taken: Fraction, due: Fraction, when: AfterTaking) -> bool:
    """Leave already taken before the disqualification costs the next year's (Organ Measures art. 4)."""
    enough = taken >= due if when is AfterTaking.ONLY_IF_ALL_TAKEN else True
    return disqualified in COSTS_NEXT_YEAR and taken > 0 and enough


def days_of_the_year(*, due: Fraction, taken: Fraction, disqualified: Disqualified) -> Fraction:
    """What is due; whoever is disqualified keeps what was taken and gets no more."""
    return due if disqualified is Disqualified.NONE else taken


RULES: Mapping[str, Callable[..., object]] = {
    rule.__name__: rule
    for rule in (
        completion,
        starts,
        bracket,
        eligible_from,
        stretches,
        share,
        rounded,
        due,
        sick_limit,
        disqualified,
        next_year_lost,
        days_of_the_year,
    )
}


def check_trace(found: Entitlement) -> None:
    """Raises `trace.Contradiction` unless the trace, applied again, gives the days."""
    if recompute(found.trace, RULES) != found.days:
        raise Contradiction("the trace does not lead to the days")


def entitlement(facts: Facts, *, policy: AnnualPolicy, year: int, as_of: date | None = None) -> Entitlement:
    """The annual leave of `year` as it stands on `as_of` (31 December unless given; later days count as that)."""
    trace = Trace(policy.bases)
    seen = min(as_of or date(year, 12, 31), date(year, 12, 31))
    changes = _changes(facts, policy, trace)
    full = trace.apply(bracket, on=_decisive(facts, policy, year, seen), changes=changes)
    portion = _share(facts, policy, trace, full=full, changes=changes, year=year, seen=seen)
    earned_days = trace.apply(rounded, share=portion, step=STEPS[policy.rounding])
    days_due = trace.apply(
        due,
        rounded=earned_days,
        school_vacation_days=facts.absences.school_vacation_days,
        top_up=policy.school_top_up,
    )
    why = _disqualified(facts, policy, trace, earned_days, on=_fixed_day(policy, year) or seen, changes=changes)
    lost = trace.apply(
        next_year_lost, disqualified=why, taken=facts.taken, due=days_due, when=policy.disqualified_after_taking
    )
    days = trace.apply(days_of_the_year, due=days_due, taken=facts.taken, disqualified=why)
    return Entitlement(
        days=days,
        bracket=full,
        disqualified=why,
        next_year_lost=lost,
        unused=max(Fraction(0), days - facts.taken),
        trace=trace.steps(),
    )


def _changes(facts: Facts, policy: AnnualPolicy, trace: Trace) -> Changes:
    return tuple((_start(facts, policy, trace, years), figure) for years, figure in policy.brackets)


def _start(facts: Facts, policy: AnnualPolicy, trace: Trace, years: int) -> date:
    complete = trace.apply(
        completion,
        first_work_date=facts.first_work_date,
        years=years,
        gap_days=gap_days_before_completion(facts.first_work_date, years, facts.gaps, policy.feb29_anniversary),
        feb29=policy.feb29_anniversary,
        complete_on=policy.years_complete_on,
    )
    return trace.apply(starts, completion=complete, change=policy.bracket_change)


def _fixed_day(policy: AnnualPolicy, year: int) -> date | None:
    """The day that decides for the whole year, in the policies that have one."""
    if policy.bracket_change is BracketChange.AT_YEAR_START:
        return date(year, 1, 1)
    if policy.bracket_change is BracketChange.WHOLE_YEAR_IF_REACHED:
        return date(year, 12, 31)
    return None


def _decisive(facts: Facts, policy: AnnualPolicy, year: int, seen: date) -> date:
    return _fixed_day(policy, year) or min(seen, facts.leaving_date or seen)


def _share(
    facts: Facts, policy: AnnualPolicy, trace: Trace, *, full: int, changes: Changes, year: int, seen: date
) -> Fraction:
    """The part of the full figure that the person's time in the year gives, before rounding."""
    eligible = _eligible_from(facts, policy, trace)
    if eligible is not None and seen < eligible:
        return trace.apply(share, bracket=full, eligible=False, stretches=None)
    first, last = _period(facts, policy, year, eligible)
    daily = policy.bracket_change is BracketChange.DAILY_PRORATED
    parts = None
    if daily or (first, last) != (date(year, 1, 1), date(year, 12, 31)):
        figures = changes if daily else ((date.min, full),)
        parts = trace.apply(stretches, first=first, last=last, changes=figures)
    return trace.apply(share, bracket=full, eligible=True, stretches=parts)


def _eligible_from(facts: Facts, policy: AnnualPolicy, trace: Trace) -> date | None:
    if policy.eligibility is Eligibility.CUMULATIVE_ONLY or facts.continuous_since is None:
        return None
    return trace.apply(eligible_from, continuous_since=facts.continuous_since, feb29=policy.feb29_anniversary)


def _period(facts: Facts, policy: AnnualPolicy, year: int, eligible: date | None) -> tuple[date, date]:
    """First and last day of the year that count; the last lies before the first when none does."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    joined, leaving = facts.joined_unit, facts.leaving_date
    leaves = policy.leaving is Proration.PRORATED_365 and leaving is not None and leaving <= last
    if joined and (leaves or policy.joining is Proration.PRORATED_365):
        first = max(first, joined)
    if eligible:
        first = max(first, eligible)
    return first, leaving if leaves and leaving else last


def _disqualified(
    facts: Facts, policy: AnnualPolicy, trace: Trace, earned_days: Fraction, *, on: date, changes: Changes
) -> Disqualified:
    limit = trace.apply(sick_limit, on=on, changes=changes, limits=policy.sick_limit_days)
    return trace.apply(
        disqualified,
        rounded=earned_days,
        absences=facts.absences,
        personal_limit=policy.personal_limit_days,
        sick_limit=limit,
        forfeited=facts.forfeited_by_last_year,
    )
