"""What an area says about its tables so that they can be built from the journal alone and compared with what is there.

An area's `rebuilding.py` has `TABLES` and `RULES`: what each kind of fact does to the rows. The rows are built in a
file of their own (`bot.proofs.rebuild`), never in the tables that people work with. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from handlers.audit.log import Recorded
from handlers.transaction import to_ms


class _Erased:
    def __repr__(self) -> str:
        return "ERASED"


ERASED: Final = _Erased()
"""As a value: it was erased from the journal, so nobody can say any more what stands in this column."""


class Rows(Protocol):
    """The tables as they are built; a row is column -> value."""

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        """Adds the row, or replaces the one with its key."""
        ...

    def change(self, table: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Of every row with these values in these columns."""
        ...

    def drop(self, table: str, key: Mapping[str, Any]) -> None: ...


Rule = Callable[[Rows, Recorded], None]
Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`key` and `columns` are what the journal tells of each row; `beside` the other columns, each with the reason.

    `rows` is the SQL condition for rows that it tells of, "" for all. `more`: the table may have rows beyond them.
    `json` columns are compared by what they say. `placed` names the column whose rows are told apart by nothing but
    their order: `place` in `key` counts them.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    beside: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    more: bool = False
    json: frozenset[str] = frozenset()
    placed: str = ""


def at_ms(fact: Recorded) -> int:
    """When it was said, by the clock of that moment; only for facts recorded without an effective time of their own."""
    return to_ms(fact.effective)


def personal(fact: Recorded, name: str, columns: Iterable[str]) -> Mapping[str, Any]:
    """A mapping that a fact keeps as a personal value, by column; ERASED in each where it was erased, or never told."""
    value: Mapping[str, Any] = fact.data.get(name) or dict.fromkeys(columns, ERASED)
    return value


def word(fact: Recorded, name: str) -> Any:
    """A personal value that is one column."""
    return ERASED if name in fact.erased else fact.data.get(name, "")
