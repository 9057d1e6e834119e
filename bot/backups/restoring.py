"""Puts a backup back into an empty place, and proves that it is there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.backups import archive, copying, figures, inventory, making, sealed
from bot.backups.archive import Manifest, Reader
from bot.backups.copying import Progress, untold
from bot.backups.trouble import Trouble, of_disk
from bot.database import schema
from bot.database.open import open_database
from config.loader import Configuration
from handlers.audit import backup_facts as facts
from handlers.audit import log as journal
from handlers.audit.facts import Origin


async def restore(
    configuration: Configuration, file: Path, *, now: datetime, passphrase: str = "", progress: Progress = untold
) -> Manifest:
    """Database, attachments and, with the passphrase, keys; `office.yaml` is already there and stays as it is.

    That it was restored is a fact: whoever compares with heads that were given out later learns why there is less.

    Raises Trouble: everything that can be known to fail is looked at before anything is written.
    """
    reader = await asyncio.to_thread(Reader, file)
    try:
        readable(reader.manifest)
        hidden = secrets_of(reader, passphrase)
        url = configuration.settings.database.url.get_secret_value()
        await _place_is_empty(configuration, url, hidden, reader.manifest)
        with making.working_folder(configuration.base) as folder:
            copy = await making.proven(reader, folder, progress=progress)
            await schema.migrate(f"sqlite://{copy}")  # of an older version
            await _recorded(f"sqlite://{copy}", file, reader.manifest, now=now)  # killed later, it is still told
            await asyncio.to_thread(_attachments_back, reader, inventory.attachments(configuration), progress)
            _write(configuration.base, hidden)
            await copying.load(copy, url, progress=progress)  # last: until it is there, nothing counts as restored
        await _same(reader.manifest, url)
    finally:
        reader.close()
    return reader.manifest


async def _same(manifest: Manifest, url: str) -> None:
    """But for the fact that it was restored."""
    told = manifest.figures
    told = replace(told, counts={**told.counts, "journal": told.counts.get("journal", 0) + 1})
    different = told.differences(await figures.of(url))
    if different:
        raise Trouble("differs", what=different)


async def _recorded(url: str, file: Path, made: Manifest, *, now: datetime) -> None:
    told = made.figures
    fact = facts.OfficeRestored(file=file.name, made=made.made, size=told.size, root=told.root)
    database = open_database(url)
    try:
        await database.write(partial(journal.record, fact=fact, origin=Origin(door="command"), now=now))
    finally:
        await database.close()


def unpack_settings(file: Path, folder: Path, *, passphrase: str) -> Manifest:
    """The configuration of a backup into an empty folder, for a machine that has none. Raises Trouble."""
    reader = Reader(file)
    try:
        readable(reader.manifest)
        hidden = secrets_of(reader, passphrase)
        if folder.exists() and any(folder.iterdir()):
            raise Trouble("folder_not_empty", where=str(folder))
        for name in reader.names(archive.SETTINGS):
            reader.extract(name, folder / name.removeprefix(archive.SETTINGS))
        for name in reader.manifest.folders:
            (folder / name).mkdir(parents=True, exist_ok=True)
        _write(folder, hidden)
        return reader.manifest
    except OSError as error:
        raise of_disk(error) from error
    finally:
        reader.close()


def readable(manifest: Manifest) -> None:
    """Raises Trouble for a backup of a program that is newer than this one."""
    if set(manifest.schema) - set(schema.migration_names()):
        raise Trouble("newer", program=manifest.program)


def secrets_of(reader: Reader, passphrase: str) -> dict[str, bytes]:
    """The keys and secrets of a backup; none without a passphrase. Raises Trouble."""
    if not passphrase:
        return {}
    if archive.KEYS not in reader.manifest.files:
        raise Trouble("no_keys")
    return sealed.opened(reader.data(archive.KEYS), passphrase)


async def _place_is_empty(
    configuration: Configuration, url: str, hidden: Mapping[str, bytes], manifest: Manifest
) -> None:
    """But for attachments of this backup, which a restore that was killed has put down. Raises Trouble."""
    if not await copying.empty(url):
        raise Trouble("not_empty", where=copying.shown(url))
    folder = inventory.attachments(configuration)
    ours = manifest.attachments()
    if any(path.relative_to(folder).as_posix() not in ours for path in inventory.stored(folder)):
        raise Trouble("not_empty", where=str(folder))
    for name, data in hidden.items():
        there = configuration.base / name
        if there.exists() and there.read_bytes() != data:
            raise Trouble("other_secret", where=name)


def _attachments_back(reader: Reader, folder: Path, progress: Progress) -> None:
    told = reader.manifest.attachments()
    placed = []
    try:
        for number, (name, sound) in enumerate(told.items(), 1):
            target = folder / name
            if not target.is_file() or archive.hashed(target) != tuple(sound):
                target.unlink(missing_ok=True)  # half of it, from a restore that was killed
                placed.append(target)
                reader.attachment(name, target)
            progress("files", number, len(told))
    except BaseException:
        for target in placed:
            target.unlink(missing_ok=True)
        raise


def _write(base: Path, hidden: Mapping[str, bytes]) -> None:
    """Readable by their owner only, from the first byte on. Raises Trouble."""
    try:
        for name, data in hidden.items():
            path = base / name
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as into:
                into.write(data)
                into.flush()
                os.fsync(into.fileno())
    except OSError as error:
        raise of_disk(error) from error
