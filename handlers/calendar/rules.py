"""Rooms, vehicles, drivers and times as values, and what follows from them; pure.

Times are half-open, aware and UTC: what ends at ten does not touch what begins at ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from handlers.days.workdays import WorkHours

LONGEST = timedelta(days=62)
MOST_DAYS = 200
"""Occurrences of one recurring booking."""
_GRID = timedelta(minutes=30)


class Kind(StrEnum):
    ROOM = "room"
    VEHICLE = "vehicle"
    DRIVER = "driver"


class Level(StrEnum):
    """How much of a calendar somebody sees: nothing, that it is taken, or what it says."""

    NONE = "none"
    BUSY = "busy"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Period:
    begin: datetime
    end: datetime

    def meets(self, other: Period) -> bool:
        return self.begin < other.end and other.begin < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A room, vehicle or driver as `office.yaml` has it. `valid_until`: inspection or licence, None where not told."""

    kind: Kind
    name: str
    seats: int = 0
    equipment: tuple[str, ...] = ()
    place: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A thing in the tables: `id` is its row, `person` a driver's person id, `odometer` kilometres."""

    id: int
    kind: Kind
    name: str
    seats: int = 0
    equipment: tuple[str, ...] = ()
    place: str = ""
    person: str = ""
    valid_until: date | None = None
    odometer: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What somebody wants a resource for."""

    people: int = 0
    equipment: tuple[str, ...] = ()


ANY: Final = Need()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRules:
    """The office's settings of this area. `quiet` is the part of the day in which nobody is reminded.

    `written_to` are the accounts whose platforms have a calendar of their own into which entries are written.
    """

    things: tuple[Thing, ...] = ()
    remind_before: int = 15
    quiet: tuple[time, time] = (time(21, 30), time(7, 30))
    others_see: Level = Level.BUSY
    days_ahead: int = 180
    written_to: tuple[str, ...] = ()


def unfit(resource: Resource, need: Need, period: Period, *, zone: ZoneInfo) -> str:
    """Why this resource will not do, as a code: retired, too_small, lacks, expired; "" when it will."""
    if not resource.active:
        return "retired"
    if resource.seats and need.people > resource.seats:
        return "too_small"
    if lacking(resource, need):
        return "lacks"
    last = (period.end - timedelta(milliseconds=1)).astimezone(zone).date()
    return "expired" if resource.valid_until is not None and last > resource.valid_until else ""


def lacking(resource: Resource, need: Need) -> tuple[str, ...]:
    """What is asked for and not there; `投影` is there where a room has `投影仪`."""
    return tuple(one for one in need.equipment if not any(one in has or has in one for has in resource.equipment))


def free_times(
    taken: Iterable[Period], wanted: Period, *, hours: WorkHours, zone: ZoneInfo, not_before: datetime, most: int = 3
) -> list[Period]:
    """Other times of the same day in working hours, on half hours, at which nobody has it; the nearest first."""
    busy = list(taken)
    day = wanted.begin.astimezone(zone).date()
    free = [
        slot
        for slot in _slots(day, wanted.length, hours=hours, zone=zone)
        if slot.begin >= not_before and not any(slot.meets(one) for one in busy)
    ]
    nearest = sorted(free, key=lambda slot: (abs(slot.begin - wanted.begin), slot.begin))
    return sorted(_apart(nearest)[:most], key=lambda slot: slot.begin)


def _slots(day: date, length: timedelta, *, hours: WorkHours, zone: ZoneInfo) -> Iterator[Period]:
    for worked in hours.on(day):
        begin = datetime.combine(day, time(0), zone) + timedelta(minutes=worked.begin)
        until = datetime.combine(day, time(0), zone) + timedelta(minutes=worked.until)
        while begin + length <= until:
            yield Period(begin, begin + length)
            begin += _GRID


def _apart(slots: Sequence[Period]) -> list[Period]:
    """Offers that do not overlap one another: three times shifted by half an hour are one offer."""
    chosen: list[Period] = []
    for slot in slots:
        if not any(slot.meets(one) for one in chosen):
            chosen.append(slot)
    return chosen


def fitting(resources: Iterable[Resource], need: Need, period: Period, *, zone: ZoneInfo) -> list[Resource]:
    """Those that will do, the smallest first: a hall is not given to three people."""
    good = [one for one in resources if not unfit(one, need, period, zone=zone)]
    return sorted(good, key=lambda one: (one.seats or MOST_DAYS, one.name))


def reminder_at(begin: datetime, minutes: int, *, quiet: tuple[time, time], zone: ZoneInfo) -> datetime:
    """When to remind of what begins then: `minutes` before, or, where that is at night, the evening before it."""
    when = (begin - timedelta(minutes=minutes)).astimezone(zone)
    if not is_quiet(when, quiet=quiet, zone=zone):
        return when
    first, last = quiet
    evening = datetime.combine(when.date(), first, zone) - timedelta(minutes=1)
    over_midnight = first > last and when.time() < last
    return evening - timedelta(days=1) if over_midnight else evening


def is_quiet(moment: datetime, *, quiet: tuple[time, time], zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone).time()
    first, last = quiet
    return first <= local < last if first <= last else local >= first or local < last


def quiet_until(moment: datetime, *, quiet: tuple[time, time], zone: ZoneInfo) -> datetime:
    """The end of the night in which `moment` lies."""
    local = moment.astimezone(zone)
    end = datetime.combine(local.date(), quiet[1], zone)
    return end if end > local else end + timedelta(days=1)


def is_midnight(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).time() == time(0)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)
