"""The platform calls back: encrypted and signed by wechatpy, three attempts, five seconds each (wecom.md 3, 4).

Answers are opened with wechatpy too. Our own framing is not imported here, on purpose (design.md D14).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import aiohttp

from connectors.sandbox.phones import Message
from connectors.wecom.fake.world import BOT, World

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Address:
    """One configured callback; without a whole address and its keys nothing is set up there."""

    url: str
    token: str
    encoding_aes_key: str
    with_agent: bool = True  # address-book callbacks carry no AgentID

    @property
    def works(self) -> bool:
        return bool(self.url.startswith(("http://", "https://")) and self.token and self.encoding_aes_key)


@dataclass(frozen=True, slots=True)
class Post:
    """One callback under way. `name` is what faults match."""

    name: str
    plain: str
    address: Address
    user: str = ""


class Sealer:
    """wechatpy's enterprise crypto, loaded at first use (it costs 150 ms and 31 MiB)."""

    def __init__(self, address: Address, corp_id: str) -> None:
        self._address = address
        self._corp_id = corp_id

    @cached_property
    def _crypto(self) -> Any:
        from wechatpy.enterprise.crypto import WeChatCrypto

        return WeChatCrypto(self._address.token, self._address.encoding_aes_key, self._corp_id)

    def seal(self, plain: str, *, timestamp: str, nonce: str) -> tuple[str, str]:
        """(ciphertext, signature)."""
        import xmltodict

        parts = xmltodict.parse(self._crypto.encrypt_message(plain, nonce, timestamp))["xml"]
        return parts["Encrypt"], parts["MsgSignature"]

    def open(self, envelope: str) -> dict[str, Any]:
        """A passive reply. Raises whatever wechatpy raises for what the platform could not read."""
        import xmltodict

        outer = xmltodict.parse(envelope)["xml"]
        plain = self._crypto.decrypt_message(outer, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
        reply: dict[str, Any] = xmltodict.parse(plain)["xml"]
        return reply


class Callbacks:
    """`answer_within` is real time, `pauses` between attempts are the clock's."""

    def __init__(self, world: World, *, answer_within: float, pauses: Sequence[float]) -> None:
        self._world = world
        self._answer_within = answer_within
        self._pauses = tuple(pauses)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Post] = []
        self.extra_headers: Callable[[], dict[str, str]] = dict  # what a gateway in between adds

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def post(self, post: Post) -> None:
        """Sends it in the background: the hand on the phone does not wait for the service."""
        if not post.address.works:
            return
        task = asyncio.create_task(self._deliver(post))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Returns when nothing is under way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def verify(self, address: Address) -> bool:
        """The address check of the console: an encrypted echo that must come back plain within a second (4.1)."""
        if not address.works:
            return False
        echo = str(secrets.randbelow(10**18))
        timestamp, nonce = self._stamp()
        sealed, signature = Sealer(address, self._world.corp_id).seal(echo, timestamp=timestamp, nonce=nonce)
        query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}
        try:
            async with self.session.get(address.url, params=query, timeout=aiohttp.ClientTimeout(total=1)) as response:
                status, answer = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as broken:
            status, answer = 0, type(broken).__name__.encode()
        fine = status == 200 and answer == echo.encode()
        self._record("url_verification", str(status), echo, urlencode(query), answer.decode(errors="replace"))
        return fine

    async def _deliver(self, post: Post) -> None:
        faults = self._world.faults
        if faults.take("callback", post.name, "lost"):
            self._record(post.name, "lost", post.plain)
            return
        if faults.take("callback", post.name, "reorder"):
            self._held.append(post)
            return
        rounds = 2 if faults.take("callback", post.name, "duplicate") else 1
        for _ in range(rounds):
            await self._attempts(post)
        held, self._held = self._held, []
        for late in held:
            await self._attempts(late)

    async def _attempts(self, post: Post) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._world.clock.sleep(self._pauses[min(attempt, len(self._pauses)) - 1])
            if await self._attempt(post):
                return

    async def _attempt(self, post: Post) -> bool:
        if slow := self._world.faults.take("callback", post.name, "slow"):
            await self._world.clock.sleep(slow.seconds)
        timestamp, nonce = self._stamp()
        sealer = Sealer(post.address, self._world.corp_id)
        sealed, signature = sealer.seal(post.plain, timestamp=timestamp, nonce=nonce)
        query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        body = self._envelope(sealed, post.address)
        status, answer = await self._call(post, query, body)
        shown = self._passive(post, sealer, answer) if status == 200 and answer else answer
        self._record(post.name, str(status or "no answer"), post.plain, f"{urlencode(query)}\n{body}", shown)
        return status == 200

    async def _call(self, post: Post, query: Mapping[str, str], body: str) -> tuple[int, str]:
        if self._world.faults.take("callback", post.name, "down"):
            return 0, "down"
        limit = aiohttp.ClientTimeout(total=self._answer_within)
        kind = {"Content-Type": "text/xml", **self.extra_headers()}
        try:
            async with self.session.post(
                post.address.url, params=query, data=body.encode(), headers=kind, timeout=limit
            ) as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError) as broken:
            return 0, type(broken).__name__

    def _passive(self, post: Post, sealer: Sealer, answer: str) -> str:
        """A reply in the answer's body: a text is shown; cards in it are ignored by the server (wecom.md 6)."""
        try:
            reply = sealer.open(answer)
        except Exception as unreadable:  # whatever wechatpy trips over, WeCom would just drop the reply
            return f"unreadable reply: {type(unreadable).__name__}"
        if reply.get("MsgType") == "text" and post.user:
            text = str(reply.get("Content") or "").encode()[:2048].decode(errors="ignore")
            bubble = Message(self._world.number("msg"), self._world.stamp(), "text", text=text, source="passive/text")
            self._world.show(post.user, BOT, bubble)
        return str(reply)

    def _envelope(self, sealed: str, address: Address) -> str:
        agent = f"<AgentID><![CDATA[{self._world.agent_id}]]></AgentID>" if address.with_agent else ""
        to = f"<ToUserName><![CDATA[{self._world.corp_id}]]></ToUserName>"
        return f"<xml>{to}{agent}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"

    def _stamp(self) -> tuple[str, str]:
        return str(int(self._world.clock.now().timestamp())), str(secrets.randbelow(10**10))

    def _record(self, name: str, status: str, plain: str, sealed: str = "", answer: str = "") -> None:
        self._world.trace.record(
            at=self._world.stamp(), platform=self._world.platform, direction="out", name=name, status=status,
            plain=plain, sealed=sealed, answer=answer,
        )  # fmt: skip


def document(fields: Mapping[str, Any]) -> str:
    """`<xml>` with these elements: texts in CDATA, numbers bare, lists as repeated elements."""
    return f"<xml>{_elements(fields)}</xml>"


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_content(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, str):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return str(value)
