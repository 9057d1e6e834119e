"""Time off in lieu (补休) from overtime: a lot of its own for every approved overtime, with its own end.

Civil Servants Law art. 82. How long it may be spent, and what odd minutes become, is the office's (`practice.Toil`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from handlers.context import Context
from handlers.leave import charge, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Entry, Lot, Stamp
from handlers.leave.law.practice import Toil
from handlers.people.directory import Person

KIND: Final = "toil"
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """`minutes` after rounding down; `until` is the last day on which they may be spent."""

    minutes: int
    until: date


def earned(day: date, begin: time, until: time, rules: Toil) -> Earned:
    """What overtime from clock to clock is worth; an end that lies before the beginning is the next day's."""
    worked = (until.hour * 60 + until.minute - begin.hour * 60 - begin.minute) % _DAY
    return Earned(minutes=worked - worked % rules.step, until=_months_later(day, rules.months))


def granted(entries: Sequence[Entry], day: date, found: Earned, *, ref: str, stamp: Stamp) -> list[Entry]:
    """The grant into the lot of this overtime; nothing when it was granted already, or is worth nothing."""
    if any(entry.ref == ref for entry in entries):
        return []
    lot = Lot(KIND, f"{KIND}-{ref}", day, found.until)
    return ledger.grant(entries, lot, found.minutes, stamp=stamp, ref=ref)


async def grant(ctx: Context, person: Person, day: date, found: Earned, *, ref: str, by: str) -> None:
    entries = await store.lock(ctx.tx, person.id)
    stamp = Stamp(recorded=ctx.now, effective=max(day, charge.today(ctx)), actor=by)
    await store.append(ctx, person.id, granted(entries, day, found, ref=ref, stamp=stamp))


def of(ctx: Context, person: Person, day: date, begin: time, until: time) -> Earned | None:
    """What it is worth to this person; None where their rules know no time off in lieu."""
    policy = charge.policy_of(ctx, person, on=day)
    return earned(day, begin, until, policy.practice.toil) if KIND in policy.kinds else None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
