"""No statement that is asked again and again reads a whole table that grows with the years.

A small office lives through a day, every statement is written down, and SQLite says how it would look for the rows. It
plans without statistics, so its plan for three rows is its plan for thirty million.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest

from bot.bench import office
from bot.bench.office import DAYS, Crowd
from bot.database.sqlite import SqliteTransaction
from connectors.events import TextReceived
from handlers.approval import listing, store
from handlers.audit import log, sealing
from handlers.mailroom import elsewhere, outbox
from handlers.people import directory

GROWING = {
    "journal", "journal_personal", "seal_order", "seal_node", "item", "decision", "copy", "inbox", "outbox",
    "leave_entry", "agenda_entry", "notice", "notice_receipt", "due", "waiting",
}  # fmt: skip

WALKED_A_LITTLE = (
    "FROM journal ORDER BY id DESC LIMIT 1",  # the last row
    r"FROM (inbox|outbox) WHERE \w+ < \? ORDER BY id DESC LIMIT 1",  # back over the rows of a month, once a night
    r"COUNT\(\*\) AS number FROM outbox",  # for those who look, by a reader: nobody waits
)

LONG = {"outbox_waiting_lane", "outbox_waiting_due", "inbox_open", "inbox_line", "due_waiting"}
"""What is open may be long as well: while a platform is down, in a storm, and a deadline for every item that waits."""

OF_THE_BENCH = ("""UPDATE copy SET handle = '{"sent""", "UPDATE outbox SET state = 'sent' WHERE state")

NAMED = re.compile(
    r"(?:FROM|JOIN|UPDATE|INTO) (\w+)"
    r"(?: (?:AS )?(?!(?:SET|WHERE|ON|JOIN|ORDER|LEFT|GROUP|LIMIT|UNION|HAVING)\b)(\w+))?"
)
"""A table and what the statement calls it."""


@pytest.fixture
async def statements(tmp_path, monkeypatch):
    """Every statement of a day: asking, deciding, words, sealing, sending, the night, questions of pages."""
    found = set()
    for name in ("execute", "later", "fetch"):
        monkeypatch.setattr(SqliteTransaction, name, _noting(getattr(SqliteTransaction, name), found))
    crowd = Crowd(people=3, leaders=1)
    office.furnish(tmp_path, crowd, url=f"sqlite://{tmp_path}/office.db")
    service = await office.opened(tmp_path)
    found.clear()  # what brought the staff in is asked once
    try:
        await _day(service, crowd)
        await _questions(service)
    finally:
        await service.stop()
    return found, tmp_path / "office.db"


async def test_nothing_that_grows_is_read_as_a_whole(statements):
    found, file = statements
    assert len(found) > 80
    with closing(sqlite3.connect(file)) as database:
        asked = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        partial_indexes = {row[0] for row in database.execute(asked)}
        bad = {sql: lines for sql in found if (lines := _scans(database, sql, partial_indexes - LONG))}
    assert bad == {}


def test_a_scan_would_be_found():
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, state TEXT)")
        database.execute("CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead'")
        assert _scans(database, "SELECT * FROM outbox o WHERE o.state = ?", {"outbox_dead"})
        assert not _scans(database, "SELECT id FROM outbox WHERE state = 'dead'", {"outbox_dead"})


def _noting(original, found):
    async def noting(self, sql, *values):
        found.add(" ".join(sql.split()))
        return await original(self, sql, *values)

    return noting


async def _day(service, crowd):
    cards = await office.submit(service, crowd, DAYS[:2])
    await office.decided(service, crowd, cards)
    for number, text in enumerate(("待办", "余额", "进度", "帮助", "我的申请", "年假 5月20日")):
        sender = office.ref("lead0" if number < 3 else "bench0")
        now = service.clock.now()
        await service.dispatcher.admit(
            [TextReceived(account=office.WECOM, key=f"k{number}", at=now, sender=sender, text=text)], door="test"
        )
    await service.dispatcher.resume()
    await service.sealer.head()
    for postman in service.postmen:
        await postman._claim(10)
    service.clock.forward(timedelta(days=1))
    await service.runner.tick()  # the jobs of the night
    await service.watcher.begin()
    await service.calendar_watcher.look()


async def _questions(service):
    async def unit(tx):
        leader = await directory.by_ref(tx, office.ref("lead0"))
        for which in ("waiting", "decided", "mine"):
            await listing.page(tx, which, leader.id, query="", forms=(), offset=0, limit=20)
        await store.decided_by(tx, leader.id)
        item = (await store.decided_by(tx, leader.id))[0]
        await log.read(tx, item.id)
        size = await sealing.size(tx)
        await sealing.included(tx, 3, size)
        await sealing.consistent(tx, 3, size)
        await sealing.holes(tx, near=10)
        await outbox.counts(tx)
        await outbox.list_dead(tx)

    await service.database.read(unit)
    swept = partial(elsewhere.sweep, served=("other",), patience=timedelta(minutes=5), now=service.clock.now())
    await service.database.write(swept)


def _scans(database, sql, partial_indexes):
    """The lines of the plan that read a whole growing table; a partial index holds what is open, not what is past."""
    if sql.startswith(("PRAGMA", *OF_THE_BENCH)) or any(re.search(fine, sql) for fine in WALKED_A_LITTLE):
        return []
    tables = {alias or table: table for table, alias in NAMED.findall(sql)}
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?"))]
    scans = [(line, found[1]) for line in plan if (found := re.match(r"SCAN (\w+)", line))]
    return [
        line for line, name in scans if tables.get(name) in GROWING and not partial_indexes & set(line.split())
    ]
