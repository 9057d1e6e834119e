"""The journal's proofs: a million facts sealed, and verified beside hashing the same bytes in the same run."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

from bot.bench import growth
from bot.bench.figures import Figure, beside
from bot.bench.plan import Plan
from bot.bench.running import Failed
from bot.database import schema
from bot.database.open import OpenDatabase, open_database
from bot.proofs import hashing
from bot.sealing import Sealer
from connectors.clock import SystemClock
from handlers.audit import leaf, sealing

_ROUNDS = 3
_PROOFS = 200
_COLUMNS = ", ".join(leaf.COLUMNS)


def measure(plan: Plan) -> list[Figure]:
    """Sealing by the service's own sealer; the whole tree computed anew as `audit verify` does; one proof."""
    size, path = plan.size(1_000_000, 3_000), plan.folder / "seal.db"
    asyncio.run(schema.migrate(f"sqlite://{path}"))
    plan.tell("fill", 0, size)
    growth.fill(path, size)
    plan.tell("seal.rate")
    rate, proof = asyncio.run(_sealed(path, size))
    plan.tell("seal.verify")
    verified, hashed = _verified(path, size)
    base = Figure(name="seal.sha256", value=hashed, unit="s")
    return [
        Figure(name="seal.rate", value=rate, unit="per_s"),
        Figure(name="seal.proof", value=proof, unit="ms"),
        base,
        beside(Figure(name="seal.verify", value=verified, unit="s"), base),
    ]


async def _sealed(path: Path, size: int) -> tuple[float, float]:
    """Facts a second until all are sealed, durable; milliseconds of one proof out of all of them."""
    database = open_database(f"sqlite://{path}")
    try:
        sealer = Sealer(database, SystemClock(), path.parent / "audit")
        begun = time.perf_counter()
        if await sealer.seal() != size:
            raise Failed("not everything was sealed")
        rate = size / (time.perf_counter() - begun)
        return rate, await _proof_ms(database, size)
    finally:
        await database.close()


async def _proof_ms(database: OpenDatabase, size: int) -> float:
    found = []
    for number in range(_PROOFS):
        begun = time.perf_counter()
        await database.read(partial(sealing.included, idx=number * size // _PROOFS, size=size))
        found.append(time.perf_counter() - begun)
    return median(found) * 1000


def _verified(path: Path, size: int) -> tuple[float, float]:
    """Seconds of verifying and of hashing the same bytes, leaves and nodes, round by round."""
    verified, hashed = [], []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        whole = hashing.computed(f"sqlite://{path}", size, [size])
        verified.append(time.perf_counter() - begun)
        if size not in whole.roots or not whole.stored:
            raise Failed("the tree is not the one that was sealed")
        hashed.append(_hash_s(path, size))
    return median(verified), median(hashed)


def _hash_s(path: Path, size: int) -> float:
    """As many calls of hashlib over as many bytes as the tree has, from memory, in one process."""
    seconds = 0.0
    for leaves in _leaves(path):
        begun = time.perf_counter()
        for one in leaves:
            sha256(one).digest()
        seconds += time.perf_counter() - begun
    node = bytes(65)
    begun = time.perf_counter()
    for _ in range(size - 1):
        sha256(node).digest()
    return seconds + time.perf_counter() - begun


def _leaves(path: Path) -> Iterator[list[bytes]]:
    with closing(sqlite3.connect(path)) as database:
        cursor = database.execute(f"SELECT {_COLUMNS} FROM journal ORDER BY id")
        while rows := cursor.fetchmany(20_000):
            yield [b"\0" + leaf.encode(*row) for row in rows]
