"""The words in which these tests speak of a ledger: a history that acts, and days instead of minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

import yaml

from handlers.days import workdays
from handlers.days.slots import Half, Range, Slot
from handlers.days.workdays import SHANGHAI, WorkCalendar
from handlers.leave.book import ledger, submission
from handlers.leave.book.allocation import UseOrder
from handlers.leave.book.entries import Cause, Entry, Lot, Stamp
from handlers.leave.book.submission import Terms
from handlers.leave.law.counting import DAY, CountRules

ROOT = Path(__file__).parents[3]
CALENDARS = sorted((ROOT / "config" / "calendars").glob("*.yaml"))


def packaged_calendar() -> WorkCalendar:
    return workdays.from_data(yaml.safe_load(path.read_text("utf-8")) for path in CALENDARS)


def slot(text: str) -> Slot:
    """`2025-03-10` or `2025-03-10 pm`."""
    day, _, half = text.partition(" ")
    return Slot(date.fromisoformat(day), Half(half or "am"))


def leave(first: str, last: str) -> Range:
    """From `2025-03-10` to `2025-03-14`, or with halves: `2025-03-10 pm`; an end without a half is its evening."""
    return Range(slot(first), slot(last if " " in last else f"{last} pm"))


def year_lot(year: int, *, kind: str = "annual", name: str = "", parent: str | None = None) -> Lot:
    return Lot(kind, name or str(year), date(year, 1, 1), date(year, 12, 31), parent)


def stamp(recorded: str, effective: str | None = None, *, actor: str = "") -> Stamp:
    day = date.fromisoformat(recorded)
    return Stamp(
        recorded=datetime.combine(day, time(12), tzinfo=SHANGHAI),
        effective=date.fromisoformat(effective) if effective else day,
        actor=actor,
    )


@dataclass
class Book:
    """A person's ledger as the service drives it: each act reads the entries so far and appends what it gets."""

    calendar: WorkCalendar
    rules: CountRules = field(default_factory=CountRules)
    order: UseOrder = UseOrder.OLDEST_FIRST
    entries: list[Entry] = field(default_factory=list)

    def terms(self, kind: str, *, limited: bool = True) -> Terms:
        return Terms(kind=kind, rules=self.rules, calendar=self.calendar, order=self.order, limited=limited)

    def write(self, new: list[Entry]) -> list[Entry]:
        self.entries += new
        return new

    def grant(self, lot: Lot, days: float, on: str) -> None:
        self.write(ledger.grant(self.entries, lot, int(days * DAY), stamp=stamp(on)))

    def adjust(self, lot: Lot, days: float, on: str, *, effective: str | None = None) -> None:
        self.write(ledger.adjust(self.entries, lot, int(days * DAY), stamp=stamp(on, effective)))

    def request(
        self,
        ref: str,
        asked: Range,
        on: str,
        *,
        kind: str = "annual",
        limited: bool = True,
        effective: str | None = None,
    ) -> list[Entry]:
        terms = self.terms(kind, limited=limited)
        return self.write(submission.submit(self.entries, ref, asked, terms=terms, stamp=stamp(on, effective)).entries)

    def approve(self, ref: str, on: str) -> list[Entry]:
        return self.write(ledger.consume(self.entries, ref, stamp=stamp(on)))

    def reject(self, ref: str, on: str) -> list[Entry]:
        return self.write(ledger.release(self.entries, ref, stamp=stamp(on), cause=Cause.REJECT))

    def cancel(self, ref: str, on: str) -> list[Entry]:
        return self.write(ledger.restore(self.entries, ref, stamp=stamp(on)))

    def back(self, ref: str, at: str, on: str, *, effective: str | None = None) -> list[Entry]:
        return self.write(
            ledger.restore(self.entries, ref, stamp=stamp(on, effective), back=slot(at), unit=self.rules.unit)
        )

    def expire(self, on: str) -> list[Entry]:
        return self.write(ledger.expire(self.entries, on=date.fromisoformat(on), stamp=stamp(on)))

    def days(self, on: str, *, known: str | None = None, lot: str | None = None, kind: str | None = None):
        """(available, held, used, expired) in days."""
        known_at = datetime.combine(date.fromisoformat(known), time.max, tzinfo=SHANGHAI) if known else None
        found = ledger.balance(self.entries, on=date.fromisoformat(on), known_at=known_at, lot=lot, kind=kind)
        return tuple(minutes / DAY for minutes in (found.available, found.held, found.used, found.expired))
