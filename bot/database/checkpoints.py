"""Brings what stands in SQLite's log into its file, in a thread beside the writer.

By default the commit that makes the log a thousand pages long does it, and everybody in its batch waits for two more
fsyncs. Here commits only say that there is something; a passive checkpoint takes no lock that a writer needs. What it
cannot finish (the writer never pauses) stays in the log until `LOG_PAGES`, when a commit finishes it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

LOG_PAGES = 16_384
"""Of 4 KB: 64 MB, which `journal_size_limit` cuts the log back to as well."""
_PAUSE_S = 0.2


class Checkpoints:
    """One thread, started with the first `due`; `connect` opens the file that is there now."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._due = threading.Event()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def due(self) -> None:
        """Something was committed."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="sqlite-checkpoints", daemon=True)
            self._thread.start()
        self._due.set()

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
        """A full disk or a file that is gone is the writer's to tell; the log keeps what is not in the file."""
        try:
            connection = self._connect()
        except sqlite3.Error:
            return
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            return
        finally:
            connection.close()
