"""Is the journal what it was when its heads were given out? Everything is computed anew; nothing is changed.

What the database says about itself (its own heads, its stored hashes) finds what is damaged and what was altered
clumsily. Against its owner, who can rewrite all of it, only heads help that were given out: those are what decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.proofs import hashing
from bot.proofs.hashing import Moment, Whole
from handlers.audit import backup_facts, heads, leaf, log, notes, own_facts, sealing, tree
from handlers.audit.notes import Checkpoint, Unsigned, Verifier
from handlers.transaction import Database, Row, Transaction, to_ms

SLACK: Final = timedelta(minutes=10)
"""A transaction may be recorded before a head and sealed after it; none takes as long as this."""

_PAGE: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`code` as in `bot.commands.audit_words`; `index` of the first wrong record, where one can be named."""

    code: str
    index: int | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A head that somebody kept; `trusted` is the key that signed it, None where we do not know that key."""

    point: Checkpoint
    trusted: Verifier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What was checked, and what was found; `given` heads from outside agreed with it or are among the findings."""

    size: int
    waiting: int
    given: int
    own: int
    newest: Checkpoint | None
    findings: tuple[Finding, ...]


def given(text: str, known: Iterable[Verifier]) -> tuple[list[Given], int]:
    """The heads in a text that people kept (a chat, a file, codes of slips), and how many notes in it were none."""
    keys, found, wrong = list(known), [], 0
    for note in notes.split(text):
        body = note.rpartition("\n\n")[0] + "\n"
        try:
            point = notes.checkpoint(body)
        except Unsigned:
            wrong += 1
            continue
        try:
            found.append(Given(point=point, trusted=notes.opened(note, keys)[1]))
        except Unsigned:
            found.append(Given(point=point, trusted=None))
    return found, wrong


async def journal(
    database: Database, url: str, kept: Sequence[Given], *, keys: Sequence[Verifier], processes: int = 0
) -> Journal:
    """`keys` are those beside `office.yaml`; `kept` what was given out."""
    own, bad = await database.read(lambda tx: _own(tx, keys))
    size = await database.read(sealing.size)  # after the heads: people go on working, and a head never is of more
    points = [*(one.point for one in kept), *own]
    sizes = [point.size for point in points]
    whole = await asyncio.to_thread(
        hashing.computed, url, size, sizes, moments=_moments(points, size), processes=processes
    )
    findings = [*_unknown(kept), *bad, *_heads([one.point for one in kept], whole, size, "given")]
    findings += _heads(own, whole, size, "own") if not findings else []
    findings += await _stored(database, whole, size)
    out = [one.point for one in kept]
    deciding = out if _heads(out, whole, size, "given") else points
    findings += [await _where(database, deciding, whole, size)] if findings or not whole.stored else []
    findings += [Finding(code="early", index=whole.early)] if whole.early is not None else []
    findings += await database.read(lambda tx: _slipped_in(tx, points))
    findings += await database.read(_restored) if findings else []
    return Journal(
        size=size,
        waiting=await database.read(_waiting),
        given=len(kept),
        own=len(own),
        newest=max((one.point for one in kept), key=lambda one: one.size, default=None),
        findings=tuple(sorted(findings, key=lambda one: (one.index is None, one.index or 0))),
    )


async def known_keys(tx: Transaction) -> list[Verifier]:
    """Those that the journal introduces."""
    return [Verifier.parse(row.data["key"]) for row in await log.read(tx, own_facts.KEYS)]


async def _own(tx: Transaction, keys: Sequence[Verifier]) -> tuple[list[Checkpoint], list[Finding]]:
    """The heads in the database that are signed by a key of ours, and which are not."""
    good, bad = [], []
    for head in await heads.every(tx):
        about = {"size": head.size, "signer": head.signer}
        if not head.whole:
            bad.append(Finding(code="own_torn", about=about))
            continue
        try:
            text, by = notes.opened(head.note, keys)
        except Unsigned:
            bad.append(Finding(code="own_unsigned", about=about))
            continue
        if by.id.hex() != head.signer:
            bad.append(Finding(code="own_torn", about=about))
        good.append(notes.checkpoint(text))
    return good, bad[:1]


def _unknown(kept: Sequence[Given]) -> list[Finding]:
    return [
        Finding(code="unknown_key", about={"size": one.point.size, "origin": one.point.origin})
        for one in kept
        if one.trusted is None
    ][:1]


