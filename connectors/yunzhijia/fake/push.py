"""The platform calls back: robot, card, to-do and approval, each with its own proof, deadline and repetitions (12)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from connectors.yunzhijia.fake import signs
from connectors.yunzhijia.fake.world import World, dumped

APPROVAL_PAUSES = (5.0, 10.0, 1800.0, *([3600.0] * 47))


class Push:
    """`base` is `<service>/callback/<account>`; the doors are below it. Deadlines run in the sandbox's time."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self.base = base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def robot(self, body: Mapping[str, Any]) -> Any:
        """Three seconds, no repetition documented."""
        sign = signs.robot(body, self._world.tenant.robot_secret)
        headers = {"sign": sign, "sessionId": f"s-{body['operatorOpenid']}"}
        return await self._json("robot", body, headers=headers, deadline=3.0)

    async def probe(self) -> Any:
        """What saving the robot's address sends; the answer must be JSON."""
        body = {"type": 2, "robotId": "test-robotId", "robotName": "test-robotName", "operatorOpenid": "test-userId",
                "operatorName": "test-userName", "time": self._world.millis(), "msgId": "test-msgId",
                "content": "test"}  # fmt: skip
        return await self._json("robot", body, headers={"sign": signs.robot(body, "test-secret")}, deadline=3.0)

    async def card(self, body: Mapping[str, Any]) -> Any:
        return await self._json("card", body, deadline=3.0)

    async def calendar(self, body: Mapping[str, Any]) -> Any:
        """To the address with the key that the console was given; nothing else vouches for it."""
        url = f"{self.base}/calendar?key={self._world.tenant.calendar_key}"
        return await self._json("calendar", body, deadline=3.0, url=url)

    async def todo(self, user: str, sources: list[str], url: str) -> Any:
        tenant = self._world.tenant
        param = {"eid": tenant.eid, "sourceType": tenant.app_id, "openId": user, "sourceIds": sources}
        sign = signs.todo(user, tenant.app_id, sources, tenant.sign_key)
        return await self._json("todo", {"param": param, "sign": sign}, deadline=5.0, url=url)

    async def approval(self, basic: Mapping[str, Any]) -> None:
        """Again and again for two days, until the bare word comes."""
        plain = dumped({"success": True, "errorCode": 0, "data": {"basicInfo": basic, "formInfo": {}}})
        sealed = signs.seal(plain, self._world.tenant.approval_aes_key)
        for pause in (*APPROVAL_PAUSES, None):
            status, answer = await self._post("approval", sealed.encode(), deadline=4.0)
            said = answer.decode(errors="replace")
            self._world.note("out", "approval", str(status), plain, sealed=sealed, answer=said)
            if (status == 200 and answer == b"success") or pause is None:
                return
            await self._world.clock.sleep(pause)

    async def _json(
        self, door: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, deadline: float,
        url: str = "",
    ) -> Any:  # fmt: skip
        """The answer's object, or None for anything else."""
        status, answer = await self._post(door, dumped(body).encode(), headers=headers, deadline=deadline, url=url)
        words = answer.decode(errors="replace")
        sign = (headers or {}).get("sign", "")
        self._world.note("out", door, str(status or "no answer"), body, sealed=sign, answer=words)
        if status != 200:
            return None
        try:
            return json.loads(words)
        except ValueError:
            return None

    async def _post(
        self, door: str, data: bytes, *, headers: Mapping[str, str] | None = None, deadline: float, url: str = ""
    ) -> tuple[int, bytes]:
        """(status, body), status 0 without an answer in time."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        posting = asyncio.ensure_future(self._exchange(url or f"{self.base}/{door}", data, dict(headers or {})))
        limit = asyncio.ensure_future(self._world.clock.sleep(deadline))
        try:
            await asyncio.wait({posting, limit}, return_when=asyncio.FIRST_COMPLETED)
            return posting.result() if posting.done() else (0, b"")
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""
        finally:
            for task in (posting, limit):
                task.cancel()
            await asyncio.gather(posting, limit, return_exceptions=True)

    async def _exchange(self, url: str, data: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        assert self._session is not None
        sent = {"Content-Type": "application/json", **headers}
        async with self._session.post(url, data=data, headers=sent) as response:
            return response.status, await response.read()
