"""Every night: personal data whose time is over is erased; each time is a fact, and every proof stays.

What remains provable of an erased value is its salted hash: that something was written then and there, and by whom it
was decided, but not what. The leave ledger and the journal's own lines are never touched.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from bot.erasing import erasure, plan
from connectors.clock import Clock
from handlers.audit import by_kind, erasing
from handlers.audit.erasing import Warrant
from handlers.audit.facts import Origin
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.transaction import Database, Transaction, to_ms
from scheduler.jobs import Rule

log = structlog.get_logger(__name__)

KIND: Final = "retention"
RULE: Final = Rule(name="retention", cron="50 3 * * *", kind=KIND, grace=timedelta(hours=20))
ABOUT: Final = "audit:retention"

_AT_ONCE: Final = 500
_ITEMS: Final = 20
_ORIGIN: Final = Origin(door="retention")
_FINISHED: Final = "('approved', 'rejected', 'withdrawn', 'cancelled', 'discarded')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """In months; `items` 0: for ever."""

    log: int
    items: int


async def on_due(row: Due, *, database: Database, clock: Clock, periods: Periods) -> None:
    """Runs outside of transactions, in portions; ends the row."""
    log.info("retention", **await expire(database, periods, now=clock.now()))
    await database.write(lambda tx: due.finish(tx, row))


async def expire(database: Database, periods: Periods, *, now: datetime) -> Mapping[str, int]:
    """How many values of the security log, and of how many items, were erased."""
    values = items = 0
    while count := await database.write(partial(_log, months=periods.log, now=now)):
        values += count
    after: str | None = ""
    while periods.items and after is not None:
        after, count = await database.write(partial(_items, months=periods.items, after=after, now=now))
        items += count
    return {"values": values, "items": items}


async def _log(tx: Transaction, *, months: int, now: datetime) -> int:
    kinds = sorted(plan.SECURITY)
    rows = await tx.fetch(
        "SELECT DISTINCT p.journal, p.field FROM journal_personal p JOIN journal j ON j.id = p.journal"
        f" WHERE {by_kind.among(kinds)} AND j.recorded_ms < ? ORDER BY p.journal LIMIT {_AT_ONCE}",
        *kinds, to_ms(before(now, months)),
    )  # fmt: skip
    numbers, fields = sorted({row["journal"] for row in rows}), {row["field"] for row in rows}
    if not numbers:
        return 0
    warrant = Warrant(why="retention", reason=f"安全日志里的个人信息保存满 {months} 个月")
    return await erasing.erase(tx, numbers, fields, about=ABOUT, warrant=warrant, origin=_ORIGIN, now=now)


async def _items(tx: Transaction, *, months: int, after: str, now: datetime) -> tuple[str | None, int]:
    """Where to go on after, None at the end; how many were erased. What lies ahead still is passed over."""
    rows = await tx.fetch(
        f"SELECT i.id FROM item i WHERE i.id > ? AND i.number > 0 AND i.state IN {_FINISHED} AND i.changed_ms < ?"
        " AND EXISTS (SELECT 1 FROM journal j JOIN journal_personal p ON p.journal = j.id"
        " WHERE j.subject = i.id AND p.field = 'content') ORDER BY i.id LIMIT ?",
        after, to_ms(before(now, months)), _ITEMS,
    )  # fmt: skip
    warrant = Warrant(why="retention", reason=f"办结满 {months} 个月，保管期满")
    done = 0
    for row in rows:
        found = await plan.of_item(tx, row["id"], now=now)
        if found.values:
            await erasure.carry_out(tx, found, warrant=warrant, origin=_ORIGIN, now=now)
            done += 1
    return (rows[-1]["id"] if len(rows) == _ITEMS else None), done


def before(now: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last one of a shorter month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)
