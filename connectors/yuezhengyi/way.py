"""The way out to one private deployment: signed for its gateway, and by its own certificate authority."""

from __future__ import annotations

import secrets
import ssl
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from connectors.clock import Clock
from connectors.transport import Http, Reply
from connectors.yuezhengyi import tif
from connectors.yuezhengyi.settings import Settings


class Way(Http):
    """An `Http` over the account's own one: every call carries fresh gateway headers and the right TLS."""

    def __init__(self, http: Http, settings: Settings, *, clock: Clock) -> None:
        super().__init__(proxy=http.proxy)
        self._http = http
        self._gateway = settings.gateway
        self._base = settings.base_url
        self._clock = clock
        self._tls = _tls(settings)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The account's own: for long connections."""
        return self._http.session

    async def call(self, method: str, url: str, *, name: str, **options: Any) -> Reply:
        if self._gateway is not None:
            signed = tif.headers(self._gateway, nonce=secrets.token_hex(16), now=self._clock.now())
            options["headers"] = {**options.get("headers", {}), **signed}
        return await self._http.call(method, url, name=name, **self._tls, **options)

    async def to(self, method: str, url: str, *, name: str, **options: Any) -> Reply:
        """To any host of the extranet: another than the deployment's sees nothing that only the gateway may see."""
        if urlsplit(url).netloc == urlsplit(self._base).netloc:
            return await self.call(method, url, name=name, **options)
        ssl_ = {key: value for key, value in self._tls.items() if key == "ssl"}
        return await self._http.call(method, url, name=name, **ssl_, **options)


def _tls(settings: Settings) -> dict[str, Any]:
    """Verification is never switched off: an authority of the extranet's own is named instead.

    Raises ValueError for a file that holds no certificate.
    """
    options: dict[str, Any] = {}
    if settings.ca_bundle:
        try:
            options["ssl"] = ssl.create_default_context(cafile=settings.ca_bundle)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"ca_bundle: {type(error).__name__}") from None
    if settings.server_hostname:
        options["server_hostname"] = settings.server_hostname
    return options
