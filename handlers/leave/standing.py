"""What a person is entitled to, from what the office knows of them; and what their ledger says about it.

Pure. The ledger of somebody who has not asked for anything yet holds no lot of this year: `due` is what will be written
when it is first needed, so that whoever only looks sees the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from handlers import errors
from handlers.days.workdays import as_day
from handlers.leave.book import ledger
from handlers.leave.book.entries import Account, Entry, Lot, Stamp
from handlers.leave.law import counting, entitlement
from handlers.leave.law.rules import ANNUAL, Policy
from handlers.leave.law.service import Gap
from handlers.people.directory import Person


def facts(person: Person) -> entitlement.Facts:
    """Raises BadRequest(no_first_work_date)."""
    if not person.first_work_date:
        raise errors.BadRequest("no_first_work_date", by=person.id)
    return entitlement.Facts(
        first_work_date=as_day(person.first_work_date),
        joined_unit=_day(person.joined_unit),
        continuous_since=_day(person.continuous_since),
        leaving_date=_day(person.leaving_date),
        gaps=gaps(person.service_gaps),
    )


class Who(NamedTuple):
    """What matters of a person to the calendar: whose half-holidays they have."""

    sex: str | None
    groups: frozenset[str]

    @classmethod
    def of(cls, person: Person) -> Who:
        return cls(person.sex or None, frozenset(person.holiday_groups.split()))


def gaps(text: str) -> tuple[Gap, ...]:
    """From `2018-01-01..2018-12-31 2020-03-01..2020-05-31`. Raises ValueError."""
    spans = (span.split("..") for span in text.split())
    return tuple(Gap(as_day(first), as_day(last)) for first, last in spans)


def as_of(year: int, *, today: date) -> date:
    """The day of a year as of which it is reckoned today: of a coming year its first, of a past one its last."""
    return min(max(today, date(year, 1, 1)), date(year, 12, 31))


def entitled(person: Person, policy: Policy, year: int, *, today: date) -> entitlement.Entitlement:
    """The annual leave of a year as it stands today (of a coming year: on its first day).

    Raises BadRequest(no_first_work_date).
    """
    return entitlement.entitlement(facts(person), policy=policy.annual, year=year, as_of=as_of(year, today=today))


def forfeit_ref(year: int) -> str:
    """What entries bear that take leave back for the sick or personal leave of a year."""
    return f"forfeited-{year}"


def is_forfeited(entries: Sequence[Entry], year: int) -> bool:
    """Whether the annual leave of `year` was lost, for that year or the one before, and that is confirmed."""
    lot = annual_lot(year)
    marks = (forfeit_ref(year - 1), forfeit_ref(year))
    return any(entry.lot == lot and entry.ref in marks for entry in entries)


def annual_lot(year: int) -> Lot:
    return Lot(ANNUAL, f"annual-{year}", date(year, 1, 1), date(year, 12, 31))


def due(entries: Sequence[Entry], person: Person, policy: Policy, year: int, *, stamp: Stamp) -> list[Entry]:
    """What brings the annual lot of `year` to the entitlement of the stamp's effective day; nothing when it is there.

    Leave that is lost for the year before stays lost. A first grant counts from 1 January, so that the balance of any
    day of the year knows it; changes count from now.
    Raises BadRequest(no_first_work_date).
    """
    if is_forfeited(entries, year):
        return []
    days = entitled(person, policy, year, today=stamp.effective).days
    ref = f"entitlement-{year}"
    given = sum(_given(entry) for entry in entries if entry.ref == ref)
    lot, begin = annual_lot(year), date(year, 1, 1)
    when = max(begin, min(stamp.effective, date(year, 12, 31))) if given else begin
    write = ledger.adjust if any(entry.lot == lot for entry in entries) else ledger.grant
    return write(entries, lot, int(days * counting.DAY) - given, stamp=replace(stamp, effective=when), ref=ref)


def looked_at(
    entries: Sequence[Entry],
    person: Person,
    policy: Policy,
    *,
    on: date,
    stamp: Stamp,
    since: date | None = None,
) -> list[Entry]:
    """The ledger with what is due for the year of `on`; nothing is written.

    What changes between today and a later `on` counts from `on`. A year that is over is reckoned as of its end, so
    that it says in January what it said in December; not, if the office keeps the person's leave (`since`, None:
    unknown) only from a later year on. Of somebody whose first-work date is unknown, the ledger as it stands.
    """
    found, year = list(entries), on.year
    if not person.first_work_date:
        return found
    if year < stamp.effective.year:
        end = replace(stamp, effective=date(year, 12, 31))
        return found + (due(found, person, policy, year, stamp=end) if is_kept(person, year, since=since) else [])
    for day in sorted({stamp.effective, max(stamp.effective, on)}):
        found += due(found, person, policy, year, stamp=replace(stamp, effective=day))
    return found


def is_kept(person: Person, year: int, *, since: date | None) -> bool:
    """Whether a year that is over is the office's to reckon: the person was here, and their leave was kept here."""
    here = not person.joined_unit or as_day(person.joined_unit).year <= year
    return here and since is not None and since.year <= year


def _day(text: str) -> date | None:
    return as_day(text) if text else None


def _given(entry: Entry) -> int:
    return entry.minutes if entry.account_from is Account.GRANTED else -entry.minutes
