"""A leave at another time: which range is meant, what it costs more, and the swap of an approved one.

While a change waits, the leave stays as it was approved and only what the change costs more is set aside; when it is
approved, `ledger.recount` gives back and charges in one go, so that nobody can spend the days in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from cards.leave_change import END, MORE
from handlers.context import Context
from handlers.days.phrases import DoubtCode, Reading, Span
from handlers.days.slots import Half, Range
from handlers.leave import charge, store
from handlers.leave.book import claims, ledger
from handlers.leave.book.claims import State
from handlers.leave.book.entries import Cause, Entry, Stamp
from handlers.leave.costing import Clock, Costing
from handlers.leave.law.counting import DAY
from handlers.leave.law.policy import Kind
from handlers.people.directory import Person


def meant(
    verb: str, half: str, reading: Reading, old: Range, minutes: int, *, clock: Clock | None = None
) -> Span | None:
    """The range that somebody means who says this of a leave from `old`, of so many minutes; None: it is not clear.

    A single day moves the whole leave there; a range is taken as it stands; a number of days keeps the first day. A
    leave by the `clock` keeps its times on another day, and its day at other times.
    """
    if clock is not None or any(span.from_time for span in reading.spans):
        return _timed(reading, old, clock)
    if half:
        return _span(old.first.day, Half(half), old.first.day, Half(half)) if _one_day(old) else None
    if len(reading.spans) == 1:
        return _dated(verb, reading.spans[0], old, minutes)
    if reading.spans or reading.duration_days is None:
        return None
    days = reading.duration_days + (Decimal(minutes) / DAY if verb == MORE else 0)
    return _long(old, days)


async def reserve(ctx: Context, person: Person, kind: Kind, found: Costing, *, ref: str, leave: str) -> None:
    """Sets aside what the change `ref` of `leave` costs more. Raises the ledger's refusals."""
    entries = await charge.granted(ctx, person, kind, found)
    await store.append(ctx, person.id, reserved(ctx, person, entries, kind, found, ref=ref, leave=leave))


def reserved(
    ctx: Context, person: Person, entries: Sequence[Entry], kind: Kind, found: Costing, *, ref: str, leave: str
) -> list[Entry]:
    """What `reserve` would write: for a draft, nothing is kept. Raises `Overlap` and the ledger's refusals."""
    charge.check_free(ctx, person, entries, found, but=(leave, ref))
    return ledger.reserve(
        entries, ref, leave, found.charges, about=found.about, stamp=_stamp(ctx, person), order=kind.order
    )


async def release(ctx: Context, person: str, ref: str, *, rejected: bool) -> None:
    """The change does not happen: what it held goes back; nothing where it held nothing."""
    if _holds(await store.load(ctx.tx, person), ref):
        await charge.release(ctx, person, ref, rejected=rejected)


async def swap(ctx: Context, person: Person, kind: Kind, found: Costing, *, ref: str, leave: str) -> None:
    """The change is approved: what it held is free again and the leave costs what it now costs, in one go."""
    entries = await charge.granted(ctx, person, kind, found)
    charge.check_free(ctx, person, entries, found, but=(leave, ref))
    stamp = _stamp(ctx, person)
    freed = ledger.release(entries, ref, stamp=stamp, cause=Cause.WITHDRAW) if _holds(entries, ref) else []
    changed = ledger.recount(
        [*entries, *freed], leave, found.charges, stamp=stamp, order=kind.order, about=found.about
    )
    await store.append(ctx, person.id, [*freed, *changed])


def _dated(verb: str, span: Span, old: Range, minutes: int) -> Span:
    if verb == END:
        return _span(old.first.day, old.first.half, span.end, span.end_half)
    whole = (span.start_half, span.end_half) == (Half.AM, Half.PM)
    if span.start != span.end or not whole or span.from_time or span.duration_days:
        return span
    if _one_day(old):
        return _span(span.start, old.first.half, span.start, old.last.half)
    return replace(span, start_half=old.first.half, duration_days=Decimal(minutes) / DAY)


def _timed(reading: Reading, old: Range, clock: Clock | None) -> Span | None:
    if len(reading.spans) != 1:
        return None
    (span,) = reading.spans
    unsaid = any(doubt.code == DoubtCode.DAY_UNCLEAR for doubt in reading.doubts)
    if span.from_time is not None:
        if unsaid and not _one_day(old):
            return None
        return replace(span, start=old.first.day, end=old.first.day) if unsaid else span
    if clock is None or span.start != span.end or unsaid or span.duration_days:
        return None if unsaid else span
    return replace(span, from_time=clock[0], to_time=clock[1])


def _long(old: Range, days: Decimal) -> Span | None:
    if days <= 0:
        return None
    if days == Decimal("0.5"):
        return _span(old.first.day, old.first.half, old.first.day, old.first.half)
    return replace(_span(old.first.day, old.first.half, old.first.day, Half.PM), duration_days=days)


def _one_day(old: Range) -> bool:
    return old.first.day == old.last.day


def _span(start: date, start_half: Half, end: date, end_half: Half) -> Span:
    return Span(start=start, start_half=start_half, end=end, end_half=end_half)


def _holds(entries: Sequence[Entry], ref: str) -> bool:
    claim = claims.claims(entry for entry in entries if entry.ref == ref).get(ref)
    return claim is not None and claim.state is State.HELD


def _stamp(ctx: Context, person: Person) -> Stamp:
    return Stamp(recorded=ctx.now, effective=charge.today(ctx), actor=person.id)
