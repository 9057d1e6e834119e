"""Which card lies on whose phone: one row per copy, so that every copy can be shown the present state."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, cast

from cards.model import Card
from connectors.refs import MessageRef, Recipient
from handlers import ids
from handlers.mailroom import letters, outbox, posted
from handlers.mailroom.letters import Letter
from handlers.mailroom.posted import Posted
from handlers.transaction import Row, Transaction, to_ms

# A replacement of a card that could no longer be changed is `<id>-2`, `<id>-3` ...
_REF = re.compile(r"(c-[0-9a-z]{20})(?:-[0-9]+)?")

_COLUMNS = "id, item, person, account, recipient_kind, recipient, kind, version, ref, handle"
_FEW = 8
_WITH_SIBLINGS = f"""
    SELECT {_COLUMNS}, created_ms, {outbox.NEWEST} AS newest FROM copy c
    WHERE item = (SELECT item FROM copy WHERE id = ?) LIMIT {_FEW + 1}
"""
_KEEP_CODE = """
    INSERT INTO tap_code (copy, code, at_ms) SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT)
    WHERE NOT EXISTS (SELECT 1 FROM tap_code WHERE copy = ? AND code = ?)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """`kind` and `version` are the card's kind and the item's version when it was sent; `ref` is the message that shows
    it now, `kept` the text of its handle.
    """

    id: str
    item: str
    person: str
    to: Recipient
    kind: str
    version: int
    ref: MessageRef
    kept: str

    @property
    def handle(self) -> Mapping[str, Any] | None:
        """What its connector remembers of it; None until it was sent."""
        return json.loads(self.kept) if self.kept else None


def new_id(now: datetime) -> str:
    """For cards whose buttons or addresses must carry the copy's own id before it exists."""
    return f"c-{ids.in_order(now, chance=10)}"


async def open_copy(
    tx: Transaction,
    *,
    item: str,
    person: str,
    to: Recipient,
    kind: str,
    card: Card,
    version: int,
    now: datetime,
    urgent: bool = False,
    not_before: datetime | None = None,
) -> str:
    """Sends `card` to one person or chat and remembers where; returns the copy's id (`[0-9a-z-]`)."""
    id = new_id(now)
    letter = Letter(to=to, message=card, copy=id, urgent=urgent, not_before=not_before)
    await begin(tx, letter, item=item, person=person, kind=kind, version=version, now=now)
    return id


async def begin(
    tx: Transaction, letter: Letter, *, item: str, person: str, kind: str, version: int, now: datetime
) -> None:
    """The copy that this letter names comes into being with it."""
    id, to = letter.copy, letter.to
    recipient_kind, recipient = letters.address(to)
    row = (id, item, person, to.account, recipient_kind, recipient, kind, version, id, to_ms(now))
    forget(tx, item)
    outbox.lies(tx, id, to)
    await posted.add(tx, [Posted(letter=letter, kind="send", ref=id, answered=False, now=now, opens=row)])


async def of_item(tx: Transaction, item: str) -> Sequence[Copy]:
    """All copies of an item, oldest first; asked for once in a unit (`forget`)."""
    found: tuple[Copy, ...] | None = tx.memo.get(("copies", item))
    if found is None:
        await posted.opened(tx, item=item)
        rows = await tx.fetch(f"SELECT {_COLUMNS} FROM copy WHERE item = ? ORDER BY created_ms, id", item)
        tx.memo["copies", item] = found = tuple(_copy(tx, row) for row in rows)
    return found


def forget(tx: Transaction, item: str) -> None:
    """A copy of it was opened or became another version in this unit: what is asked from here on is read anew."""
    tx.memo.pop(("copies", item), None)


async def find(tx: Transaction, id: str) -> Copy | None:
    """By the id of the copy or of a message that replaced its first one; asked for once in a unit."""
    key = ("copy", id)
    if key not in tx.memo:
        match = _REF.fullmatch(id)
        tx.memo[key] = await _find(tx, match[1]) if match else None
    return cast("Copy | None", tx.memo[key])


async def _find(tx: Transaction, id: str) -> Copy | None:
    """Whoever taps changes the other copies of the item too: where nobody else writes meanwhile, few come along."""
    await posted.opened(tx)
    if tx.dialect == "sqlite":
        rows = await tx.fetch(_WITH_SIBLINGS, id)
        if len(rows) <= _FEW:
            return next((copy for copy in _siblings(tx, rows) if copy.id == id), None)
    row = await tx.first(f"SELECT {_COLUMNS} FROM copy WHERE id = ?", id)
    return None if row is None else _copy(tx, row)


def _siblings(tx: Transaction, rows: Sequence[Row]) -> Sequence[Copy]:
    """All copies of an item, which `of_item` need not ask for any more."""
    found = tuple(_copy(tx, row) for row in sorted(rows, key=itemgetter("created_ms", "id")))
    for row in rows:
        outbox.waits(tx, row["id"], row["newest"])
    if found:
        tx.memo["copies", found[0].item] = found
    return found


async def tapped(tx: Transaction, copy: str, code: str, *, now: datetime) -> None:
    """Keeps the one-time right to update that came with a tap; the next update uses it. Keeping it twice is once."""
    if code:
        await tx.later(_KEEP_CODE, copy, code, to_ms(now), copy, code)


async def prune(tx: Transaction, *, before: datetime) -> int:
    """Forgets rights that nobody used, such as those of cards that a tap's answer has changed already."""
    return await tx.execute("DELETE FROM tap_code WHERE at_ms < ?", to_ms(before))


def _copy(tx: Transaction, row: Row) -> Copy:
    to = letters.recipient(row["account"], row["recipient_kind"], row["recipient"])
    outbox.lies(tx, row["id"], to)
    return Copy(
        id=row["id"],
        item=row["item"],
        person=row["person"],
        to=to,
        kind=row["kind"],
        version=row["version"],
        ref=MessageRef(row["account"], row["ref"]),
        kept=row["handle"],
    )
