"""Resources, reservations and the queue in the tables: found, locked, written. Records out, no rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from handlers.calendar.rules import Kind, Need, Period, Resource
from handlers.transaction import Row, Transaction, from_ms, to_ms

LIVE: Final = "('held', 'booked', 'used')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """`booking` is the number people say; `state` held | booked | used | cancelled. See `models.ReservationRow`."""

    id: int
    booking: int
    resource: int
    period: Period
    state: str
    person: str
    subject: str = ""
    people: int = 0
    source: str = ""
    late: bool = False

    @property
    def live(self) -> bool:
        return self.state in ("held", "booked", "used")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the queue; `resource` 0 is any that fits."""

    id: int
    kind: Kind
    resource: int
    period: Period
    person: str
    subject: str
    need: Need
    state: str


async def resources(tx: Transaction, kind: Kind | None = None, *, all: bool = False) -> list[Resource]:
    """In the order of their names; with `all` those that are out of use as well."""
    rows = await tx.fetch("SELECT * FROM resource ORDER BY kind, name")
    found = [_resource(row) for row in rows]
    return [one for one in found if kind in (None, one.kind) and (all or one.active)]


async def resource(tx: Transaction, id: int) -> Resource | None:
    row = await tx.first("SELECT * FROM resource WHERE id = ?", id)
    return _resource(row) if row else None


async def lock(tx: Transaction, ids: Sequence[int]) -> list[Resource]:
    """Whoever books these waits for us; in one order, so that two never wait for each other. Bounded by the caller."""
    found = []
    suffix = " FOR UPDATE" if tx.dialect == "postgres" else ""
    for id in sorted(set(ids)):
        row = await tx.first(f"SELECT * FROM resource WHERE id = ?{suffix}", id)
        if row is not None:
            found.append(_resource(row))
    return found


