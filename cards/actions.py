"""What a button carries: which act on which item in which version, bound by a keyed MAC to the person it was sent to.

The wire form is `a1.<act>.<item>.<version>.<mac>`, ASCII, far below WeCom's 1024 bytes. The MAC (HMAC-SHA256, 96
bits) is not the authority - the engine is - but a payload copied to another client, or made up, is told apart at once.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

_WORD = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PREFIX = "a1"
_BLOCK: Final = 64  # bytes of SHA-256's input
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class BadAction(ValueError):
    """Not a payload of ours, altered, or made for somebody else."""


@dataclass(frozen=True, slots=True)
class Action:
    """`version` is the item's version that the card showed; an older one makes the card a stale copy."""

    act: str
    item: str
    version: int = 0


def pack(action: Action, *, to: str, key: bytes) -> str:
    """`to` is our person id. Raises ValueError for words outside `[0-9A-Za-z_-]{1,64}`."""
    for word in (action.act, action.item):
        if not _WORD.fullmatch(word):
            raise ValueError(f"an action's words are [0-9A-Za-z_-]: {word!r}")
    body = f"{_PREFIX}.{action.act}.{action.item}.{action.version}"
    return f"{body}.{_mac(body, to=to, key=key)}"


def unpack(payload: str, *, to: str, key: bytes) -> Action:
    """The inverse of `pack` for the person who tapped; raises BadAction."""
    body, _, mac = payload.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(body, to=to, key=key).encode()):
        raise BadAction(payload)
    return peek(payload)


@lru_cache(maxsize=1024)
def peek(payload: str) -> Action:
    """What the payload claims, unchecked: to answer a tap by the wrong person. Raises BadAction.

    Everybody who may own a tap asks, until one does.
    """
    parts = payload.split(".")
    if len(parts) != 5 or parts[0] != _PREFIX or not parts[3].isdigit() or len(parts[3]) > 9:
        raise BadAction(payload)
    if not (_WORD.fullmatch(parts[1]) and _WORD.fullmatch(parts[2])):
        raise BadAction(payload)
    return Action(parts[1], parts[2], int(parts[3]))


def _mac(body: str, *, to: str, key: bytes) -> str:
    inner, outer = _pads(key)
    return sha256(outer + sha256(inner + f"{body}|{to}".encode()).digest()).hexdigest()[:24]


@lru_cache(maxsize=4)
def _pads(key: bytes) -> tuple[bytes, bytes]:
    """HMAC (RFC 2104) is written out: the library's gives the interpreter away to another thread for every button."""
    block = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
    return block.translate(_INNER), block.translate(_OUTER)
