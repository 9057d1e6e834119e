"""One unit of work against the database, the same on SQLite and PostgreSQL.

A unit is an `async def unit(tx)` that awaits nothing but `tx`: on SQLite the committer drives it to its end in the
writer's thread (one savepoint per unit, one durable commit per batch), so a network call inside a transaction is
impossible by construction; on PostgreSQL it runs in a transaction of its own on a pooled connection.

SQL is written once for both: `?` for values, `ON CONFLICT`, `RETURNING`, integers for booleans and instants (ms, UTC),
JSON as text. `tx.dialect` is there for the one clause that differs (`FOR UPDATE SKIP LOCKED`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

PEOPLE = ("person", "person_account", "person_role", "agenda_share", "proxy", "form_version")
"""Tables of people, their wishes and the versions of forms: every event asks for them and hardly any changes them."""

GATHERED = ("journal", "journal_personal")
"""Tables whose new rows a unit may leave with its transaction: `Transaction.gathered`."""

Value = str | int | float | bytes | None
Row = Mapping[str, Any]
T = TypeVar("T")

Statement = tuple[str, Sequence[Value]]
Into = str | Callable[[Sequence[tuple[Any, ...]]], Statement]
"""How gathered rows are written: a table with its columns (SQLite), or what makes a statement of them (PostgreSQL)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """The database's form of an aware instant; exact, where `timestamp() * 1000` may be a millisecond off."""
    return (at - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The inverse of `to_ms`, UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


class OutOfTime(Exception):
    """The unit's `deadline` is over: it rolls back, and whoever set the deadline decides what then."""


class Transaction(Protocol):
    """Statements of one unit. Rows are read by column name.

    `deadline` is on the monotonic clock, infinite when the unit begins: a statement that comes later, and on PostgreSQL
    one that still waits then, raises `OutOfTime`.
    `memo` is empty when the unit begins and gone when it ends: a store keeps there what it would otherwise ask for
    again and again, and forgets it where it writes. `people` is such a memory of the tables of `PEOPLE` alone; on the
    writer of SQLite it outlives the unit, until a statement or somebody else writes one of them.
    `journal_end` is the number and the recorded time of the journal's last fact, kept by `handlers/audit/log.py` where
    nobody else can write meanwhile (SQLite); None: not asked yet.
    `held` is what the unit writes at its end (`handlers/mailroom/posted.py`), None where it writes at once; unlike
    `memo` it is nothing that could be asked for again.
    `gathered` has rows of the tables of `GATHERED`, in order; None where each is written at once. Nobody need think of
    them: the transaction writes them, with as few statements as it can, before any statement that names one of these
    tables, and when the unit ends.
    """

    dialect: Literal["sqlite", "postgres"]
    memo: dict[Hashable, Any]
    people: dict[Hashable, Any]
    journal_end: tuple[int, int] | None
    held: list[Any] | None
    gathered: dict[Into, list[tuple[Any, ...]]] | None
    deadline: float

    async def execute(self, sql: str, *values: Value) -> int:
        """Number of rows touched."""
        ...

    async def later(self, sql: str, *values: Value) -> None:
        """A write of which nobody asks how many rows it touched.

        On PostgreSQL those of a unit are one statement, before any that names one of their tables or when the unit
        ends; on SQLite each is done at once.
        """
        ...

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]: ...

    async def first(self, sql: str, *values: Value) -> Row | None: ...


class Database(Protocol):
    """Where units run."""

    async def write(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `unit`, whole or not at all, and returns only after its commit is durable.

        Completes (or rolls back) whole even when the caller is cancelled. Exceptions of the unit roll back only it.
        Raises `handlers.errors.DatabaseBusy` when the bounded queue is full or the database is locked, full or gone.
        """
        ...

    async def read(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """A consistent view on a connection of its own, never the writer's."""
        ...
