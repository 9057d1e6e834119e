"""SQLite with group commit: one writer thread, one durable commit for all units that wait.

While one commit is on its way to the disk, the next units gather; each runs in a savepoint of its own, so that one that
fails harms no other (one that is alone needs none). Readers are a few threads with read-only connections, which WAL
lets see the last commit.
"""

from __future__ import annotations

import asyncio
import queue
import re
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import lru_cache
from itertools import chain
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, Literal, TypeVar

from bot.database import checkpoints
from bot.database.checkpoints import Checkpoints
from bot.database.units import Job, Unit, complete, drive, resolve
from handlers.errors import DatabaseBusy
from handlers.transaction import GATHERED, PEOPLE, Into, OutOfTime, Row, Transaction, Value

T = TypeVar("T")

_WAITING = 10_000
_BATCH = 256
_READERS = 3
_STATEMENTS = 512

# The primary result codes under which nobody is to blame and nothing was stored: busy, locked, read-only file,
# I/O error, corrupt, full, cannot open, not a database.
_BUSY_CODES = frozenset({5, 6, 8, 10, 11, 13, 14, 26})


_PEOPLE_WRITTEN = re.compile(rf"\b(?:INTO|UPDATE|DELETE\s+FROM)\s+\"?(?:{'|'.join(PEOPLE)})\b", re.IGNORECASE)
_GATHERED_NAMED = re.compile(rf"\b(?:{'|'.join(GATHERED)})\b", re.IGNORECASE)
_MOST_PEOPLE = 30_000
_ROWS = 100


