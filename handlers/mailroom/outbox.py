"""What must go out, at least once and in order: posted in the transaction that decides it, sent by `deliver.py`.

A letter waits in the lane of its recipient. Only the oldest letter of a lane that may go by now can be claimed, and
nothing else of that lane while it is in the air. An attempt is durable before it is made (`flying`): after a crash the
letter is known to have perhaps arrived (`maybe`) and is repeated as such.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Sized
from datetime import datetime, timedelta
from typing import Any

from cards.model import Card, Message, Schedule
from connectors.refs import Recipient
from handlers import chance
from handlers.mailroom import emptying, letters, posted, work
from handlers.mailroom.letters import Claimed, Letter
from handlers.mailroom.posted import Posted
from handlers.transaction import Row, Transaction, from_ms, to_ms

__all__ = ["Claimed", "Letter", "post", "refresh", "refresh_all"]

_LONGEST = timedelta(days=3)
_AT_LEAST = timedelta(hours=1)

_STILL_HERE = "o.state = 'waiting' AND o.owner = '' AND (o.kind = 'update' OR (o.flying = 0 AND o.maybe = 0))"

NEWEST = f"""
    (SELECT CASE WHEN {_STILL_HERE} THEN o.id END FROM outbox o
        WHERE o.copy = c.id AND o.copy <> '' ORDER BY o.id DESC LIMIT 1)
"""
"""The newest letter of the copy `c`, if it is certainly still here."""

_NEAR = 200
_SAID_ALREADY = """
    SELECT o.id FROM outbox o JOIN outbox e ON e.lane = o.lane AND e.message = o.message AND e.created_ms = o.created_ms
        WHERE o.id = ? AND e.id BETWEEN ? AND ? AND e.copy <> '' AND e.state IN ('waiting', 'sent')
"""
"""Another copy of the same person's got the same face in the same unit, in place or as a card of its own."""

_HEAD = """
    o.state = 'waiting' AND o.account = ? AND o.not_before_ms <= ? AND o.due_ms <= ?
    AND (o.owner = '' OR (o.lease_ms <= ? AND o.owner <> ?))
    AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state = 'waiting' AND e.lane = o.lane AND e.id < o.id
        AND e.not_before_ms <= ?)
    AND NOT EXISTS (SELECT 1 FROM outbox f WHERE f.state = 'waiting' AND f.lane = o.lane AND f.id > o.id
        AND f.owner <> '' AND (f.lease_ms > ? OR f.owner = ?))
"""


async def post(tx: Transaction, letter: Letter, *, now: datetime) -> None:
    """Queues a letter. The same key twice is one letter; a card's letter is one by its copy and needs none."""
    ref = letter.copy or f"m-{chance.token_hex(12)}"
    await posted.add(tx, [Posted(letter=letter, kind="send", ref=ref, answered=False, now=now)])


async def is_posted(tx: Transaction, key: str) -> bool:
    """Whether a letter of this key was posted, however long ago: letters are emptied with the years and stay."""
    await posted.write(tx)
    return await tx.first("SELECT id FROM outbox WHERE key = ? AND key <> ''", key) is not None


async def refresh(
    tx: Transaction, copy: str, card: Card | Schedule, *, now: datetime, skip_answer: bool = False
) -> None:
    """Shows a new state on a copy.

    A card that has certainly not been sent yet is replaced in its letter, and so is an update that still waits; what is
    in the air, or perhaps arrived, is followed by an update. `skip_answer` is for the copy that was tapped: accounts
    whose callback answers carry the card get no second message, unless that answer does not go out within seconds.
    """
    await refresh_all(tx, {copy: card}, now=now, answered=skip_answer)


async def refresh_all(
    tx: Transaction, faces: Mapping[str, Card | Schedule], *, now: datetime, answered: bool = False
) -> None:
    """`refresh` of several copies (id -> what each shows now) with as many statements as for one."""
    left = {copy: card for copy, card in faces.items() if not posted.change(tx, copy, card, answered=answered)}
    if not left:
        return
    places = await _places_of(tx, left)
    taken = await _replaced(tx, left, answered=answered)
    await posted.add(tx, [
        Posted(
            letter=Letter(to=places[copy], message=card, copy=copy), kind="update", ref=copy, answered=answered, now=now
        )
        for copy, card in left.items() if copy in places and copy not in taken
    ])  # fmt: skip


def lies(tx: Transaction, copy: str, to: Recipient | None) -> None:
    """Where the copy is, as this unit has read or written it; None: to be asked for again."""
    tx.memo["place", copy] = to


