"""The platform's file service (`yunzhijia.md` 8): its own secret, the token in a header, real multipart.

What is kept there can be named in a flow of the smart approval; a public account sends no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from connectors.contract import Media
from connectors.errors import PlatformBusy, PlatformRefused
from connectors.transport import Reply
from connectors.yunzhijia import verdict
from connectors.yunzhijia.client import Client

_UP: Final = "/docrest/doc/file/uploadfile"
_DOWN: Final = "/docrest/doc/user/downloadfile"
_KEY: Final = "cloudflow"


class Files:
    """Scope `files`: the secret 「文件服务上传下载」."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def upload(self, data: bytes, *, name: str) -> str:
        """The file's id."""

        def form() -> aiohttp.FormData:  # anew for each attempt: one that was sent cannot be sent again
            body = aiohttp.FormData(quote_fields=False)
            body.add_field("bizkey", _KEY)
            body.add_field("file", data, filename=name, content_type="application/octet-stream")
            return body

        reply = await self._client.file("POST", _UP, judge=verdict.listed, data=form)
        rows = reply.data.get("data")
        first: Mapping[str, Any] = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else {}
        if not isinstance(found := first.get("fileId"), str) or not found:
            raise PlatformBusy("no fileId in the answer", call=_UP, status=reply.status)
        return found

    async def download(self, media: str) -> Media:
        """Bytes, or an envelope that says why not: told apart by the media type."""
        reply = await self._client.file("GET", _DOWN, judge=_is_file, params={"bizkey": _KEY, "fileId": media})
        return Media(reply.body, content_type=reply.headers.get("content-type", ""))


def _is_file(reply: Reply, call: str) -> Any:
    if reply.status == 200 and not reply.headers.get("content-type", "").startswith("application/json"):
        return None
    return verdict.listed(reply, call) or PlatformRefused("an envelope instead of a file", call=call)
