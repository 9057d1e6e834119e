"""What was left of the annual leave when the office began with this ledger: one correction, with reason and approver.

The year's grant is what the law gives; what was taken before that day is the difference. A list that is brought in
again changes only what changed: the figure last recorded is a fact, and the next one corrects by the difference.
"""

from __future__ import annotations

from handlers import errors
from handlers.audit import log
from handlers.context import Context
from handlers.leave import charge, facts, standing, store
from handlers.leave.book import ledger
from handlers.leave.book.entries import Stamp
from handlers.people.directory import Person


async def record(ctx: Context, person: Person, minutes: int, *, reason: str, approver: str) -> int | None:
    """Brings this year's annual leave to `minutes`; the correction in minutes, None where the list says what it said.

    Raises OwnRequest when somebody approves for themselves, BadRequest(no_first_work_date).
    """
    if approver == person.id:
        raise errors.OwnRequest(by=person.id)
    today = charge.today(ctx)
    before = await _known(ctx, person.id, today.year)
    if before == minutes:
        return None
    lot = standing.annual_lot(today.year)
    entries = await charge.grant_year(ctx, person, today.year, await store.lock(ctx.tx, person.id))
    known = ledger.balance(entries, on=today, kind=lot.kind, lot=lot.name).available if before is None else before
    stamp = Stamp(recorded=ctx.now, effective=today, actor=approver, note=reason)
    new = ledger.adjust(entries, lot, minutes - known, stamp=stamp, ref=f"opening-{today.year}")
    await store.append(ctx, person.id, new)
    fact = facts.OpeningRecorded(person=person.id, year=today.year, minutes=minutes, approver=approver, reason=reason)
    await log.record(ctx.tx, fact, origin=ctx.origin, now=ctx.now, effective=today)
    return minutes - known


async def _known(ctx: Context, person: str, year: int) -> int | None:
    found = [
        fact.data["minutes"]
        for fact in await log.read(ctx.tx, person)
        if fact.kind == facts.OpeningRecorded.KIND and fact.data["year"] == year
    ]
    return found[-1] if found else None
