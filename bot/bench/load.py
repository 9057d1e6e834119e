"""The load generator, a process of its own: `python -m bot.bench.load < order.json > result.json`.

It sends finished requests, byte for byte, over connections that stay open, and reads just enough of the answers to
know where they end. An HTTP library would cost more than the server under test.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.bench import machine

_LENGTH = struct.Struct(">I")
_LOST = -1.0
_PIECE = 1 << 20

Took = list[tuple[float, float]]
"""When a request was due, in seconds from the beginning, and how long its answer took; `_LOST` for none."""


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return
        self._buffer = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)

    async def ask(self, request: bytes) -> int:
        """The status of the answer; 0 when the connection was closed."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def write(path: Path, requests: Iterable[bytes]) -> int:
    """How many; on the disk when this returns, so that they do not stand in the way of the server's commits."""
    with path.open("wb") as file:
        number = sum(1 for one in requests if file.write(_LENGTH.pack(len(one)) + one))
    synced(path)
    return number


def synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def read(path: Path) -> Iterator[bytes]:
    """In pieces: ten minutes of requests are hundreds of megabytes."""
    with path.open("rb", buffering=_PIECE) as file:
        while head := file.read(_LENGTH.size):
            yield file.read(*_LENGTH.unpack(head))


async def run(order: dict[str, Any]) -> dict[str, Any]:
    """`rate` 0 is the closed loop: every connection sends its next request when it has the answer to the last."""
    requests, rate = read(Path(order["file"])), order["rate"]
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(_Connection, "127.0.0.1", order["port"]) for _ in range(order["connections"])
    ]
    connections = [protocol for _, protocol in pairs]
    whole = requests if rate else list(requests)
    begun = time.perf_counter()
    took = await (_paced(connections, whole, rate) if rate else _closed(connections, whole))
    seconds = time.perf_counter() - begun
    for transport, _ in pairs:
        transport.close()
    return {
        "seconds": seconds,
        **_summary([one for _, one in took]),
        "minutes": by_minute(took) if rate else [],
    }


def by_minute(took: Took) -> list[dict[str, Any]]:
    minutes = groupby(sorted(took), key=lambda one: int(one[0] // 60))
    return [_summary([one for _, one in some]) for _, some in minutes]


def _summary(took: Sequence[float]) -> dict[str, Any]:
    good = sorted(one for one in took if one != _LOST)
    return {
        "answered": len(good),
        "failed": len(took) - len(good),
        "p50_ms": _quantile(good, 0.50) * 1000,
        "p99_ms": _quantile(good, 0.99) * 1000,
        "max_ms": good[-1] * 1000 if good else 0.0,
    }


async def _closed(connections: Sequence[_Connection], requests: Iterable[bytes]) -> Took:
    waiting, took, begin = iter(requests), [], time.perf_counter()

    async def work(connection: _Connection) -> None:
        for request in waiting:  # the iterator is shared: whoever is free takes the next
            since = time.perf_counter()
            took.append((since - begin, await _timed(connection, request, since)))

    await asyncio.gather(*(work(connection) for connection in connections))
    return took


async def _paced(connections: Sequence[_Connection], requests: Iterable[bytes], rate: float) -> Took:
    """One request every 1/rate seconds, whatever became of the others. Times run from the moment at which a request
    was due, so that a server that stands still cannot hide it (coordinated omission)."""
    free = deque(connections)
    freed = asyncio.Event()
    took: Took = []
    begin = time.perf_counter()

    async def one(connection: _Connection, request: bytes, due: float) -> None:
        took.append((due - begin, await _timed(connection, request, due)))
        free.append(connection)
        freed.set()

    tasks: set[asyncio.Task[None]] = set()
    for number, request in enumerate(requests):
        due = begin + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        while not free:
            freed.clear()
            await freed.wait()
        task = asyncio.create_task(one(free.popleft(), request, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return took


async def _timed(connection: _Connection, request: bytes, since: float) -> float:
    status = await connection.ask(request)
    return time.perf_counter() - since if status == 200 else _LOST


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


if __name__ == "__main__":
    order = json.load(sys.stdin)
    if order["pinned"]:
        machine.pin(1)
    sys.stdout.write(json.dumps(asyncio.run(run(order))))
