"""Back from leave (销假): what it gives back, to which lots, and what is then left; nothing is decided here.

`reckon` is pure. The last half-day that was taken decides (office-rules.md 4.1): what comes after it goes back to the
lots it came from, and is lost where such a lot has ended meanwhile (4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from handlers import errors
from handlers.context import Context
from handlers.days.slots import Range, Slot
from handlers.days.workdays import CalendarMissing, WorkCalendar
from handlers.leave import store
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import Claim, State
from handlers.leave.book.entries import Account, Entry, Lot, Stamp
from handlers.leave.book.refusals import ZeroDays
from handlers.leave.law import counting
from handlers.leave.law.counting import CountRules


class Outcome(StrEnum):
    EARLY = "early"
    ON_TIME = "on_time"
    OVERDUE = "overdue"


class Back(NamedTuple):
    """Minutes that a lot gets back, or would have if it had not `ended`."""

    lot: Lot
    minutes: int
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """`approved` is the leave as it stands, `taken` what remains of it (None: nothing).

    `before` and `after` are what is available of the kind, None where it has no limit.
    """

    outcome: Outcome
    approved: Range
    taken: Range | None
    minutes: int
    kept: int
    backs: tuple[Back, ...] = ()
    before: int | None = None
    after: int | None = None
    entries: tuple[Entry, ...] = ()


def reckon(
    entries: Sequence[Entry], ref: str, last: Slot, *, rules: CountRules, calendar: WorkCalendar, stamp: Stamp
) -> Return:
    """What follows when `last` was the last half-day taken of the leave `ref`; before its first one: nothing was taken.

    Raises `WrongState` unless it is approved, and BadRequest(returned_already) when nothing is left of it.
    """
    claim = claims.find(entries, ref, state=State.USED)
    if claim.about is None:
        raise errors.BadRequest("return_by_amount", item=ref)
    if not claim.spent:
        raise errors.BadRequest("returned_already", item=ref)
    if last >= claim.about.last:
        late = _works(Range(claim.about.last.next(), last), rules, calendar)
        return _unchanged(claim, claim.about, Outcome.OVERDUE if late else Outcome.ON_TIME)
    back = max(last.next(), claim.about.first)
    new = ledger.restore(entries, ref, stamp=stamp, back=back, unit=rules.unit)
    if not new:  # only rest days were left
        return _unchanged(claim, claim.about, Outcome.ON_TIME)
    return _shortened(entries, claim, new, back)


async def look(ctx: Context, person: str, ref: str, last: Slot, *, rules: CountRules, stamp: Stamp) -> Return:
    """`reckon` with the ledger as it stands; nothing is written."""
    entries = await store.load(ctx.tx, person)
    return reckon(entries, ref, last, rules=rules, calendar=ctx.office.calendar, stamp=stamp)


async def carry_out(ctx: Context, person: str, ref: str, last: Slot, *, rules: CountRules, stamp: Stamp) -> Return:
    """`reckon` with the ledger as it is now, written."""
    entries = await store.lock(ctx.tx, person)
    found = reckon(entries, ref, last, rules=rules, calendar=ctx.office.calendar, stamp=stamp)
    await store.append(ctx, person, found.entries)
    return found


def _works(about: Range, rules: CountRules, calendar: WorkCalendar) -> bool:
    """Whether somebody who is away for this time as well is missed: not on a weekend behind the leave."""
    if about.last < about.first:
        return False
    try:
        return bool(counting.count(about, rules=CountRules(), calendar=calendar).minutes)
    except (ZeroDays, CalendarMissing):
        return False


def _unchanged(claim: Claim, about: Range, outcome: Outcome) -> Return:
    return Return(outcome=outcome, approved=about, taken=about, minutes=0, kept=claim.minutes)


def _shortened(entries: Sequence[Entry], claim: Claim, new: Sequence[Entry], back: Slot) -> Return:
    assert claim.about is not None
    after = claims.claims([*entries, *new])[claim.ref]
    limited = any(entry.lot.limited for entry in new)
    on = max(entry.effective for entry in new)
    about = after.about if after.spent else None
    return Return(
        outcome=Outcome.EARLY,
        approved=claim.about,
        taken=Range(claim.about.first, back.previous()) if about else None,
        minutes=sum(entry.minutes for entry in new),
        kept=after.minutes,
        backs=tuple(Back(entry.lot, entry.minutes, entry.account_to is Account.EXPIRED) for entry in new),
        before=ledger.balance(entries, on=on, kind=claim.kind).available if limited else None,
        after=ledger.balance([*entries, *new], on=on, kind=claim.kind).available if limited else None,
        entries=tuple(new),
    )
