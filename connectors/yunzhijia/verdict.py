"""Who must act on Yunzhijia's answers: each family has its own idea of success (`yunzhijia.md` 10) as data. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectors.errors import PlatformBusy, PlatformError, PlatformRefused, Throttled
from connectors.transport import Reply

SAID_BEFORE = "5005"
"""Of the public account: too many messages, or the same `from` again within ten minutes (2)."""
_AUTH = re.compile(r"access ?token|认证|鉴权", re.IGNORECASE)
_RATE = re.compile(r"频率|频繁|too (fast|many)|limit", re.IGNORECASE)
"""Of robots [T]; what the gateway says when its limits are exceeded is not documented (10)."""
_PUB_BUSY = {"500", "6001"}


class TokenDead(PlatformRefused):
    """Expired or revoked: fetch a new one and try once more. Which code says so is not documented (1)."""


Judge = Callable[[Reply, str], PlatformError | None]


def gateway(reply: Reply, call: str) -> PlatformError | None:
    """Token, ticket, workflow, cards, robot: `success` true and `errorCode` 0."""
    return _enveloped(reply, call, {"", "0"})


def listed(reply: Reply, call: str) -> PlatformError | None:
    """Contacts: `success` true and `errorCode` 100."""
    return _enveloped(reply, call, {"100"})


def todo(reply: Reply, call: str) -> PlatformError | None:
    """To-do items: `success` as boolean or text; 202 is being worked on elsewhere, 502 was not pending any more."""
    code = _code(reply)
    if code == "202":
        return PlatformBusy(_words(reply), call=call, code=code, status=reply.status, retry_after=2.0)
    if code == "502":
        return None  # already done, or not there (yet): a change is remembered for an hour
    return _enveloped(reply, call, {"0", "200"})


def pubsend(reply: Reply, call: str) -> PlatformError | None:
    """The public account: `code` 0 and `success`; the old path answers with the ids alone."""
    if (dead := _unreadable(reply, call)) is not None:
        return dead
    if "code" not in reply.data and reply.data.get("sourceMsgId"):
        return None
    code, words = str(reply.data.get("code", "")), _words(reply)
    if code == "0" and _yes(reply.data.get("success")):
        return None
    if code in (SAID_BEFORE, "5102"):
        return Throttled(words, call=call, code=code, status=reply.status, retry_after=60.0 if code == "5005" else 5.0)
    if code in _PUB_BUSY:
        return PlatformBusy(words, call=call, code=code, status=reply.status)
    return PlatformRefused(words, call=call, code=code, status=reply.status)


def _enveloped(reply: Reply, call: str, fine: set[str]) -> PlatformError | None:
    code, words = _code(reply), _words(reply)
    if reply.status in (401, 403):
        return TokenDead(words, call=call, code=code, status=reply.status)
    if (broken := _unreadable(reply, call)) is not None:
        return broken
    if _yes(reply.data.get("success")) and code in fine:
        return None
    if _RATE.search(words):
        return Throttled(words, call=call, code=code, status=reply.status, retry_after=60.0)
    kind = TokenDead if _AUTH.search(words) else PlatformRefused
    return kind(words, call=call, code=code, status=reply.status)


def _unreadable(reply: Reply, call: str) -> PlatformError | None:
    if reply.data:
        return None
    if reply.status >= 300:
        return PlatformRefused(f"HTTP {reply.status}", call=call, status=reply.status)
    return PlatformBusy("not the platform's answer", call=call, status=reply.status)


def _code(reply: Reply) -> str:
    code = reply.data.get("errorCode", "")
    return "" if code is None else str(code)


def _words(reply: Reply) -> str:
    """Free text for the operator; three names are in use (3.1)."""
    for name in ("error", "errmsg", "message", "data"):
        if isinstance(found := reply.data.get(name), str) and found:
            return found[:200]
    return ""


def _yes(value: Any) -> bool:
    """Some calls say true, some "true" (4)."""
    return value is True or value == "true"
