"""Once a night: uploads that came to nothing leave the disk, and page drafts that nobody has touched for months go.

What an item refers to is never swept, nor what a draft refers to, nor what was brought within the last week: whoever
has chosen a file this morning may submit in the evening. First the tables forget a file, then its content goes; a
content that somebody brings again in between is newer and stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from bot.pages.attachments import Cabinet
from connectors.clock import Clock
from handlers.approval.papers import files, page_drafts
from handlers.mailroom import due
from handlers.mailroom.due import Due
from handlers.transaction import Database, Transaction
from scheduler.jobs import Rule

log = structlog.get_logger(__name__)

KIND: Final = "files.sweep"
RULE: Final = Rule(name="sweep", cron="20 3 * * *", kind=KIND, grace=timedelta(hours=20))

GRACE: Final = timedelta(days=7)
DRAFTS: Final = timedelta(days=180)
_AT_ONCE: Final = 200


async def on_due(row: Due, *, database: Database, cabinet: Cabinet, clock: Clock) -> None:
    """Runs outside of transactions, because the disk is slow; ends the row."""
    now = clock.now()
    drafts = await database.write(partial(page_drafts.expire, before=now - DRAFTS))
    swept = await sweep(database, cabinet, before=now - GRACE)
    broken = await asyncio.to_thread(cabinet.clear_drafts, now - GRACE)
    log.info("swept", files=swept, broken=broken, drafts=drafts)
    await database.write(lambda tx: due.finish(tx, row))


async def sweep(database: Database, cabinet: Cabinet, *, before: datetime) -> int:
    """How many files went."""
    old = await asyncio.to_thread(lambda: list(cabinet.old(before)))
    number = 0
    for at in range(0, len(old), _AT_ONCE):
        gone = await database.write(partial(_forgotten, hashes=old[at : at + _AT_ONCE], before=before))
        for one in gone:
            number += await asyncio.to_thread(cabinet.throw_away, one, before=before)
    return number


async def _forgotten(tx: Transaction, *, hashes: Sequence[str], before: datetime) -> list[str]:
    wanted = await files.wanted(tx, hashes, since=before) | await page_drafts.files_in_use(tx)
    gone = [one for one in hashes if one not in wanted]
    await files.forget(tx, gone)
    return gone
