"""Which facts go into a bundle: those of an item, of a person, of a kind of matter, of a span of time; by their places.

Only (index, number) pairs are gathered, so that a bundle of millions begins in little memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cards import records
from cards import slip as slips
from handlers.approval import store
from handlers.approval.language import book
from handlers.audit import by_kind, sealing
from handlers.context import Office
from handlers.leave import facts as leave_facts
from handlers.people import directory
from handlers.people.directory import Person
from handlers.transaction import Row, Transaction, Value, to_ms

LEAVE: Final = "leave"

_AT_ONCE: Final = 200

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An item by its number, a person, a kind, or everything; `span` narrows each. `redact` are codes of fields,
    `redact_words` what people call them.

    `kind` is the code of a form or of a kind of fact.
    """

    item: int = 0
    person: Person | None = None
    kind: str = ""
    span: tuple[datetime, datetime] | None = None
    redact: tuple[str, ...] = ()
    redact_words: tuple[str, ...] = ()

    def words(self, office: Office) -> str:
        parts = []
        if self.item:
            parts.append(f"{self.item}号事项")
        if self.person is not None:
            parts.append(f"{self.person.name}的记录")
        if self.kind:
            form = office.of(book.Forms).by_code.get(self.kind)
            parts.append("休假" if self.kind == LEAVE else form.title if form else records.kind(self.kind))
        if self.span is not None:
            parts.append(" 至 ".join(slips.exact(one) for one in self.span))
        return "，".join(parts)


def kind_called(word: str, office: Office) -> str | None:
    """The code of a form or of a kind of fact that people call so."""
    forms = office.of(book.Forms).by_code
    if word in ("休假", "请假", LEAVE):
        return LEAVE
    named = {name: code for code, form in forms.items() for name in (*form.aliases, form.title, code)}
    kinds = {name: code for code, title in records.KINDS.items() for name in (title, code)}
    return named.get(word) or kinds.get(word)


async def people_called(tx: Transaction, word: str) -> list[Person]:
    """By name, staff number or id; those who have left too."""
    rows = await tx.fetch(
        "SELECT id FROM person WHERE name = ? OR id = ? OR (staff_no = ? AND staff_no <> '') ORDER BY id",
        word, word, word,
    )  # fmt: skip
    found = [await directory.load(tx, row["id"]) for row in rows]
    return [one for one in found if one is not None]


async def places(tx: Transaction, wish: Wish, *, size: int) -> list[Place]:
    """In the order of the tree. Raises LookupError where there is no such item."""
    if not (wish.item or wish.person or wish.kind):
        return await _between(tx, wish, size)
    numbers = {row["id"] for row in await _rows(tx, wish) if _within(row, wish)}
    indexes = await sealing.indexes(tx, sorted(numbers))
    return sorted((index, number) for number, index in indexes.items() if index < size)


async def _rows(tx: Transaction, wish: Wish) -> Sequence[Row]:
    if wish.item:
        item = await store.numbered(tx, wish.item)
        if item is None:
            raise LookupError(wish.item)
        return await _of_items(tx, [item.id])
    if wish.person is not None and "." in wish.kind:
        both = f"{_SELECT} WHERE kind = ? AND (subject = ? OR actor = ?)"
        return await tx.fetch(both, wish.kind, wish.person.id, wish.person.id)
    if wish.person is not None and wish.kind:
        mine = "SELECT id FROM item WHERE applicant = ? AND form = ? AND number > 0"
        return await _of_items(tx, [row["id"] for row in await tx.fetch(mine, wish.person.id, wish.kind)])
    if wish.person is not None:
        own = await tx.fetch(f"{_SELECT} WHERE subject = ?", wish.person.id)
        acts = await tx.fetch(f"{_SELECT} WHERE actor = ?", wish.person.id)
        items = await tx.fetch("SELECT id FROM item WHERE applicant = ? AND number > 0", wish.person.id)
        return [*own, *acts, *await _of_items(tx, [row["id"] for row in items])]
    if "." in wish.kind:
        return await tx.fetch(f"{_SELECT} WHERE {by_kind.among([wish.kind])}", wish.kind)
    items = await tx.fetch("SELECT id FROM item WHERE form = ? AND number > 0", wish.kind)
    return await _of_items(tx, [row["id"] for row in items])


_SELECT: Final = "SELECT id, recorded_ms FROM journal"


async def _of_items(tx: Transaction, items: Sequence[str]) -> list[Row]:
    """Everything about them, and what they moved in leave ledgers."""
    found: list[Row] = []
    for some in _portions(items):
        marks = ", ".join("?" * len(some))
        rows = await tx.fetch(
            f"SELECT id, recorded_ms, kind, actor, body FROM journal WHERE subject IN ({marks})", *some
        )
        found += rows
        people = {row["actor"] for row in rows} | {_applicant(row) for row in rows}
        found += await _moved(tx, sorted(one for one in people if one), set(some))
    return found


async def _moved(tx: Transaction, people: Sequence[str], items: set[str]) -> list[Row]:
    found = []
    for some in _portions(people):
        values: list[Value] = [leave_facts.LeaveMoved.KIND, *some]
        rows = await tx.fetch(
            f"SELECT id, recorded_ms, body FROM journal WHERE kind = ? AND subject IN ({', '.join('?' * len(some))})",
            *values,
        )
        found += [row for row in rows if json.loads(row["body"]).get("ref") in items]
    return found


async def _between(tx: Transaction, wish: Wish, size: int) -> list[Place]:
    """Without a gap: where facts were sealed out of their order, what lies between comes along."""
    assert wish.span is not None
    begin, end = (to_ms(one) for one in wish.span)
    row = await tx.first(
        "SELECT MIN(s.idx) AS first, MAX(s.idx) AS last FROM seal_order s JOIN journal j ON j.id = s.journal"
        " WHERE j.recorded_ms >= ? AND j.recorded_ms < ? AND s.idx < ?",
        begin, end, size,
    )  # fmt: skip
    if row is None or row["first"] is None:
        return []
    rows = await tx.fetch(
        "SELECT idx, journal FROM seal_order WHERE idx >= ? AND idx <= ? ORDER BY idx", row["first"], row["last"]
    )
    return [(one["idx"], one["journal"]) for one in rows]


def _within(row: Row, wish: Wish) -> bool:
    return wish.span is None or to_ms(wish.span[0]) <= row["recorded_ms"] < to_ms(wish.span[1])


def _applicant(row: Row) -> str:
    return str(json.loads(row["body"]).get("applicant", ""))


def _portions(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
