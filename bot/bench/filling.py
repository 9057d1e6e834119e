"""Copies out of a mould: its rows with the next numbers, new salts and hashes, and the instants moved on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from bot.bench import mould
from bot.bench.mould import Mould, Stencil
from handlers.audit import salted

Batch = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]
"""By table: the columns, and the rows in their order."""


class Press:
    """`fact`, `item` and `entry` are the last numbers that are taken.

    What `known` maps to the places of the mould is the caller's: ids, accounts, `stamps`, `numbers`. Instants go
    `years_ms` back and `more_ms` on (`mould.moved_ms`).
    """

    def __init__(self, shape: Mould, *, fact: int, item: int, entry: int) -> None:
        self.shape = shape
        self.fact = fact
        self.item = item
        self.entry = entry

    def stamps(self, years_ms: int, more_ms: int) -> dict[str, str]:
        return {place: mould.moved(stamp, years_ms=years_ms, more_ms=more_ms)
                for stamp, place in self.shape.stamps.items()}  # fmt: skip

    def numbers(self) -> dict[str, str]:
        """Of the next lives."""
        starts = {"item": self.item + 1, "agenda_entry": self.entry + 1}
        return {f"n_{table}{n}": str(start + n) for table, start in starts.items() for n in range(self.shape.items)}

    def lives(self, batch: Batch, known: dict[str, str], years_ms: int, more_ms: int) -> None:
        starts = {"journal": self.fact + 1, "item": self.item + 1, "agenda_entry": self.entry + 1}
        for row in self.shape.personal:
            self.personal(batch, row, known, years_ms, more_ms)
        for row in self.shape.rows:
            values = self.filled(row, known, years_ms, more_ms)
            if row.numbered >= 0:
                values[row.numbered] = starts[row.table] + row.place
            self.put(batch, row, values)
        self.fact += self.shape.facts
        self.item += self.shape.items
        self.entry += self.shape.items

    def personal(self, batch: Batch, row: Stencil, known: dict[str, str], years_ms: int, more_ms: int) -> None:
        """A value under a salt of its own; its hash is known afterwards."""
        values = self.filled(row, known, years_ms, more_ms)
        salt = secrets.token_hex(16)
        values[row.columns.index("journal")] = self.fact + 1 + max(0, row.place)
        values[row.columns.index("salt")] = salt
        known[row.hidden] = salted.digest(salt, values[row.columns.index("value")])
        self.put(batch, row, values)

    def filled(self, row: Stencil, known: Mapping[str, str], years_ms: int, more_ms: int) -> list[Any]:
        values = list(row.fixed)
        for place in row.shapes:
            values[place] %= known
        for place in row.times:
            values[place] = mould.moved_ms(values[place], years_ms=years_ms, more_ms=more_ms)
        return values

    def put(self, batch: Batch, row: Stencil, values: list[Any]) -> None:
        batch.setdefault(row.table, (row.columns, []))[1].append(tuple(values))
