"""Half-day slots: every day has a morning and an afternoon, and a leave runs from a slot to a slot, both included.

Where noon lies is the office's timetable (office-rules.md 4.1) and of no concern here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple


class Half(StrEnum):
    """The names sort as the day runs: am before pm."""

    AM = "am"
    PM = "pm"


class Slot(NamedTuple):
    day: date
    half: Half = Half.AM

    def next(self) -> Slot:
        if self.half is Half.AM:
            return Slot(self.day, Half.PM)
        return Slot(self.day + timedelta(days=1), Half.AM)

    def previous(self) -> Slot:
        if self.half is Half.PM:
            return Slot(self.day, Half.AM)
        return Slot(self.day - timedelta(days=1), Half.PM)


class Range(NamedTuple):
    """From a slot to a slot, both included; empty when `last` lies before `first`."""

    first: Slot
    last: Slot

    def __contains__(self, slot: object) -> bool:
        return isinstance(slot, Slot) and self.first <= slot <= self.last

    def overlaps(self, other: Range) -> bool:
        return max(self.first, other.first) <= min(self.last, other.last)

    def slots(self) -> Iterator[Slot]:
        slot = self.first
        while slot <= self.last:
            yield slot
            slot = slot.next()


def whole_days(first: date, last: date) -> Range:
    """The range of whole days from the morning of `first` to the evening of `last`."""
    return Range(Slot(first, Half.AM), Slot(last, Half.PM))
