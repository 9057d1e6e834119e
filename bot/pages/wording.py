"""The words of a file as far as they lie open in it: plain text, and the XML inside office documents and OFD.

For the secrecy gate only: what is found here is looked at and forgotten. PDF, old binary formats and pictures have
their words packed away and are not read: the declaration and the people answer for those.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PLAIN: Final = frozenset({"txt", "csv", "xml"})
_PACKED: Final = frozenset({"docx", "xlsx", "pptx", "ofd", "wps", "et", "dps"})
_MOST_BYTES: Final = 8 << 20
_MOST_PARTS: Final = 300
_ENDS: Final = re.compile(rb"</(?:w:p|a:p|si|t|row|ofd:TextObject)>")
_TAGS: Final = re.compile(r"<[^>]*>")


def texts(path: Path, name: str) -> Iterator[str]:
    """Nothing for what cannot be read; at most the first eight megabytes. Blocking."""
    ending = name.rpartition(".")[2].lower()
    if ending in _PLAIN:
        with path.open("rb") as file:
            yield _decoded(file.read(_MOST_BYTES))
    elif ending in _PACKED and zipfile.is_zipfile(path):
        yield from _packed(path)


def _packed(path: Path) -> Iterator[str]:
    left = _MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [one for one in archive.infolist() if one.filename.endswith(".xml")]
            for part in parts[:_MOST_PARTS]:
                with archive.open(part) as file:
                    content = file.read(left)
                left -= len(content)
                yield _words(content)
                if left <= 0:
                    return
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return  # an encrypted or damaged part; `contents.examine` judges whether the file is taken at all


def _words(xml: bytes) -> str:
    """Runs joined as they are read (a marking may be split between them), paragraphs and cells as lines."""
    return html.unescape(_TAGS.sub("", _decoded(_ENDS.sub(b"\n", xml))))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
