"""Starts the processes of a measurement: servers that answer questions about themselves, and the load generator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bench import load

CONNECTIONS = 64


class Failed(Exception):
    """A process of the measurement ended, or answers were no success: then there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`p50_ms`, `p99_ms` from the moment at which a request was due."""

    seconds: float
    answered: int
    failed: int
    p50_ms: float
    p99_ms: float

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


def bombard(server: Server, requests: Sequence[bytes], *, folder: Path, rate: float = 0.0) -> Result:
    """Sends all requests, at `rate` a second or (0) as fast as the answers come. Raises `Failed` if one was refused."""
    file = folder / "requests.bin"
    load.write(file, requests)
    order = {
        "port": server.port, "file": str(file), "connections": CONNECTIONS, "rate": rate, "pinned": server.pinned,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bot.bench.load"], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    file.unlink()
    if done.returncode:
        raise Failed(done.stderr[-2000:])
    result = Result(**json.loads(done.stdout))
    if result.failed:
        raise Failed(f"{result.failed} of {len(requests)} requests were refused")
    return result
