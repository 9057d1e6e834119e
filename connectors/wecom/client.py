"""Calls to WeCom's API: the token in the query, the truth in `errcode` (wecom.md 1, 2, 12).

Addresses carry secrets (token, corpsecret, webhook key): they never reach an error or a log; calls are named by path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import aiohttp

from connectors import errors
from connectors.clock import Clock
from connectors.contract import Media
from connectors.transport import Http, Reply, TokenCache
from connectors.wecom.settings import Settings

Data = Mapping[str, Any]

_DEAD_TOKEN = frozenset({40014, 42001})
_BUSY = frozenset({-1})
_TOO_MUCH = {45009: 60.0, 45033: 5.0}  # seconds to wait; the real window may be a minute, an hour or the day


class Client:
    """One app's calls, with the app's own token; `secret` may be another one of the same organisation."""

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, secret: str | None = None) -> None:
        self._base = f"{settings.base_url}/cgi-bin/"
        self._corp_id = settings.corp_id
        self._token_method = settings.token_method
        self._secret = secret or settings.secret
        self._http = http
        self._tokens = TokenCache(self._fetch_token, clock=clock)

    async def get(self, path: str, **params: str) -> Data:
        return await self._with_token("GET", path, params)

    async def post(self, path: str, body: Data, **params: str) -> Data:
        return await self._with_token("POST", path, params, lambda: {"json": body})

    async def webhook(self, key: str, body: Data) -> Data:
        """A group robot's message: its key instead of a token (wecom.md 9.2)."""
        reply = await self._http.call(
            "POST", f"{self._base}webhook/send", name="webhook/send", params={"key": key}, json=body
        )
        return _checked(reply, "webhook/send")

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        """The media id, good for three days inside the organisation (wecom.md 11.5)."""

        def form() -> dict[str, Any]:
            # Built anew for each try: a form is written only once. The file name goes as UTF-8, not percent-encoded.
            fields = aiohttp.FormData(quote_fields=False)
            fields.add_field("media", BytesIO(data), filename=name, content_type="application/octet-stream")
            return {"data": fields}

        answer = await self._with_token("POST", "media/upload", {"type": kind}, form)
        return str(answer["media_id"])

    async def download(self, media: str) -> Media:
        """Binary, or an error as JSON: told apart by the content type."""
        reply = await self._replayed("GET", "media/get", {"media_id": media}, dict)
        if _is_json(reply):
            _checked(reply, "media/get")
            raise errors.PlatformRefused("no media in the answer", call="media/get")
        name = _file_name(reply.headers.get("content-disposition", ""))
        return Media(reply.body, name, reply.headers.get("content-type", ""))

    async def token(self) -> str:
        """For `doctor`: whether there is one. Never shown."""
        return await self._tokens.get()

    async def _with_token(
        self, method: str, path: str, params: Mapping[str, str], options: Callable[[], dict[str, Any]] = dict
    ) -> Data:
        return _checked(await self._replayed(method, path, params, options), path)

    async def _replayed(
        self, method: str, path: str, params: Mapping[str, str], options: Callable[[], dict[str, Any]]
    ) -> Reply:
        """One call, and once more with a new token: a refused token means that nothing was carried out."""
        token = await self._tokens.get()
        reply = await self._once(method, path, {**params, "access_token": token}, options())
        if _errcode(reply) not in _DEAD_TOKEN:
            return reply
        token = await self._tokens.renew(token)
        return await self._once(method, path, {**params, "access_token": token}, options())

    async def _once(self, method: str, path: str, params: Mapping[str, str], options: dict[str, Any]) -> Reply:
        return await self._http.call(method, f"{self._base}{path}", name=path, params=params, **options)

    async def _fetch_token(self) -> tuple[str, float]:
        try:
            asked = {"corpid": self._corp_id, "corpsecret": self._secret}
            reply = await self._once(self._token_method, "gettoken", asked, {})
        except errors.Unsure as lost:
            # Asking for a token changes nothing: the call that wanted it has certainly not been made.
            raise errors.PlatformBusy(lost.words, call="gettoken") from None
        answer = _checked(reply, "gettoken")
        return str(answer["access_token"]), float(answer["expires_in"])


def _checked(reply: Reply, path: str) -> Data:
    """The answer's object, or the error that tells who must act."""
    if not reply.data:
        if reply.status >= 300:
            raise errors.PlatformRefused(f"HTTP {reply.status}", call=path, status=reply.status)
        raise errors.Unsure("not the platform's answer", call=path)
    code = _errcode(reply)
    if code == 0:
        return reply.data
    # errmsg is free text with the caller's address in it: for the operator's log, never branched on.
    words = str(reply.data.get("errmsg", ""))[:200]
    if code in _BUSY:
        raise errors.PlatformBusy(words, call=path, code=str(code), status=reply.status)
    if code in _TOO_MUCH:
        raise errors.Throttled(words, call=path, code=str(code), status=reply.status, retry_after=_TOO_MUCH[code])
    raise errors.PlatformRefused(words, call=path, code=str(code), status=reply.status)


def _errcode(reply: Reply) -> int:
    """Missing on some successes: then 0 (wecom.md 1)."""
    code = reply.data.get("errcode", 0)
    return code if isinstance(code, int) else 0


def _is_json(reply: Reply) -> bool:
    return reply.body[:1] == b"{" and bool(reply.data) and _json_type(reply)


def _json_type(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "")
    return "json" in kind or kind.startswith("text/plain") or not kind


def _file_name(disposition: str) -> str:
    _, found, name = disposition.partition("filename=")
    return unquote(name.split(";")[0].strip().strip('"')) if found else ""
