"""Entries as an iCalendar file (RFC 5545): stable UIDs, cancelled ones marked, local times with a VTIMEZONE; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.calendar.entry_store import ACTIVE, Entry

if TYPE_CHECKING:
    from icalendar import Event, Timezone

_HOST = "officebot"


def written(name: str, entries: Iterable[Entry], *, zone: ZoneInfo, now: datetime) -> bytes:
    """The whole file; `name` is what calendar programs show it as."""
    from icalendar import Calendar  # with the first feed, not with every start

    calendar = Calendar()
    calendar.add("prodid", "-//officebot//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add_component(_timezone(zone))
    for one in entries:
        calendar.add_component(_event(one, zone=zone, now=now))
    data: bytes = calendar.to_ical()
    return data


def _timezone(zone: ZoneInfo) -> Timezone:
    """From 1970 on, so that the last summer time of China (1991) is in it and no program has to know the zone."""
    from icalendar import Timezone

    return Timezone.from_tzid(zone.key, first_date=date(1970, 1, 1), last_date=date(2038, 1, 1))


def _event(one: Entry, *, zone: ZoneInfo, now: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{one.uid}@{_HOST}")
    event.add("sequence", one.sequence)
    event.add("dtstamp", (one.changed or now).astimezone(UTC))
    begin, end = one.period.begin.astimezone(zone), one.period.end.astimezone(zone)
    if one.all_day:  # DATE values, the end not included
        event.add("dtstart", begin.date())
        event.add("dtend", end.date())
    else:
        event.add("dtstart", begin)
        event.add("dtend", end)
    event.add("summary", one.title)
    if one.place:
        event.add("location", one.place)
    if one.note:
        event.add("description", one.note)
    event.add("status", "CONFIRMED" if one.state == ACTIVE else "CANCELLED")
    return event