def waits(tx: Transaction, copy: str, number: int | None) -> None:
    """What this unit has found as the copy's `NEWEST`; for a database that nobody else can write meanwhile."""
    tx.memo["letter", copy] = number


async def _places_of(tx: Transaction, copies: Collection[str]) -> dict[str, Recipient]:
    """Where they are. On PostgreSQL they are locked: another instance may be moving or refreshing one of them."""
    alone = tx.dialect == "sqlite"
    found = {copy: to for copy in copies if alone and (to := tx.memo.get(("place", copy))) is not None}
    asked = [copy for copy in copies if copy not in found]
    if asked:
        await posted.opened(tx, among=asked)
        rows = await tx.fetch(
            f"SELECT id, account, recipient_kind, recipient FROM copy WHERE id IN ({_places(asked)})"
            f"{'' if alone else ' ORDER BY id FOR UPDATE'}",
            *asked,
        )
        found |= {row["id"]: letters.recipient(row["account"], row["recipient_kind"], row["recipient"]) for row in rows}
    return found


async def heads(tx: Transaction, *, account: str, owner: str, now: datetime, limit: int) -> list[int]:
    """The letters that a claim would find, urgent lanes first: a question for a reader.

    With thousands of letters waiting it takes some milliseconds, which the one writer of SQLite must not lose to it.
    """
    ms = to_ms(now)
    rows = await tx.fetch(
        f"SELECT o.id FROM outbox o WHERE {_HEAD} ORDER BY o.urgent DESC, o.id LIMIT ?",
        account, ms, ms, ms, owner, ms, ms, owner, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def claim(
    tx: Transaction, *, account: str, owner: str, now: datetime, limit: int, among: Sequence[int] | None = None
) -> list[Claimed]:
    """The heads of up to `limit` lanes, urgent ones first, ours for a minute; the attempt counts with the commit.

    `among` are the ids that `heads` found a moment ago; those that are no heads any more are left out.
    """
    if among is None:
        among = await heads(tx, account=account, owner=owner, now=now, limit=limit)
    if not among:
        return []
    ms = to_ms(now)
    places = ", ".join("?" * len(among))
    rows = await tx.fetch(
        f"WITH picked AS MATERIALIZED (SELECT o.id FROM outbox o WHERE o.id IN ({places}) AND {_HEAD}"
        f"{work.skip_locked(tx)})"
        " UPDATE outbox SET owner = ?, lease_ms = ?, fence = fence + 1, attempts = attempts + 1,"
        " maybe = CASE WHEN flying = 1 THEN 1 ELSE maybe END, flying = 1,"
        " tried_ms = CASE WHEN tried_ms = 0 THEN ? ELSE tried_ms END"
        " WHERE id IN (SELECT id FROM picked) RETURNING *",
        *among, account, ms, ms, ms, owner, ms, ms, owner, owner, ms + work.LEASE_MS, ms,
    )  # fmt: skip
    ordered = sorted(rows, key=lambda row: (-row["urgent"], row["id"]))
    return [await _claimed(tx, row) for row in ordered if await _readable(tx, row)]


async def sent(tx: Transaction, letter: Claimed, handle: Mapping[str, Any], *, now: datetime) -> bool:
    """Marks it sent and keeps the handle with its copy. False when another worker has taken the letter over."""
    touched = await _close(tx, letter, "sent_ms = ?", "sent", to_ms(now))
    if touched and letter.copy:
        await tx.execute(
            "UPDATE copy SET handle = ?, ref = ? WHERE id = ?", json.dumps(dict(handle)), letter.ref, letter.copy
        )
        await _forget(tx, letter)
    return touched


async def answered(tx: Transaction, letter: Claimed, *, now: datetime) -> bool:
    """The answer to the tap has shown this state: nothing to send."""
    return await _close(tx, letter, "sent_ms = ?", "sent", to_ms(now))


async def went_out(tx: Transaction, copy: str) -> None:
    """The answer to a tap has shown the copy's newest state; for whoever carries its letter in another process."""
    await tx.execute(
        "UPDATE outbox SET answered = 2 WHERE copy = ? AND copy <> '' AND state = 'waiting' AND answered = 1", copy
    )


async def was_answered(tx: Transaction, number: int) -> bool:
    row = await tx.first("SELECT answered FROM outbox WHERE id = ?", number)
    return row is not None and row["answered"] == 2


async def busy(
    tx: Transaction,
    letter: Claimed,
    error: str,
    *,
    now: datetime,
    wait: timedelta | None = None,
    attempt: bool = True,
    unsure: bool = False,
    handle: Mapping[str, Any] | None = None,
) -> bool:
    """Nobody's fault: again after `wait` or a growing pause; True: dead after three days of trying.

    `attempt` False (throttled) counts no attempt. `unsure`: it may have arrived. `handle` is what the connector
    wants to remember of an attempt that it is unsure of.
    """
    dead = attempt and now - letter.created > _LONGEST and now - letter.tried > _AT_LEAST
    due = to_ms(now + wait) if wait is not None else work.next_try(letter.attempts, now)
    touched = await tx.execute(
        "UPDATE outbox SET state = ?, due_ms = ?, error = ?, attempts = attempts - ?, flying = 0,"
        " maybe = CASE WHEN ? = 1 THEN 1 ELSE maybe END, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        "dead" if dead else "waiting", due, error[:255], 0 if attempt else 1, int(unsure),
        letter.id, letter.owner, letter.fence,
    )  # fmt: skip
    if handle is not None and letter.copy:
        await tx.execute("UPDATE copy SET handle = ? WHERE id = ?", json.dumps(dict(handle)), letter.copy)
        await _forget(tx, letter)
    return dead and touched == 1


async def given_back(tx: Transaction, letter: Claimed, *, now: datetime) -> None:
    """Claimed, and then not tried: at once again, by whoever comes."""
    await busy(tx, letter, "", now=now, wait=timedelta(0), attempt=False)


async def refused(tx: Transaction, letter: Claimed, error: str, *, now: datetime) -> bool:
    """The platform said no: dead at once, shown to the operator; the lane goes on. False as for `sent`."""
    return await _close(tx, letter, "due_ms = ?", "dead", to_ms(now), error=error)


async def lowered(tx: Transaction, letter: Claimed, rung: int, error: str) -> None:
    """Refused for good as it was: the same letter goes at once again, from this rung of the ladder down."""
    await tx.execute(
        "UPDATE outbox SET rung = ?, due_ms = 0, error = ?, flying = 0, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        rung, error[:255], letter.id, letter.owner, letter.fence,
    )  # fmt: skip


async def spent(tx: Transaction, letter: Claimed) -> None:
    """The card on the phone can no longer change: this letter sends a replacement with a ref of its own.

    Taps on either resolve to the copy. The letter keeps its place in the lane. A fleeting state ends here, and so does
    what another card of this moment says word for word: of three old cards one new one is enough.
    """
    fleeting = isinstance(letter.message, Card) and letter.message.fleeting
    if fleeting or await tx.first(_SAID_ALREADY, letter.id, letter.id - _NEAR, letter.id - 1) is not None:
        await tx.execute(
            "UPDATE outbox SET state = 'replaced', flying = 0, maybe = 0, owner = '', lease_ms = 0"
            " WHERE id = ? AND owner = ? AND fence = ?",
            letter.id, letter.owner, letter.fence,
        )  # fmt: skip
        return
    row = await tx.first("UPDATE copy SET serial = serial + 1, handle = '' WHERE id = ? RETURNING serial", letter.copy)
    assert row is not None
    await _forget(tx, letter)
    await tx.execute(
        "UPDATE outbox SET kind = 'send', ref = ?, due_ms = 0, flying = 0, maybe = 0, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        f"{letter.copy}-{row['serial']}", letter.id, letter.owner, letter.fence,
    )  # fmt: skip


async def list_dead(tx: Transaction, *, limit: int = 100) -> Sequence[Row]:
    """For the operator's page: what did not go out, to whom and why; never the text."""
    return await tx.fetch(
        "SELECT id, account, recipient_kind, recipient, kind, message_kind, copy, created_ms, attempts, maybe, error,"
        " tried FROM outbox WHERE state = 'dead' ORDER BY id DESC LIMIT ?",
        limit,
    )


async def resend(tx: Transaction, number: int, *, now: datetime) -> bool:
    """Puts a dead letter back at the head of its lane."""
    touched = await tx.execute(
        "UPDATE outbox SET state = 'waiting', attempts = 0, tried_ms = 0, rung = 0, due_ms = ?"
        " WHERE id = ? AND state = 'dead'",
        to_ms(now), number,
    )  # fmt: skip
    return touched == 1


async def counts(tx: Transaction) -> Mapping[str, int]:
    """Waiting and dead letters, for metrics and `/readyz`; each from its partial index, never the whole table."""
    rows = await tx.fetch(
        "SELECT 'waiting' AS state, COUNT(*) AS number FROM outbox WHERE state = 'waiting' HAVING COUNT(*) > 0"
        " UNION ALL SELECT 'dead' AS state, COUNT(*) AS number FROM outbox WHERE state = 'dead' HAVING COUNT(*) > 0"
    )
    return {row["state"]: row["number"] for row in rows}


async def prune(tx: Transaction, *, before: datetime) -> int:
    """Empties what was sent long ago: the text goes, the key stays and keeps repetitions out."""
    return await emptying.empty(
        tx, "outbox", "message", states=("sent", "replaced"), at="created_ms", before=before
    )


async def _replaced(tx: Transaction, faces: Mapping[str, Message], *, answered: bool) -> set[str]:
    """The copies of which a letter that is certainly still here took the new state."""
    newest = await _newest(tx, faces)
    return {
        copy for copy, number in newest.items()
        if number is not None and await _replace(tx, number, faces[copy], answered=answered)
    }  # fmt: skip


async def _newest(tx: Transaction, copies: Collection[str]) -> dict[str, int | None]:
    """The newest letter of each of them that is certainly still here."""
    found: dict[str, int | None] = {copy: tx.memo["letter", copy] for copy in copies if ("letter", copy) in tx.memo}
    asked = [copy for copy in copies if copy not in found]
    if asked:
        rows = await tx.fetch(
            f"SELECT o.id, o.copy FROM outbox o WHERE o.copy IN ({_places(asked)}) AND o.copy <> '' AND {_STILL_HERE}"
            " AND o.id = (SELECT MAX(l.id) FROM outbox l WHERE l.copy = o.copy AND l.copy <> '')",
            *asked,
        )
        found |= {row["copy"]: row["id"] for row in rows}
    return found


async def _replace(tx: Transaction, number: int, card: Message, *, answered: bool) -> bool:
    """False when it was claimed in the meantime."""
    kind, message = letters.dump(card)
    touched = await tx.execute(
        "UPDATE outbox AS o SET message_kind = ?, message = ?, answered = ?, attempts = 0, due_ms = 0"
        f" WHERE o.id = ? AND {_STILL_HERE}",
        kind, message, int(answered), number,
    )  # fmt: skip
    return touched == 1


def _places(values: Sized) -> str:
    return ", ".join("?" * len(values))


async def _close(tx: Transaction, letter: Claimed, column: str, state: str, ms: int, *, error: str = "") -> bool:
    touched = await tx.execute(
        f"UPDATE outbox SET state = ?, {column}, error = ?, flying = 0, owner = '', lease_ms = 0"
        " WHERE id = ? AND owner = ? AND fence = ?",
        state, ms, error[:255], letter.id, letter.owner, letter.fence,
    )  # fmt: skip
    return touched == 1


async def _forget(tx: Transaction, letter: Claimed) -> None:
    for number, _, _ in letter.codes:
        await tx.execute("DELETE FROM tap_code WHERE id = ?", number)


async def _readable(tx: Transaction, row: Row) -> bool:
    """A message of another version of the program is shown to the operator instead of holding up its lane."""
    try:
        letters.load(row["message_kind"], row["message"])
    except (KeyError, ValueError):
        died = row["lease_ms"] - work.LEASE_MS  # now
        sql = "UPDATE outbox SET state = 'dead', error = 'unreadable', owner = '', due_ms = ? WHERE id = ?"
        await tx.execute(sql, died, row["id"])
        return False
    return True


async def _claimed(tx: Transaction, row: Row) -> Claimed:
    copy = await tx.first("SELECT handle, ref FROM copy WHERE id = ?", row["copy"]) if row["copy"] else None
    codes = (
        await tx.fetch("SELECT id, code, at_ms FROM tap_code WHERE copy = ? ORDER BY id", row["copy"]) if copy else ()
    )
    handle = json.loads(copy["handle"]) if copy and copy["handle"] else None
    # A card that never got out (its letter is dead) is sent by the first update that follows.
    update = row["kind"] == "update" and handle is not None
    return Claimed(
        id=row["id"],
        to=letters.recipient(row["account"], row["recipient_kind"], row["recipient"]),
        message=letters.load(row["message_kind"], row["message"]),
        ref=copy["ref"] if copy and row["kind"] == "update" else row["ref"],
        copy=row["copy"],
        update=update,
        maybe=bool(row["maybe"]),
        answered=bool(row["answered"]),
        attempts=row["attempts"],
        created=from_ms(max(row["created_ms"], row["not_before_ms"])),
        tried=from_ms(row["tried_ms"]),
        handle=handle,
        codes=_codes(codes),
        owner=row["owner"],
        fence=row["fence"],
        rung=row["rung"],
        moved=bool(row["tried"]),
    )


def _codes(rows: Iterable[Row]) -> tuple[tuple[int, str, datetime], ...]:
    return tuple((row["id"], row["code"], from_ms(row["at_ms"])) for row in rows)
