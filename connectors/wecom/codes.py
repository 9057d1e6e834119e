"""The one-time rights to change a card (wecom.md 8.5), as they lie in a message's handle. Pure.

Each send and each tap gives a `response_code`: one update, within 72 hours. When the answer to an update is lost, its
code stays, marked with what it was tried for: tried again, "already used" then means that the lost answer was a yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

LIFE = timedelta(hours=72)
_MARGIN = timedelta(minutes=10)

Handle = Mapping[str, Any]


def add(handle: Handle, code: str, *, now: datetime) -> dict[str, Any]:
    """The handle with `code` as its newest; unchanged for an empty or known one."""
    codes = list(handle.get("codes", ()))
    if code and all(known["code"] != code for known in codes):
        until = now + LIFE - _MARGIN
        codes.append({"code": code, "until_ms": int(until.timestamp() * 1000), "tried": ""})
    return {**handle, "codes": codes}


def pick(handle: Handle, *, now: datetime, aim: str) -> str | None:
    """The code for an update with content `aim` (a `fingerprint`): one tried for the same, else the newest unused."""
    alive = [code for code in handle.get("codes", ()) if code["until_ms"] > now.timestamp() * 1000]
    ranked = sorted(alive, key=lambda code: (_worth(code, aim), code["until_ms"]))
    return ranked[-1]["code"] if ranked else None


def drop(handle: Handle, code: str) -> dict[str, Any]:
    return {**handle, "codes": [known for known in handle.get("codes", ()) if known["code"] != code]}


def mark(handle: Handle, code: str, *, aim: str) -> dict[str, Any]:
    """After a lost answer: the code may be spent on `aim`."""
    return {
        **handle,
        "codes": [{**known, "tried": aim} if known["code"] == code else known for known in handle.get("codes", ())],
    }


def was_tried(handle: Handle, code: str, *, aim: str) -> bool:
    return any(known["code"] == code and known["tried"] == aim for known in handle.get("codes", ()))


def fingerprint(content: str) -> str:
    return sha256(content.encode()).hexdigest()[:16]


def _worth(code: Mapping[str, Any], aim: str) -> int:
    if code["tried"] == aim:
        return 2
    return 0 if code["tried"] else 1
