"""The whole drill: chapter after chapter on databases of its own, until one differs."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from bot.faults import drill
from bot.faults.drill import Bad, Counts, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`server` is the address of a PostgreSQL on which databases may be made, empty for SQLite. `folder`: for files."""

    seed: int
    first: int
    rounds: int
    server: str = ""
    folder: Path | None = None


@dataclass(slots=True)
class Result:
    """`bad` is the first difference, None when every round was as it should be."""

    rounds: int = 0
    counts: Counts = field(default_factory=Counts)
    bad: Bad | None = None


async def run(wish: Wish, told: Told) -> Result:
    result = Result()
    for rounds in drill.chapters(wish.seed, first=wish.first, rounds=wish.rounds):
        with tempfile.TemporaryDirectory(prefix="officebot-faults-", dir=wish.folder) as place:
            try:
                async with _databases(Path(place), wish.server) as urls:
                    await drill.chapter(
                        Path(place), urls, rounds, seed=wish.seed, told=told, counts=result.counts
                    )
            except Bad as bad:
                result.bad = bad
                return result
        result.rounds += len(rounds)
    return result


@asynccontextmanager
async def _databases(folder: Path, server: str) -> AsyncIterator[tuple[str, str]]:
    """Two empty ones, gone afterwards."""
    if not server:
        yield f"sqlite://{folder}/ideal/data/office.db", f"sqlite://{folder}/rough/data/office.db"
        return
    names = [f"faults_{secrets.token_hex(6)}" for _ in range(2)]
    connection = await asyncpg.connect(server)
    try:
        for name in names:
            await connection.execute(f"CREATE DATABASE {name}")
        base = server.rpartition("/")[0]
        yield f"{base}/{names[0]}", f"{base}/{names[1]}"
    finally:
        for name in names:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()
