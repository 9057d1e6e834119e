"""Brings what stands in SQLite's log into its file, in a thread beside the writer.

By default the commit that makes the log a thousand pages long does it, and everybody in its batch waits for two more
fsyncs. Here commits only say that there is something, and a passive checkpoint takes no lock that a writer needs. While
taps come all the time it never reaches the end of the log, which would grow until a commit at `LOG_PAGES` has
thousands of pages to bring in (70 ms). So the thread goes over what came meanwhile again, and asks the writer for the
few pages that are left (`finish`): the log begins anew with the next commit.

SQLite forces its file to the disk only in the pass that reaches the end, which is the writer's, with all that the
passes before have copied (60 ms). So the thread forces it before (`_forced`), beside the commits.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

LOG_PAGES: Final = 32_768
"""Of 4 KB: 128 MB, which `journal_size_limit` cuts the log back to as well; three times what the thread lets it grow
to, or a slow disk would leave the commits to do its work after all."""
_PAUSE_S: Final = 0.05
"""Five passes a second took a core that is shared with the commits for 4 to 6 ms each; twenty take 1 to 2 ms."""
_WORTH: Final = 10_000  # pages in the log; what stays below begins anew by itself where nobody taps for a moment
_PASSIVE: Final = "PRAGMA wal_checkpoint(PASSIVE)"
_OPEN: Final = Path("/proc/self/fd")


class Checkpoints:
    """One thread, started with the first `due`; `connect` opens the file that is at `path` now."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._due = threading.Event()
        self._end = threading.Event()
        self._nearly = threading.Event()
        self._thread: threading.Thread | None = None

    def due(self) -> None:
        """Something was committed."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="sqlite-checkpoints", daemon=True)
            self._thread.start()
        self._due.set()

    def finish(self, connection: sqlite3.Connection) -> None:
        """For the writer between two batches: brings in the last pages where few are left, else does nothing."""
        if self._nearly.is_set():
            self._nearly.clear()
            _passed(connection)

    def close(self) -> None:
        """After the writer, which is the one that calls `due`. The last connection that closes finishes the log."""
        self._end.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while self._due.wait() and not self._end.wait(_PAUSE_S):
            self._due.clear()
            if self._end.is_set():  # `close` came just now, and its call is the one that was cleared
                return
            self._checkpoint()

    def _checkpoint(self) -> None:
        try:
            connection = self._connect()
        except sqlite3.Error:
            return
        try:
            if _passed(connection) > _WORTH and self._shortened(connection):
                self._nearly.set()
        finally:
            connection.close()

    def _shortened(self, connection: sqlite3.Connection) -> bool:
        """Twice: what comes while the first has much to write is the second's, and little comes while that writes."""
        return all(_forced(self._path) and _passed(connection) for _ in range(2))


def _passed(connection: sqlite3.Connection) -> int:
    """Pages in the log, as many of them as nobody reads any more now in the file; 0 where it could not be done. A full
    disk or a file that is gone is the writer's to tell; the log keeps what is not in the file."""
    try:
        busy, pages, _ = connection.execute(_PASSIVE).fetchone()
    except sqlite3.Error:
        return 0
    return 0 if busy else int(pages)


def _forced(path: Path) -> bool:
    """Whether the file is on the disk, or that is left to SQLite: False only where the disk says that it is not, and
    the log must not begin anew. Done through a descriptor that SQLite has open: with the closing of one of our own the
    process would lose SQLite's POSIX locks on the file.
    """
    descriptor = _descriptor(path)
    try:
        if descriptor is not None:
            os.fdatasync(descriptor)
    except OSError:
        return False
    return True


def _descriptor(path: Path) -> int | None:
    """None where nobody tells the open ones (no /proc)."""
    try:
        wanted = path.stat()
        return next((one for one in map(int, os.listdir(_OPEN)) if _same(one, wanted)), None)
    except OSError:
        return None


def _same(descriptor: int, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), wanted)
    except OSError:  # closed meanwhile
        return False
