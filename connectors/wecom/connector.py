"""One WeCom account as a `contract.Connector`: joins the pure parts to the client."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zlib import crc32

from cards.model import Card, Message
from connectors import errors
from connectors.clock import Clock
from connectors.contract import (
    Admit,
    Capabilities,
    DirectoryDepartment,
    DirectoryPerson,
    Door,
    Finding,
    Handle,
    Media,
)
from connectors.refs import ChatRef, PersonRef, Recipient
from connectors.transport import Http
from connectors.wecom import codes, directory, meter, outbound, template_cards
from connectors.wecom.client import Client
from connectors.wecom.inbound import bot as inbound_bot
from connectors.wecom.inbound import doors
from connectors.wecom.schedules import Schedules
from connectors.wecom.settings import Settings, from_account
from connectors.wecom.smart_bot import SmartBot

_ROBOT = "robot:"
_STATE = re.compile(r"[A-Za-z0-9]{1,128}")
MESSAGES = frozenset({"Card", "Text", "Markdown", "Link", "News", "Attachment", "Urgent"})
_PAGE = 1000
_AT_ONCE = 8
# Refusals of an update that say something else than "this code is used up". Which code says that is not documented
# (wecom.md 14), so it is found by exclusion.
_NOT_THE_CODE = frozenset({
    "40001", "40003", "40013", "40014", "40031", "40033", "40035", "40056", "40058", "41002", "41004", "42001", "45002",
    "46004", "48002", "50002", "50003", "60011", "60020", "60111", "81013", "82001", "301002", "301021",
})  # fmt: skip


class WeComConnector:
    """See `contract.Connector`. A `robot:<name>` chat is reached by webhook, every other chat by appchat."""

    platform = "wecom"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock) -> None:
        self.account = settings.account
        self.doors: Mapping[str, Door] = doors(settings)
        self.capabilities = Capabilities(
            interactive_cards=settings.receives, card_update=settings.receives, card_choices=settings.receives,
            max_buttons=9, safe_repeat=MESSAGES, safe_repeat_in_chats=False, directory=True, web_login=True,
            schedules=True, stream=bool(settings.bot_id), action_cards=settings.receives,
        )  # fmt: skip
        self._settings = settings
        self._clock = clock
        self._client = Client(settings, http=http, clock=clock)
        self._contacts = (
            Client(settings, http=http, clock=clock, secret=settings.contact_secret)
            if settings.contact_secret
            else self._client
        )
        self._schedules = Schedules(self._client, agent_id=settings.agent_id)
        self._members = meter.Meter(meter.MEMBER)
        self._robots = meter.Meter(meter.ROBOT)
        self.bot = SmartBot(settings, session=lambda: http.session, clock=clock, proxy=http.proxy)

    @property
    def schedules(self) -> Schedules | None:
        """None in an edition of the family that has no calendar."""
        return self._schedules if self.capabilities.schedules else None

    async def close(self) -> None:
        """Nothing of its own: the HTTP session is shared and closed by its owner."""

    async def announce(self, callbacks: str) -> None:
        """The callback address is set in WeCom's console only."""

    async def listen(self, admit: Admit) -> None:
        """WeCom calls the app; what we hold is the smart bot's connection, where the account has one."""
        if self._settings.bot_id:
            await self.bot.run(admit)

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        """A repeat to a person is dropped by WeCom itself; a group has no such check, there `repeated` marks it.

        Raises `PlatformRefused` also for errcode 0 when the answer lists our receiver as invalid or unlicensed.
        """
        if isinstance(to, ChatRef):
            return await self._send_to_chat(to, message, ref=ref, repeated=repeated)
        body = outbound.for_person(message, ref=ref)
        self._members.take(to.id, now=self._clock.now())
        return await self._post(to, body, ref=ref)

    async def _post(self, to: PersonRef, body: outbound.Body, *, ref: str) -> Handle:
        answer = await self._client.post("message/send", _addressed(body, to, self._settings.agent_id, ref))
        _expect_delivered(answer, to)
        return codes.add(
            {"task_id": ref, "msgid": answer.get("msgid", "")}, answer.get("response_code", ""), now=self._clock.now()
        )

    async def _send_to_chat(self, to: ChatRef, message: Message, *, ref: str, repeated: bool) -> Handle:
        if to.id.startswith(inbound_bot.CHAT):
            chat = to.id.removeprefix(inbound_bot.CHAT)
            await self.bot.push(chat, outbound.for_bot(message, ref=ref, repeated=repeated), group=True)
            return {"task_id": ref}
        if to.id.startswith(_ROBOT):
            name = to.id.removeprefix(_ROBOT)
            if name not in self._settings.robots:
                raise errors.PlatformRefused("no such robot in the account", call="webhook/send")
            body = outbound.for_robot(message, ref=ref, repeated=repeated)
            self._robots.take(name, now=self._clock.now())
            await self._client.webhook(self._settings.robots[name], body)
            return {"task_id": ref}
        body = outbound.for_chat(message, repeated=repeated)
        await self._client.post("appchat/send", {"chatid": to.id, **body, "safe": 0})
        return {"task_id": ref}

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        """Tries the handle's codes from the newest on.

        Raises `CardSpent` when none works, `Unsure` with the handle to store when the answer was lost.
        """
        if isinstance(to, ChatRef):
            raise errors.CardSpent("cards in groups cannot be changed", call="update_template_card")
        body = template_cards.replacement(card, task_id=handle.get("task_id", ref))
        aim = codes.fingerprint(json.dumps(body, sort_keys=True))
        while (code := codes.pick(handle, now=self._clock.now(), aim=aim)) is not None:
            if await self._updated(to, handle, code, body, aim):
                return codes.drop(handle, code)
            handle = codes.drop(handle, code)
        raise errors.CardSpent("no unused response_code", call="update_template_card")

    async def _updated(self, to: Recipient, handle: Handle, code: str, body: outbound.Body, aim: str) -> bool:
        """False when this code is used up for something else."""
        request = {
            "userids": [to.id], "agentid": self._settings.agent_id, "response_code": code, "template_card": body,
        }  # fmt: skip
        try:
            answer = await self._client.post("message/update_template_card", request)
        except errors.Unsure as lost:
            raise errors.Unsure(lost.words, call=lost.call, handle=codes.mark(handle, code, aim=aim)) from None
        except errors.PlatformRefused as refused:
            if refused.code in _NOT_THE_CODE or not refused.code:
                raise
            return codes.was_tried(handle, code, aim=aim)
        _expect_delivered(answer, to, call="update_template_card")
        return True

    def tapped(self, handle: Handle, code: str, *, now: datetime) -> Handle:
        return codes.add(handle, code, now=now)

    async def recall(self, handle: Handle) -> None:
        """Takes a message back, within 24 hours; it stays visible in the WeChat plug-in."""
        await self._client.post("message/recall", {"msgid": handle["msgid"]})

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        return await self._client.upload(data, name=name, kind=kind)

    async def download(self, media: str) -> Media:
        return await self._client.download(media)

    async def people(self) -> Sequence[DirectoryPerson]:
        """Everybody, one call each: an app is given only ids in bulk (wecom.md 11.6)."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(userid: str) -> DirectoryPerson:
            async with gate:
                return directory.person(await self._client.get("user/get", userid=userid))

        return await asyncio.gather(*[one(userid) for userid in await self._userids()])

    async def _userids(self) -> Sequence[str]:
        found: dict[str, None] = {}
        cursor = ""
        while True:
            answer = await self._contacts.post("user/list_id", {"cursor": cursor, "limit": _PAGE})
            found |= dict.fromkeys(directory.members(answer))
            cursor = answer.get("next_cursor", "")
            if not cursor:
                return list(found)

    async def departments(self) -> Sequence[DirectoryDepartment]:
        return directory.departments(await self._client.get("department/list"))

    def login_url(self, *, redirect: str, state: str) -> str:
        """Raises ValueError for a state outside `[A-Za-z0-9]{1,128}`, which WeCom does not carry."""
        if not _STATE.fullmatch(state):
            raise ValueError("state must be 1 to 128 letters and digits")
        query = urlencode({
            "appid": self._settings.corp_id, "redirect_uri": redirect, "response_type": "code",
            "scope": "snsapi_base", "state": state, "agentid": self._settings.agent_id,
        }, quote_via=quote)  # fmt: skip
        return f"{self._settings.oauth_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def login(self, code: str) -> PersonRef:
        """A used or stale code is `PlatformRefused` with code 40029: restart the login. Outsiders have no userid."""
        path = self._settings.userinfo_path
        answer = await self._client.get(path, code=code)
        userid = answer.get("userid") or answer.get("UserId")
        if not userid:
            raise errors.PlatformRefused("not a member", call=path)
        return PersonRef(self.account, str(userid).casefold())

    async def diagnose(self) -> Sequence[Finding]:
        """Token, callback addresses, directory: each asked on its own, so that all troubles show at once."""
        return [
            await self._finding("token", self._client.token()),
            await self._finding("callback_addresses", self._client.get("getcallbackip")),
            await self._finding("departments", self._client.get("department/list")),
            await self._finding("members", self._contacts.post("user/list_id", {"cursor": "", "limit": 1})),
            Finding("callback", ok=self._settings.receives, code="" if self._settings.receives else "not configured"),
        ]

    async def _finding(self, what: str, call: Any) -> Finding:
        try:
            await call
        except errors.PlatformError as trouble:
            return Finding(what, ok=False, code=trouble.code, detail={"words": trouble.words, "call": trouble.call})
        return Finding(what, ok=True)


def build(account: Any, *, http: Http, clock: Clock) -> WeComConnector:
    """From the account's section of the configuration. Raises ValueError for a bad EncodingAESKey."""
    return WeComConnector(from_account(account), http=http, clock=clock)


def _addressed(body: outbound.Body, to: PersonRef, agent_id: int, ref: str) -> dict[str, Any]:
    """WeCom drops an identical body inside a window of seconds, which we choose from `ref`.

    So a repeat of one letter is identical, and another letter with the same words is not (wecom.md 13.8).
    """
    return {
        "touser": to.id, "agentid": agent_id, **body, "safe": 0,
        "enable_duplicate_check": 1, "duplicate_check_interval": 10800 + crc32(ref.encode()) % 3600,
    }  # fmt: skip


def _expect_delivered(answer: Mapping[str, Any], to: Recipient, *, call: str = "message/send") -> None:
    """errcode 0 with our receiver in a list of the invalid is no delivery (a string here, an array there)."""
    for name in ("invaliduser", "unlicenseduser"):
        listed = answer.get(name) or ()
        ids = listed.split("|") if isinstance(listed, str) else listed
        if to.id in {str(userid).casefold() for userid in ids}:
            raise errors.PlatformRefused(f"receiver in {name}", call=call, code=name)
