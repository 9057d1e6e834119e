"""The service's process: started, killed without a word, started again; what it said is kept for the report."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.faults.serving import MARK
from connectors.clock import Clock

_READY = "服务已启动"
_PATIENCE_S = 90.0


class Ended(Exception):
    """The process ended by itself; the text is the end of its log."""


class Service:
    """`start` again after `kill` is the restart. One process at a time, whose clock follows `clock`.

    `close` ends what starts it, too.
    """

    def __init__(self, config_file: Path, clock: Clock) -> None:
        self.said: deque[str] = deque(maxlen=400)
        self.pid = 0
        self._status = 0
        self._config_file = config_file
        self._clock = clock
        self._nursery: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = False
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        """Returns when there is a process; `ready` waits until it serves."""
        ahead = (self._clock.now() - datetime.now(UTC)).total_seconds()
        self._ready = False
        await self._begun(f"start {ahead}")

    async def ready(self) -> None:
        """Raises Ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S), self._changed:
                await self._changed.wait_for(lambda: self._ready or not self.pid)
        if not self._ready:
            raise Ended(self.end_of_log())

    async def run(self, *arguments: str, kill_after: float = 0.0) -> tuple[int, str]:
        """Another command of `officebot`, with this office's `--config`; its exit status and the end of what it said.

        `kill_after` seconds it is killed, if it has not ended by then.
        """
        self.said.clear()
        await self._begun(f"run {json.dumps([*arguments, '--config', str(self._config_file)])}")
        with suppress(TimeoutError):
            async with asyncio.timeout(kill_after or None), self._changed:
                await self._changed.wait_for(lambda: not self.pid)
        await self.kill()
        return self._status, self.end_of_log()

    async def kill(self) -> None:
        """SIGKILL, and gone when this returns."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        async with self._changed:
            await self._changed.wait_for(lambda: not self.pid)

    async def close(self) -> None:
        if self._nursery is None:
            return
        await self.kill()
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        await self._nursery.wait()
        if self._reading is not None:
            await self._reading

    def forward(self, seconds: float) -> None:
        """Moves its clock; nothing where there is no process."""
        if self.pid:
            self._order(f"forward {seconds}")

    def end_of_log(self) -> str:
        return "\n".join(list(self.said)[-30:])

    async def _begun(self, order: str) -> None:
        if self._nursery is None:
            await self._open()
        self._order(order)
        async with self._changed:
            await self._changed.wait_for(lambda: self.pid)

    async def _open(self) -> None:
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.faults.serving", str(self._config_file),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(self._nursery))

    def _order(self, line: str) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(f"{line}\n".encode())

    async def _read(self, nursery: asyncio.subprocess.Process) -> None:
        assert nursery.stdout is not None
        while line := await nursery.stdout.readline():
            text = line.decode(errors="replace").rstrip()
            before, marked, told = text.partition(MARK)
            if before:
                self.said.append(before)
            async with self._changed:
                self._ready = self._ready or _READY in before
                if marked:
                    self._heard(told.split())
                self._changed.notify_all()
        async with self._changed:
            self.pid = 0
            self._changed.notify_all()

    def _heard(self, told: list[str]) -> None:
        if told[0] == "pid":
            self.pid = int(told[1])
        elif int(told[1]) == self.pid:
            self.pid, self._status = 0, int(told[2])
