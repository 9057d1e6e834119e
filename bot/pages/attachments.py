"""Files of items: taken in through our pages, known by what they contain, kept once under their SHA-256.

A form carries a file as a sealed note of its id, name, size and type, made for the person who uploaded it: what was
never uploaded cannot be attached, and nobody attaches somebody else's file by its hash. `data/attachments` lies beside
`office.yaml`; several instances share it as a network folder.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

MOST_MB: Final = 50
_CHUNK = 1 << 16


class Unfit(Exception):
    """A file that is not taken; `code` is file_too_big, kind_of_file, not_a_photo or empty_file."""

    def __init__(self, code: str, limit: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`id` is the hash, hex; `type` the media type that the content has."""

    id: str
    name: str
    size: int
    type: str


# Beginning of the content -> media type and the endings of names that go with it.
_MAGIC: Final[tuple[tuple[bytes, str, frozenset[str]], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg", frozenset({"jpg", "jpeg"})),
    (b"\x89PNG\r\n\x1a\n", "image/png", frozenset({"png"})),
    (b"GIF8", "image/gif", frozenset({"gif"})),
    (b"BM", "image/bmp", frozenset({"bmp"})),
    (b"II*\0", "image/tiff", frozenset({"tif", "tiff"})),
    (b"MM\0*", "image/tiff", frozenset({"tif", "tiff"})),
    (b"%PDF-", "application/pdf", frozenset({"pdf"})),
    (b"PK\x03\x04", "application/zip", frozenset({"docx", "xlsx", "pptx", "ofd", "zip", "wps", "et", "dps"})),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage", frozenset({"doc", "xls", "ppt", "wps", "et", "dps"})),
    (b"Rar!", "application/vnd.rar", frozenset({"rar"})),
    (b"7z\xbc\xaf", "application/x-7z-compressed", frozenset({"7z"})),
)
_TEXT: Final = frozenset({"txt", "csv"})


def kind_of(name: str, head: bytes) -> str:
    """The media type, when content and ending agree; raises Unfit(kind_of_file): a renamed program is no document."""
    ending = name.rpartition(".")[2].lower()
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1") and ending in ("heic", "heif"):
        return "image/heic"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and ending == "webp":
        return "image/webp"
    for magic, kind, endings in _MAGIC:
        if head.startswith(magic) and ending in endings:
            return kind
    if ending in _TEXT and b"\0" not in head:
        return "text/plain"
    raise Unfit("kind_of_file")


class Cabinet:
    """Where the files lie. All disk work happens in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(
        self, name: str, chunks: AsyncIterator[bytes], *, most_mb: int, kinds: tuple[str, ...] = (), photo: bool = False
    ) -> Kept:
        """Raises Unfit; nothing stays behind then."""
        name = _plain(name)
        if kinds and name.rpartition(".")[2].lower() not in kinds:
            raise Unfit("kind_of_file", "、".join(kinds))
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        draft = self._folder / f".{secrets.token_hex(12)}"
        try:
            digest, size, head = await self._written(draft, chunks, most_mb=min(most_mb, MOST_MB))
            kind = kind_of(name, head)
            if photo and not kind.startswith("image/"):
                raise Unfit("not_a_photo")
            await asyncio.to_thread(self._settle, draft, digest)
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
        return Kept(id=digest, name=name, size=size, type=kind)

    def path(self, digest: str) -> Path:
        """Raises FileNotFoundError for what is not here and for what is no hash."""
        path = self._folder / digest[:2] / digest
        if len(digest) != 64 or not digest.isalnum() or not path.is_file():
            raise FileNotFoundError(digest)
        return path

    def kind(self, digest: str) -> str:
        """The media type of a picture or PDF that is here, by its content."""
        with self.path(digest).open("rb") as file:
            head = file.read(16)
        return next((kind for magic, kind, _ in _MAGIC if head.startswith(magic)), "application/octet-stream")

    async def _written(self, draft: Path, chunks: AsyncIterator[bytes], *, most_mb: int) -> tuple[str, int, bytes]:
        digest, size, head = hashlib.sha256(), 0, b""
        with await asyncio.to_thread(draft.open, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > most_mb * 1024 * 1024:
                    raise Unfit("file_too_big", str(most_mb))
                head = head or chunk[:64]
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_synced, file)
        if not size:
            raise Unfit("empty_file")
        return digest.hexdigest(), size, head

    def _settle(self, draft: Path, digest: str) -> None:
        final = self._folder / digest[:2] / digest
        final.parent.mkdir(exist_ok=True)
        os.replace(draft, final)


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
    """Pictures and PDFs are shown, everything else is saved; nothing runs as one of our pages."""
    shown = kind in _SHOWN
    return {
        "Content-Type": kind if shown else "application/octet-stream",
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }


_SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})


def _mac(body: str, person: str, key: bytes) -> str:
    return hmac.new(key, f"officebot file/{person}/{body}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _plain(name: str) -> str:
    """A name to show and to save under, never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-120:] or "文件"


def _synced(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
