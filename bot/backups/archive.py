"""A backup as a file: a ZIP with a manifest that names every part with its SHA-256, whole or not there.

    manifest.json                what it is, of when, by which version; figures; every file with size and hash
    office.db                    the whole database as one SQLite file, whichever database the office runs on
    settings/...                 office.yaml and what it names
    keys.sealed                  the signing key and the secrets, under a passphrase; or not in it
    attachments/ab/abcd...       the files; those of the daily backups lie once beside them, in `attachments/`
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from bot.backups import copying
from bot.backups.figures import Figures, from_plain
from bot.backups.trouble import Trouble, of_disk

FORMAT: Final = "officebot-backup/1"
DATABASE: Final = "office.db"
SETTINGS: Final = "settings/"
KEYS: Final = "keys.sealed"
BESIDE: Final = "attachments"
_MANIFEST: Final = "manifest.json"
_PIECE: Final = 1 << 20
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`made` is an ISO time; `schema` the migrations of the database in it; `files` (size, SHA-256) by name in the
    archive, `beside` the same of attachments that lie beside it; `head` is the newest signed head, "" before the
    first; `lost` the attachments that the office itself had no more; `folders` those of the settings, also the
    empty ones."""

    made: str
    program: str
    office: str
    database: str
    schema: tuple[str, ...]
    figures: Figures
    head: str
    files: Mapping[str, tuple[int, str]]
    beside: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    def attachments(self) -> dict[str, tuple[int, str]]:
        """By path below the cabinet, wherever they lie."""
        inside = {
            name.removeprefix(f"{BESIDE}/"): told for name, told in self.files.items() if name.startswith(f"{BESIDE}/")
        }
        return inside | dict(self.beside)


class Writer:
    """Parts go in one after the other; `files` is what the manifest will say of them."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._zip = file
        self.files: dict[str, tuple[int, str]] = {}

    def add(self, name: str, source: Path) -> None:
        with source.open("rb") as read, self._zip.open(_stored(name), "w", force_zip64=True) as into:
            self.files[name] = poured(read, into)

    def put(self, name: str, data: bytes) -> None:
        self._zip.writestr(name, data)
        self.files[name] = (len(data), hashlib.sha256(data).hexdigest())

    def close(self, manifest: Manifest) -> None:
        told = {"format": FORMAT, **asdict(manifest)}
        self._zip.writestr(_MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """The archive appears under its name when all of it is on the disk, and never over another. Raises Trouble."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Only its owner may read it: it holds what the office knows of its people.
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            yield Writer(file)
        os.link(draft, target)
        copying.synced(target)
    except FileExistsError:
        raise Trouble("exists", where=str(target)) from None
    except OSError as error:
        raise of_disk(error) from error
    finally:
        draft.unlink(missing_ok=True)


class Reader:
    """An archive that is whole in its shape; `check` says whether its contents are. Raises Trouble."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            told = json.loads(self._zip.read(_MANIFEST))
        except FileNotFoundError:
            raise Trouble("no_file", where=str(path)) from None
        except _DAMAGED:
            raise Trouble("half", where=str(path)) from None
        except OSError as error:
            raise of_disk(error) from error
        self.manifest = _manifest(told)

    def close(self) -> None:
        self._zip.close()

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.manifest.files if name.startswith(prefix)]

    def data(self, name: str) -> bytes:
        """Of a small part. Raises Trouble(broken)."""
        try:
            data = self._zip.read(name)
        except (*_DAMAGED, OSError):
            raise Trouble("broken", part=name) from None
        if hashlib.sha256(data).hexdigest() != self.manifest.files[name][1]:
            raise Trouble("broken", part=name)
        return data

    def extract(self, name: str, target: Path) -> None:
        """Writes a part to a new file. Raises Trouble; the file is then gone."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._zip.open(name) as read, target.open("xb") as into:
                told = poured(read, into)
                into.flush()
                os.fsync(into.fileno())
        except FileExistsError:
            raise Trouble("exists", where=str(target)) from None
        except _DAMAGED:
            target.unlink(missing_ok=True)
            raise Trouble("broken", part=name) from None
        except OSError as error:
            target.unlink(missing_ok=True)
            raise of_disk(error) from error
        if told != tuple(self.manifest.files[name]):
            target.unlink(missing_ok=True)
            raise Trouble("broken", part=name)

    def attachment(self, name: str, target: Path | None = None) -> None:
        """Checks a file of the cabinet against its hash; with `target`, puts it there. Raises Trouble."""
        inside = f"{BESIDE}/{name}"
        if inside in self.manifest.files:
            if target is not None:
                self.extract(inside, target)
            elif self._told(inside) != tuple(self.manifest.files[inside]):
                raise Trouble("broken", part=inside)
            return
        source = self.path.parent / BESIDE / name
        if not source.is_file():
            raise Trouble("attachment_gone", part=name)
        if hashed(source) != tuple(self.manifest.beside[name]):
            raise Trouble("broken", part=inside)
        if target is not None:
            placed(source, target)

    def _told(self, name: str) -> tuple[int, str]:
        try:
            with self._zip.open(name) as read:
                return poured(read, None)
        except _DAMAGED:
            raise Trouble("broken", part=name) from None


def _stored(name: str) -> str | zipfile.ZipInfo:
    """Attachments are pictures and papers that are compressed already."""
    return zipfile.ZipInfo(name) if name.startswith(f"{BESIDE}/") else name


def placed(source: Path, target: Path) -> None:
    """A copy that is whole under its name. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, draft)
        copying.synced(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def hashed(path: Path) -> tuple[int, str]:
    with path.open("rb") as read:
        return poured(read, None)


def poured(read: IO[bytes], into: IO[bytes] | None) -> tuple[int, str]:
    """(size, SHA-256) of what was read, and written where there is a place for it."""
    digest, size = hashlib.sha256(), 0
    while piece := read.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        if into is not None:
            into.write(piece)
    return size, digest.hexdigest()


def _manifest(told: Mapping[str, Any]) -> Manifest:
    """Raises Trouble for what another version wrote, or nobody."""
    if told.get("format") != FORMAT:
        raise Trouble("format", found=str(told.get("format", ""))[:40])
    try:
        return Manifest(
            made=str(told["made"]), program=str(told["program"]), office=str(told["office"]),
            database=str(told["database"]), schema=tuple(told["schema"]), figures=from_plain(told["figures"]),
            head=str(told["head"]), files=_sizes(told["files"]), beside=_sizes(told["beside"]),
            lost=tuple(told["lost"]), folders=tuple(map(_inside, told["folders"])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise Trouble("half", where="manifest.json") from None


def _sizes(told: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Names that lead out of the folder they are put into are nobody's backup."""
    found = {}
    for name, (size, hash) in told.items():
        found[_inside(name)] = (int(size), str(hash))
    return found


def _inside(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise ValueError(name)
    return str(name)
