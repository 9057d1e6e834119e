"""What grows with the work: a leader's list of ten thousand slips; and facts in bulk for those who need only facts."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

from bot.app import Service
from bot.bench import office
from bot.bench.figures import Figure
from bot.bench.office import DAYS, WECOM, Crowd
from bot.bench.plan import Plan
from bot.bench.running import Failed
from connectors.events import TextReceived
from connectors.refs import PersonRef
from handlers.approval import facts, store
from handlers.audit import log
from handlers.audit.facts import Origin
from handlers.people import directory
from handlers.transaction import Database, Transaction

_FILL = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO journal (recorded_ms, effective_ms, kind, version, subject, actor, account, door, trace, body)
    SELECT 1700000000000, 1700000000000, 'approval.step_decided', 1, 'i' || lower(hex(randomblob(7))),
        lower(hex(randomblob(8))), 'wecom-main', 'app', lower(hex(randomblob(8))),
        '{"item":"' || lower(hex(randomblob(7))) || '","person":"' || lower(hex(randomblob(8))) ||
        '","verb":"approve","state":"approved","version":3,"opinion":"","on_behalf":"","detail":{},"step":0}'
    FROM n
"""


def waiting(plan: Plan) -> list[Figure]:
    """`待办` by a leader for whom ten thousand slips wait, through the dispatcher; and the rows alone."""
    return asyncio.run(_waiting(plan))


def fill(path: Path, number: int) -> None:
    """Rows like those of decisions, in bulk: nobody waits for ten million taps. The triggers stay as they are."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for _ in range(number // 500_000):
            database.execute(_FILL, (500_000,))
            database.commit()
        if rest := number % 500_000:
            database.execute(_FILL, (rest,))
            database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def append(database: Database, number: int) -> float:
    """Seconds for that many facts by the service's own code, 64 units waiting at a time, each durable."""
    gate = asyncio.Semaphore(64)

    async def one() -> None:
        async with gate:
            await database.write(partial(_record, item=store.new_id(office.MONDAY)))

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(number)))
    return time.perf_counter() - begun


async def _record(tx: Transaction, *, item: str) -> None:
    fact = facts.StepDecided(item=item, step=0, person="p", verb="approve", state="approved", version=3)
    await log.record(tx, fact, origin=Origin(person="p", account=WECOM, door="app", trace="t"), now=office.MONDAY)


async def _waiting(plan: Plan) -> list[Figure]:
    folder, crowd = plan.folder / "list", Crowd(people=plan.size(72, 4), leaders=1)
    office.furnish(folder, crowd, url=f"sqlite://{folder}/office.db")
    service = await office.opened(folder)
    try:
        plan.tell("seed", 0, crowd.people * len(DAYS))
        cards = await office.submit(service, crowd, DAYS)
        await service.database.write(_tenfold)
        number = await office.count(service, "SELECT COUNT(*) AS n FROM waiting")
        if number != crowd.people * len(DAYS) * 10:
            raise Failed(f"{number} slips wait")
        return await _listed(service, PersonRef(WECOM, cards[0].user), plan.size(30, 3))
    finally:
        await service.stop()


async def _tenfold(tx: Transaction) -> None:
    """Nine copies of every slip that waits: rows like the real ones, under ids of their own."""
    for copy in range(1, 10):
        await _copied(tx, "item", {"id": f"id || '-{copy}'", "number": f"number + {copy}00000"})
        await _copied(tx, "waiting", {"item": f"item || '-{copy}'"})
        await _copied(tx, "decision", {"item": f"item || '-{copy}'"})


async def _copied(tx: Transaction, table: str, changed: Mapping[str, str]) -> None:
    """The rows that were there before the first copy; serial numbers are given anew."""
    first = await tx.first(f"SELECT * FROM {table} LIMIT 1")
    assert first is not None
    columns = [name for name in first if name != "id" or "id" in changed]
    values = ", ".join(changed.get(name, name) for name in columns)
    ours = "id" if table == "item" else "item"
    await tx.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {ours} NOT LIKE '%-%'"
    )


async def _listed(service: Service, leader: PersonRef, times: int) -> list[Figure]:
    whole, rows = [], []
    for _ in range(times):
        begun = time.perf_counter()
        await service.dispatcher.admit([_asks(service, leader)], door="bench")
        whole.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        await service.database.read(partial(_rows, leader=leader))
        rows.append(time.perf_counter() - begun)
    return [_ms("list.waiting", whole), _ms("list.rows", rows)]


def _asks(service: Service, leader: PersonRef) -> TextReceived:
    key = secrets.token_hex(8)
    return TextReceived(account=leader.account, key=key, at=service.clock.now(), sender=leader, text="待办")


async def _rows(tx: Transaction, *, leader: PersonRef) -> None:
    person = await directory.by_ref(tx, leader)
    assert person is not None
    await store.waiting(tx, person.id, limit=6)
    await store.count_waiting(tx, person.id)


def _ms(name: str, seconds: Sequence[float]) -> Figure:
    return Figure(name=name, value=median(seconds) * 1000, unit="ms")
