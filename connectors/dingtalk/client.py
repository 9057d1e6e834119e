"""Calls to both API families: one token, a pace per call, the month's meter, errors sorted (`dingtalk.md` 1, 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp
from aiolimiter import AsyncLimiter

from connectors.clock import Clock
from connectors.contract import Media
from connectors.dingtalk import verdict
from connectors.dingtalk.inbound.fields import sign
from connectors.dingtalk.outbound import compact
from connectors.dingtalk.quota import CALLS, Quota, Window
from connectors.dingtalk.settings import GroupRobot, Settings
from connectors.errors import PlatformBusy, PlatformRefused, Throttled, Unsure
from connectors.transport import Http, Reply, TokenCache

# One at a time, evenly, of the platform's 20 a second: a bucket that allows bursts would let 40 calls into the first
# one. The half call more is for waking up late; no second has more than 19.4 + 1.4.
_PER_S, _AT_ONCE = 19.4, 1.4
_LARGEST = 25 * 1024 * 1024
_HOSTS = (".dingtalk.com", ".aliyuncs.com", ".alicdn.com", ".dingtalk.io")
# Not counted by the platform: token, no-login, contacts (10).
_FREE = ("/v1.0/oauth2/", "/topapi/v2/user/", "/topapi/user/", "/topapi/v2/department/", "/v1.0/gateway/")


class Client:
    """One app's calls. Nothing is repeated here, but once after a dead token."""

    def __init__(self, settings: Settings, *, http: Http, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self.quota = Quota(CALLS)
        self.token = TokenCache(self._fetch_token, clock=clock)
        self._pace: defaultdict[str, AsyncLimiter] = defaultdict(lambda: AsyncLimiter(_AT_ONCE, _AT_ONCE / _PER_S))
        self._robots: defaultdict[str, Window] = defaultdict(lambda: Window(20, 60))

    async def new(self, method: str, path: str, *, name: str = "", **options: Any) -> Mapping[str, Any]:
        """A call of `api.dingtalk.com`; raises PlatformError. `options` are aiohttp's (`json`, `params`, `headers`).

        `name` is the path as the platform's limits know it, where it has ids in it.
        """
        token = await self.token.get()
        try:
            return await self._new(method, path, token, options, name=name or path)
        except verdict.TokenDead:
            fresh = await self.token.renew(token)
        try:
            return await self._new(method, path, fresh, options, name=name or path)
        except verdict.TokenDead as dead:
            raise _not_now(dead) from None

    async def old(self, path: str, **options: Any) -> Mapping[str, Any]:
        """A call of `oapi.dingtalk.com`; raises PlatformError."""
        token = await self.token.get()
        try:
            return await self._old(path, token, options)
        except verdict.TokenDead:
            fresh = await self.token.renew(token)
        try:
            return await self._old(path, fresh, options)
        except verdict.TokenDead as dead:
            raise _not_now(dead) from None

    async def _new(
        self, method: str, path: str, token: str, options: Mapping[str, Any], *, name: str
    ) -> Mapping[str, Any]:
        own = {"x-acs-dingtalk-access-token": token, "Accept": "application/json"}
        sent = {**options, "headers": {**options.get("headers", {}), **own}}
        reply = await self._send(method, self._settings.api_base + path, name, **sent)
        self._judge(verdict.new_family(reply, call=name))
        return reply.data

    async def _old(self, path: str, token: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
        url = f"{self._settings.oapi_base}{path}?access_token={quote_plus(token)}"
        if (make := options.get("form")) is not None:
            options = {"data": make()}
        reply = await self._send("POST", url, path, **options)
        self._judge(verdict.old_family(reply, call=path))
        return reply.data

    async def _send(self, method: str, url: str, path: str, **options: Any) -> Reply:
        await self._pace[f"{method} {path}"].acquire()
        if not path.startswith(_FREE):
            self.quota.count(path, now=self._clock.now())
        try:
            return await self._http.call(method, url, name=path, **options)
        except PlatformBusy as busy:
            if busy.status == 504:  # the backend's time ran out: it may have been done (10)
                raise Unsure(busy.words, call=path) from None
            raise

    def _judge(self, found: Exception | None) -> None:
        if isinstance(found, verdict.QuotaUsedUp):
            self.quota.refuse(now=self._clock.now())
        if found is not None:
            raise found

    async def _fetch_token(self) -> tuple[str, float]:
        path = "/v1.0/oauth2/accessToken"
        keys = {"appKey": self._settings.client_id, "appSecret": self._settings.client_secret}
        reply = await self._send("POST", self._settings.api_base + path, path, json=keys)
        self._judge(verdict.new_family(reply, call=path))
        value, seconds = reply.data.get("accessToken"), reply.data.get("expireIn")
        if not isinstance(value, str) or not isinstance(seconds, (int, float)):
            raise PlatformBusy("no token in the answer", call=path, status=reply.status)
        return value, float(seconds)

    async def open_stream(self, body: Mapping[str, Any]) -> tuple[str, str]:
        """(endpoint, ticket); the ticket opens one socket within 90 s and is nobody else's to see."""
        path = "/v1.0/gateway/connections/open"
        headers = {"Accept": "application/json"}  # without it an error's body may be XML
        reply = await self._send("POST", self._settings.api_base + path, path, json=body, headers=headers)
        self._judge(verdict.new_family(reply, call=path))
        endpoint, ticket = reply.data.get("endpoint"), reply.data.get("ticket")
        if not isinstance(endpoint, str) or not isinstance(ticket, str):
            raise PlatformBusy("no ticket in the answer", call=path, status=reply.status)
        return endpoint, ticket

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        def form() -> aiohttp.FormData:
            # Unquoted: a percent-encoded name is what people would see beside the file.
            parts = aiohttp.FormData(quote_fields=False)
            parts.add_field("type", kind)
            parts.add_field("media", data, filename=_one_line(name), content_type="application/octet-stream")
            return parts

        answer = await self.old("/media/upload", form=form)
        return str(answer["media_id"])

    async def download(self, code: str) -> Media:
        """What a person sent: the code becomes a short-lived address, whose host is checked before it is opened."""
        path = "/v1.0/robot/messageFiles/download"
        asked = {"downloadCode": code, "robotCode": self._settings.robot_code}
        url = str((await self.new("POST", path, json=asked)).get("downloadUrl", ""))
        self._expect_host(url)
        reply = await self._http.call("GET", url, name="download")
        if reply.status != 200 or len(reply.body) > _LARGEST:
            raise PlatformRefused("file not to be had", call="download", status=reply.status)
        return Media(reply.body, content_type=reply.headers.get("content-type", ""))

    def _expect_host(self, url: str) -> None:
        parts = urlsplit(url)
        ours = {urlsplit(base).netloc for base in (self._settings.api_base, self._settings.oapi_base)}
        trusted = parts.scheme == "https" and f".{parts.hostname or ''}".endswith(_HOSTS)
        if not trusted and parts.netloc not in ours:
            raise PlatformRefused("a download address of a foreign host", call="download")

    async def failed_events(self, *, since: datetime, until: datetime) -> Sequence[Mapping[str, Any]]:
        """HTTP mode: what the platform could not deliver (`callBackTag`, `callBackData`, `eventTime`), 2.3."""
        span = {"beginTime": str(int(since.timestamp() * 1000)), "endTime": str(int(until.timestamp() * 1000))}
        answer = await self.new("GET", "/v1.0/event/callbacks/failedResults", params=span)
        rows: list[Mapping[str, Any]] = answer.get("failedList") or []
        return rows

    async def group_robot(self, name: str, robot: GroupRobot, body: Mapping[str, Any]) -> None:
        """A custom group robot's webhook; 20 a minute, a 21st would silence it for ten."""
        if (wait := self._robots[name].take(self._clock.now())) > 0:
            raise Throttled("20 a minute", call="robot/send", retry_after=wait)
        query = {"access_token": robot.token}
        if robot.secret:
            stamp = str(int(self._clock.now().timestamp() * 1000))
            query |= {"timestamp": stamp, "sign": sign(robot.secret, f"{stamp}\n{robot.secret}")}
        url = f"{self._settings.oapi_base}/robot/send"
        sent = {"data": compact(body).encode(), "headers": {"Content-Type": "application/json"}}
        reply = await self._send("POST", url, "/robot/send", params=query, **sent)
        self._judge(verdict.old_family(reply, call="/robot/send"))


def _not_now(dead: verdict.TokenDead) -> PlatformBusy:
    """A new token refused as well says nothing against the message: its letter waits instead of ending."""
    return PlatformBusy(dead.words, call=dead.call, code=dead.code, status=dead.status)


def _one_line(name: str) -> str:
    """A file name that cannot end its own header."""
    return "".join(sign for sign in name if sign.isprintable() and sign not in '"\\') or "file"
