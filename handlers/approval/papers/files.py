"""Files that people hand in: who brought which, under which name, and which items refer to them.

What lies on the disk is known by its SHA-256 alone (`bot.pages.attachments`); everything else about it is here. A file
that nobody handed in for themselves does not exist for them: whoever knows a hash cannot attach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.transaction import Row, Transaction, from_ms, to_ms

Record = Mapping[str, Any]
"""`id`, `name`, `size` and `type`, as a field of the form keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """`id` is the SHA-256 of the content, hex; `type` the media type that it has; `person` brought it at `at`."""

    id: str
    name: str
    size: int
    type: str
    person: str
    at: datetime

    def record(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "size": self.size, "type": self.type}


_NESTED = (dict, list, tuple)
"""What may have something in it: values are JSON."""
_PARTS = {"id", "name", "size", "type"}


async def add(tx: Transaction, file: File) -> None:
    """The same file of the same person under the same name once more only moves its time."""
    await tx.execute(
        "INSERT INTO attachment (hash, person, name, size, type, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (hash, person, name) DO UPDATE SET at_ms = excluded.at_ms",
        file.id, file.person, file.name, file.size, file.type, to_ms(file.at),
    )  # fmt: skip


async def count_since(tx: Transaction, person: str, since: datetime) -> int:
    row = await tx.first("SELECT COUNT(*) AS n FROM attachment WHERE person = ? AND at_ms >= ?", person, to_ms(since))
    return int(row["n"]) if row else 0


async def brought(tx: Transaction, ids: Iterable[str], *, person: str) -> dict[str, File]:
    """By id, those of these files that this person handed in, under the name they gave last."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = await tx.fetch(
        f"SELECT * FROM attachment WHERE person = ? AND hash IN ({_places(wanted)}) ORDER BY at_ms, id",
        person, *wanted,
    )  # fmt: skip
    return {row["hash"]: _file(row) for row in rows}


async def usable(tx: Transaction, ids: Iterable[str], *, person: str) -> frozenset[str]:
    """Those that this person handed in, or that an item of theirs was submitted with."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return frozenset()
    rows = await tx.fetch(
        "SELECT u.hash AS hash FROM attachment_use u JOIN item i ON i.id = u.item JOIN attachment a ON a.hash = u.hash"
        f" WHERE i.applicant = ? AND i.number > 0 AND u.hash IN ({_places(wanted)})",
        person, *wanted,
    )  # fmt: skip
    return frozenset(row["hash"] for row in rows) | (await brought(tx, wanted, person=person)).keys()


async def use(tx: Transaction, item: str, ids: Iterable[str]) -> None:
    """From now on the item refers to these; nothing sweeps them away."""
    for one in dict.fromkeys(ids):
        await tx.execute(
            "INSERT INTO attachment_use (hash, item) VALUES (?, ?) ON CONFLICT (hash, item) DO NOTHING", one, item
        )


async def of_item(tx: Transaction, item: str) -> dict[str, list[File]]:
    """By id, everybody's handing in of each file that the item refers to, the first first."""
    rows = await tx.fetch(
        "SELECT a.* FROM attachment a JOIN attachment_use u ON u.hash = a.hash WHERE u.item = ? ORDER BY a.at_ms, a.id",
        item,
    )
    found: dict[str, list[File]] = {}
    for row in rows:
        found.setdefault(row["hash"], []).append(_file(row))
    return found


async def wanted(tx: Transaction, hashes: Sequence[str], *, since: datetime) -> frozenset[str]:
    """Those of these that somebody still needs: an item that was not thrown away, or whoever brought it lately.

    Page drafts refer to files as well; `page_drafts.files` knows which.
    """
    if not hashes:
        return frozenset()
    places = _places(hashes)
    used = await tx.fetch(
        "SELECT u.hash AS hash FROM attachment_use u JOIN item i ON i.id = u.item"
        f" WHERE i.state <> 'discarded' AND u.hash IN ({places})",
        *hashes,
    )
    fresh = await tx.fetch(
        f"SELECT hash FROM attachment WHERE at_ms >= ? AND hash IN ({places})", to_ms(since), *hashes
    )
    return frozenset(row["hash"] for row in (*used, *fresh))


async def forget(tx: Transaction, hashes: Sequence[str]) -> None:
    """That these were ever here: their content goes away."""
    for one in hashes:
        await tx.execute("DELETE FROM attachment WHERE hash = ?", one)
        await tx.execute("DELETE FROM attachment_use WHERE hash = ?", one)


def records(values: object) -> Iterator[Record]:
    """Every file in a form's values, however deep."""
    left: list[Any] = [values] if isinstance(values, _NESTED) else []
    while left:
        value = left.pop(0)
        if isinstance(value, dict):
            if value.keys() >= _PARTS:
                yield value
            value = value.values()
        left += [one for one in value if isinstance(one, _NESTED)]


def ids(values: object) -> list[str]:
    return [str(one["id"]) for one in records(values)]


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _file(row: Row) -> File:
    return File(
        id=row["hash"], name=row["name"], size=row["size"], type=row["type"], person=row["person"],
        at=from_ms(row["at_ms"]),
    )  # fmt: skip
