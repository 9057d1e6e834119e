"""The gateway's signature (TIF, yuezhengyi.md 4): pure, `now` is an argument.

It proves who calls and nothing else: no path, query or body is under it. So it never replaces the platform's own
signature, the login's state or our idempotence keys. The formulas agree between several independent public sources;
no official text or known answer was found.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from connectors.errors import Rejected
from connectors.yuezhengyi.settings import Gateway

_LONGEST = 4096


def headers(gateway: Gateway, *, nonce: str, now: datetime) -> dict[str, str]:
    """For one request of ours; upper-case, as most sources send it."""
    stamp = str(int(now.timestamp()))
    return {
        f"{gateway.prefix}paasid": gateway.paas_id,
        f"{gateway.prefix}timestamp": stamp,
        f"{gateway.prefix}nonce": nonce,
        f"{gateway.prefix}signature": _digest(stamp, gateway.token, nonce, stamp),
    }


def check(gateway: Gateway, given: Mapping[str, str], *, now: datetime) -> str:
    """The user whom the gateway vouches for, "" where it only forwards. `given` has lower-case names.

    Raises `Rejected`. Says nothing of repeats: whoever needs that remembers the nonce (`Nonces`).
    """
    stamp, nonce, claimed, uid, uinfo, ext = (
        given.get(f"{gateway.prefix}{name}", "")
        for name in ("timestamp", "nonce", "signature", "uid", "uinfo", "ext")
    )
    if not (stamp and nonce and claimed):
        raise Rejected("gateway headers missing")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11) or len(nonce) > _LONGEST:
        raise Rejected("gateway timestamp")
    vouched = (",", uid, ",", uinfo, ",", ext) if uid else ()
    wanted = _digest(stamp, gateway.token, nonce, *vouched, stamp)
    if not hmac.compare_digest(wanted.encode(), claimed.upper().encode(errors="replace")):
        raise Rejected("gateway signature")
    if abs(now.timestamp() - int(stamp)) > gateway.window:
        raise Rejected("gateway too old")
    return uid


class Nonces:
    """Which nonces came inside the window: a second use of a login is refused."""

    def __init__(self, *, window: float) -> None:
        self._life = timedelta(seconds=2 * window)  # a stamp may be as far ahead of us as behind
        self._seen: dict[str, datetime] = {}

    def use(self, nonce: str, *, now: datetime) -> bool:
        """False for one that was used before."""
        self._seen = {one: until for one, until in self._seen.items() if until > now}
        if nonce in self._seen:
            return False
        self._seen[nonce] = now + self._life
        return True


def _digest(*parts: str) -> str:
    return sha256("".join(parts).encode(errors="replace")).hexdigest().upper()
