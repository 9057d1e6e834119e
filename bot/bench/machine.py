"""The machine as the figures depend on it, and what a process uses of it (Linux `/proc`)."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path


def description() -> dict[str, str | int]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "aiohttp": version("aiohttp"),
    }


def pin(core: int) -> None:
    """This process (and its threads to come) to one core, where there are two and the system can."""
    if sys.platform == "linux" and (cores := sorted(os.sched_getaffinity(0))) and len(cores) > core:
        os.sched_setaffinity(0, {cores[core]})


def resident_mb(pid: int | str = "self") -> float:
    """Resident memory; 0 where there is no `/proc`."""
    return _kilobytes(pid, "VmRSS:") / 1024


def _kilobytes(pid: int | str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
