"""What stands in the journal for a personal value: a hash over a salt and the value, of records over each key.

    text, list, number, {}     SHA-256(salt || canonical JSON)
    {"reason": ..., ...}       SHA-256(salt of "" || canonical JSON of {key: SHA-256(salt of key || canonical JSON)})

The salt of a key is the first 16 bytes of HMAC-SHA-256(salt, key). So whoever takes records out of the system may leave
out one key of a record: they give its hash, of the other keys salt and value, and the whole proves what it proved. The
salt itself stays here then, or the value that was left out could be guessed. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, Final

from handlers.audit import facts

_SALT: Final = re.compile(r"[0-9a-f]{32}")
_BLOCK: Final = 64  # bytes of SHA-256's input
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


def digest(salt: str, value: str) -> str:
    """Hex; `salt` is hex, `value` canonical JSON. "" where they are not of this shape: in a longer salt the beginning
    of a value could be hidden, and 10000 be shown as 0."""
    if not _SALT.fullmatch(salt):
        return ""
    try:
        parts = record(value)
        return _whole(salt, value) if parts is None else _of_record(salt, parts)[1]
    except (ValueError, TypeError, RecursionError):  # no JSON of ours: somebody wrote into it
        return ""


def of_value(salt: str, value: object) -> tuple[str, str]:
    """(canonical JSON, its `digest`) of a value that is at hand and need not be read out of its text."""
    if isinstance(value, dict) and value:
        return _of_record(salt, value)
    text = facts.canonical(value)
    return text, _whole(salt, text)


def _whole(salt: str, text: str) -> str:
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def _of_record(salt: str, parts: Mapping[str, Any]) -> tuple[str, str]:
    """As `of_value`. What stands under a key becomes text once: for its own hash and for the whole."""
    of_key = _salts(bytes.fromhex(salt))
    texts, hashes = [], []
    for key in sorted(parts):
        name, text = encode_basestring(key), facts.canonical(parts[key])
        texts.append(f"{name}:{text}")
        hashes.append(f'{name}:"{sha256(of_key(key) + text.encode()).hexdigest()}"')
    whole = sha256(of_key("") + _object(hashes).encode()).hexdigest()
    return _object(texts), whole


def _object(members: Sequence[str]) -> str:
    return "{" + ",".join(members) + "}"


def record(value: str) -> dict[str, Any] | None:
    """The keys of a value that is hashed key by key; None for all others."""
    return dict(json.loads(value)) if value.startswith('{"') else None


def given(salt: str, value: str, *, without: Collection[str] = ()) -> Mapping[str, Any]:
    """A value as a bundle gives it: whole, or a record `without` some keys."""
    parts = record(value) if without else None
    if parts is None or not set(parts) & set(without):
        return {"salt": salt, "value": value}
    of_key = _salts(bytes.fromhex(salt))
    keys = {key: _part(of_key(key), one, hidden=key in without) for key, one in parts.items()}
    return {"salt": of_key("").hex(), "keys": keys}


def _part(salt: bytes, value: object, *, hidden: bool) -> Mapping[str, str]:
    return {"sha256": _hash(salt, value)} if hidden else {"salt": salt.hex(), "value": facts.canonical(value)}


def _salts(salt: bytes) -> Callable[[str], bytes]:
    """The salt of a key. HMAC (RFC 2104) is written out: a record asks for one per key, and the library begins anew
    with the salt each time, which takes several times as long. `salt` is no longer than a block."""
    block = salt.ljust(_BLOCK, b"\0")
    begun, ended = sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))

    def of_key(key: str) -> bytes:
        inner, outer = begun.copy(), ended.copy()
        inner.update(key.encode())
        outer.update(inner.digest())
        return outer.digest()[:16]

    return of_key


def _hash(salt: bytes, value: object) -> str:
    return sha256(salt + facts.canonical(value).encode()).hexdigest()
