"""HTTP mode: sealed events and their retries, signed robot messages and card callbacks (`dingtalk.md` 2, 3.1, 7.3)."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
from hashlib import sha256
from typing import Any

import aiohttp

from connectors.dingtalk.fake.crypto import BadReply, Seal
from connectors.dingtalk.fake.world import World, dumped

EVENT_DEADLINE = 2.5
RETRIES = (10.0, 20.0)  # 10 s and 30 s after the first failure


class Push:
    """`base` is `<service>/callback/<account>`; the doors are below it."""

    def __init__(self, world: World, *, base: str) -> None:
        self._world = world
        self.base = base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self.failed: list[dict[str, Any]] = []

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def check_url(self) -> None:
        """What saving the address in the console does; raises BadReply."""
        await self._event({"EventType": "check_url"})

    async def event(self, payload: dict[str, Any]) -> None:
        """Delivers with the documented retries; then it stands in the failed list."""
        for pause in (*RETRIES, None):
            try:
                await self._event(payload)
                return
            except (BadReply, aiohttp.ClientError, TimeoutError) as failed:
                self._world.note("out", f"event {payload['EventType']}", "failed", payload, answer=str(failed))
            if pause is not None:
                await self._world.clock.sleep(pause)
        row = {"callBackTag": payload["EventType"], "callBackData": dumped(payload), "corpId": self._world.app.corp_id}
        self.failed.append({**row, "eventTime": int(self._world.millis())})

    async def _event(self, payload: dict[str, Any]) -> None:
        app = self._world.app
        # The console's subscription carries the AppKey as owner key (2.2).
        seal = Seal(app.token, app.encoding_aes_key, app.client_id)
        sealed = seal.seal(dumped(payload), timestamp=self._world.millis(), nonce=secrets.token_hex(4))
        query = {"msg_signature": sealed["msg_signature"], "timestamp": sealed["timeStamp"], "nonce": sealed["nonce"]}
        status, reply = await self._post("events", {"encrypt": sealed["encrypt"]}, query=query, deadline=EVENT_DEADLINE)
        word = seal.open(reply) if status == 200 else ""
        self._world.note("out", f"event {payload['EventType']}", str(status), payload, sealed=sealed["encrypt"],
                         answer=word)  # fmt: skip
        if word != "success":
            raise BadReply(f"HTTP {status} {word}")

    async def robot(self, message: dict[str, Any]) -> None:
        """Fire and forget: a robot message is not tried again."""
        stamp, secret = self._world.millis(), self._world.app.client_secret
        headers = {"timestamp": stamp, "sign": _sign(secret, f"{stamp}\n{secret}")}
        try:
            status, _ = await self._post("robot", message, headers=headers, deadline=10.0)
        except (aiohttp.ClientError, TimeoutError) as failed:
            self._world.note("out", "robot", type(failed).__name__, message)
            return
        self._world.note("out", "robot", str(status), message)

    async def card(self, callback: dict[str, Any], *, url: str, secret: str, stamp: str) -> Any:
        """The answer object, or None for anything but a 200 with JSON. `stamp` is the time (ms) that is signed."""
        headers = {"x-ddpaas-signature-timestamp": stamp}
        if secret:
            headers["x-ddpaas-signature"] = _sign(secret, stamp)
        status, answer = await self._post(url, callback, headers=headers, deadline=10.0)
        self._world.note("out", "card", str(status), callback, answer=dumped(answer))
        return answer if status == 200 else None

    async def _post(self, door: str, body: Any, *, query: dict[str, str] | None = None,
                    headers: dict[str, str] | None = None, deadline: float) -> tuple[int, Any]:  # fmt: skip
        """(status, JSON or None); the deadline runs in the sandbox's time."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        url = door if "://" in door else f"{self.base}/{door}"
        sent = {"Content-Type": "application/json", **(headers or {})}
        posting = asyncio.ensure_future(self._exchange(url, dumped(body).encode(), query, sent))
        limit = asyncio.ensure_future(self._world.clock.sleep(deadline))
        try:
            await asyncio.wait({posting, limit}, return_when=asyncio.FIRST_COMPLETED)
            if not posting.done():
                raise TimeoutError
            return posting.result()
        finally:
            for task in (posting, limit):
                task.cancel()
            await asyncio.gather(posting, limit, return_exceptions=True)

    async def _exchange(self, url: str, data: bytes, query: dict[str, str] | None,
                        headers: dict[str, str]) -> tuple[int, Any]:  # fmt: skip
        assert self._session is not None
        async with self._session.post(url, data=data, params=query, headers=headers) as response:
            text = await response.read()
            try:
                return response.status, json.loads(text)
            except ValueError:
                return response.status, None


def _sign(secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), sha256).digest()).decode()
