"""Starts the processes of a measurement: servers that answer questions about themselves, and the load generator."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from bot.bench import load

CONNECTIONS = 64


class Failed(Exception):
    """A process of the measurement ended, or answers were no success: then there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Those requests of an open loop that were due within one minute."""

    answered: int
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`p50_ms`, `p99_ms`, `max_ms` from the moment at which a request was due. A closed loop has no `minutes`."""

    seconds: float
    answered: int
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    minutes: tuple[Minute, ...] = ()

    @classmethod
    def read(cls, text: str) -> Result:
        found = json.loads(text)
        return cls(**found | {"minutes": tuple(Minute(**one) for one in found["minutes"])})

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


class Server:
    """A `bot.bench.serving` that listens on `port`."""

    def __init__(self, process: subprocess.Popen[str], *, pinned: bool) -> None:
        self.process = process
        self.pinned = pinned
        self.port = int(self._line()["port"])

    def used(self) -> dict[str, float]:
        """`cpu_s` since its start, `resident_mb` now."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._line()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"the server ended with {self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def server(kind: str, *arguments: str, pinned: bool = False) -> Iterator[Server]:
    """`kind` as in `bot.bench.serving`. `pinned`: alone on the first core, the load generator on the second."""
    command = [sys.executable, "-m", "bot.bench.serving", kind, *arguments, *(["--pinned"] if pinned else [])]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield Server(process, pinned=pinned)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


class Listens(Protocol):
    """What can be bombarded: a `Server`, or a proxy before several."""

    @property
    def port(self) -> int: ...

    @property
    def pinned(self) -> bool: ...


def bombard(
    server: Listens,
    requests: Iterable[bytes],
    *,
    folder: Path,
    rate: float = 0.0,
    connections: int = CONNECTIONS,
    refusals: bool = False,
) -> Result:
    """Sends all requests, at `rate` a second or (0) as fast as the answers come. Raises `Failed` if one was refused,
    unless `refusals` are what is measured."""
    file = folder / "requests.bin"
    number = load.write(file, requests)
    result = pour(server, file, rate=rate, connections=connections)
    file.unlink()
    if result.failed and not refusals:
        raise Failed(f"{result.failed} of {number} requests were refused")
    return result


def pour(server: Listens, file: Path, *, rate: float = 0.0, connections: int = CONNECTIONS) -> Result:
    """Sends the requests in a file (`load.write`), as `bombard` does, whatever becomes of them."""
    order = {
        "port": server.port, "file": str(file), "connections": connections, "rate": rate, "pinned": server.pinned,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bot.bench.load"], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(done.stderr[-2000:])
    return Result.read(done.stdout)


@contextmanager
def database(server: str) -> Iterator[str]:
    """The address of a new database on that server, gone afterwards."""
    name = f"bench_{secrets.token_hex(6)}"
    asyncio.run(_administer(server, f"CREATE DATABASE {name}"))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        asyncio.run(_administer(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _administer(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
