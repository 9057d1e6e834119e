"""Sick or personal leave of a year that costs the annual leave: what to propose, what to write once it is confirmed.

Regulations art. 4; what was taken before costs the next year's leave (Organ Measures art. 4, Enterprise Measures
art. 8). The check runs over the whole year and may come after the taking, so nothing is changed by itself
(office-rules.md 1.5): personnel see the totals and confirm. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from handlers.leave import standing
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.law import counting, entitlement
from handlers.leave.law.counting import Counting
from handlers.leave.law.entitlement import COSTS_NEXT_YEAR, Absences, Disqualified
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import ANNUAL, Policy
from handlers.people.directory import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Forfeiture:
    """`now` minutes to take back from this year's lot (what is free of it); `next_year`: the next year's is lost.

    `taken` in days. Of personal leave the law asks whether pay was deducted, which only personnel know: `asks_pay`.
    """

    year: int
    why: Disqualified
    sick_days: Fraction
    personal_days: Fraction
    taken: Fraction
    now: int
    next_year: bool
    asks_pay: bool = False

    @property
    def ref(self) -> str:
        return standing.forfeit_ref(self.year)


def proposal(
    entries: Sequence[Entry], person: Person, policy: Policy, year: int, *, today: date, pay_deducted: bool = False
) -> Forfeiture | None:
    """None where nothing is lost, or where it was confirmed already. Raises BadRequest(no_first_work_date)."""
    if any(entry.ref == standing.forfeit_ref(year) for entry in entries):
        return None
    kinds = list(policy.kinds.values())
    absences = Absences(
        personal_days=_days(entries, kinds, year, "personal"),
        sick_days=_days(entries, kinds, year, "sick"),
        pay_deducted=pay_deducted,
    )
    taken = _annual_taken(entries, year)
    facts = replace(standing.facts(person), absences=absences, taken=taken)
    as_of = standing.as_of(year, today=today)
    found = entitlement.entitlement(facts, policy=policy.annual, year=year, as_of=as_of)
    if found.disqualified not in COSTS_NEXT_YEAR:
        return None
    lot = standing.annual_lot(year)
    free = ledger.balance(entries, on=as_of, kind=ANNUAL, lot=lot.name).available
    return Forfeiture(
        year=year,
        why=found.disqualified,
        sick_days=absences.sick_days,
        personal_days=absences.personal_days,
        taken=taken,
        now=max(0, free),
        next_year=found.next_year_lost,
        asks_pay=found.disqualified is Disqualified.PERSONAL_LEAVE,
    )


def write(
    entries: Sequence[Entry], person: Person, following: Policy, found: Forfeiture, *, stamp: Stamp
) -> list[Entry]:
    """What is free of this year's lot is taken back; a lost next year is taken back from its lot, on its 1 January.

    `following` are the rules of the next year. Its lot stays at nothing afterwards, whatever bracket is reached
    (`standing.due`). `stamp` has who approved it and why.
    """
    new: list[Entry] = []
    lot = standing.annual_lot(found.year)
    when = replace(stamp, effective=min(max(stamp.effective, lot.valid_from), date(found.year, 12, 31)))
    new += ledger.adjust(entries, lot, -found.now, stamp=when, ref=found.ref)
    if not found.next_year:
        return new
    begin = replace(stamp, effective=date(found.year + 1, 1, 1))
    law = replace(begin, actor="", note="")
    new += standing.due([*entries, *new], person, following, found.year + 1, stamp=law)
    coming = standing.annual_lot(found.year + 1)
    given = ledger.balance([*entries, *new], on=coming.valid_from, kind=ANNUAL, lot=coming.name).granted
    return new + ledger.adjust([*entries, *new], coming, -given, stamp=begin, ref=found.ref)


def _days(entries: Iterable[Entry], kinds: Iterable[Kind], year: int, toward: str) -> Fraction:
    """Approved days of the year that count toward a total: sick leave in calendar days, personal leave as counted.

    A kind that is counted in working days counts toward the sick total with the calendar days that it spans.
    """
    own = {kind.code: kind for kind in kinds if kind.counts_toward == toward}
    total = Fraction(0)
    for claim in claims.claims(entries).values():
        if claim.kind not in own or claim.state is not State.USED:
            continue
        slots = [charge.slot for _, charge in claim.spent if charge.slot.day.year == year]
        minutes = sum(charge.minutes for _, charge in claim.spent if charge.slot.day.year == year)
        spans = own[claim.kind].rules.counting is Counting.WORKDAYS and toward == "sick"
        whole = Fraction((slots[-1].day - slots[0].day).days + 1) if slots else Fraction(0)
        total += whole if spans and len(slots) > 2 else counting.in_days(minutes)
    return total


def _annual_taken(entries: Iterable[Entry], year: int) -> Fraction:
    lot = standing.annual_lot(year)
    used = [
        charge.minutes
        for claim in claims.claims(entries).values()
        if claim.kind == ANNUAL and claim.state is State.USED
        for spent, charge in claim.spent
        if spent.name == lot.name
    ]
    return counting.in_days(sum(used))
