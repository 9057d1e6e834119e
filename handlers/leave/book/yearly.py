"""What the end of a year and a new calendar do to a ledger, as lists that personnel confirm. Pure.

Regulations on Paid Annual Leave art. 5(2): over the year end at most one year, and only where work makes it necessary;
of contract staff with their consent (Enterprise Measures art. 9). So nothing is carried over by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from handlers.days.workdays import WorkCalendar
from handlers.leave import standing
from handlers.leave.book import allocation, ledger
from handlers.leave.book.entries import Entry, Lot, Stamp
from handlers.leave.book.submission import Terms
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import ANNUAL, CarryOver, Policy
from handlers.people.directory import Person


def closed(entries: Sequence[Entry], person: Person, policy: Policy, year: int, *, stamp: Stamp) -> list[Entry]:
    """What is due for a year that has ended, to be written before its rest is carried over.

    Raises BadRequest(no_first_work_date).
    """
    return standing.due(entries, person, policy, year, stamp=replace(stamp, effective=date(year, 12, 31)))


def carryable(entries: Sequence[Entry], rules: CarryOver, year: int) -> int:
    """Minutes of the year's annual leave that may go into the next; 0 when it was carried over already.

    What waits for a decision is not among them, and what was itself carried over stays behind.
    """
    lot = standing.annual_lot(year)
    if rules.years < 1 or any(entry.lot.parent == lot.name for entry in entries):
        return 0
    left = max(0, allocation.spendable(entries, lot, on=date(year, 12, 31)))
    return left if rules.most is None else min(left, rules.most)


def carry(entries: Sequence[Entry], rules: CarryOver, year: int, minutes: int, *, stamp: Stamp) -> list[Entry]:
    """The entries of a carry-over, effective on the year's last day, before anything expires."""
    lot = standing.annual_lot(year)
    into = Lot(ANNUAL, f"{lot.name}-carried", date(year + 1, 1, 1), date(year + rules.years, 12, 31), lot.name)
    when = replace(stamp, effective=date(year, 12, 31))
    return ledger.carry_over(entries, lot, into, minutes, stamp=when, most=rules.most, ref=f"carry-over-{year}")


def terms(
    kinds: Mapping[str, Kind], calendar: WorkCalendar, *, sex: str, groups: frozenset[str] = frozenset()
) -> dict[str, Terms]:
    """What requests of each kind are measured by, for `rerating.proposals`."""
    return {
        code: Terms(
            kind=code,
            rules=kind.rules,
            calendar=calendar,
            order=kind.order,
            limited=kind.limited,
            sex=sex or None,
            groups=groups,
        )
        for code, kind in kinds.items()
        if not kind.by_amount
    }