def _heads(points: Sequence[Checkpoint], whole: Whole, size: int, whose: str) -> list[Finding]:
    """The first head that is larger than the journal, and the first one that is of another journal."""
    longer = [point for point in points if point.size > size]
    other = [point for point in points if point.size in whole.roots and whole.roots[point.size] != point.root]
    found = []
    if longer:
        point = min(longer, key=lambda one: one.size)
        about = {"size": point.size, "sealed": size, "at": point.at, "whose": whose}
        found.append(Finding(code="cut_off", index=size, about=about))
    if other:
        point = min(other, key=lambda one: one.size)
        found.append(Finding(code="other_root", about={"size": point.size, "at": point.at, "whose": whose}))
    return found


async def _stored(database: Database, whole: Whole, size: int) -> list[Finding]:
    """The nodes that proofs are made of give the same root."""
    try:
        stored = (await database.read(lambda tx: sealing.frontier(tx, sealing.MAIN, size))).root()
    except LookupError:
        return [Finding(code="nodes_gone")]
    return [] if whole.roots.get(size) in (None, stored) else [Finding(code="nodes_differ")]


async def _where(database: Database, points: Sequence[Checkpoint], whole: Whole, size: int) -> Finding:
    """The first wrong record by the hash that was stored when it was sealed; where that was rewritten too, between
    the last of these heads that still holds and the first that does not."""
    found = await database.read(_first_wrong)
    if found is not None:
        return found
    if whole.missing is not None:
        return Finding(code="missing", index=whole.missing)
    good = [one.size for one in points if whole.roots.get(one.size) == one.root]
    bad = [one.size for one in points if one.size not in good and one.size <= size]
    if not bad:
        return Finding(code="nothing_wrong_before", about={"size": size})
    below = max((one for one in good if one < min(bad)), default=0)
    return Finding(code="between", index=below, about={"from": below + 1, "to": min(bad)})


async def _first_wrong(tx: Transaction) -> Finding | None:
    begin, size = 0, await sealing.size(tx)
    while begin < size:
        rows = await tx.fetch(
            "SELECT s.idx AS idx, s.journal AS journal, n.hash AS hash, j.* FROM seal_order s"
            " LEFT JOIN journal j ON j.id = s.journal"
            " LEFT JOIN seal_node n ON n.tree = 'sha256' AND n.level = 0 AND n.idx = s.idx"
            " WHERE s.idx >= ? AND s.idx < ? ORDER BY s.idx",
            begin, begin + _PAGE,
        )  # fmt: skip
        for index, row in enumerate(rows, begin):
            if (found := _wrong(index, row)) is not None:
                return found
        if len(rows) < min(_PAGE, size - begin):
            return Finding(code="missing", index=begin + len(rows))
        begin += _PAGE
    return None


def _wrong(index: int, row: Row) -> Finding | None:
    if row["idx"] != index:
        return Finding(code="missing", index=index)
    if row["id"] is None:
        return Finding(code="deleted", index=index, about={"journal": row["journal"]})
    if row["hash"] is None:
        return Finding(code="nodes_gone", index=index)
    if tree.leaf_hash(leaf.of_row(row)) != bytes(row["hash"]):
        return Finding(code="changed", index=index, about=_named(row))
    return None


async def _restored(tx: Transaction) -> list[Finding]:
    """That the office goes on from a backup explains why there is less than was given out; it excuses nothing."""
    try:
        facts = await log.newest(tx, backup_facts.ABOUT, limit=200)
        restored = [one for one in facts if one.kind == backup_facts.OfficeRestored.KIND]
        return [
            Finding(code="restored", about={"at": one.recorded, "made": datetime.fromisoformat(one.data["made"])})
            for one in restored
        ]
    except (ValueError, TypeError, KeyError, OverflowError):
        return []  # one of them was ruined, and is named


async def _slipped_in(tx: Transaction, points: Sequence[Checkpoint]) -> list[Finding]:
    """A fact that is not sealed although its time is long before a head."""
    times = [point.at for point in points if point.at is not None]
    if not times:
        return []
    row = await tx.first(
        "SELECT j.* FROM journal j WHERE j.recorded_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM seal_order s WHERE s.journal = j.id) ORDER BY j.id LIMIT 1",
        to_ms(max(times) - SLACK),
    )
    return [] if row is None else [Finding(code="slipped_in", about=_named(row))]


async def _waiting(tx: Transaction) -> int:
    row = await tx.first(
        "SELECT COUNT(*) AS n FROM journal j WHERE NOT EXISTS (SELECT 1 FROM seal_order s WHERE s.journal = j.id)"
    )
    return 0 if row is None else int(row["n"])


def _moments(points: Iterable[Checkpoint], size: int) -> list[Moment]:
    return [(one.size, to_ms(one.at - SLACK)) for one in points if one.at is not None and one.size <= size]


def _named(row: Row) -> dict[str, Any]:
    return {"journal": row["id"], "recorded_ms": row["recorded_ms"], "kind": row["kind"], "subject": row["subject"]}
