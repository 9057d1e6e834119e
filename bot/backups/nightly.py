"""The daily backup, and the drill that proves that one can be restored: by the scheduler, one instance at a time.

    data/backups/officebot-20261122-021000.backup      one a day, thinned out by `rota`
    data/backups/attachments/ab/abcd...                files of items, once for all backups that have them
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from bot.backups import archive, copying, figures, making, rota
from bot.backups.archive import Manifest, Reader
from bot.backups.making import Wanted
from bot.backups.rota import Keeping
from bot.backups.trouble import Trouble, of_disk
from cards import operation as words
from cards.model import Text
from config.loader import Configuration
from connectors.clock import Clock
from handlers.audit import backup_facts as facts
from handlers.audit import log as journal
from handlers.audit.facts import Fact, Origin
from handlers.context import Office
from handlers.errors import DatabaseBusy
from handlers.mailroom import due, outbox
from handlers.mailroom.due import Due
from handlers.mailroom.outbox import Letter
from handlers.people import directory
from handlers.transaction import Database, Transaction

log = structlog.get_logger(__name__)

DAILY: Final = "backup.daily"
DRILL: Final = "backup.drill"
_AGAIN: Final = "明天同一时间再做；要马上做，运行 officebot backup 文件"
_RENEW_S: Final = 15.0
_LEFT_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """`folder` holds the daily backups."""

    database: Database
    configuration: Configuration
    folder: Path
    keeping: Keeping
    passphrase: str
    clock: Clock
    office: Callable[[], Office]
    wake: Callable[[], None]

    async def on_daily(self, row: Due) -> None:
        """Makes today's backup and drops what the rota no longer keeps. Ends the row."""
        now = self.clock.now()
        file = self.folder / rota.name(now.astimezone(self.office().timezone))
        wanted = Wanted(file=file, passphrase=self.passphrase, beside=True)
        fact: Fact
        try:
            async with self._ours(row):
                made = await making.make(self.configuration, wanted, now=now)
        except (Trouble, OSError) as error:
            trouble = error if isinstance(error, Trouble) else of_disk(error)
            log.error("backup.failed", why=trouble.code)
            fact = facts.BackupFailed(why=trouble.code, file=file.name)
            await self._end(row, fact, words.backup_failed(trouble.code, again=_AGAIN))
            return
        log.info("backup.made", size=made.figures.size)
        await self._end(row, made_fact(file, made), "")
        try:
            await asyncio.to_thread(self._thin_out)
        except (Trouble, OSError) as error:  # too many are kept then, which is no harm to the one that was made
            log.error("backup.not_thinned", why=getattr(error, "code", type(error).__name__))

    async def on_drill(self, row: Due) -> None:
        """Restores the newest backup into a temporary place, compares everything, tells the administrators."""
        name = rota.newest(_files(self.folder))
        if name is None:
            fact = facts.BackupFailed(why="no_backup", drill=True)
            await self._end(row, fact, words.drill_failed("no_backup", {}, file=""))
            return
        began = time.monotonic()
        try:
            async with self._ours(row):
                manifest = await drill(self.folder / name)
        except (Trouble, OSError) as error:
            trouble = error if isinstance(error, Trouble) else of_disk(error)
            log.error("drill.failed", why=trouble.code)
            failed = facts.BackupFailed(why=trouble.code, file=name, drill=True)
            await self._end(row, failed, words.drill_failed(trouble.code, trouble.about, file=name))
            return
        seconds, number = round(time.monotonic() - began), len(manifest.attachments())
        told = manifest.figures
        fact_ = facts.RestoreTried(
            file=name, made=manifest.made, size=told.size, root=told.root, seconds=seconds, attachments=number
        )
        said = words.drilled(
            file=name, made=datetime.fromisoformat(manifest.made), facts=told.size, attachments=number, seconds=seconds
        )
        await self._end(row, fact_, said)

    async def _end(self, row: Due, fact: Fact, said: str) -> None:
        async def unit(tx: Transaction) -> None:
            if not await due.finish(tx, row):
                return
            now = self.clock.now()
            await journal.record(tx, fact, origin=Origin(door="scheduler", trace=f"due-{row.id}"), now=now)
            if said:
                await tell_administrators(tx, said, key=row.key, now=now)

        await self.database.write(unit)
        self.wake()

    @asynccontextmanager
    async def _ours(self, row: Due) -> AsyncIterator[None]:
        """The row's lease is renewed while its long work runs."""
        task = asyncio.create_task(self._renewed(row))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _renewed(self, row: Due) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            with contextlib.suppress(DatabaseBusy):
                await self.database.write(partial(due.renew, due=row, now=self.clock.now()))

    def _thin_out(self) -> None:
        """An archive first, then the files that no archive names any more: killed in between, some lie a day longer."""
        for name in rota.dropped(_files(self.folder), self.keeping):
            (self.folder / name).unlink(missing_ok=True)
        wanted: set[str] = set()
        for name in filter(rota.moment, _files(self.folder)):
            reader = Reader(self.folder / name)  # one that cannot be read stops the sweep: its files stay
            wanted |= reader.manifest.beside.keys()
            reader.close()
        beside = self.folder / archive.BESIDE
        for path in list(beside.glob("??/*")):
            if path.relative_to(beside).as_posix() not in wanted:
                path.unlink(missing_ok=True)
        _clear(self.folder, before=time.time() - _LEFT_S)


async def drill(file: Path) -> Manifest:
    """Restores a backup as `officebot restore` would, into a folder that is thrown away. Raises Trouble."""
    reader = await asyncio.to_thread(Reader, file)
    try:
        with making.working_folder(file.parent) as folder:
            copy = await making.proven(reader, folder)
            place = f"sqlite://{folder / 'restored.db'}"
            await copying.load(copy, place)
            different = reader.manifest.figures.differences(await figures.of(place))
            if different:
                raise Trouble("differs", what=different)
            for name in reader.manifest.attachments():
                await asyncio.to_thread(_tried, reader, name, folder)
    finally:
        reader.close()
    return reader.manifest


def made_fact(file: Path, made: Manifest) -> facts.BackupMade:
    return facts.BackupMade(
        file=file.name, size=made.figures.size, root=made.figures.root, bytes=file.stat().st_size,
        keys=archive.KEYS in made.files, lost=len(made.lost),
    )  # fmt: skip


async def tell_administrators(tx: Transaction, text: str, *, key: str, now: datetime) -> None:
    for person in await directory.in_role(tx, "admin"):
        where = await directory.reach(tx, person)
        if where is not None:
            await outbox.post(tx, Letter(to=where, message=Text(text), key=f"{key}/{person.id}"), now=now)


def _tried(reader: Reader, name: str, folder: Path) -> None:
    target = folder / "attachments" / name
    reader.attachment(name, target)
    target.unlink()


def _clear(folder: Path, *, before: float) -> None:
    """The half archives that a killed process left; its folders go with the next `making.working_folder`."""
    for path in folder.glob(".officebot-*"):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def folder_of(configuration: Configuration) -> Path:
    return configuration.base / configuration.settings.backup.folder


def free(folder: Path) -> int:
    """Bytes that are free where the folder is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
