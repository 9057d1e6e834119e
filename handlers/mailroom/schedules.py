"""Entries in the platforms' own calendars: one copy per entry, whose handle knows the platform's id.

Where a person's schedules are kept there (`place`) is a row of its own: it is durable before the first entry is made,
so that one whose answer was lost, or whose process was killed, can be looked for instead of being made twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zlib import crc32

from cards.model import Schedule
from connectors.contract import Connector
from connectors.errors import PlatformRefused
from connectors.refs import PersonRef
from handlers.mailroom import copies, letters, outbox, posted
from handlers.mailroom.copies import Copy
from handlers.mailroom.letters import Claimed, Letter
from handlers.transaction import Database, Transaction, to_ms

KIND: Final = "calendar.schedule"
_PLACE: Final = "calendar.place"
_ECHO: Final = timedelta(minutes=1)

_NEW_PLACE = (
    "INSERT INTO copy (id, item, person, account, recipient_kind, recipient, kind, version, ref, serial,"
    " handle, created_ms) VALUES (?, ?, ?, ?, 'person', ?, ?, ?, ?, 1, ?, ?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry that the platform has as we wrote it last: nothing of it waits, and the last letter arrived."""

    uid: str
    person: str
    to: PersonRef
    handle: Mapping[str, Any]
    sequence: int


async def find(tx: Transaction, uid: str) -> Copy | None:
    """The entry's copy on the platform, if it was ever to have one."""
    return next(iter(await copies.of_item(tx, _item(uid))), None)


async def post(tx: Transaction, wanted: Schedule, *, person: str, to: PersonRef, now: datetime) -> bool:
    """The entry is to stand there so; the same or an older `sequence` again changes nothing (False)."""
    copy = await find(tx, wanted.uid)
    if copy is not None:
        newer = await tx.execute(
            "UPDATE copy SET version = ? WHERE id = ? AND version < ?", wanted.sequence, copy.id, wanted.sequence
        )
        copies.forget(tx, copy.item)
        return newer == 1 and await again(tx, wanted, now=now)
    if wanted.cancelled:
        return False
    await begin(tx, wanted, person=person, to=to, now=now)
    return True


async def begin(tx: Transaction, wanted: Schedule, *, person: str, to: PersonRef, now: datetime) -> None:
    """An entry that never had a copy there gets one."""
    key = f"schedule/{wanted.uid}/{wanted.sequence}"
    letter = Letter(to=to, message=wanted, key=key, copy=copies.new_id(now))
    await copies.begin(
        tx, letter, item=_item(wanted.uid), person=person, kind=KIND, version=wanted.sequence, now=now
    )


async def again(tx: Transaction, wanted: Schedule, *, now: datetime) -> bool:
    """Written once more as it is here, whatever was made of it there."""
    copy = await find(tx, wanted.uid)
    if copy is None:
        return False
    await tx.execute("UPDATE copy SET version = ? WHERE id = ?", wanted.sequence, copy.id)
    copies.forget(tx, copy.item)
    await outbox.refresh(tx, copy.id, wanted, now=now)
    return True


async def settled(tx: Transaction, uids: list[str], *, account: str) -> list[Kept]:
    """Those of these entries that this account's platform has had for more than a moment, as they were written last."""
    found = []
    for uid in uids:
        copy = await find(tx, uid)
        if copy is None or copy.to.account != account or not (copy.handle or {}).get("id"):
            continue
        if not isinstance(copy.to, PersonRef) or not await _arrived(tx, copy.id):
            continue
        found.append(Kept(uid=uid, person=copy.person, to=copy.to, handle=copy.handle or {}, sequence=copy.version))
    return found


async def is_echo(tx: Transaction, copy: str, *, now: datetime) -> bool:
    """Whether a change that the platform reports is our own writing of a moment ago, or will be overtaken by it."""
    await posted.write(tx)
    row = await tx.first(
        "SELECT 1 AS one FROM outbox WHERE copy = ? AND (state = 'waiting' OR sent_ms > ?)", copy, to_ms(now - _ECHO)
    )
    return row is not None


async def keep(
    database: Database, connector: Connector, letter: Claimed, wanted: Schedule, *, now: datetime
) -> Mapping[str, Any]:
    """Carries one letter; the handle that belongs to its copy from now on. Raises PlatformError."""
    schedules = connector.schedules
    if schedules is None or not isinstance(letter.to, PersonRef):
        raise PlatformRefused("no calendar here", call="schedule", code="no_calendar")
    place = await database.read(partial(place_of, to=letter.to))
    if place is None:
        place = await schedules.place(letter.to)
        await database.write(partial(_keep_place, letter=letter, place=place, now=now))
    return await schedules.keep(
        letter.to, place, letter.handle, wanted, ref=letter.copy or letter.ref, repeated=letter.maybe
    )


async def place_of(tx: Transaction, *, to: PersonRef) -> Mapping[str, Any] | None:
    """Where this account's schedules are kept on its platform."""
    row = await tx.first(
        "SELECT handle FROM copy WHERE item = ? AND account = ? AND recipient = ?", _place(to), to.account, to.id
    )
    return json.loads(row["handle"]) if row is not None else None


async def _keep_place(tx: Transaction, *, letter: Claimed, place: Mapping[str, Any], now: datetime) -> None:
    assert isinstance(letter.to, PersonRef)
    if await place_of(tx, to=letter.to) is not None:
        return
    id, (_, recipient) = copies.new_id(now), letters.address(letter.to)
    kept = json.dumps(dict(place))
    await tx.execute(
        _NEW_PLACE, id, _place(letter.to), "", letter.to.account, recipient, _PLACE, 0, id, kept, to_ms(now)
    )


async def _arrived(tx: Transaction, copy: str) -> bool:
    await posted.write(tx)
    row = await tx.first("SELECT state FROM outbox WHERE copy = ? ORDER BY id DESC LIMIT 1", copy)
    return row is not None and row["state"] == "sent"


def _place(to: PersonRef) -> str:
    """Short enough for the column, whatever the platform's ids are like."""
    return f"{_PLACE}/{crc32(to.id.encode()):08x}"


def _item(uid: str) -> str:
    return f"schedule-{uid}"
