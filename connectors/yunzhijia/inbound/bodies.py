"""Reading a delivery's JSON: size, UTF-8, shape, and texts that a database can store. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.contract import Delivery
from connectors.errors import Rejected

LARGEST = 256 * 1024
_DEEPEST = 32


def posted(delivery: Delivery) -> bytes:
    """The body of a POST within bounds; raises `Rejected`."""
    if delivery.method != "POST":
        raise Rejected("method", status=405)
    if len(delivery.body) > LARGEST:
        raise Rejected("too large", status=413)
    if not delivery.body:
        raise Rejected("empty", status=400)
    return delivery.body


def json_object(data: bytes, *, status: int = 400) -> dict[str, Any]:
    """Raises `Rejected` for what is no JSON object, not UTF-8, nested too deeply or full of half characters."""
    try:
        value = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Rejected("not json", status=status) from None
    if not isinstance(value, dict) or not _tame(value):
        raise Rejected("not a tame json object", status=status)
    return value


def _tame(value: Any, depth: int = 0) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(value, str):
        return value.isascii() or _encodes(value)
    if isinstance(value, list):
        return all(_tame(one, depth + 1) for one in value)
    if isinstance(value, dict):
        return all(_tame(name) and _tame(one, depth + 1) for name, one in value.items())
    return True


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None or isinstance(value, (dict, list)) else str(value).replace("\0", "")


def instant(digits: str) -> datetime | None:
    """Milliseconds since the epoch, or seconds where the digits say so."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 14:
        return None
    return datetime.fromtimestamp(int(digits) / (1000 if len(digits) > 11 else 1), tz=UTC)


def digest(*parts: Any) -> str:
    """A short content hash for dedupe keys: the same words in another key order are the same content."""
    dumped = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(dumped.encode()).hexdigest()[:32]
