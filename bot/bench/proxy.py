"""A plain reverse proxy for drills: connections go to the upstreams in turn, past one that does not listen.

It knows nothing of HTTP: what a connection brings goes to its upstream, byte for byte. When the upstream dies, the
connection breaks, as with any proxy, and the platform comes again. `python -m bot.bench.proxy PORT...` is one in a
process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from itertools import count

from bot.bench import machine

_PIECE = 64 * 1024


class Proxy:
    """`await start()` gives its port; `upstreams` may change while it runs."""

    def __init__(self, upstreams: Sequence[int] = ()) -> None:
        self.upstreams = list(upstreams)
        self.port = 0
        self._turn = count()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._joined(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._upstream()
        if found is None:
            return
        up_reader, up_writer = found
        both = [asyncio.create_task(_copy(reader, up_writer)), asyncio.create_task(_copy(up_reader, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            up_writer.close()

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The next that listens; None when none does."""
        first = next(self._turn)
        for step in range(len(self.upstreams)):
            port = self.upstreams[(first + step) % len(self.upstreams)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()


async def _main(ports: Sequence[int]) -> None:
    sys.stdout.write(json.dumps({"port": await Proxy(ports).start()}) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    machine.pin(1)  # with the load generator
    asyncio.run(_main([int(port) for port in sys.argv[1:]]))
