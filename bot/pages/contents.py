"""What a file is, by what it contains: its media type, whether it is whole, whether opening it would do harm.

A name says what somebody claims. Blocking: call it in a thread.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

SMALL: Final = 320
"""The longer side, in pixels, of a picture as it stands in a list."""

_MOST_PIXELS: Final = {"image/jpeg": 120_000_000}  # a JPEG is read at an eighth of its size, the others whole
_MOST_OTHER_PIXELS: Final = 40_000_000
_MOST_UNPACKED: Final = 1 << 30
_MOST_ENTRIES: Final = 20_000
_MOST_RATIO: Final = 200


class Unfit(Exception):
    """A file that is not taken; `limit` is what was allowed, as it should be shown.

    `code` is file_too_big, kind_of_file, not_a_photo, empty_file, broken_photo, huge_photo, bomb, marked, disk_full,
    not_stored, broken_off or too_many.
    """

    def __init__(self, code: str, limit: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`kind` is the media type; `small` a JPEG of a picture, empty for what is none or cannot be shown."""

    kind: str
    small: bytes = b""


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
_TEXT: Final = frozenset({"txt", "csv", "xml"})
_INSIDE: Final = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/", "ofd": "OFD.xml"}
"""What an archive has to contain to be such a document."""
_READ: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/bmp": "BMP", "image/tiff": "TIFF",
                "image/webp": "WEBP"}  # fmt: skip


def examine(path: Path, name: str, *, photo: bool = False) -> Found:
    """Raises Unfit, and OSError where the disk does not answer. `photo`: nothing but pictures will do."""
    with path.open("rb") as file:
        kind = kind_of(name, file.read(4096))
    if photo and not kind.startswith("image/"):
        raise Unfit("not_a_photo")
    if kind == "application/zip":
        _unpackable(path, _ending(name))
    return Found(kind=kind, small=_looked_at(path, kind) if kind in _READ else b"")


def kind_of(name: str, head: bytes) -> str:
    """The media type, when content and ending agree; raises Unfit(kind_of_file): a renamed program is no document."""
    ending = _ending(name)
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


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _looked_at(path: Path, kind: str) -> bytes:
    """The picture in small; reading it to its end shows that it is whole."""
    most = _MOST_PIXELS.get(kind, _MOST_OTHER_PIXELS)
    try:
        with Image.open(path, formats=(_READ[kind],)) as picture:
            if picture.width * picture.height > most:
                raise Unfit("huge_photo", str(most // 10_000))
            picture.draft("RGB", (SMALL * 2, SMALL * 2))
            picture.load()
            return _small(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("huge_photo", str(most // 10_000)) from None
    except (SyntaxError, ValueError, EOFError, IndexError, TypeError, OverflowError, OSError) as error:
        # what Pillow raises for a broken file; a disk that fails has an error number
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Unfit("broken_photo") from None


def _small(picture: Image.Image) -> bytes:
    """Upright, on white, without what a camera writes into a file."""
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((SMALL, SMALL))
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=80)
    return out.getvalue()


def _unpackable(path: Path, ending: str) -> None:
    """An archive that has what its ending says, and that opens to a size that a machine can bear."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Unfit("kind_of_file") from None
    wanted = _INSIDE.get(ending, "")
    if wanted and not any(one.filename.startswith(wanted) for one in entries):
        raise Unfit("kind_of_file")
    whole = sum(one.file_size for one in entries)
    packed = max(1, path.stat().st_size)
    if len(entries) > _MOST_ENTRIES or whole > _MOST_UNPACKED or (whole > 1 << 26 and whole / packed > _MOST_RATIO):
        raise Unfit("bomb")
