"""Who is signed in, in the cookie itself: sealed with the office's key, so that no instance has to remember it.

A seal proves that we wrote the value, for this purpose and no other. A session ends by itself; that its person still
belongs to the office is asked of the directory at every request.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from handlers.transaction import from_ms, to_ms

ERRAND_LIFE = timedelta(minutes=10)
"""How long a sign-in may take; the platforms' codes live five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`person` is our id, `account` the office's account that they signed in by; `nonce` makes sessions differ."""

    person: str
    account: str
    until: datetime
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A sign-in under way: the platform brings `state` back, then the browser goes on to `next`."""

    state: str
    account: str
    next: str
    until: datetime
    tries: int = 1


def begin(*, person: str, account: str, now: datetime, hours: int) -> Session:
    return Session(
        person=person, account=account, until=now + timedelta(hours=hours), nonce=secrets.token_hex(12)
    )


def depart(*, account: str, next: str, now: datetime, tries: int = 1) -> Errand:
    """`state` is letters and digits, as WeCom wants it (wecom.md 11.7)."""
    return Errand(state=secrets.token_hex(16), account=account, next=next, until=now + ERRAND_LIFE, tries=tries)


def seal(value: Session | Errand, *, key: bytes) -> str:
    """The cookie's text: letters, digits, `-`, `_` and one dot."""
    data: dict[str, Any] = {name: getattr(value, name) for name in value.__dataclass_fields__}
    data["until"] = to_ms(value.until)
    body = base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{body}.{_mac(type(value).__name__, body, key)}"


def session(text: str, *, key: bytes, now: datetime) -> Session | None:
    """None for whatever is not a session of ours, or one whose time is up."""
    data = _opened(text, Session.__name__, key=key, now=now)
    return Session(**data) if data else None


def errand(text: str, *, key: bytes, now: datetime) -> Errand | None:
    data = _opened(text, Errand.__name__, key=key, now=now)
    return Errand(**data) if data else None


def token(of: Session, *, key: bytes) -> str:
    """Goes into every form of this session and must come back: another site's page does not know it."""
    return _mac("token", f"{of.person}/{of.nonce}", key)


def has_token(of: Session, text: str, *, key: bytes) -> bool:
    return hmac.compare_digest(token(of, key=key).encode(), text.encode())


def _opened(text: str, purpose: str, *, key: bytes, now: datetime) -> Mapping[str, Any] | None:
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(_mac(purpose, body, key).encode(), mac.encode(errors="replace")):
        return None
    try:
        data = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return None
    data["until"] = from_ms(data["until"])
    return data if data["until"] > now else None


def _mac(purpose: str, text: str, key: bytes) -> str:
    return hmac.new(key, f"officebot page/{purpose}/{text}".encode(errors="replace"), sha256).hexdigest()
