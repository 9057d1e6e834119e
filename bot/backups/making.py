"""Makes a backup while the office works, and verifies what it wrote by reading it back."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from bot.backups import archive, copying, figures, inventory, sealed
from bot.backups.archive import Manifest, Reader, Writer
from bot.backups.copying import Progress, untold
from bot.backups.trouble import Trouble, of_disk
from bot.database import schema
from bot.database.open import open_database, sqlite_path
from config.loader import Configuration
from handlers.audit import heads

_PREFIX: Final = ".officebot-"
_NEW: Final = 60.0
_ROOM: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`file` is where it goes; `beside`: attachments lie once in a folder next to it; no `passphrase`: no secrets."""

    file: Path
    passphrase: str = ""
    beside: bool = False


async def make(
    configuration: Configuration, wanted: Wanted, *, now: datetime, progress: Progress = untold
) -> Manifest:
    """Raises Trouble; there is no file of that name then, unless there was one before."""
    if wanted.file.exists():
        raise Trouble("exists", where=str(wanted.file))
    url = configuration.settings.database.url.get_secret_value()
    await asyncio.to_thread(_enough_room, configuration, wanted, url)
    with working_folder(wanted.file.parent) as folder:
        copy = folder / archive.DATABASE
        told = await copying.snapshot(url, copy, progress=progress)
        head = await _head(copy)
        known = await _attachments(copy)

        def write() -> Manifest:
            with archive.writing(wanted.file) as writer:
                beside = _contents(writer, configuration, wanted, copy, progress)
                there = {name.rpartition("/")[2] for name in (*writer.files, *beside)}
                manifest = Manifest(
                    made=now.isoformat(), program=metadata.version("officebot"),
                    office=configuration.settings.office.name, database=url.partition("://")[0],
                    schema=tuple(schema.migration_names()), figures=told, head=head,
                    files=writer.files, beside=beside, lost=tuple(sorted(known - there)),
                    folders=inventory.folders(configuration),
                )  # fmt: skip
                writer.close(manifest)
            return manifest

        await asyncio.to_thread(write)
    try:
        return await check(wanted.file, progress=progress)
    except Trouble:
        wanted.file.unlink(missing_ok=True)  # what cannot be read back is no backup
        raise


async def check(file: Path, *, progress: Progress = untold) -> Manifest:
    """Reads all of a backup: every part against its hash, the database against its figures. Raises Trouble."""
    reader = await asyncio.to_thread(Reader, file)
    try:
        with working_folder(file.parent) as folder:
            await proven(reader, folder, progress=progress)
            names = [*reader.manifest.attachments()]
            for number, name in enumerate(names, 1):
                await asyncio.to_thread(reader.attachment, name)
                progress("check", number, len(names))
            others = [*reader.names(archive.SETTINGS), *reader.names(archive.KEYS)]
            for name in others:
                await asyncio.to_thread(reader.data, name)
    finally:
        reader.close()
    return reader.manifest


async def proven(reader: Reader, folder: Path, *, progress: Progress = untold) -> Path:
    """The database of a backup as a file in `folder`, after its figures were computed anew. Raises Trouble."""
    copy = folder / "check.db"
    progress("check", 0, 1)
    await asyncio.to_thread(reader.extract, archive.DATABASE, copy)
    found = await figures.of(f"sqlite://{copy}")
    different = reader.manifest.figures.differences(found)
    if different:
        raise Trouble("differs", what=different)
    progress("check", 1, 1)
    return copy


@contextmanager
def working_folder(near: Path) -> Iterator[Path]:
    """On the disk where the backup lies, which is known to have room; readable by its owner only. Raises Trouble.

    What killed processes left there goes first: it holds the office in clear.
    """
    try:
        near.mkdir(parents=True, exist_ok=True)
        _sweep(near)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=near))
    except OSError as error:
        raise of_disk(error) from error
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(near: Path) -> None:
    """A folder that nobody holds; one that was made this minute may be held in a moment.

    What is gone meanwhile, or belongs to somebody else (a backup by root), is no reason to make none today.
    """
    for folder in near.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_dir() and time.time() - folder.stat().st_mtime >= _NEW:
                with _held(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """By the operating system, for as long as the process lives. Raises BlockingIOError while another holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _contents(
    writer: Writer, configuration: Configuration, wanted: Wanted, copy: Path, progress: Progress
) -> dict[str, tuple[int, str]]:
    """Everything into the archive; what lies beside it."""
    writer.add(archive.DATABASE, copy)
    for name, path in inventory.settings(configuration).items():
        writer.add(archive.SETTINGS + name, path)
    if wanted.passphrase:
        files = inventory.secret(configuration)
        hidden = {name: path.read_bytes() for name, path in files.items()}
        writer.put(archive.KEYS, sealed.seal(hidden, wanted.passphrase))
    folder = inventory.attachments(configuration)
    beside: dict[str, tuple[int, str]] = {}
    paths = list(inventory.stored(folder))
    for number, path in enumerate(paths, 1):
        name = path.relative_to(folder).as_posix()
        try:
            if wanted.beside:
                beside[name] = _put_beside(path, wanted.file.parent / archive.BESIDE / name)
            else:
                writer.add(f"{archive.BESIDE}/{name}", path)
        except FileNotFoundError:  # swept meanwhile: nothing refers to it
            continue
        progress("files", number, len(paths))
    return beside


def _put_beside(source: Path, target: Path) -> tuple[int, str]:
    """A file of that name and size is that file: its name is its hash; `check` reads it all the same."""
    if not (target.is_file() and target.stat().st_size == source.stat().st_size):
        archive.placed(source, target)
    return archive.hashed(target)


def _enough_room(configuration: Configuration, wanted: Wanted, url: str) -> None:
    """A guess on the safe side, so that a disk is not filled in vain; PostgreSQL's size is not known here."""
    need = _ROOM
    if url.startswith("sqlite://") and sqlite_path(url).exists():
        need += 2 * sqlite_path(url).stat().st_size
    if not wanted.beside:
        need += sum(path.stat().st_size for path in inventory.stored(inventory.attachments(configuration)))
    near = wanted.file.parent
    while not near.exists():
        near = near.parent
    free = shutil.disk_usage(near).free
    if free < need:
        raise Trouble("no_room", need=need, free=free)


async def _head(copy: Path) -> str:
    database = open_database(f"sqlite://{copy}")
    try:
        head = await database.read(heads.last)
    finally:
        await database.close()
    return head.note if head else ""


async def _attachments(copy: Path) -> set[str]:
    """The hashes that the office's items refer to."""
    database = open_database(f"sqlite://{copy}")
    try:
        rows = await database.read(lambda tx: tx.fetch("SELECT DISTINCT hash FROM attachment_use"))
    finally:
        await database.close()
    return {row["hash"] for row in rows}


