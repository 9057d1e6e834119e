"""Files of items: taken in through our pages, known by what they contain, kept once under their SHA-256.

A form carries a file as a sealed note of its id, name, size and type, made for the person who uploaded it: what was
never uploaded cannot be attached, and nobody attaches somebody else's file by its hash. `data/attachments` lies beside
`office.yaml`; several instances share it as a network folder.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import structlog

from bot.pages import contents, wording
from bot.pages.contents import Unfit

__all__ = ["Cabinet", "Kept", "Unfit", "headers", "note", "noted"]

log = structlog.get_logger(__name__)

MOST_MB: Final = 50
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`id` is the hash, hex; `type` the media type that the content has."""

    id: str
    name: str
    size: int
    type: str


class Cabinet:
    """Where the files lie. All disk work happens in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looking = asyncio.Semaphore(2)  # a large picture takes memory while it is looked at

    async def take(
        self,
        name: str,
        chunks: AsyncIterator[bytes],
        *,
        most_mb: int,
        kinds: tuple[str, ...] = (),
        photo: bool = False,
        marked: Callable[[Iterable[str]], str] = lambda texts: "",
    ) -> Kept:
        """Raises Unfit; nothing stays behind then, nor when whoever sends it goes away.

        `marked` is given the words of the file and says which secrecy marking they carry: Unfit(marked, rule) then.
        """
        name = plain(name)
        if kinds and name.rpartition(".")[2].lower() not in kinds:
            raise Unfit("kind_of_file", "、".join(kinds))
        draft = self._folder / f".{secrets.token_hex(12)}"
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            digest, size = await self._written(draft, chunks, most_mb=min(most_mb, MOST_MB))
            async with self._looking:
                found = await asyncio.to_thread(contents.examine, draft, name, photo=photo)
                rule = await asyncio.to_thread(lambda: marked(wording.texts(draft, name)))
            if rule:
                raise Unfit("marked", rule)
            await asyncio.to_thread(self._settle, draft, digest, found.small)
        except OSError as error:
            log.error("file.not_stored", error=error.strerror)
            raise Unfit("disk_full" if error.errno in _FULL else "not_stored") from None
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
        return Kept(id=digest, name=name, size=size, type=found.kind)

    def path(self, digest: str) -> Path:
        """Raises FileNotFoundError for what is not here and for what is no hash."""
        path = self._folder / digest[:2] / digest
        if len(digest) != 64 or not digest.isalnum() or not path.is_file():
            raise FileNotFoundError(digest)
        return path

    def small(self, digest: str) -> Path:
        """The picture as it stands in a list, a JPEG. Raises FileNotFoundError."""
        path = self.path(digest).with_suffix(".jpg")
        if not path.is_file():
            raise FileNotFoundError(digest)
        return path

    async def sound(self, digest: str) -> bool:
        """Whether the content is what its name says; False where it was altered on the disk."""

        def compared() -> bool:
            with self.path(digest).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest

        return await asyncio.to_thread(compared)

    def old(self, before: datetime) -> Iterator[str]:
        """The hashes of what was put here before then. Blocking, as the next two are."""
        for path in self._folder.glob("??/*"):
            if len(path.name) == 64 and path.stat().st_mtime < before.timestamp():
                yield path.name

    def throw_away(self, digest: str, *, before: datetime) -> bool:
        """False where it was brought anew meanwhile: it is set aside first, so that nothing newer is ever lost."""
        aside = self._folder / f".{secrets.token_hex(12)}"
        path = self._folder / digest[:2] / digest
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= before.timestamp():
            aside.rename(path)
            return False
        aside.unlink()
        path.with_suffix(".jpg").unlink(missing_ok=True)
        return True

    def clear_drafts(self, before: datetime) -> int:
        """What a killed process left half-written."""
        left = [path for path in self._folder.glob(".*") if path.stat().st_mtime < before.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    async def _written(self, draft: Path, chunks: AsyncIterator[bytes], *, most_mb: int) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with await asyncio.to_thread(draft.open, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > most_mb * 1024 * 1024:
                    raise Unfit("file_too_big", str(most_mb))
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_synced, file)
        if not size:
            raise Unfit("empty_file")
        return digest.hexdigest(), size

    def _settle(self, draft: Path, digest: str, small: bytes) -> None:
        """The picture in small first: whoever finds the file finds both."""
        final = self._folder / digest[:2] / digest
        final.parent.mkdir(exist_ok=True)
        if small:
            other = draft.with_suffix(".jpg")
            other.write_bytes(small)
            os.replace(other, final.with_suffix(".jpg"))
        os.replace(draft, final)
        os.utime(final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def note(kept: Kept, *, person: str, key: bytes) -> str:
    """The file as a form carries it."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(kept), ensure_ascii=False).encode()).decode()
    return f"{body}.{_mac(body, person, key)}"


def noted(text: str, *, person: str, key: bytes) -> dict[str, Any] | None:
    """What the note says; None for one that we did not write for this person."""
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(_mac(body, person, key).encode(), mac.encode(errors="replace")):
        return None
    found: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(body))
    return dict(found)


def headers(name: str, kind: str) -> dict[str, str]:
    """Pictures and PDFs are shown, everything else is saved; nothing runs as a page of ours, nothing is guessed."""
    shown = kind in _SHOWN
    return {
        "Content-Type": kind if shown else "application/octet-stream",
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


_SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})


def _mac(body: str, person: str, key: bytes) -> str:
    return hmac.new(key, f"officebot file/{person}/{body}".encode(errors="replace"), hashlib.sha256).hexdigest()


def plain(name: str) -> str:
    """A name to show and to save under, never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-120:] or "文件"


def _synced(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
