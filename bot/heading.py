"""Once a day the head of the journal is signed and given out: to a file, to a second one, to a group chat."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bot.pages import printing
from bot.sealing import Sealer
from cards import audit as words
from cards.model import Text
from connectors.clock import Clock
from handlers.audit.heads import Head
from handlers.context import Office
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

KIND: Final = "audit.head"
FILE: Final = "heads.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Herald:
    """`files` are appended to; `group` is a name of `office().groups`, "" for none."""

    database: Database
    sealer: Sealer
    clock: Clock
    office: Callable[[], Office]
    wake: Callable[[], None]
    files: Sequence[Path]
    group: str = ""

    async def on_due(self, row: Due) -> None:
        """Signs first; a file that cannot be written is logged and keeps the group from nothing."""
        head = await self.sealer.head()
        for file in self.files:
            try:
                await asyncio.to_thread(append, file, head)
            except OSError as error:
                log.error("head.not_written", file=file.name, error=error.strerror)

        async def unit(tx: Transaction) -> None:
            if await due.finish(tx, row):
                await self._say(tx, head, key=row.key)

        await self.database.write(unit)
        self.wake()

    async def _say(self, tx: Transaction, head: Head, *, key: str) -> None:
        office = self.office()
        chat = office.groups.get(self.group)
        seal = printing.seal(head)
        if chat is None or seal is None:
            return
        text = words.day(seal, office=office.name)
        await outbox.post(tx, Letter(to=chat, message=Text(text), key=key), now=self.clock.now())


def append(file: Path, head: Head) -> None:
    """On the disk when this returns. The same head again is not written twice. Raises OSError; a full disk then leaves
    no half of it, and no empty file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and head.note in file.read_text(encoding="utf-8"):
        return
    before = file.stat().st_size if file.exists() else -1
    try:
        with file.open("a", encoding="utf-8") as writer:
            writer.write(head.note + "\n")
            writer.flush()
            os.fsync(writer.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            _as_before(file, before)
        raise


def _as_before(file: Path, size: int) -> None:
    if not file.is_file():
        return
    if size < 0:
        file.unlink()
    else:
        os.truncate(file, size)
