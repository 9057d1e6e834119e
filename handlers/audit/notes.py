"""Signed notes and checkpoints as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with Ed25519.

A note is text, a blank line, and lines with a name, four bytes that name the key, and a signature. A checkpoint is a
note whose text says of a tree: whose it is, how many leaves, the root. Any transparency-log tool reads both.

    example.com/log                     whose tree
    20852163                            how many leaves
    CsUYapGGPo4dkMgIAUqom/...=          the root, base64
    time 1777251600000                  ours: when it was signed, milliseconds UTC
    sm3 20852163 1oA6...=               ours, by option: size and root of the tree beside it

    — example.com/log Az3grlgtzPI...=
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from handlers.transaction import from_ms, to_ms

_ED25519: Final = b"\x01"
_MOST_SIGNATURES: Final = 100
_NAME: Final = re.compile(r"[^\s+]+")
_HEAD: Final = r"[^\n]+\n(?:0|[1-9][0-9]{0,18})\n[A-Za-z0-9+/]{43}=\n(?:(?!— )[^\n]+\n){0,5}"
_NOTE: Final = re.compile(rf"(?m)^({_HEAD})\n*((?:— \S+ \S+\n)+)")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Unsigned(Exception):
    """Not a note, or not signed by a key that is known; the text must not be believed."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name; `text` is its one-line form (`name+c74f20a3+ARpc...`), to be handed out."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_b64(_ED25519 + self.key)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Raises ValueError for what is no Ed25519 key, or not the one that its four bytes name."""
        name, _, rest = text.strip().partition("+")
        id, _, key = rest.partition("+")
        raw = _raw(key)
        if not _NAME.fullmatch(name) or len(raw) != 33 or raw[:1] != _ED25519:
            raise ValueError("not the text of an Ed25519 key")
        found = cls(name, raw[1:])
        if found.id.hex() != id:
            raise ValueError("the key is not the one that its number names")
        return found


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name. Raises ValueError for a name that a note cannot carry."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("a key's name has no spaces and no plus")

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> str:
        """The note. Raises ValueError for a text that is none of a note: control characters, no newline at its end."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise ValueError("not the text of a note")
        signature = self.verifier.id + self.private.sign(text.encode())
        return f"{text}\n— {self.name} {_b64(signature)}\n"


def opened(note: str, known: Iterable[Verifier]) -> tuple[str, Verifier]:
    """The text and the first known key that signed it. Raises Unsigned, also where a known key's signature is wrong."""
    keys = {(key.name, key.id): key for key in known}
    text, lines = _parted(note)
    by = None
    for line in lines:
        name, id, signature = _signature(line)
        key = keys.get((name, id))
        if key is None:
            continue
        _checked(key, signature, text)
        by = by or key
    if by is None:
        raise Unsigned("signed by nobody whom we know")
    return text, by


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a head says. `sm3` is (size, root) of the second tree, None without one; `at` None in another's log."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None
    sm3: tuple[int, bytes] | None = None

    @property
    def text(self) -> str:
        lines = [self.origin, str(self.size), _b64(self.root)]
        if self.at is not None:
            lines.append(f"time {to_ms(self.at)}")
        if self.sm3 is not None:
            lines.append(f"sm3 {self.sm3[0]} {_b64(self.sm3[1])}")
        return "\n".join(lines) + "\n"


def checkpoint(text: str) -> Checkpoint:
    """Reads a note's text, of ours or another's log. Raises Unsigned."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Unsigned("not a checkpoint")
    words = _extensions(lines[3:-1])
    try:
        at = from_ms(int(words["time"])) if "time" in words else None
        sm3 = _sized(words["sm3"]) if "sm3" in words else None
        return Checkpoint(origin=lines[0], size=int(lines[1]), root=_raw(lines[2]), at=at, sm3=sm3)
    except (ValueError, OverflowError):
        raise Unsigned("not a checkpoint") from None


def split(text: str) -> list[str]:
    """The heads in a file that has several, one behind the other, with whatever people wrote around them left out, also
    right above; what a chat does to spaces at the ends of lines and to empty lines is undone."""
    lines = "\n".join(line.strip() for line in text.splitlines()) + "\n"
    return [f"{block[1]}\n{block[2]}" for block in _NOTE.finditer(lines)]


def _extensions(lines: Iterable[str]) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition(" ") for line in lines)}


def _sized(text: str) -> tuple[int, bytes]:
    size, _, root = text.partition(" ")
    return int(size), _raw(root)


def _parted(note: str) -> tuple[str, list[str]]:
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not text or not signatures.endswith("\n") or _CONTROL.search(note):
        raise Unsigned("not a note")
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise Unsigned("too many signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, text = rest.partition(" ")
    try:
        raw = _raw(text)
    except ValueError:
        raise Unsigned("not a note") from None
    if dash != "—" or not _NAME.fullmatch(name) or len(raw) < 5:
        raise Unsigned("not a note")
    return name, raw[:4], raw[4:]


def _checked(key: Verifier, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except InvalidSignature:
        raise Unsigned("the signature is wrong") from None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    """Raises ValueError, also where bits that mean nothing are set (RFC 4648, 3.5): bytes are written in one way."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
    if _b64(raw) != text:
        raise ValueError("not base64 as it is written")
    return raw
