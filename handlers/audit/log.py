"""The journal: facts appended in the transaction that applies them, never changed, read by subject.

The body is what a later leaf hash covers, so personal values are not in it: they stand there as
`{"sha256": ...}` (`salted.py`) and lie with their salts in `journal_personal`, where erasing one leaves every proof
intact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import chain
from typing import Any

from handlers import chance
from handlers.audit import facts, salted
from handlers.audit.facts import Fact, Origin
from handlers.transaction import Row, Statement, Transaction, Value, from_ms, to_ms

_COLUMNS = "recorded_ms, effective_ms, kind, version, subject, actor, account, door, trace, body"
_TYPES = ("SMALLINT", "BIGINT", "BIGINT", "TEXT", "SMALLINT", *["TEXT"] * 6)
_PERSONAL_TYPES = ("SMALLINT", "TEXT", "TEXT", "TEXT")
_INSERT = f"""
    INSERT INTO journal ({_COLUMNS})
    SELECT CASE WHEN last.ms > new.at_ms THEN last.ms ELSE new.at_ms END,
           new.effective_ms, new.kind, new.version, new.subject, new.actor, new.account, new.door, new.trace, new.body
    FROM (VALUES {{}}) AS new (place, at_ms, effective_ms, kind, version, subject, actor, account, door, trace, body),
         (SELECT GREATEST((SELECT recorded_ms FROM journal ORDER BY id DESC LIMIT 1),
                          (SELECT at_ms FROM seal_head ORDER BY id DESC LIMIT 1), 0) AS ms) AS last
    ORDER BY new.place
"""
_NEXT = f"journal ({_COLUMNS}, id)"
_HIDDEN = "journal_personal (journal, field, salt, value)"
_INSERT_BOTH = f"""
    WITH fact AS ({_INSERT} RETURNING id), placed AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM fact)
    INSERT INTO {_HIDDEN} SELECT placed.id, hidden.field, hidden.salt, hidden.value
    FROM placed JOIN (VALUES {{}}) AS hidden (place, field, salt, value) ON hidden.place = placed.place
"""
_END = """
    SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0) AS id,
           MAX(COALESCE((SELECT recorded_ms FROM journal ORDER BY id DESC LIMIT 1), 0),
               COALESCE((SELECT at_ms FROM seal_head ORDER BY id DESC LIMIT 1), 0)) AS ms
"""

Hidden = tuple[str, str, str]
"""Field, salt and canonical JSON of a personal value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A row of the journal. `data` has the personal values put back; an erased one is None and named in `erased`."""

    id: int
    recorded: datetime
    effective: datetime
    kind: str
    version: int
    subject: str
    origin: Origin
    data: Mapping[str, Any]
    erased: frozenset[str] = frozenset()


def gather(tx: Transaction) -> None:
    """From here on the unit's facts go into the tables together, when the unit ends or somebody asks for facts."""
    if tx.gathered is None:
        tx.gathered = {}


async def record(
    tx: Transaction, fact: Fact, *, origin: Origin, now: datetime, effective: date | datetime | None = None
) -> None:
    """Appends one fact.

    The recorded time is `now`, or the time of the last fact or head if the clock went back: it never falls along the
    journal, and what came after a head never seems to have been put in before it.
    `effective` (default: now) is when it holds in the office's world; a plain date means its midnight UTC.
    """
    body, hidden = _split(fact)
    ms = to_ms(now)
    append = _append_alone if tx.dialect == "sqlite" else _append
    await append(
        tx, hidden, ms, _effective_ms(effective, ms), fact.KIND, fact.VERSION, fact.subject,
        origin.person, origin.account, origin.door, origin.trace, facts.canonical(body),
    )  # fmt: skip


async def read(tx: Transaction, subject: str) -> Sequence[Recorded]:
    """Everything about one item or person, in order."""
    rows = await tx.fetch("SELECT * FROM journal WHERE subject = ? ORDER BY id", subject)
    hidden = await tx.fetch(
        "SELECT p.journal, p.field, p.value FROM journal_personal p JOIN journal j ON j.id = p.journal"
        " WHERE j.subject = ?",
        subject,
    )
    return joined(rows, hidden)


async def newest(tx: Transaction, subject: str, *, limit: int) -> Sequence[Recorded]:
    """The last facts about something that has no personal values, in order."""
    rows = await tx.fetch("SELECT * FROM journal WHERE subject = ? ORDER BY id DESC LIMIT ?", subject, limit)
    return joined(rows[::-1], ())


