"""One of several instances: `officebot serve` on a clock that begins elsewhere, a process of its own.

`python -m bot.bench.instance FILE PORT AHEAD`; AHEAD is in seconds. Every line on the standard input moves the clock
forward by that many seconds; the process ends with its input, so that none is left over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bot import logs
from bot.bench.running import Failed
from bot.commands import serve
from connectors.clock import Clock, MovableClock

_PATIENCE_S = 120.0
_LOOK_S = 0.05


class Instance:
    """`start`, then `ready`; `kill` is SIGKILL, `stop` SIGTERM. What it says goes to `log`."""

    def __init__(
        self, config: Path, port: int, clock: Clock, *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.port = port
        self._config = config
        self._clock = clock
        self._log = log
        self._env = dict(os.environ) | dict(env or {})
        self._process: subprocess.Popen[str] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        ahead = (self._clock.now() - datetime.now(UTC)).total_seconds()
        command = [sys.executable, "-m", "bot.bench.instance", str(self._config), str(self.port), str(ahead)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, env=self._env
            )

    async def ready(self) -> None:
        """Raises `Failed` when it ends, or is not there after two minutes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S), aiohttp.ClientSession() as session:
                while self.alive:
                    with contextlib.suppress(aiohttp.ClientError):
                        async with session.get(f"http://127.0.0.1:{self.port}/readyz") as response:
                            if response.status == 200:
                                return
                    await asyncio.sleep(_LOOK_S)
        raise Failed("an instance did not start:\n" + "\n".join(self._log.read_text().splitlines()[-20:]))

    def forward(self, seconds: float) -> None:
        """Moves its clock; nothing where there is no process."""
        if self.alive:
            assert self._process is not None
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(f"{seconds}\n")
                self._process.stdin.flush()

    async def kill(self) -> None:
        await self._ended(signal.SIGKILL)

    async def stop(self) -> int:
        """The exit status; raises `Failed` when it does not end."""
        return await self._ended(signal.SIGTERM)

    async def _ended(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            status = await asyncio.to_thread(process.wait, 60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed("an instance did not stop when it was asked to") from None
        finally:
            assert process.stdin is not None
            process.stdin.close()
        return status


async def main(config: Path, port: int, ahead: float) -> int:
    clock = MovableClock(datetime.now(UTC) + timedelta(seconds=ahead))
    following = asyncio.create_task(_follow(clock))
    try:
        return await serve.run(config, clock, port=port)
    finally:
        following.cancel()


async def _follow(clock: MovableClock) -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        clock.forward(timedelta(seconds=float(line)))
    os._exit(3)


if __name__ == "__main__":
    logs.set_up()
    sys.exit(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
