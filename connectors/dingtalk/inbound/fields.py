"""Looking things up in a payload whose key case differs between modes, ages and pages (`dingtalk.md` 2.4)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from connectors.contract import Delivery
from connectors.errors import Rejected

LARGEST = 256 * 1024
_DEEPEST = 32


class Fields:
    """A JSON object with names found case-insensitively; the first name that is there wins."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._lower = {name.lower(): value for name, value in raw.items()}

    def find(self, *names: str) -> Any:
        for name in names:
            value = self._lower.get(name.lower())
            if value is not None:
                return value
        return None

    def text(self, *names: str) -> str:
        value = self.find(*names)
        if value is None or isinstance(value, (dict, list)):
            return ""
        text = str(value)
        return text.replace("\0", "") if "\0" in text else text

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of ids; a single value counts as a list of one."""
        value = self.find(*names)
        if value is None:
            return ()
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)

    def inner(self, *names: str) -> Fields:
        """An object below this one, given as an object or as JSON text; empty when it is neither."""
        value = self.find(*names)
        if isinstance(value, str):
            value = parsed(value)
        return Fields(value if isinstance(value, Mapping) else {})

    def instant(self, *names: str) -> datetime | None:
        """Milliseconds since the epoch, or seconds where the digits say so (both are seen, callback vectors)."""
        digits = self.text(*names)
        if not digits.isascii() or not digits.isdigit() or len(digits) > 14:
            return None
        return datetime.fromtimestamp(int(digits) / unit(digits), tz=UTC)


def unit(digits: str) -> int:
    """How many of a timestamp's units make a second: never taken from the page, always from the length."""
    return 1000 if len(digits) > 11 else 1


def parsed(text: str) -> Any:
    """The JSON value, or None for what is none or cannot be stored."""
    try:
        value = json.loads(text)
        return value if _plainly_tame(text) or _tame(value) else None
    except (ValueError, RecursionError):
        return None


def _plainly_tame(text: str) -> bool:
    """The usual case at a glance: without escapes no surrogate comes in, and few brackets cannot nest deeply."""
    return "\\u" not in text and text.count("[") + text.count("{") <= _DEEPEST


def _tame(value: Any, depth: int = 0) -> bool:
    """No lone surrogates and no deep nests: both pass the parser and break whoever stores them."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, str):
        return value.isascii() or value.isprintable() or _encodes(value)
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


def body(delivery: Delivery) -> dict[str, Any]:
    """The JSON object of a body of at most 256 KB; raises `Rejected`."""
    return checked(delivery.body)


def checked(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST:
        raise Rejected("too large", status=413)
    return as_object(data, status=400)


def as_object(data: bytes, *, status: int = 403) -> dict[str, Any]:
    """UTF-8 JSON text as the object that it must be; raises `Rejected`."""
    try:
        value = parsed(data.decode())
    except UnicodeDecodeError:
        raise Rejected("not utf-8", status=status) from None
    if not isinstance(value, dict):
        raise Rejected("not a json object", status=status)
    return value


def check_hmac(claimed: str, *, secret: str, message: str) -> None:
    """Base64 of HMAC-SHA256, compared in constant time; raises `Rejected`."""
    if not hmac.compare_digest(sign(secret, message).encode(), claimed.encode(errors="surrogatepass")):
        raise Rejected("signature")


def sign(secret: str, message: str) -> str:
    """Base64 of HMAC-SHA256 as robots and cards use it (`dingtalk.md` 3.1, 4, 7.3)."""
    return base64.b64encode(hmac.new(secret.encode(), message.encode(errors="surrogatepass"), sha256).digest()).decode()


def digest(*parts: Any) -> str:
    """A short content hash for dedupe keys: the same words in another key order are the same content."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:32]
