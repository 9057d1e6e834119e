"""What the machine can do at all: hashing, and durable commits with the standard library's sqlite3."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from bot.bench.figures import Figure, beside, middle
from bot.bench.plan import Plan

_BODY = 900  # bytes, about a sealed tap
_TOGETHER = 64


def measure(plan: Plan) -> list[Figure]:
    """SHA-256 of bodies as long as a callback's; rows committed one by one and 64 at a time, WAL and FULL."""
    rounds, rows = range(plan.size(5, 1)), plan.size(20_000, _TOGETHER * 8)
    hashed, ones, groups = [], [], []
    for number in rounds:
        plan.tell("limits.group", number + 1, len(rounds))
        hashed.append(_hashing(plan.size(50_000, 5_000)))
        ones.append(_commits(plan.folder, plan.size(1000, 50), together=1))
        groups.append(_commits(plan.folder, rows, together=_TOGETHER))
    single = middle("limits.single", ones, "per_s")
    return [middle("limits.sha256", hashed, "per_s"), single, beside(middle("limits.group", groups, "per_s"), single)]


def rate(count: int, work: Callable[[], object]) -> float:
    """How many times a second, when `work` does something `count` times."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def _hashing(count: int) -> float:
    bodies = [secrets.token_bytes(_BODY) for _ in range(100)] * (count // 100)
    return rate(len(bodies), lambda: [sha256(one) for one in bodies])


def _commits(folder: Path, rows: int, *, together: int) -> float:
    """Rows of the size of a fact a second."""
    body = "x" * 400
    with closing(sqlite3.connect(folder / f"limit-{together}.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE IF NOT EXISTS fact (id INTEGER PRIMARY KEY, body TEXT)")

        def work() -> None:
            for _ in range(rows // together):
                database.execute("BEGIN IMMEDIATE")
                for _ in range(together):
                    database.execute("INSERT INTO fact (body) VALUES (?)", (body,))
                database.execute("COMMIT")

        return rate(rows // together * together, work)
