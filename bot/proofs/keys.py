"""The key that signs heads, and all public keys that ever did: two files of one line per key beside `office.yaml`.

    data/audit/signing.key   PRIVATE+KEY+<name>+<number>+<base64>   readable by its owner only; Go's `note` form
    data/audit/public.keys   <name>+<number>+<base64>               the newest last; to be handed out

Several instances share the folder, as they share the attachments.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from handlers.audit.notes import Signer, Verifier

PRIVATE: Final = "signing.key"
PUBLIC: Final = "public.keys"

_HEAD: Final = "PRIVATE+KEY+"
_TYPE: Final = b"\x01"


class BadKey(Exception):
    """The key file cannot be read or is none; `path` names it."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


def folder(base: Path) -> Path:
    """Where the keys of the office lie whose `office.yaml` is in `base`."""
    return base / "data" / "audit"


def ensure(folder: Path) -> Signer:
    """The key; made if there is none yet, by one process if several begin at once. Raises BadKey, OSError."""
    path = folder / PRIVATE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            _made(folder, f"officebot/{secrets.token_hex(4)}")
    signer = load(folder)
    if signer.verifier not in public(folder):  # killed between the two files
        _announce(folder, signer)
    return signer


def load(folder: Path) -> Signer:
    """Raises BadKey, also where there is none."""
    path = folder / PRIVATE
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BadKey(path) from None


def rotate(folder: Path) -> tuple[Verifier, Signer]:
    """A new key under the old name; the old one can sign no more, its public half stays. Raises BadKey, OSError."""
    before = load(folder)
    signer = Signer(before.name, Ed25519PrivateKey.generate())
    _announce(folder, signer)  # first: a key that signs is always known
    draft = folder / f".{secrets.token_hex(8)}"
    _write(draft, signer)
    draft.replace(folder / PRIVATE)
    _settled(folder)
    return before.verifier, signer


def public(folder: Path) -> list[Verifier]:
    """All keys that ever signed, the newest last; none where there is no file. Raises BadKey."""
    path = folder / PUBLIC
    try:
        return [Verifier.parse(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        raise BadKey(path) from None


def _made(folder: Path, name: str) -> None:
    """Whole or not there: written aside, then linked under its name, which fails where another was faster."""
    signer, draft = Signer(name, Ed25519PrivateKey.generate()), folder / f".{secrets.token_hex(8)}"
    _write(draft, signer)
    try:
        os.link(draft, folder / PRIVATE)
    finally:
        draft.unlink()
    _settled(folder)
    _announce(folder, signer)


def _announce(folder: Path, signer: Signer) -> None:
    with (folder / PUBLIC).open("a", encoding="utf-8") as file:
        file.write(signer.verifier.text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, signer: Signer) -> None:
    # The mode is set before the first byte: a secret must not be readable even for a moment.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_text(signer) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _settled(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(signer: Signer) -> str:
    seed = signer.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return f"{_HEAD}{signer.name}+{signer.verifier.id.hex()}+{base64.b64encode(_TYPE + seed).decode()}"


def _parsed(text: str) -> Signer:
    """Raises ValueError."""
    head, _, rest = text.strip().partition(_HEAD)
    name, id, key = rest.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if head or raw[:1] != _TYPE:
        raise ValueError("not the text of an Ed25519 key")
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
    if signer.verifier.id.hex() != id:
        raise ValueError("the key is not the one that its number names")
    return signer
