"""What stands in the journal for a personal value: a hash over a salt and the value, of records over each key.

    text, list, number, {}     SHA-256(salt || canonical JSON)
    {"reason": ..., ...}       SHA-256(salt of "" || canonical JSON of {key: SHA-256(salt of key || canonical JSON)})

The salt of a key is the first 16 bytes of HMAC-SHA-256(salt, key). So whoever takes records out of the system may leave
out one key of a record: they give its hash, of the other keys salt and value, and the whole proves what it proved. The
salt itself stays here then, or the value that was left out could be guessed. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from typing import Any, Final

from handlers.audit import facts

_BLOCK: Final = 64  # bytes of SHA-256's input
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


def digest(salt: str, value: str) -> str:
    """Hex; `salt` is hex, `value` canonical JSON."""
    return _digest(bytes.fromhex(salt), value, record(value))


def of_value(salt: str, value: object) -> tuple[str, str]:
    """(canonical JSON, its `digest`) of a value that is at hand and need not be read out of its text."""
    text = facts.canonical(value)
    return text, _digest(bytes.fromhex(salt), text, value if isinstance(value, dict) and value else None)


def _digest(salt: bytes, text: str, parts: Mapping[str, Any] | None) -> str:
    if parts is None:
        return sha256(salt + text.encode()).hexdigest()
    of_key = _salts(salt)
    hashes = {key: _hash(of_key(key), one) for key, one in parts.items()}
    return _hash(of_key(""), hashes)


def record(value: str) -> dict[str, Any] | None:
    """The keys of a value that is hashed key by key; None for all others."""
    return dict(json.loads(value)) if value.startswith('{"') else None


def given(salt: str, value: str, *, without: Collection[str] = ()) -> Mapping[str, Any]:
    """A value as a bundle gives it: whole, or a record `without` some keys."""
    parts, of_key = record(value), _salts(bytes.fromhex(salt))
    if parts is None or not set(parts) & set(without):
        return {"salt": salt, "value": value}
    keys = {key: _part(of_key(key), one, hidden=key in without) for key, one in parts.items()}
    return {"salt": of_key("").hex(), "keys": keys}


def _part(salt: bytes, value: object, *, hidden: bool) -> Mapping[str, str]:
    return {"sha256": _hash(salt, value)} if hidden else {"salt": salt.hex(), "value": facts.canonical(value)}


def _salts(salt: bytes) -> Callable[[str], bytes]:
    """The salt of a key. HMAC (RFC 2104) is written out: a record asks for one per key, and the library begins anew
    with the salt each time, which takes more than twice as long. `salt` is no longer than a block."""
    block = salt.ljust(_BLOCK, b"\0")
    inner, outer = block.translate(_INNER), block.translate(_OUTER)
    return lambda key: sha256(outer + sha256(inner + key.encode()).digest()).digest()[:16]


def _hash(salt: bytes, value: object) -> str:
    return sha256(salt + facts.canonical(value).encode()).hexdigest()
