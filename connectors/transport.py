"""The one way out by HTTP: a shared session, tokens fetched once, limits kept, errors sorted by who must act.

Nothing here repeats a call by itself except once after a dead token: whether a call may be repeated is known only to
the outbox, which owns the letter.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from connectors import errors
from connectors.clock import Clock

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=4)
_MARGIN = timedelta(seconds=300)
_MAX_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer read whole. `data` is the parsed JSON object, or {} where the body is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    data: Mapping[str, Any]


class Http:
    """One aiohttp session for all accounts, opened at first use."""

    def __init__(self, *, proxy: str | None = None) -> None:
        self._session: aiohttp.ClientSession | None = None
        self.proxy = proxy

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, json_serialize=_json)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, url: str, *, name: str, **options: Any) -> Reply:
        """One request, never repeated. `name` stands for the address in errors and logs (addresses carry secrets).

        Raises `PlatformBusy` when the request cannot have arrived or the platform said 5xx / 429, `Unsure` when it may
        have arrived. Business errors inside a 200 are the caller's to read.
        """
        try:
            async with self.session.request(
                method, url, proxy=self.proxy, allow_redirects=False, **options
            ) as response:
                return await _read(response, name)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as broken:
            raise errors.PlatformBusy(type(broken).__name__, call=name) from None
        except (aiohttp.ClientError, TimeoutError) as broken:
            raise errors.Unsure(type(broken).__name__, call=name) from None


async def _read(response: aiohttp.ClientResponse, name: str) -> Reply:
    body = await _whole(response, name)
    if response.status == 429:
        raise errors.Throttled("429", call=name, status=429, retry_after=_retry_after(response))
    if response.status >= 500:
        raise errors.PlatformBusy(f"HTTP {response.status}", call=name, status=response.status)
    return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, body, _object(body))


async def _whole(response: aiohttp.ClientResponse, name: str) -> bytes:
    """The body to its end; `read(n)` alone would give the first piece that happens to have arrived."""
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > _MAX_BODY:
            raise errors.PlatformRefused("answer too large", call=name, status=response.status)
        pieces.append(piece)
    return b"".join(pieces)


def _object(body: bytes) -> Mapping[str, Any]:
    if body[:1] != b"{":
        return {}
    try:
        data: Mapping[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return data


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def _json(value: Any) -> str:
    # Real UTF-8, not \u escapes: WeCom documents error 40033 for escapes.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    expires: datetime


class TokenCache:
    """One token: fetched by one caller while the others wait, refreshed five minutes early.

    `renew(dead)` is compare-and-refresh: it fetches only if the cached token is still the one that failed.
    """

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, float]]], *, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """A token with some minutes to live. `fetch` gives (value, seconds to live) and may raise PlatformError."""
        if (token := self._fresh()) is not None:
            return token
        async with self._lock:
            return self._fresh() or await self._renew()

    async def renew(self, dead: str) -> str:
        async with self._lock:
            if self._token is not None and self._token.value == dead:
                self._token = None
            return self._fresh() or await self._renew()

    def _fresh(self) -> str | None:
        if self._token is None:
            return None
        # A platform (or sandbox) that grants less than the margin must not make us fetch for every call.
        return self._token.value if self._clock.now() < self._token.expires else None

    async def _renew(self) -> str:
        value, seconds = await self._fetch()
        life = timedelta(seconds=seconds)
        self._token = Token(value, self._clock.now() + max(life - _MARGIN, life / 2))
        return value