class SqliteTransaction:
    """A unit's statements on the connection of its thread. Nothing in here really waits."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, connection: sqlite3.Connection, known: _Known | None = None) -> None:
        self.memo: dict[Hashable, Any] = {}
        self.people: dict[Hashable, Any] = {} if known is None else known.people
        self.journal_end = None if known is None else known.journal_end
        self.held: list[Any] | None = None
        self.gathered: dict[Into, list[tuple[Any, ...]]] | None = None
        self.deadline = inf
        self._cursor = connection.cursor()  # one for all: each of them costs as much as a small statement

    async def execute(self, sql: str, *values: Value) -> int:
        self._run(sql, values)
        return self._cursor.rowcount

    async def later(self, sql: str, *values: Value) -> None:
        self._run(sql, values)

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        rows = self._run(sql, values)
        if not rows:
            return ()
        names = [column[0] for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def first(self, sql: str, *values: Value) -> Row | None:
        rows = self._run(sql, values)
        if not rows:
            return None
        return {column[0]: value for column, value in zip(self._cursor.description, rows[0], strict=True)}

    def _run(self, sql: str, values: tuple[Value, ...]) -> list[tuple[Value, ...]]:
        if monotonic() >= self.deadline:
            raise OutOfTime
        people, gathered = _about(sql)
        if people:
            self.people.clear()
        if gathered and self.gathered:
            self.settle()
        return self._ask(sql, values)

    def settle(self) -> None:
        """Writes what is gathered. It is forgotten only then: after an error the unit cannot end well without it."""
        for into, rows in (self.gathered or {}).items():
            for begin in range(0, len(rows), _ROWS):
                some = rows[begin : begin + _ROWS]
                self._ask(_insert(into, len(some), len(some[0])), tuple(chain.from_iterable(some)))
        self.gathered = None if self.gathered is None else {}

    def _ask(self, sql: str, values: tuple[Value, ...]) -> list[tuple[Value, ...]]:
        try:
            return self._cursor.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            raise _sorted(error) from error


class SqliteDatabase:
    """`handlers.transaction.Database` on one file, which must be there: a forgotten `migrate` must not look like an
    empty office. `page_limit` and `busy_ms` are for tests of a full disk and a locked file.
    """

    def __init__(self, path: Path, *, busy_ms: int = 15_000, page_limit: int = 0) -> None:
        self.path = path
        self._settings = _Settings(path, busy_ms, page_limit)
        self._writer = _Writer(self._settings)
        self._readers = _Readers(self._settings)

    async def write(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        result: T = await self._writer.submit(unit)
        return result

    async def read(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        result: T = await self._readers.submit(unit)
        return result

    async def healthy(self) -> bool:
        """Whether a write transaction with a page of data can be committed."""
        try:
            await self.write(_probe)
        except (DatabaseBusy, sqlite3.Error):
            return False
        return True

    async def close(self) -> None:
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)


@lru_cache(maxsize=4096)
def _about(sql: str) -> tuple[bool, bool]:
    """Whether it writes people, and whether it names a table whose rows may be gathered."""
    return _PEOPLE_WRITTEN.search(sql) is not None, _GATHERED_NAMED.search(sql) is not None


@lru_cache(maxsize=2 * _ROWS)
def _insert(into: str, rows: int, columns: int) -> str:
    """FAIL: or SQLite keeps copies of pages to undo this statement alone; a unit that fails is undone as a whole."""
    row = f"({', '.join('?' * columns)})"
    return f"INSERT OR FAIL INTO {into} VALUES {', '.join([row] * rows)}"


async def _probe(tx: Transaction) -> None:
    # user_version is part of the file's first page: it exercises lock, journal and fsync without a table of ours.
    row = await tx.first("PRAGMA user_version")
    assert row is not None
    await tx.execute(f"PRAGMA user_version = {row['user_version']}")


class _Settings:
    def __init__(self, path: Path, busy_ms: int, page_limit: int) -> None:
        self.path = path
        self.busy_ms = busy_ms
        self.page_limit = page_limit

    def inode(self) -> int:
        """Tells the file from another one of its name; 0 when there is none."""
        try:
            return self.path.stat().st_ino
        except OSError:
            return 0

    def writer(self) -> sqlite3.Connection:
        connection = self._connect(f"file:{_quoted(self.path)}?mode=rw")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # Otherwise INSERT OR REPLACE would delete past the triggers of the append-only tables.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute(f"PRAGMA journal_size_limit = {checkpoints.LOG_PAGES * 4096}")
        # A unit's savepoint remembers the pages it changes (63 in a tap); more than 16 would go into a file.
        connection.execute("PRAGMA temp_store = MEMORY")
        # KB. The two megabytes of the default do not hold what a batch touches: pages were read again within it.
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoints.LOG_PAGES}")
        if self.page_limit:
            connection.execute(f"PRAGMA max_page_count = {self.page_limit}")
        return connection

    def keeper(self) -> sqlite3.Connection:
        """For checkpoints: their fsyncs are as sure as the writer's."""
        connection = self._connect(f"file:{_quoted(self.path)}?mode=rw")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def reader(self) -> sqlite3.Connection:
        return self._connect(f"file:{_quoted(self.path)}?mode=ro")

    def _connect(self, uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
        connection.execute(f"PRAGMA busy_timeout = {self.busy_ms}")
        return connection


class _Threads:
    """A queue of jobs and the threads that serve it, started at first use; None in the queue ends one thread."""

    name = ""
    number = 1

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._closed = False

    async def submit(self, unit: Callable[[Transaction], Awaitable[Any]]) -> Any:
        if self._closed:
            raise DatabaseBusy("closed")
        if self._jobs.qsize() >= _WAITING:
            raise DatabaseBusy("queue full")
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        job = Job(unit, loop.create_future(), loop)
        self._jobs.put(job)
        return await job.future

    def close(self) -> None:
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        """What slipped into the queue behind its end must not wait for ever."""
        late = [job for job in _drained(self._jobs, _WAITING) if job is not None]
        _fail(late, DatabaseBusy("closed"))

    def _start(self) -> None:
        self._threads = [
            threading.Thread(target=self._serve, name=f"sqlite-{self.name}-{n}", daemon=True)
            for n in range(self.number)
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        raise NotImplementedError


class _Writer(_Threads):
    name = "writer"
    _inode = 0

    def __init__(self, settings: _Settings) -> None:
        super().__init__(settings)
        self._known = _Known()
        self._checkpoints = Checkpoints(settings.path, settings.keeper)

    def close(self) -> None:
        super().close()
        self._checkpoints.close()

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        going = True
        while going:
            taken = _drained(self._jobs, _BATCH)
            going = None not in taken
            batch = [job for job in taken if job is not None]
            connection = self._run(connection, batch)
        if connection is not None:
            connection.close()

    def _run(self, connection: sqlite3.Connection | None, batch: list[Job]) -> sqlite3.Connection | None:
        """Runs one batch and resolves it; returns the connection to go on with, None when a new one is needed."""
        if not batch:
            return connection
        try:
            connection = self._present(connection)
            _commit(connection, batch, self._known)
        except BaseException as error:  # the loop of the writer thread must outlive everything
            self._known.forget()
            _fail(batch, _sorted(error))
            return _recovered(connection)
        resolve(batch)
        self._checkpoints.due()
        self._checkpoints.finish(connection)
        return connection

    def _present(self, connection: sqlite3.Connection | None) -> sqlite3.Connection:
        """A connection to the file that is there now. A removed one would swallow commits without a word."""
        inode = self._settings.inode()
        if connection is not None and inode == self._inode:
            return connection
        if connection is not None:
            connection.close()
        self._inode = inode
        return self._settings.writer()


class _Readers(_Threads):
    name = "reader"
    number = _READERS

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        while (job := self._jobs.get()) is not None:
            try:
                connection = connection or self._settings.reader()
                job.value = job.context.run(_view, connection, job)
            except BaseException as error:  # as in the writer: the thread outlives its units
                job.error = _sorted(error)
                connection = _recovered(connection)
            resolve([job])
        if connection is not None:
            connection.close()


def _view(connection: sqlite3.Connection, job: Job) -> Any:
    connection.execute("BEGIN")
    try:
        return _driven(job.unit, SqliteTransaction(connection))
    finally:
        connection.execute("ROLLBACK")


def _driven(unit: Unit, tx: SqliteTransaction) -> Any:
    value = drive(unit, tx)
    complete(tx)
    tx.settle()
    return value


class _Known:
    """What the writer remembers between its units and batches, of the people and of the journal's end; `version` is
    SQLite's own: it changes with every commit of another connection."""

    def __init__(self) -> None:
        self.people: dict[Hashable, Any] = {}
        self.journal_end: tuple[int, int] | None = None
        self._version: tuple[sqlite3.Connection, int] | None = None

    def check(self, connection: sqlite3.Connection) -> None:
        """Inside the batch's transaction, when nobody else can write any more."""
        (number,) = connection.execute("PRAGMA data_version").fetchone()
        if self._version != (connection, number) or len(self.people) > _MOST_PEOPLE:
            self.forget()
        self._version = (connection, number)

    def forget(self) -> None:
        self.people.clear()
        self.journal_end = None


def _commit(connection: sqlite3.Connection, batch: list[Job], known: _Known) -> None:
    connection.execute("BEGIN IMMEDIATE")
    known.check(connection)
    if len(batch) > 1:
        for job in batch:
            connection.execute("SAVEPOINT unit")
            _run_unit(connection, job, known, undo="ROLLBACK TO unit")
            connection.execute("RELEASE unit")
    elif not _run_unit(connection, batch[0], known, undo="ROLLBACK"):
        return
    connection.execute("COMMIT")


def _run_unit(connection: sqlite3.Connection, job: Job, known: _Known, *, undo: str) -> bool:
    """Runs one unit; its failure (False) stays its own, unless it took the whole transaction down."""
    try:
        tx = SqliteTransaction(connection, known)
        job.value = job.context.run(_driven, job.unit, tx)
        known.journal_end = tx.journal_end
    except Exception as error:
        job.error = error
        known.forget()  # it may have read what it had written
        # A full disk or an I/O error may end the whole transaction; then everyone's work of this batch is gone.
        if not connection.in_transaction:
            raise DatabaseBusy("transaction lost") from error
        connection.execute(undo)
        return False
    return True


def _drained(jobs: queue.SimpleQueue[Job | None], limit: int) -> list[Job | None]:
    """Waits for one job (unless only sweeping up after the end), then takes all that wait, up to `limit`."""
    taken: list[Job | None] = [jobs.get()] if limit == _BATCH else []
    while len(taken) < limit:
        try:
            taken.append(jobs.get_nowait())
        except queue.Empty:
            break
    return taken


def _fail(jobs: list[Job], error: BaseException) -> None:
    for job in jobs:
        # A unit that failed by itself keeps its own reason.
        job.error = job.error or error
    resolve(jobs)


def _recovered(connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
    """The connection outside any transaction, or None when it is no good any more."""
    if connection is None:
        return None
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        connection.close()
        return None
    return connection


def _sorted(error: BaseException) -> BaseException:
    """`DatabaseBusy` for what is nobody's fault; everything else as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _BUSY_CODES:
        return error
    busy = DatabaseBusy(str(error))
    busy.__cause__ = error  # a command says by it whether to wait, to make room or to look at the rights
    return busy


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
