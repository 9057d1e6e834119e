"""Starts the service as often as it is asked to: `python -m bot.faults.serving FILE`.

Everything is imported once, then each `start AHEAD` on the standard input forks a process that is `officebot serve` on
a clock that is AHEAD seconds before the computer's: half a thousand restarts need not wait for half a thousand imports.
`forward SECONDS` moves the clock of the present process. `run [...]` forks any other command of `officebot`, its
arguments as JSON. Written are what the process says itself and, on lines that
begin with MARK, `pid N` and `ended N STATUS`. The processes end with this one, and this one with its input.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from bot import __main__ as officebot
from bot import logs
from bot.commands import audit, backup, migrate, serve
from connectors.clock import MovableClock

MARK = "\x1e"
_IMPORTED = (audit, backup, migrate)  # before any fork


def main(config_file: Path) -> None:
    """Until the input ends."""
    gc.freeze()
    ends, told = os.pipe()
    signal.signal(signal.SIGCHLD, lambda *_: os.write(told, b"."))
    clock_pipe = -1
    while True:
        ready, _, _ = select.select([0, ends], [], [])
        if ends in ready:
            os.read(ends, 4096)
            _bury()
        if 0 not in ready:
            continue
        lines = os.read(0, 65536).decode().splitlines()
        if not lines:
            return
        for verb, _, value in (line.partition(" ") for line in lines):
            if verb == "start":
                clock_pipe = _fork(config_file, float(value))
            elif verb == "forward":
                _forward(clock_pipe, value)
            else:
                _fork_command(json.loads(value))


def _fork(config_file: Path, ahead: float) -> int:
    """Returns the end of a pipe into which seconds are written."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        _serve(config_file, ahead, reading)
    os.close(reading)
    _tell(f"pid {pid}")
    return writing


def _fork_command(arguments: list[str]) -> None:
    pid = os.fork()
    if pid == 0:
        _end_as(lambda: officebot.run(arguments))
    _tell(f"pid {pid}")


def _forward(pipe: int, seconds: str) -> None:
    try:
        os.write(pipe, f"{seconds}\n".encode())
    except OSError:  # it has been killed
        return


def _bury() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _tell(line: str) -> None:
    os.write(1, f"{MARK}{line}\n".encode())


def _serve(config_file: Path, ahead: float, pipe: int) -> NoReturn:
    logs.set_up()
    _end_as(lambda: asyncio.run(_run(config_file, ahead, pipe)))


def _end_as(work: Callable[[], int]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = 1
    try:
        status = work()
    finally:
        sys.stdout.flush()
        os._exit(status)


async def _run(config_file: Path, ahead: float, pipe: int) -> int:
    clock = MovableClock(datetime.now(UTC) + timedelta(seconds=ahead))
    following = asyncio.create_task(_follow(clock, pipe))
    try:
        return await serve.run(config_file, clock)
    finally:
        following.cancel()


async def _follow(clock: MovableClock, pipe: int) -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb", buffering=0))
    while line := await reader.readline():
        clock.forward(timedelta(seconds=float(line)))
    os._exit(3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
