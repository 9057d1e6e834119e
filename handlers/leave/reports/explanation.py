"""Everything behind a person's balance as one value: the rules that were applied, the lots, the entries, the limits.

Pure; the words for it are in cards/leave_explain.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from cards import leave_explain as views
from cards.leave import lot_name
from cards.leave_days import SkipView
from handlers import errors
from handlers.days.workdays import WorkCalendar
from handlers.leave import standing
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Cause, Entry, Lot
from handlers.leave.law import entitlement, skipping
from handlers.leave.law.counting import Counting, in_days
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import ANNUAL, Policy
from handlers.leave.law.trace import Applied
from handlers.people.directory import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an explanation is made of. Entries numbered after `written` are not in the table yet."""

    person: Person
    policy: Policy
    calendar: WorkCalendar
    entries: Sequence[Entry]
    on: date
    written: int


def explain(source: Source, *, kind: str = ANNUAL) -> views.Explained:
    """The annual leave of the year of `on` (the one kind with rules of its own), or another kind's lots and entries."""
    found, missing = _entitled(source) if kind == ANNUAL else (None, "")
    own = [entry for entry in source.entries if entry.lot.kind == kind and entry.effective <= source.on]
    return views.Explained(
        name=source.person.name,
        year=source.on.year,
        on=source.on,
        policy=source.policy.title,
        version=source.policy.version,
        kind=source.policy.kinds[kind].title,
        days=found.days if found else None,
        missing=missing,
        rules=tuple(_rule(step) for step in found.trace) if found else (),
        lots=lots(source.entries, on=source.on, kind=kind),
        moves=tuple(move(source, entry) for entry in own if entry.effective.year >= source.on.year - 1),
        warnings=_warnings(source, found),
    )


def lots(entries: Iterable[Entry], *, on: date, kind: str | None = None) -> tuple[views.LotView, ...]:
    """The lots that have something to show on a day: those that have not ended, and what a past year left."""
    return tuple(
        _lot(lot, balance)
        for lot, balance in ledger.balances(entries, on=on).items()
        if kind in (None, lot.kind) and (not lot.ended_by(on) or lot.valid_from.year >= on.year - 1)
    )


def absences(entries: Iterable[Entry], kinds: Iterable[Kind], *, year: int, toward: str) -> Fraction:
    """Days of the year that count toward a running total (sick, personal), as approved so far."""
    counted = {kind.code for kind in kinds if kind.counts_toward == toward}
    return in_days(
        sum(
            charge.minutes
            for claim in claims.claims(entries).values()
            if claim.kind in counted and claim.state is State.USED
            for _, charge in claim.spent
            if charge.slot.day.year == year
        )
    )


def _entitled(source: Source) -> tuple[entitlement.Entitlement | None, str]:
    try:
        return standing.entitled(source.person, source.policy, source.on.year, today=source.on), ""
    except errors.BadRequest as refused:
        return None, refused.code


def _rule(step: Applied) -> views.RuleView:
    return views.RuleView(rule=step.rule, basis=step.basis, figures=step.figures, result=step.result)


def _lot(lot: Lot, balance: ledger.Balance) -> views.LotView:
    return views.LotView(
        kind=lot.kind,
        name=name_of(lot),
        granted=balance.granted,
        carried=balance.carried,
        available=balance.available,
        held=balance.held,
        used=balance.used,
        expired=balance.expired,
        expires=lot.valid_to if lot.limited else None,
    )


def name_of(lot: Lot) -> str:
    """A lot as people call it: by the year for which it was given, which of a carried one is the year before."""
    carried = lot.parent is not None
    return lot_name(lot.valid_from.year - carried, carried=carried)


def move(source: Source, entry: Entry) -> views.MoveView:
    """An entry in figures: what happened, and of a request which of its days cost nothing."""
    kind = source.policy.kinds.get(entry.lot.kind)
    found = skipping.Skips()
    if kind is not None and entry.about is not None and entry.cause is Cause.HOLD:
        who = standing.Who.of(source.person)
        calendar = source.policy.calendar(source.calendar)
        found = skipping.skips(entry.about, rules=kind.rules, calendar=calendar, sex=who.sex, groups=who.groups)
    about = entry.about
    return views.MoveView(
        on=entry.effective,
        cause=entry.cause.value,
        kind=entry.lot.kind,
        lot=name_of(entry.lot),
        minutes=_signed(entry),
        asked=(about.first.day, about.first.half.value, about.last.day, about.last.half.value) if about else None,
        skipped=skip_views(found),
        makeup=found.makeup,
        note=entry.note,
        written=entry.number <= source.written,
    )


def skip_views(found: skipping.Skips) -> tuple[SkipView, ...]:
    return tuple(SkipView(first=one.first, last=one.last, why=one.why, half=one.half) for one in found.skipped)


def _signed(entry: Entry) -> int:
    """What takes from the person is below nothing where the cause does not say the direction; a range alone is 0."""
    if entry.account_from is entry.account_to:
        return 0
    if entry.cause not in (Cause.ADJUST, Cause.CARRY_OVER):
        return entry.minutes
    return entry.minutes if entry.account_to.value == "available" else -entry.minutes


def _warnings(source: Source, found: entitlement.Entitlement | None) -> views.Warnings:
    annual, kinds = source.policy.annual, source.policy.kinds.values()
    year = source.on.year
    calendar_days = [kind for kind in kinds if kind.rules.counting is Counting.CALENDAR_DAYS]
    return views.Warnings(
        sick_days=absences(source.entries, calendar_days, year=year, toward="sick"),
        sick_limit=annual.sick_limit_days.get(found.bracket) if found else None,
        personal_days=absences(source.entries, kinds, year=year, toward="personal"),
        personal_limit=annual.personal_limit_days if found else None,
    )
