"""What the machine can do at all: hashing, and durable commits with the standard library's sqlite3."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from bot.bench.figures import Figure, beside
from bot.bench.plan import Plan

_BODY = 900  # bytes, about a sealed tap
_TOGETHER = 64


def measure(plan: Plan) -> list[Figure]:
    """SHA-256 of bodies as long as a callback's; rows committed one by one and 64 at a time, WAL and FULL."""
    hashing = _hashing(plan.size(200_000, 5_000))
    plan.tell("limits.single")
    single = Figure(name="limits.single", value=_commits(plan.folder, plan.size(3000, 50), together=1), unit="per_s")
    plan.tell("limits.group")
    rows = plan.size(60_000, _TOGETHER * 8)
    group = Figure(name="limits.group", value=_commits(plan.folder, rows, together=_TOGETHER), unit="per_s")
    return [hashing, single, beside(group, single)]


def rate(count: int, work: Callable[[], object]) -> float:
    """How many times a second, when `work` does something `count` times."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def _hashing(count: int) -> Figure:
    bodies = [secrets.token_bytes(_BODY) for _ in range(100)] * (count // 100)
    return Figure(name="limits.sha256", value=rate(len(bodies), lambda: [sha256(one) for one in bodies]), unit="per_s")


def _commits(folder: Path, rows: int, *, together: int) -> float:
    """Rows of the size of a fact a second."""
    body = "x" * 400
    with closing(sqlite3.connect(folder / f"limit-{together}.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE fact (id INTEGER PRIMARY KEY, body TEXT)")

        def work() -> None:
            for _ in range(rows // together):
                database.execute("BEGIN IMMEDIATE")
                for _ in range(together):
                    database.execute("INSERT INTO fact (body) VALUES (?)", (body,))
                database.execute("COMMIT")

        return rate(rows // together * together, work)
