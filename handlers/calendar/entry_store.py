"""Calendar entries, shares and feeds in the tables. Records out, no rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from handlers.calendar.rules import Level, Period
from handlers.people import directory
from handlers.transaction import Row, Transaction, from_ms, to_ms

ACTIVE: Final = "active"
CANCELLED: Final = "cancelled"
MANUAL: Final = "manual"
PLATFORM: Final = "platform"
"""The reader of a share that says whether entries are written into the platform's own calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """See `models.EntryRow`; `id` is the number that people say."""

    uid: str
    owner: str
    period: Period
    title: str
    kind: str = MANUAL
    source: str = ""
    all_day: bool = False
    place: str = ""
    note: str = ""
    remind: int = -1
    state: str = ACTIVE
    sequence: int = 0
    before: Mapping[str, Any] | None = None
    author: str = ""
    changed: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """`reader` is `person:<id>`, `role:<role>` or `all`."""

    reader: str
    level: Level
    writes: bool


async def add(tx: Transaction, one: Entry, *, owner: str, uid: str, author: str, now: datetime) -> int:
    """A new one, active; before it there was nothing. Its number."""
    row = await tx.first(
        "INSERT INTO agenda_entry (uid, owner, kind, source, begin_ms, end_ms, all_day, title, place, note, remind,"
        " state, sequence, before, author, created_ms, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        uid, owner, one.kind, one.source, to_ms(one.period.begin), to_ms(one.period.end), int(one.all_day),
        one.title, one.place, one.note, one.remind, ACTIVE, 0, "{}", author, to_ms(now), to_ms(now),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def save(tx: Transaction, one: Entry, *, now: datetime) -> Entry:
    await tx.execute(
        "UPDATE agenda_entry SET begin_ms = ?, end_ms = ?, all_day = ?, title = ?, place = ?, note = ?, remind = ?,"
        " state = ?, sequence = ?, before = ?, author = ?, changed_ms = ? WHERE id = ?",
        to_ms(one.period.begin), to_ms(one.period.end), int(one.all_day), one.title, one.place, one.note, one.remind,
        one.state, one.sequence, _json(one.before), one.author, to_ms(now), one.id,
    )  # fmt: skip
    return replace(one, changed=now)


async def lock(tx: Transaction, id: int) -> Entry | None:
    """For somebody who is going to change it."""
    suffix = " FOR UPDATE" if tx.dialect == "postgres" else ""
    row = await tx.first(f"SELECT * FROM agenda_entry WHERE id = ?{suffix}", id)
    return _entry(row) if row else None


async def find(tx: Transaction, uid: str) -> Entry | None:
    row = await tx.first("SELECT * FROM agenda_entry WHERE uid = ?", uid)
    return _entry(row) if row else None


async def of_owner(tx: Transaction, owner: str, period: Period, *, gone: bool = False, most: int = 500) -> list[Entry]:
    """What touches the period, by begin; with `gone` cancelled ones as well."""
    which = "" if gone else "AND state = 'active' "
    rows = await tx.fetch(
        f"SELECT * FROM agenda_entry WHERE owner = ? AND end_ms > ? AND begin_ms < ? {which}"
        "ORDER BY begin_ms, id LIMIT ?",
        owner, to_ms(period.begin), to_ms(period.end), most,
    )  # fmt: skip
    return [_entry(row) for row in rows]


async def of_source(tx: Transaction, source: str) -> list[Entry]:
    rows = await tx.fetch("SELECT * FROM agenda_entry WHERE source = ? AND source <> '' ORDER BY id", source)
    return [_entry(row) for row in rows]


async def last_changed_by(tx: Transaction, author: str, *, since: datetime) -> Entry | None:
    """The entry that this person changed last and that can be undone."""
    row = await tx.first(
        "SELECT * FROM agenda_entry WHERE author = ? AND kind = 'manual' AND before <> '' AND changed_ms >= ?"
        " ORDER BY changed_ms DESC, id DESC LIMIT 1",
        author, to_ms(since),
    )  # fmt: skip
    return _entry(row) if row else None


async def shares(tx: Transaction, owner: str) -> list[Share]:
    rows = await tx.fetch(
        "SELECT reader, level, writes FROM agenda_share WHERE owner = ? AND reader <> ? ORDER BY id", owner, PLATFORM
    )
    return [Share(row["reader"], Level(row["level"]), bool(row["writes"])) for row in rows]


async def share(tx: Transaction, owner: str, one: Share) -> None:
    await tx.execute(
        "INSERT INTO agenda_share (owner, reader, level, writes) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (owner, reader) DO UPDATE SET level = excluded.level, writes = excluded.writes",
        owner, one.reader, one.level.value, int(one.writes),
    )  # fmt: skip
    directory.forget(tx)


async def hides(tx: Transaction, owner: str) -> bool:
    """Whether this person wants nothing written into the platform's own calendar."""
    return await directory.calendar_wish(tx, owner) == Level.NONE


async def coming(tx: Transaction, *, since: datetime, until: datetime, owner: str = "") -> list[Entry]:
    """Everybody's (or one person's) active entries that are not over and begin before `until`, by owner."""
    whose, values = ("AND owner = ? ", [owner]) if owner else ("", [])
    rows = await tx.fetch(
        f"SELECT * FROM agenda_entry WHERE state = 'active' AND end_ms > ? AND begin_ms < ? {whose}"
        "ORDER BY owner, begin_ms, id",
        to_ms(since), to_ms(until), *values,
    )  # fmt: skip
    return [_entry(row) for row in rows]


async def add_feed(tx: Transaction, person: str, token_hash: str, *, now: datetime) -> int:
    row = await tx.first(
        "INSERT INTO ics_feed (person, token_hash, created_ms, revoked_ms) VALUES (?, ?, ?, 0) RETURNING id",
        person, token_hash, to_ms(now),
    )  # fmt: skip
    assert row is not None
    return int(row["id"])


async def feeds(tx: Transaction, person: str) -> list[tuple[int, datetime]]:
    """(number, since) of those that are in force."""
    rows = await tx.fetch("SELECT id, created_ms FROM ics_feed WHERE person = ? AND revoked_ms = 0 ORDER BY id", person)
    return [(row["id"], from_ms(row["created_ms"])) for row in rows]


async def owner_of(tx: Transaction, token_hash: str) -> str | None:
    """Whose feed it is, while it is in force."""
    row = await tx.first("SELECT person FROM ics_feed WHERE token_hash = ? AND revoked_ms = 0", token_hash)
    return row["person"] if row else None


async def revoke(tx: Transaction, person: str, feed: int, *, now: datetime) -> bool:
    touched = await tx.execute(
        "UPDATE ics_feed SET revoked_ms = ? WHERE id = ? AND person = ? AND revoked_ms = 0", to_ms(now), feed, person
    )
    return touched == 1


def _json(value: Mapping[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"], uid=row["uid"], owner=row["owner"], kind=row["kind"], source=row["source"],
        period=Period(from_ms(row["begin_ms"]), from_ms(row["end_ms"])), all_day=bool(row["all_day"]),
        title=row["title"], place=row["place"], note=row["note"], remind=row["remind"], state=row["state"],
        sequence=row["sequence"], before=json.loads(row["before"]) if row["before"] else None, author=row["author"],
        changed=from_ms(row["changed_ms"]),
    )  # fmt: skip