async def save_resource(tx: Transaction, one: Resource) -> int:
    """Adds or changes it by kind and name; its number. The odometer is not touched."""
    row = await tx.first(
        "INSERT INTO resource (kind, name, seats, equipment, place, person, valid_until, odometer, active)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)"
        " ON CONFLICT (kind, name) DO UPDATE SET seats = excluded.seats, equipment = excluded.equipment,"
        " place = excluded.place, person = excluded.person, valid_until = excluded.valid_until,"
        " active = excluded.active RETURNING id",
        one.kind.value, one.name, one.seats, json.dumps(one.equipment, ensure_ascii=False), one.place, one.person,
        one.valid_until.isoformat() if one.valid_until else "", int(one.active),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def read_odometer(tx: Transaction, id: int, kilometres: int) -> bool:
    """False where the vehicle has been farther already: an odometer never goes back."""
    touched = await tx.execute(
        "UPDATE resource SET odometer = ? WHERE id = ? AND odometer <= ?", kilometres, id, kilometres
    )
    return touched == 1


async def add(tx: Transaction, one: Reservation, *, now: datetime) -> int:
    row = await tx.first(
        "INSERT INTO reservation (booking, resource, begin_ms, end_ms, state, person, subject, people, source, late,"
        " odometer_out, odometer_back, created_ms, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) RETURNING id",
        one.booking, one.resource, to_ms(one.period.begin), to_ms(one.period.end), one.state, one.person, one.subject,
        one.people, one.source, int(one.late), to_ms(now), to_ms(now),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def move(tx: Transaction, id: int, *, state: str, end: datetime, now: datetime) -> None:
    await tx.execute(
        "UPDATE reservation SET state = ?, end_ms = ?, changed_ms = ? WHERE id = ?", state, to_ms(end), to_ms(now), id
    )


async def driven(tx: Transaction, id: int, *, out: int, back: int) -> None:
    await tx.execute("UPDATE reservation SET odometer_out = ?, odometer_back = ? WHERE id = ?", out, back, id)


async def between(tx: Transaction, period: Period, *, resource: int = 0) -> list[Reservation]:
    """Everything live that touches the period, of one resource or of all, by begin."""
    which, values = ("resource = ? AND ", [resource]) if resource else ("", [])
    rows = await tx.fetch(
        f"SELECT * FROM reservation WHERE {which}end_ms > ? AND begin_ms < ? AND state IN {LIVE}"
        " ORDER BY begin_ms, id",
        *values, to_ms(period.begin), to_ms(period.end),
    )  # fmt: skip
    return [_reservation(row) for row in rows]


async def of_booking(tx: Transaction, booking: int) -> list[Reservation]:
    rows = await tx.fetch("SELECT * FROM reservation WHERE booking = ? ORDER BY begin_ms, id", booking)
    return [_reservation(row) for row in rows]


async def of_source(tx: Transaction, source: str) -> list[Reservation]:
    rows = await tx.fetch("SELECT * FROM reservation WHERE source = ? ORDER BY begin_ms, id", source)
    return [_reservation(row) for row in rows]


async def of_person(tx: Transaction, person: str, *, since: datetime, limit: int = 30) -> list[Reservation]:
    """What somebody has from now on, the next first."""
    rows = await tx.fetch(
        f"SELECT * FROM reservation WHERE person = ? AND end_ms > ? AND state IN {LIVE}"
        " ORDER BY begin_ms, id LIMIT ?",
        person, to_ms(since), limit,
    )  # fmt: skip
    return [_reservation(row) for row in rows]


async def queue(tx: Transaction, place: Place, *, now: datetime) -> int:
    row = await tx.first(
        "INSERT INTO wait_place (kind, resource, begin_ms, end_ms, person, subject, people, equipment, state,"
        " created_ms, told_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING id",
        place.kind.value, place.resource, to_ms(place.period.begin), to_ms(place.period.end), place.person,
        place.subject, place.need.people, json.dumps(place.need.equipment, ensure_ascii=False), place.state, to_ms(now),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def queued(tx: Transaction, period: Period, kind: Kind) -> list[Place]:
    """Who waits for anything of this kind in a time that touches the period, first come first."""
    rows = await tx.fetch(
        "SELECT * FROM wait_place WHERE state = 'waiting' AND kind = ? AND end_ms > ? AND begin_ms < ? ORDER BY id",
        kind.value, to_ms(period.begin), to_ms(period.end),
    )  # fmt: skip
    return [_place(row) for row in rows]


async def queued_by(tx: Transaction, person: str) -> list[Place]:
    rows = await tx.fetch(
        "SELECT * FROM wait_place WHERE person = ? AND state IN ('waiting', 'told') ORDER BY id", person
    )
    return [_place(row) for row in rows]


async def place(tx: Transaction, id: int) -> Place | None:
    row = await tx.first("SELECT * FROM wait_place WHERE id = ?", id)
    return _place(row) if row else None


async def move_place(tx: Transaction, id: int, *, state: str, now: datetime) -> bool:
    """False where it is in that state already: whoever comes second does nothing."""
    return (
        await tx.execute(
            "UPDATE wait_place SET state = ?, told_ms = ? WHERE id = ? AND state <> ? AND state <> 'gone'",
            state, to_ms(now), id, state,
        )
        == 1
    )  # fmt: skip


def _resource(row: Row) -> Resource:
    return Resource(
        id=row["id"], kind=Kind(row["kind"]), name=row["name"], seats=row["seats"],
        equipment=tuple(json.loads(row["equipment"])), place=row["place"], person=row["person"],
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None, odometer=row["odometer"],
        active=bool(row["active"]),
    )  # fmt: skip


def _reservation(row: Row) -> Reservation:
    return Reservation(
        id=row["id"], booking=row["booking"], resource=row["resource"],
        period=Period(from_ms(row["begin_ms"]), from_ms(row["end_ms"])), state=row["state"], person=row["person"],
        subject=row["subject"], people=row["people"], source=row["source"], late=bool(row["late"]),
    )  # fmt: skip


def _place(row: Row) -> Place:
    return Place(
        id=row["id"], kind=Kind(row["kind"]), resource=row["resource"],
        period=Period(from_ms(row["begin_ms"]), from_ms(row["end_ms"])), person=row["person"], subject=row["subject"],
        need=Need(people=row["people"], equipment=tuple(json.loads(row["equipment"]))), state=row["state"],
    )  # fmt: skip
