"""Access tokens (wecom.md 2), and tickets that live alike (11.8)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import MovableClock
from connectors.wecom.fake.world import Call, Refusal

_LIFE = timedelta(seconds=7200)
_CONTACT_MAY = frozenset({"user/list_id", "department/simplelist", "department/list", "user/get", "getcallbackip"})


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    expires: datetime
    role: str


class Tokens:
    """One token per secret; a repeated call gives the same one. `role` of a secret is app or contact."""

    def __init__(self, corp_id: str, secrets_by_role: Mapping[str, str], clock: MovableClock) -> None:
        self._corp_id = corp_id
        self._roles = {secret: role for role, secret in secrets_by_role.items() if secret}
        self._clock = clock
        self._alive: dict[str, _Token] = {}  # by role
        self._expired: set[str] = set()
        self.issued = 0

    async def gettoken(self, call: Call) -> dict[str, Any]:
        corp_id, secret = call.query.get("corpid", ""), call.query.get("corpsecret", "")
        for value, code in ((corp_id, 41002), (secret, 41004)):
            if not value:
                raise Refusal(code, "missing parameter")
        if corp_id != self._corp_id:
            raise Refusal(40013, "invalid corpid")
        if secret not in self._roles:
            raise Refusal(40001, "invalid credential")
        token = self._current(self._roles[secret]) or self._issue(self._roles[secret])
        left = int((token.expires - self._clock.now()).total_seconds())
        return {"access_token": token.value, "expires_in": left}

    def check(self, call: Call, path: str) -> None:
        value = call.query.get("access_token", "")
        if not value:
            raise Refusal(41001, "access_token missing")
        role = next((role for role in self._alive if (now := self._current(role)) and now.value == value), None)
        if role is None:
            raise Refusal(42001 if value in self._expired else 40014, "access_token expired or invalid")
        if role == "contact" and path not in _CONTACT_MAY:
            raise Refusal(48002, "api forbidden for the address-book assistant")

    def revoke(self) -> None:
        """Tencent may invalidate early: what was good a moment ago is 40014 now."""
        self._alive.clear()

    async def ticket(self, _: Call) -> dict[str, Any]:
        """One per two hours of the clock; cached by whoever asks."""
        slot = int(self._clock.now().timestamp()) // 7200
        return {"ticket": f"ticket-{self._corp_id}-{slot}", "expires_in": 7200}

    def _current(self, role: str) -> _Token | None:
        token = self._alive.get(role)
        if token is None or self._clock.now() < token.expires:
            return token
        self._expired.add(token.value)
        return None

    def _issue(self, role: str) -> _Token:
        self.issued += 1
        self._alive[role] = _Token(secrets.token_urlsafe(48), self._clock.now() + _LIFE, role)
        return self._alive[role]
