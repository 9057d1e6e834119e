"""What is done to the service from outside: a moment waited for, a database locked, full or gone. No hook is in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import asyncpg

from bot.database.open import sqlite_path
from bot.faults.plan import Trouble
from bot.faults.town import ACCOUNTS, Town
from connectors.sandbox.faults import Fault, Weather

CHANCES = {
    "api/slow": 0.05, "api/error": 0.03, "api/limit": 0.02, "api/down": 0.03, "api/lost": 0.05,
    "callback/slow": 0.05, "callback/down": 0.05, "callback/duplicate": 0.15, "callback/reorder": 0.05,
    "callback/lost": 0.04,
}  # fmt: skip
_MOMENT_S = 3.0
_LOOK_S = 0.002
_UNSEALED = (
    "SELECT 1 AS one WHERE (SELECT COALESCE(MAX(id), 0) FROM journal)"
    " > (SELECT COALESCE(MAX(journal), 0) FROM seal_order)"
)
_WAITING = "SELECT 1 AS one FROM outbox WHERE state = 'waiting' LIMIT 1"
_FLYING = "SELECT 1 AS one FROM outbox WHERE flying = 1 LIMIT 1"


def weather(seed: int, number: int) -> Weather:
    """Of this round."""
    return Weather(seed=f"{seed}/{number}", chances=CHANCES)


async def moment(town: Town, trouble: Trouble) -> None:
    """Returns when the process is to be killed."""
    if trouble.kill in ("anywhere", "starting"):
        await asyncio.sleep(trouble.after)
        return
    if trouble.kill == "committed":  # nothing gets through: what is committed is certainly not sent
        _on_all(town, Fault("down", "api", times=-1))
        await _until(town, _WAITING)
    elif trouble.kill == "sending":  # the platforms have the calls and carry them out when the caller is dead
        _on_all(town, Fault("slow", "api", times=-1, seconds=30.0))
        await _until(town, _FLYING)
        await asyncio.sleep(trouble.after / 10)
    else:
        await _until(town, _UNSEALED)


async def extra(town: Town, trouble: Trouble) -> None:
    """Locks, fills or cuts off the database for a while."""
    if not trouble.extra:
        return
    await asyncio.sleep(trouble.extra_at)
    if town.url.startswith("sqlite"):
        await asyncio.to_thread(_on_file, sqlite_path(town.url), town.service.pid, trouble)
    elif trouble.extra == "locked":
        await _locked_server(town.url, trouble.extra_for)
    else:
        await _cut_off(town.url, trouble.extra_for)


@contextmanager
def disk(folder: Path, megabytes: int = 192) -> Iterator[bool]:
    """A small disk of its own at `folder`, where this user may mount one; False where not."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = sys.platform == "linux" and os.geteuid() == 0 and _run(
        "mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)
    )  # fmt: skip
    try:
        yield mounted
    finally:
        if mounted:
            _run("umount", "-l", str(folder))


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _on_all(town: Town, fault: Fault) -> None:
    for account in ACCOUNTS.values():
        town.made.fakes[account].faults.add(Fault(fault.kind, fault.target, times=-1, seconds=fault.seconds))


async def _until(town: Town, sql: str) -> None:
    """There is a row; not waited for longer than some seconds, for there may be none."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_MOMENT_S):
            while not await town.rows(sql):  # noqa: ASYNC110 (a row in a database tells nobody that it came)
                await asyncio.sleep(_LOOK_S)


def _locked(path: Path, seconds: float) -> None:
    """Somebody else's transaction on the file."""
    with contextlib.suppress(sqlite3.OperationalError), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


async def _locked_server(url: str, seconds: float) -> None:
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE inbox, outbox, journal IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(seconds)
    finally:
        await other.close()


async def _cut_off(url: str, seconds: float) -> None:
    """All connections to this database end, again and again, as when the server is restarted."""
    other = await asyncpg.connect(url)
    try:
        for _ in range(1 + int(seconds / 0.15)):
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.15)
    finally:
        await other.close()


def _on_file(path: Path, pid: int, trouble: Trouble) -> None:
    if trouble.extra == "locked":
        _locked(path, trouble.extra_for)
    elif path.parent.is_mount():
        _filled(path.parent / "ballast", trouble.extra_for)
    elif pid:
        _limited(pid, trouble.extra_for)


def _filled(ballast: Path, seconds: float) -> None:
    """Not a byte more on the disk."""
    piece = b"\0" * (1 << 20)
    try:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
            while len(piece) > 1:
                written = out.write(piece)
                piece = piece if written == len(piece) else piece[: len(piece) // 2]
    finally:
        time.sleep(seconds)
        ballast.unlink()


def _limited(pid: int, seconds: float) -> None:
    """Where no disk may be mounted: no file of this process may grow. SQLite is told of a write that failed."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        time.sleep(seconds)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
