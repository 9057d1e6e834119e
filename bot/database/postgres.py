"""PostgreSQL: one transaction per unit on a pooled connection, READ COMMITTED, row locks where stores ask for them."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any, Literal, TypeVar

import asyncpg

from bot.database.together import Held, joined, named
from bot.database.units import complete
from handlers.errors import DatabaseBusy
from handlers.transaction import GATHERED, Into, OutOfTime, Row, Statement, Transaction, Value

T = TypeVar("T")

_WAITING = 10_000
_ROWS = 50
_TRIES = 5
_PATIENCE_S = 15.0

# A quoted text, a quoted name, a comment, or a place for a value.
_PIECES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|\?")

_GONE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # seen when the server ends a connection between two protocol messages
    asyncpg.InsufficientResourcesError,  # class 53: disk full, out of memory, too many connections
    asyncpg.OperatorInterventionError,  # class 57: shutting down, cannot connect now
    asyncpg.LockNotAvailableError,
)
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class PostgresTransaction:
    """A unit's statements on its connection. `limit` ends what waits when the `deadline` comes."""

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, connection: Any, limit: asyncio.Timeout | None = None) -> None:
        self.memo: dict[Hashable, Any] = {}
        self.people: dict[Hashable, Any] = {}
        self.journal_end: tuple[int, int] | None = None
        self.held: list[Any] | None = None
        self.gathered: dict[Into, list[tuple[Any, ...]]] | None = None
        self._later = Held()
        self._connection = connection
        self._limit = limit
        self._deadline = inf

    @property
    def deadline(self) -> float:
        return self._deadline

    @deadline.setter
    def deadline(self, at: float) -> None:
        self._deadline = at
        if self._limit is not None:
            left = at - monotonic()
            self._limit.reschedule(None if left == inf else asyncio.get_running_loop().time() + max(left, 0.0))

    async def execute(self, sql: str, *values: Value) -> int:
        await self._ready(sql)
        return await self._executed(sql, values)

    async def later(self, sql: str, *values: Value) -> None:
        await self._ready(sql)
        if self._later.full():
            await self.settle()
        self._later.add((sql, values))

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        await self._ready(sql)
        rows: Sequence[Row] = await self._connection.fetch(numbered(sql), *values)
        return rows

    async def first(self, sql: str, *values: Value) -> Row | None:
        await self._ready(sql)
        row: Row | None = await self._connection.fetchrow(numbered(sql), *values)
        return row

    async def settle(self) -> None:
        """Writes what was gathered or left for later."""
        rows = self._portions()
        for portion in rows[:-1]:
            await self._executed(*portion)
        if last := [*self._later.taken(), *rows[-1:]]:
            await self._executed(*joined(last))

    def _portions(self) -> list[Statement]:
        """Gathered rows as statements; from here on there are none."""
        gathered = self.gathered or {}
        self.gathered = None if self.gathered is None else {}
        return [
            into(rows[begin : begin + _ROWS])
            for into, rows in gathered.items() if callable(into)
            for begin in range(0, len(rows), _ROWS)
        ]  # fmt: skip

    async def _executed(self, sql: str, values: Sequence[Value]) -> int:
        status: str = await self._connection.execute(numbered(sql), *values)
        touched = status.rpartition(" ")[2]
        return int(touched) if touched.isdigit() else 0

    async def _ready(self, sql: str) -> None:
        """In time, and after what it may ask about."""
        self._check()
        if (self.gathered and not named(sql).isdisjoint(GATHERED)) or self._later.concerns(sql):
            await self.settle()

    def _check(self) -> None:
        if monotonic() >= self._deadline:
            raise OutOfTime


class PostgresDatabase:
    """`handlers.transaction.Database` on a pool that is opened at first use."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self._url = url
        self._size = size
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def write(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._run(unit, readonly=False)

    async def read(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._run(unit, readonly=True)

    async def healthy(self) -> bool:
        try:
            await self.write(_probe)
        except DatabaseBusy:
            return False
        return True

    async def close(self) -> None:
        self._closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE_S)
        if self._pool is not None:
            await self._pool.close()

    async def _run(self, unit: Callable[[Transaction], Awaitable[T]], *, readonly: bool) -> T:
        if self._closed:
            raise DatabaseBusy("closed")
        if len(self._tasks) >= _WAITING:
            raise DatabaseBusy("queue full")
        # In a task of its own behind a shield: a cancelled caller must not tear a transaction (dependencies.md 5.4).
        task = asyncio.create_task(self._tried(unit, readonly=readonly))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, also when nobody waits any more

    async def _tried(self, unit: Callable[[Transaction], Awaitable[T]], *, readonly: bool) -> T:
        """A unit is a function of its transaction alone, so one that lost a race is simply run again."""
        for attempt in range(1, _TRIES):
            try:
                return await self._once(unit, readonly=readonly)
            except _AGAIN:
                await asyncio.sleep(random.random() * 0.01 * attempt)  # let the winner through
        try:
            return await self._once(unit, readonly=readonly)
        except _AGAIN as error:
            raise DatabaseBusy(type(error).__name__) from error

    async def _once(self, unit: Callable[[Transaction], Awaitable[T]], *, readonly: bool) -> T:
        isolation = "repeatable_read" if readonly else "read_committed"
        try:
            pool = await self._opened()
            async with (
                pool.acquire(timeout=_PATIENCE_S) as connection,
                connection.transaction(isolation=isolation, readonly=readonly),
            ):
                return await _limited(unit, connection)
        except _GONE as error:
            raise DatabaseBusy(type(error).__name__) from error
        except asyncpg.ReadOnlySQLTransactionError as error:
            if readonly:  # a reader that tries to write
                raise
            raise DatabaseBusy("standby") from error

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url, min_size=1, max_size=self._size, timeout=_PATIENCE_S, command_timeout=60,
                    statement_cache_size=512, reset=_as_it_is,
                )  # fmt: skip
        return self._pool


async def _limited(unit: Callable[[Transaction], Awaitable[T]], connection: Any) -> T:
    """One timer for all statements of a unit; the commit, which follows, is never cut short."""
    limit = asyncio.timeout(None)
    try:
        async with limit:
            tx = PostgresTransaction(connection, limit)
            value = await unit(tx)
            complete(tx)
            await tx.settle()
            return value
    except TimeoutError as error:
        if limit.expired():
            raise OutOfTime from error
        raise


async def _as_it_is(connection: Any) -> None:
    """A unit changes nothing of the session (its locks and settings end with its transaction), so that the round trip
    in which the pool would reset the connection is saved."""


async def _probe(tx: Transaction) -> None:
    await tx.first("SELECT 1 AS one")


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """`?` outside quotes and comments becomes `$1`, `$2` ..."""
    count = 0

    def place(piece: re.Match[str]) -> str:
        nonlocal count
        if piece[0] != "?":
            return piece[0]
        count += 1
        return f"${count}"

    return _PIECES.sub(place, sql)
