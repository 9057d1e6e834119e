"""What stands in the journal for a personal value: a hash over a salt and the value, of records over each key.

    text, list, number, {}     SHA-256(salt || canonical JSON)
    {"reason": ..., ...}       SHA-256(salt of "" || canonical JSON of {key: SHA-256(salt of key || canonical JSON)})

The salt of a key is the first 16 bytes of HMAC-SHA-256(salt, key). So whoever takes records out of the system may leave
out one key of a record: they give its hash, of the other keys salt and value, and the whole proves what it proved. The
salt itself stays here then, or the value that was left out could be guessed. Pure.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

from handlers.audit import facts


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
    hashes = {key: _hash(_salt(salt, key), one) for key, one in parts.items()}
    return _hash(_salt(salt, ""), hashes)


def record(value: str) -> dict[str, Any] | None:
    """The keys of a value that is hashed key by key; None for all others."""
    return dict(json.loads(value)) if value.startswith('{"') else None


def given(salt: str, value: str, *, without: Collection[str] = ()) -> Mapping[str, Any]:
    """A value as a bundle gives it: whole, or a record `without` some keys."""
    parts, raw = record(value), bytes.fromhex(salt)
    if parts is None or not set(parts) & set(without):
        return {"salt": salt, "value": value}
    keys = {key: _part(_salt(raw, key), one, hidden=key in without) for key, one in parts.items()}
    return {"salt": _salt(raw, "").hex(), "keys": keys}


def _part(salt: bytes, value: object, *, hidden: bool) -> Mapping[str, str]:
    return {"sha256": _hash(salt, value)} if hidden else {"salt": salt.hex(), "value": facts.canonical(value)}


def _salt(salt: bytes, key: str) -> bytes:
    return hmac.digest(salt, key.encode(), "sha256")[:16]


def _hash(salt: bytes, value: object) -> str:
    return sha256(salt + facts.canonical(value).encode()).hexdigest()
