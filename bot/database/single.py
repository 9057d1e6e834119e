"""A SQLite file has one service: a second one would carry the same letters and seal the same facts.

The operating system holds the lock for as long as the process lives, so one that was killed leaves none behind; it is
on a file of its own, so commands that read and write beside the service are not kept out.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from bot.database.open import sqlite_path


class Occupied(Exception):
    """Another process serves (or moves) this file."""


@contextmanager
def single(url: str) -> Iterator[None]:
    """Raises `Occupied`; other databases, and a folder that is not there yet, hold nobody up."""
    path = sqlite_path(url).resolve() if url.startswith("sqlite://") else None
    if path is None or not path.exists():
        yield
        return
    with path.with_name(path.name + ".serving").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied from None
        yield
