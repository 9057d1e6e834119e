"""Who must act on DingTalk's answers: the error tables of both API families (`dingtalk.md` 11) as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import PlatformBusy, PlatformError, PlatformRefused, Throttled, Unsure
from connectors.transport import Reply

BLOCKED_SECONDS = 300.0  # more than 10 000 calls in 20 s from one address: everything is blocked for five minutes
QUOTA_SECONDS = 3600.0


class TokenDead(PlatformRefused):
    """Expired or revoked: fetch a new one and try once more."""


class QuotaUsedUp(Throttled):
    """The month's calls are gone: letters wait, the operator sees it."""


_OLD_DEAD = {"40014", "42001"}
_OLD_SLOW = {"90002", "90018"}
_NEW_BUSY = {"system.busy", "serviceunavailable", "todo.taskcreate.lockerror", "idempotencyprocessing"}
_NEW_SLOW = {"send.too.fast", "send.bytoken.toofast", "too.many.people", "toomuch.msg"}


def new_family(reply: Reply, *, call: str) -> PlatformError | None:
    """`api.dingtalk.com`: the HTTP status tells failure, `code` which one."""
    if (blocked := _blocked(reply, call)) is not None:
        return blocked
    if reply.status < 300:
        return None
    code, words = str(reply.data.get("code", "")), str(reply.data.get("message", ""))
    if reply.status == 401 or code == "InvalidAuthentication":
        # A wrong client id or secret also answers 401 on the unified endpoint; there no token is dropped.
        return TokenDead(words, call=call, code=code, status=reply.status)
    return _by_word(reply, call, code, words)


def _by_word(reply: Reply, call: str, code: str, words: str) -> PlatformError:
    lower = code.lower()
    if "apicountlimit" in lower:
        return QuotaUsedUp(words, call=call, code=code, status=reply.status, retry_after=QUOTA_SECONDS)
    if "qpslimit" in lower or "qpmlimit" in lower or lower in _NEW_SLOW or lower.endswith("flowcontrolerror"):
        return Throttled(words, call=call, code=code, status=reply.status, retry_after=1.0)
    if lower in _NEW_BUSY:
        return PlatformBusy(words, call=call, code=code, status=reply.status)
    return PlatformRefused(_with_scopes(words, reply.data), call=call, code=code, status=reply.status)


def _with_scopes(words: str, data: Mapping[str, Any]) -> str:
    """Permission errors name the missing scope, which is what the operator needs."""
    detail = data.get("accessdenieddetail")
    scopes = detail.get("requiredScopes") if isinstance(detail, Mapping) else None
    return f"{words} [{', '.join(map(str, scopes))}]" if scopes else words


def old_family(reply: Reply, *, call: str) -> PlatformError | None:
    """`oapi.dingtalk.com`: HTTP 200 always, `errcode` tells."""
    if (blocked := _blocked(reply, call)) is not None:
        return blocked
    code, words = str(reply.data.get("errcode", "")), str(reply.data.get("errmsg", ""))
    if code == "0":
        return None
    sub = str(reply.data.get("sub_code", ""))
    if code in _OLD_DEAD or (code == "88" and sub in _OLD_DEAD):
        return TokenDead(words, call=call, code=code, status=reply.status)
    if code == "90020":
        return QuotaUsedUp(words, call=call, code=code, status=reply.status, retry_after=QUOTA_SECONDS)
    if code in _OLD_SLOW or (code == "88" and sub in _OLD_SLOW):
        return Throttled(words, call=call, code=code, status=reply.status, retry_after=1.0)
    if code == "15":
        return Unsure(words, call=call)
    if code in ("-1", "503", "504"):
        return PlatformBusy(words, call=call, code=code, status=reply.status)
    return PlatformRefused(f"{words} {sub}".strip(), call=call, code=code, status=reply.status)


def _blocked(reply: Reply, call: str) -> PlatformError | None:
    """An answer that is no API's: the firewall's page or `{"status":1111,...}`, or a proxy in between."""
    punished = reply.data.get("punish") == "deny" or str(reply.data.get("status", "")) == "1111"
    if punished or (reply.status < 300 and reply.body[:1] not in (b"{", b"[")):
        return Throttled("blocked", call=call, status=reply.status, retry_after=BLOCKED_SECONDS)
    return None
