"""What only a file can suffer: a full disk, a lock held by another process, a kill in the middle, a file taken away."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.database.sqlite import SqliteDatabase
from handlers.audit import log
from handlers.audit.facts import Fact, Origin
from handlers.errors import DatabaseBusy
from handlers.mailroom import counters
from handlers.people import directory
from handlers.transaction import Transaction

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    return Path(shutil.copyfile(sqlite_template, tmp_path / "office.db"))


async def count(tx: Transaction) -> int:
    return await counters.take(tx, "n")


def stored(path: Path, name: str = "n") -> int:
    with sqlite3.connect(path) as connection:
        row = connection.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()
    connection.close()
    return row[0] if row else 0


def _alone(path: Path) -> int:
    """What the file says by itself, without its log."""
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as connection:
        row = connection.execute("SELECT value FROM counter WHERE name = 'n'").fetchone()
    connection.close()
    return row[0] if row else 0


async def test_what_is_committed_reaches_the_file_while_nobody_commits(path: Path):
    database = SqliteDatabase(path)
    await database.write(count)
    async with asyncio.timeout(60):
        while _alone(path) != 1:
            await asyncio.to_thread(os.sched_yield)
    await database.close()


async def test_people_are_remembered_until_somebody_writes_them(path: Path):
    async def add(tx: Transaction) -> None:
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('admin', 'p-li')")

    async def roles(tx: Transaction) -> frozenset[str]:
        return await directory.roles_of(tx, "p-li")

    async def add_and_fail(tx: Transaction) -> None:
        await tx.execute("INSERT INTO person_role (role, person) VALUES ('personnel', 'p-li')")
        assert await roles(tx) == {"admin", "personnel"}
        raise LookupError

    database = SqliteDatabase(path)
    assert await database.write(roles) == set()
    await database.write(add)
    assert await database.write(roles) == {"admin"}
    with pytest.raises(LookupError):
        await database.write(add_and_fail)
    assert await database.write(roles) == {"admin"}
    with sqlite3.connect(path) as other:  # another process, such as `officebot people import`
        other.execute("DELETE FROM person_role")
    other.close()
    assert await database.write(roles) == set()
    await database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Fact):
    KIND = "test.noted"

    item: str


async def test_facts_are_numbered_without_a_hole_whoever_fails_or_writes_beside(path: Path):
    async def note(tx: Transaction, item: str = "one") -> None:
        await log.record(tx, Noted(item=item), origin=Origin(), now=datetime.now(UTC))

    async def twice(tx: Transaction) -> None:
        await note(tx, "two")
        await note(tx, "two")

    async def note_and_fail(tx: Transaction) -> None:
        await twice(tx)
        raise LookupError

    async def numbered(tx: Transaction) -> list[tuple[int, str]]:
        return [(row["id"], row["subject"]) for row in await tx.fetch("SELECT id, subject FROM journal ORDER BY id")]

    database, beside = SqliteDatabase(path), SqliteDatabase(path)
    await database.write(twice)
    told = await asyncio.gather(*map(database.write, (note, note_and_fail, twice)), return_exceptions=True)
    assert isinstance(told[1], LookupError)
    await beside.write(note)  # as another process, such as `officebot people import`
    await database.write(note)
    subjects = ("two", "two", "one", "two", "two", "one", "one")
    assert await database.read(numbered) == list(enumerate(subjects, 1))
    await database.close()
    await beside.close()


async def test_a_unit_that_awaits_anything_else_is_refused_alone(path: Path):
    async def impatient(tx: Transaction) -> None:
        await counters.take(tx, "impatient")
        await asyncio.sleep(0)

    database = SqliteDatabase(path)
    results = await asyncio.gather(database.write(impatient), database.write(count), return_exceptions=True)
    await database.close()
    assert isinstance(results[0], RuntimeError)
    assert results[1] == 1
    assert stored(path, "impatient") == 0


async def test_a_full_disk_is_busy_and_heals_by_itself(path: Path):
    other = sqlite3.connect(path)
    (pages,) = other.execute("PRAGMA page_count").fetchone()
    other.close()
    database = SqliteDatabase(path, page_limit=pages + 2)

    async def big(tx: Transaction) -> None:
        await tx.execute("INSERT INTO prompt VALUES (?, 'k', ?, 0, 0)", "p", "x" * 100_000)

    results = await asyncio.gather(
        database.write(count), database.write(big), database.write(count), return_exceptions=True
    )
    assert isinstance(results[1], DatabaseBusy)
    # Nobody was told a success that is not on the disk.
    assert stored(path) == sum(isinstance(result, int) for result in results)
    assert isinstance(await database.write(count), int)
    await database.close()


async def test_locked_by_another_process_is_busy_and_heals_by_itself(path: Path):
    database = SqliteDatabase(path, busy_ms=50)
    await database.write(count)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(*(database.write(count) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, DatabaseBusy) for result in results)
    assert not await database.healthy()
    other.execute("ROLLBACK")
    other.close()
    assert await database.write(count) == 2
    assert await database.healthy()
    await database.close()


async def test_readers_go_on_while_another_process_writes(path: Path):
    database = SqliteDatabase(path, busy_ms=50)
    await database.write(count)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    row = await database.read(lambda tx: tx.first("SELECT value FROM counter"))
    other.execute("ROLLBACK")
    other.close()
    await database.close()
    assert row == {"value": 1}


async def test_a_file_taken_away_is_not_written_to_in_secret(path: Path):
    database = SqliteDatabase(path)
    await database.write(count)
    kept = shutil.move(path, path.with_name("moved.db"))
    with pytest.raises(DatabaseBusy):
        await database.write(count)
    shutil.move(kept, path)
    assert await database.write(count) == 2
    await database.close()


async def test_a_full_queue_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.database.sqlite._WAITING", 3)
    database = SqliteDatabase(path)
    results = await asyncio.gather(*(database.write(count) for _ in range(500)), return_exceptions=True)
    await database.close()
    assert any(isinstance(result, DatabaseBusy) for result in results)
    assert stored(path) == sum(isinstance(result, int) for result in results)


async def test_closing_ends_what_is_under_way_and_refuses_the_rest(path: Path):
    database = SqliteDatabase(path)
    tasks = [asyncio.create_task(database.write(count)) for _ in range(50)]
    await asyncio.sleep(0)
    await database.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert stored(path) == sum(isinstance(result, int) for result in results)
    with pytest.raises(DatabaseBusy):
        await database.write(count)


async def test_two_processes_share_the_file(path: Path):
    children = [_child(path, "count") for _ in range(2)]
    for child in children:
        _, error = child.communicate(timeout=60)
        assert child.returncode == 0, error.decode()
    assert stored(path) == 600


def test_killed_in_the_middle_of_a_batch_every_answered_unit_is_there_and_whole(path: Path):
    answered = 0
    with _child(path, "endless") as child:
        assert child.stdout is not None
        while answered < 2000:
            answered = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        answered = int((child.stdout.read().split() or [answered])[-1])
    assert stored(path, "left") == stored(path, "right") >= answered
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


CHILD = """
import asyncio, sys
from pathlib import Path
from bot.database.sqlite import SqliteDatabase
from handlers.mailroom import counters

async def both(tx):
    await counters.take(tx, "left")
    return await counters.take(tx, "right")

async def count(tx):
    return await counters.take(tx, "n")

async def main(path, mode):
    database = SqliteDatabase(Path(path))
    if mode == "count":
        for _ in range(30):
            await asyncio.gather(*(database.write(count) for _ in range(10)))
        await database.close()
        return
    while True:
        numbers = await asyncio.gather(*(database.write(both) for _ in range(20)))
        print(max(numbers), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def _child(path: Path, mode: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), mode], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


async def test_a_busy_database_tells_a_command_why(tmp_path, sqlite_template):
    database = SqliteDatabase(Path(shutil.copyfile(sqlite_template, tmp_path / "office.db")))

    async def unit(tx):
        await tx.fetch("PRAGMA query_only = ON")
        await tx.execute("DELETE FROM person")

    with pytest.raises(DatabaseBusy) as caught:
        await database.write(unit)
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    await database.close()