async def last_time(tx: Transaction) -> datetime | None:
    """When the newest fact was recorded; None before the first."""
    row = await tx.first("SELECT recorded_ms FROM journal ORDER BY id DESC LIMIT 1")
    return from_ms(row["recorded_ms"]) if row else None


async def _append(tx: Transaction, hidden: Sequence[Hidden], *values: Value) -> None:
    """Its number is known when it is there: others write too. All that a unit gathers is one statement."""
    if tx.gathered is None:
        sql, all_values = _together([(values, hidden)])
        await tx.execute(sql, *all_values)
    else:
        tx.gathered.setdefault(_together, []).append((values, hidden))


def _together(facts: Sequence[tuple[Any, ...]]) -> Statement:
    """Of (the time of `now` and the other columns, personal values). The database numbers rows as they are sorted."""
    rows, latest = [], 0
    for place, ((ms, *others), _) in enumerate(facts, 1):
        latest = max(latest, ms)
        rows += [place, latest, *others]
    hidden = [(place, *one) for place, (_, personal) in enumerate(facts, 1) for one in personal]
    return _insert(len(facts), len(hidden)), (*rows, *chain.from_iterable(hidden))


@lru_cache(maxsize=256)
def _insert(facts: int, hidden: int) -> str:
    if not hidden:
        return _INSERT.format(_places(facts, _TYPES))
    return _INSERT_BOTH.format(_places(facts, _TYPES), _places(hidden, _PERSONAL_TYPES))


def _places(rows: int, types: Sequence[str]) -> str:
    return ", ".join([f"({', '.join(f'CAST(? AS {type})' for type in types)})"] * rows)


async def _append_alone(tx: Transaction, hidden: Sequence[Hidden], ms: int, *values: Value) -> None:
    """Where nobody else can write, what comes next is known: nothing is asked and nothing returned."""
    last, last_ms = tx.journal_end or await _end(tx)
    number, ms = last + 1, max(last_ms, ms)
    await _add(tx, _NEXT, [(ms, *values, number)])
    tx.journal_end = number, ms
    await _add(tx, _HIDDEN, [(number, *one) for one in hidden])


async def _add(tx: Transaction, into: str, rows: Sequence[tuple[Value, ...]]) -> None:
    if tx.gathered is not None:
        tx.gathered.setdefault(into, []).extend(rows)
    elif rows:
        places = ", ".join([f"({', '.join('?' * len(rows[0]))})"] * len(rows))
        await tx.execute(f"INSERT INTO {into} VALUES {places}", *chain.from_iterable(rows))


async def _end(tx: Transaction) -> tuple[int, int]:
    """By SQLite's own count, so that the numbers of facts that somebody took away are not given again."""
    row = await tx.first(_END)
    assert row is not None
    return row["id"], row["ms"]


def _split(fact: Fact) -> tuple[dict[str, Any], list[Hidden]]:
    body = facts.values(fact)
    hidden = []
    for field in facts.personal(type(fact)):
        salt = chance.token_hex(16)
        value, digest = salted.of_value(salt, body[field])
        hidden.append((field, salt, value))
        body[field] = {"sha256": digest}
    return body, hidden


def joined(rows: Iterable[Row], hidden: Iterable[Row]) -> list[Recorded]:
    known: dict[int, dict[str, str]] = {}
    for row in hidden:
        known.setdefault(row["journal"], {})[row["field"]] = row["value"]
    return [_recorded(row, known.get(row["id"], {})) for row in rows]


def _recorded(row: Row, hidden: Mapping[str, str]) -> Recorded:
    data = json.loads(row["body"])
    # Only where the body has a hash: `journal_personal` may be written to, and must never say what the body says.
    private = frozenset(field for field, value in data.items() if _is_digest(value))
    data |= {field: json.loads(value) for field, value in hidden.items() if field in private}
    erased = private - hidden.keys()
    return Recorded(
        id=row["id"],
        recorded=from_ms(row["recorded_ms"]),
        effective=from_ms(row["effective_ms"]),
        kind=row["kind"],
        version=row["version"],
        subject=row["subject"],
        origin=Origin(person=row["actor"], account=row["account"], door=row["door"], trace=row["trace"]),
        data=data | dict.fromkeys(erased),
        erased=erased,
    )


def _is_digest(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"sha256"}


def _effective_ms(effective: date | datetime | None, now_ms: int) -> int:
    if effective is None:
        return now_ms
    if isinstance(effective, datetime):
        return to_ms(effective)
    return to_ms(datetime.combine(effective, time(), UTC))
