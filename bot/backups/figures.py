"""What must be the same in an office and in its copy: rows per table, leave balances, the journal's Merkle root."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from bot.database.open import open_database
from bot.proofs import hashing
from handlers.audit import sealing
from handlers.transaction import Transaction

_TABLES: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}
_OURS: Final = "tortoise_migrations"
_BALANCES: Final = """
    SELECT person, lot, account, SUM(minutes) AS minutes FROM (
        SELECT person, lot, account_to AS account, minutes FROM leave_entry
        UNION ALL SELECT person, lot, account_from AS account, -minutes AS minutes FROM leave_entry) AS moved
    GROUP BY person, lot, account
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`counts` by table; `balances` is the SHA-256 over every lot's balance in whole minutes; `root` (hex) is that of
    the first `size` facts, as stored with the seals (`of_tx`) or computed anew from the facts (`of`)."""

    counts: Mapping[str, int]
    balances: str
    size: int
    root: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def differences(self, other: Figures) -> tuple[str, ...]:
        """Which of them are not the same, by name; tables as `rows:NAME`. A table that is not there has no rows."""
        return tuple(self._differing(other))

    def _differing(self, other: Figures) -> Iterator[str]:
        for table in sorted({*self.counts, *other.counts}):
            if self.counts.get(table, 0) != other.counts.get(table, 0):
                yield f"rows:{table}"
        if self.balances != other.balances:
            yield "balances"
        if (self.size, self.root) != (other.size, other.root):
            yield "root"


def from_plain(data: Mapping[str, Any]) -> Figures:
    """Raises KeyError, TypeError or ValueError for what is none."""
    counts = {str(name): int(number) for name, number in dict(data["counts"]).items()}
    return Figures(counts=counts, balances=str(data["balances"]), size=int(data["size"]), root=str(data["root"]))


async def of_tx(tx: Transaction) -> Figures:
    """Of one consistent view."""
    size = await sealing.size(tx)
    try:
        root = (await sealing.frontier(tx, sealing.MAIN, size)).root().hex()
    except LookupError:  # seals are gone: `audit verify` says which, and the copy has no more than the original
        root = "broken"
    return Figures(counts=await _counts(tx), balances=await _balances(tx), size=size, root=root)


async def of(url: str) -> Figures:
    """Of a database that nobody writes to; its root is computed anew from every sealed fact."""
    database = open_database(url)
    try:
        told = await database.read(of_tx)
    finally:
        await database.close()
    whole = await asyncio.to_thread(hashing.computed, url, told.size, [told.size])
    root = whole.roots[told.size].hex() if told.size in whole.roots else "broken"
    return Figures(counts=told.counts, balances=told.balances, size=told.size, root=root)


async def tables(tx: Transaction) -> list[str]:
    """All tables of ours, without what the migrations keep for themselves."""
    rows = await tx.fetch(_TABLES[tx.dialect])
    return sorted(row["name"] for row in rows if row["name"] != _OURS)


async def _counts(tx: Transaction) -> dict[str, int]:
    found = {}
    for table in await tables(tx):
        row = await tx.first(f'SELECT COUNT(*) AS number FROM "{table}"')
        found[table] = int(row["number"]) if row else 0
    return found


async def _balances(tx: Transaction) -> str:
    rows = [
        [row["person"], row["lot"], row["account"], int(row["minutes"])] for row in await tx.fetch(_BALANCES)
    ]
    return sha256(json.dumps(sorted(rows), ensure_ascii=False).encode()).hexdigest()
