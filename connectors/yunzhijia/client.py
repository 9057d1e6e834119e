"""Calls to Yunzhijia: a token per scope, a predicate per family, errors sorted by who must act (`yunzhijia.md` 1, 10).

Addresses carry tokens: they never reach an error or a log; calls are named by path. Nothing is repeated here, but once
after a dead token.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiolimiter import AsyncLimiter

from connectors.clock import Clock
from connectors.errors import PlatformBusy, PlatformRefused, Throttled, Unsure
from connectors.transport import Http, Reply, TokenCache
from connectors.yunzhijia import signing, verdict
from connectors.yunzhijia.settings import Settings

Data = Mapping[str, Any]

_TOKEN = "/gateway/oauth2/token/getAccessToken"
_SAME_FROM = timedelta(minutes=10)
_REMEMBERED = 2000
_PACE = 25.0  # calls a second: below 1500 a minute, the strictest of the gateway's limits (10)


@dataclass(frozen=True, slots=True)
class _From:
    """The signed sender of one message, kept for its repetition."""

    fields: Mapping[str, str]
    at: datetime


class Client:
    """One account's calls. Scopes by the name of their secret: `app`, `team`, and the resource groups `im`, `work`
    (the time assistant) and `files`."""

    def __init__(self, settings: Settings, *, http: Http, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._pace = AsyncLimiter(_PACE, 1)
        self._tokens = {
            "app": self._scope("app", appId=settings.app_id, secret=settings.app_secret),
            "im": self._group(settings.im_secret),
            "work": self._group(settings.calendar_secret),
            "files": self._group(settings.files_secret),
            "team": self._scope(
                "team", appId=settings.approval_app_id, eid=settings.eid, secret=settings.approval_secret
            ),
        }
        self._sent: OrderedDict[str, _From] = OrderedDict()
        self.robots = Robots(http, clock)

    def _group(self, secret: str) -> TokenCache:
        """One token per resource group, because each has a secret of its own (1)."""
        return self._scope("resGroupSecret", eid=self._settings.eid, secret=secret)

    def _scope(self, scope: str, **keys: str) -> TokenCache:
        async def fetch() -> tuple[str, float]:
            return await self._fetch_token({**keys, "scope": scope})

        return TokenCache(fetch, clock=self._clock)

    async def token(self, scope: str) -> str:
        """For `doctor`: whether there is one. Never shown."""
        return await self._tokens[scope].get()

    async def call(self, scope: str, path: str, *, judge: verdict.Judge = verdict.gateway, **options: Any) -> Data:
        """A POST with this scope's token; `options` are aiohttp's `json` or `data`. Raises PlatformError."""

        async def once(token: str) -> Reply:
            return _judged(await self._post(path, params={"accessToken": token}, **options), path, judge)

        return (await self._with_token(scope, path, once)).data

    async def file(self, method: str, path: str, *, judge: verdict.Judge, **options: Any) -> Reply:
        """As `call` with the files' token, which goes in a header; `data` is made anew for each attempt."""

        async def once(token: str) -> Reply:
            made = {name: value() if callable(value) else value for name, value in options.items()}
            reply = await self._send(method, path, headers={"x-accessToken": token}, **made)
            return _judged(reply, path, judge)

        return await self._with_token("files", path, once)

    async def _with_token(self, scope: str, path: str, once: Callable[[str], Awaitable[Reply]]) -> Reply:
        token = await self._tokens[scope].get()
        try:
            return await once(token)
        except verdict.TokenDead:
            fresh = await self._tokens[scope].renew(token)
        try:
            return await once(fresh)
        except verdict.TokenDead as dead:
            # A new token refused as well says nothing against the message: its letter waits instead of ending.
            raise PlatformBusy(dead.words, call=path, code=dead.code, status=dead.status) from None

    async def _post(self, path: str, **options: Any) -> Reply:
        return await self._send("POST", path, **options)

    async def _send(self, method: str, path: str, **options: Any) -> Reply:
        await self._pace.acquire()
        return await self._http.call(method, f"{self._settings.base_url}{path}", name=path, **options)

    async def _fetch_token(self, keys: Mapping[str, str]) -> tuple[str, float]:
        """The stamp is in milliseconds and good for three minutes: a wrong clock shows here first (1)."""
        if not keys["secret"]:
            raise PlatformRefused("no secret for this scope", call=_TOKEN, code=keys["scope"])
        asked = {**keys, "timestamp": int(self._clock.now().timestamp() * 1000)}
        try:
            reply = await self._post(_TOKEN, json=asked)
        except Unsure as lost:
            # Asking for a token changes nothing: the call that wanted it has certainly not been made.
            raise PlatformBusy(lost.words, call=_TOKEN) from None
        if (wrong := verdict.gateway(reply, _TOKEN)) is not None:
            raise PlatformRefused(wrong.words, call=_TOKEN, code=wrong.code, status=wrong.status)
        data = reply.data.get("data") or {}
        value, seconds = data.get("accessToken"), data.get("expireIn")
        if not isinstance(value, str) or not isinstance(seconds, (int, float)):
            raise PlatformBusy("no token in the answer", call=_TOKEN, status=reply.status)
        return value, float(seconds)

    async def publish(self, user: str, kind: int, message: Data, *, ref: str) -> str:
        """A public-account message to one person; returns the platform's id, or "" where it is assumed sent.

        The same ref within ten minutes goes with the identical `from`: 5005 then means that the first one arrived (2).
        """
        known = self._known(ref)
        sender = known or self._signed()
        self._remember(ref, sender)
        to = [{"no": self._settings.eid, "user": [user]}]
        body = {"from": dict(sender.fields), "to": to, "type": kind, "msg": message}
        try:
            reply = await self._post(self._settings.pubsend_path, json=body)
        except PlatformBusy as busy:
            if not isinstance(busy, Unsure) and not busy.status:
                self._sent.pop(ref, None)  # nobody was reached: the next attempt is a first one
            raise
        wrong = verdict.pubsend(reply, self._settings.pubsend_path)
        if wrong is None:
            found = reply.data.get("data") if isinstance(reply.data.get("data"), Mapping) else reply.data
            return str((found or {}).get("sourceMsgId", ""))
        if known is not None and wrong.code == verdict.SAID_BEFORE:
            return ""
        if isinstance(wrong, Throttled) or not isinstance(wrong, PlatformBusy):
            self._sent.pop(ref, None)  # certainly not sent
        raise wrong

    def _signed(self) -> _From:
        """`time` and `nonce` are texts, identical to what is signed (2)."""
        now = self._clock.now()
        stamp = str(int(now.timestamp() * 1000))
        nonce = secrets.token_hex(8)
        no, pub = self._settings.eid, self._settings.pub
        token = signing.pubtoken(no=no, pub=pub, secret=self._settings.pub_secret, nonce=nonce, time=stamp)
        return _From({"no": no, "pub": pub, "time": stamp, "nonce": nonce, "pubtoken": token}, now)

    def _known(self, ref: str) -> _From | None:
        found = self._sent.get(ref)
        return found if found and self._clock.now() - found.at < _SAME_FROM else None

    def _remember(self, ref: str, sender: _From) -> None:
        self._sent[ref] = sender
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)


def _judged(reply: Reply, path: str, judge: verdict.Judge) -> Reply:
    if (wrong := judge(reply, path)) is not None:
        raise wrong
    return reply


class Robots:
    """Group robots by the send URL that the platform gave; 30 a minute, the stricter of the two figures (3.1)."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._taken: dict[str, tuple[datetime, ...]] = {}

    async def send(self, url: str, body: Data) -> str:
        """The message's id, if the platform names one."""
        self._take(url)
        reply = await self._http.call("POST", url, name="robot/webhook/send", json=body)
        if (wrong := verdict.gateway(reply, "robot/webhook/send")) is not None:
            raise wrong
        data = reply.data.get("data")
        return str(data.get("msgId", "")) if isinstance(data, Mapping) else ""

    def _take(self, url: str) -> None:
        now = self._clock.now()
        recent = tuple(one for one in self._taken.get(url, ()) if now - one < timedelta(minutes=1))
        if len(recent) >= 30:
            wait = (recent[0] + timedelta(minutes=1) - now).total_seconds()
            raise Throttled("30 a minute", call="robot/webhook/send", retry_after=wait)
        self._taken[url] = (*recent, now)
