"""`officebot serve` from nothing to ready, and what it holds in memory when nobody wants anything."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bot import ports
from bot.bench import machine, office
from bot.bench.figures import Figure, middle
from bot.bench.office import Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed

_PATIENCE_S = 60.0
_IDLE_S = 3.0


def measure(plan: Plan) -> list[Figure]:
    """From the start of the interpreter to the first 200 of `/readyz`; then some idle seconds, then the memory."""
    folder = plan.folder / "start"
    port = ports.free()
    office.furnish(folder, Crowd(people=100), url=f"sqlite://{folder}/office.db")
    text = (folder / "office.yaml").read_text("utf-8").replace("port: 8080", f"port: {port}")
    (folder / "office.yaml").write_text(text, "utf-8")
    asyncio.run(_prepare(folder))
    took: list[float] = []
    resident: list[float] = []
    for number in range(plan.size(5, 1)):
        plan.tell("start.ready", number + 1, plan.size(5, 1))
        seconds, mb = _once(folder, port, idle_s=plan.size(int(_IDLE_S), 0))
        took.append(seconds)
        resident.append(mb)
    return [
        middle("start.ready", took, "s"),
        middle("start.memory", resident, "mb"),
    ]


async def _prepare(folder: Path) -> None:
    service = await office.opened(folder)
    await service.stop()


def _once(folder: Path, port: int, *, idle_s: float) -> tuple[float, float]:
    env = os.environ | json.loads((folder / office.ORDER).read_text())["env"]
    command = [sys.executable, "-m", "bot", "serve", "--config", str(folder / "office.yaml")]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        took = ready(process, port) - begun
        time.sleep(idle_s)
        return took, machine.resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def ready(process: subprocess.Popen[Any], port: int) -> float:
    """When the process says that it is ready. Raises `Failed`."""
    until = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < until and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return time.perf_counter()
        except (URLError, OSError):
            time.sleep(0.01)
    raise Failed("officebot serve did not become ready")
