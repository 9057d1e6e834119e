"""One DingTalk account behind the contract: which rung of the ladder a message takes, and how it is changed later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cards.model import Card, Message, Text, Urgent
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
    Meter,
)
from connectors.dingtalk import messages, outbound
from connectors.dingtalk.client import Client
from connectors.dingtalk.directory import Directory
from connectors.dingtalk.inbound.card import CardDoor
from connectors.dingtalk.inbound.events import EventsDoor
from connectors.dingtalk.inbound.robot import RobotDoor
from connectors.dingtalk.quota import PUSHES, Quota
from connectors.dingtalk.schedules import Schedules
from connectors.dingtalk.settings import Settings, from_account
from connectors.dingtalk.stream import Stream
from connectors.errors import CardSpent, PlatformError, PlatformRefused, Throttled, Unsupported
from connectors.events import AppNotice, Event, PeopleChanged
from connectors.refs import ChatRef, PersonRef, Recipient
from connectors.transport import Http

_ROBOT = "robot:"
# Where the robot cannot reach a person but the app can (3.2): the work notice is the rung below.
_NO_ROBOT = {"robot.oto.notExist", "resource.unavailable"}


class DingTalkConnector:
    """`http` is shared by all accounts and closed by whoever opened it."""

    platform = "dingtalk"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock) -> None:
        self.account = settings.account
        self.capabilities = capabilities(settings)
        self.doors: Mapping[str, Door] = doors(settings)
        self.client = Client(settings, http=http, clock=clock)
        self.directory = Directory(self.client, account=settings.account)
        self.schedules = Schedules(self.client, self.directory, clock)
        self.stream = Stream(settings, session=lambda: http.session, open_connection=self.client.open_stream,
                             clock=clock, proxy=http.proxy)  # fmt: skip
        self.pushes = Quota(PUSHES)
        self._settings = settings
        self._clock = clock

    async def close(self) -> None:
        """Nothing of its own to close: the session is shared, the stream ends with its task."""

    async def announce(self, callbacks: str) -> None:
        """HTTP mode: the route of card callbacks is registered by API, everything else in the console (7.1)."""
        if self._settings.over_http and self._settings.card_route_key:
            await self.register_card_callback(f"{callbacks}/card")

    async def listen(self, admit: Admit) -> None:
        if self._settings.over_http:
            return

        async def counted(events: Sequence[Event]) -> Card | None:
            self.count_pushes(events)
            return await admit(events)

        await self.stream.run(counted)

    def count_pushes(self, events: Sequence[Event]) -> None:
        """The month's meter of pushes; contact events are free, the over-quota notice is the end of it (10)."""
        now = self._clock.now()
        for event in events:
            if isinstance(event, AppNotice) and event.kind == "push_quota_used_up":
                self.pushes.refuse(now=now)
            elif not isinstance(event, PeopleChanged):
                self.pushes.count(type(event).__name__, now=now)

    # Out

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        if isinstance(to, ChatRef) and to.id.startswith(_ROBOT):
            return await self._send_by_group_robot(to.id.removeprefix(_ROBOT), message, ref=ref)
        if isinstance(message, Card) and self._settings.card_template_id:
            try:
                return await self._send_card(to, message, track=ref)
            except Unsupported:
                pass  # the next rung: an action card says less, but says it
        if isinstance(message, Urgent) and isinstance(to, PersonRef):
            return await self._send_urgent(to, message, ref=ref, repeated=repeated)
        return await self._send_plain(to, message, ref=ref, repeated=repeated)

    async def _send_card(self, to: Recipient, card: Card, *, track: str) -> Handle:
        body = outbound.create(to, card, track=track, settings=self._settings)
        try:
            answer = await self.client.new("POST", "/v1.0/card/instances/createAndDeliver", json=body)
        except PlatformRefused as refused:
            if refused.code != "param.cardAlreadyExist":  # an earlier attempt arrived: done
                raise
            answer = {}
        carrier = _delivered(answer)
        return {"rung": "card", "track": track, "user": to.id if isinstance(to, PersonRef) else "", "carrier": carrier}

    async def _send_plain(self, to: Recipient, message: Message, *, ref: str, repeated: bool) -> Handle:
        key, param = messages.robot_message(message, repeated=repeated)
        said = {"robotCode": self._settings.robot_code, "msgKey": key, "msgParam": outbound.compact(param)}
        if isinstance(to, ChatRef):
            return await self._say_in_group(to, said)
        try:
            return await self._say_to(to, said)
        except PlatformRefused as refused:
            if refused.code not in _NO_ROBOT or not self._settings.agent_id:
                raise
        return await self.send_work_notice(to, message, ref=ref)

    async def _say_in_group(self, to: ChatRef, said: Mapping[str, Any]) -> Handle:
        asked = {**said, "openConversationId": to.id}
        answer = await self.client.new("POST", "/v1.0/robot/groupMessages/send", json=asked)
        return {"rung": "group", "key": str(answer.get("processQueryKey", "")), "chat": to.id}

    async def _say_to(self, to: PersonRef, said: Mapping[str, Any]) -> Handle:
        """HTTP 200 hides three lists of people who got nothing (3.2)."""
        call = "/v1.0/robot/oToMessages/batchSend"
        answer = await self.client.new("POST", call, json={**said, "userIds": [to.id]})
        if answer.get("flowControlledStaffIdList"):
            raise Throttled("flow control", call=call, retry_after=60.0)
        for name in ("invalidStaffIdList", "filteredStaffIdList"):
            if answer.get(name):
                raise PlatformRefused("nobody got it", call=call, code=name)
        return {"rung": "robot", "key": str(answer.get("processQueryKey", "")), "user": to.id}

    async def send_work_notice(self, to: PersonRef, message: Message, *, ref: str) -> Handle:
        """A work notice (9.1). errcode 0 hides what was not delivered, so the result is read as well."""
        notice = messages.work_notice(message, serial=ref[-12:])
        asked = {"agent_id": self._settings.agent_id, "userid_list": to.id, "msg": notice}
        answer = await self.client.old("/topapi/message/corpconversation/asyncsend_v2", json=asked)
        task = int(answer["task_id"])
        await self._expect_delivered(task, to)
        return {"rung": "notice", "task": task, "oa": notice["msgtype"] == "oa", "user": to.id}

    async def _expect_delivered(self, task: int, to: PersonRef) -> None:
        call = "/topapi/message/corpconversation/getsendresult"
        try:
            asked = {"agent_id": self._settings.agent_id, "task_id": task}
            result = (await self.client.old(call, json=asked)).get("send_result") or {}
        except PlatformError:
            return  # it is sent; only the look at it failed
        for name in ("invalid_user_id_list", "failed_user_id_list", "forbidden_user_id_list"):
            if to.id in map(str, result.get(name) or []):
                raise PlatformRefused(_forbidden(result), call=call, code=name)

    async def _send_urgent(self, to: PersonRef, message: Urgent, *, ref: str, repeated: bool) -> Handle:
        """A DING; where edition, permission or package refuse it, the words go as an ordinary message (3.3)."""
        body = messages.ding(message, to.id, robot_code=self._settings.robot_code)
        try:
            answer = await self.client.new("POST", "/v1.0/robot/ding/send", json=body)
        except PlatformRefused:
            return await self._send_plain(to, Text(message.content), ref=ref, repeated=repeated)
        if answer.get("failedList"):
            return await self._send_plain(to, Text(message.content), ref=ref, repeated=repeated)
        return {"rung": "ding", "ding": str(answer.get("openDingId", "")), "user": to.id}

    async def _send_by_group_robot(self, name: str, message: Message, *, ref: str) -> Handle:
        robot = self._settings.robots.get(name)
        if robot is None:
            raise Unsupported(f"no group robot named {name}")
        await self.client.group_robot(name, robot, messages.webhook(message, ref=ref))
        return {"rung": "webhook"}

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        """In place for interactive cards and the status bar of work notices; everything else was said for good."""
        if handle.get("rung") == "card":
            await self._update_card(handle, card)
            return handle
        if handle.get("rung") == "notice" and handle.get("oa"):
            asked = {"agent_id": self._settings.agent_id, "task_id": handle["task"], **messages.status_bar(card)}
            await self.client.old("/topapi/message/corpconversation/status_bar/update", json=asked)
            return handle
        raise CardSpent("said for good", call=str(handle.get("rung", "")))

    async def _update_card(self, handle: Handle, card: Card) -> None:
        try:
            body = outbound.update(card, track=str(handle["track"]), user=str(handle.get("user") or "") or None)
        except Unsupported as beyond:
            raise CardSpent(str(beyond), call="update") from beyond
        call = "/v1.0/card/instances"
        try:
            answer = await self.client.new("PUT", call, json=body)
        except PlatformRefused as refused:
            if refused.code == "param.cardNotExist":
                raise CardSpent(refused.words, call=call, code=refused.code) from refused
            raise
        if not _yes(answer.get("success")) or not _yes(answer.get("result", True)):
            raise PlatformRefused("not updated", call=call)

    async def recall(self, handle: Handle) -> bool:
        """Takes a message back (24 h); False where this kind cannot be."""
        robot, key = self._settings.robot_code, handle.get("key")
        match handle.get("rung"):
            case "robot":
                asked = {"robotCode": robot, "processQueryKeys": [key]}
                await self.client.new("POST", "/v1.0/robot/otoMessages/batchRecall", json=asked)
            case "group":
                asked = {"robotCode": robot, "processQueryKeys": [key], "openConversationId": handle["chat"]}
                await self.client.new("POST", "/v1.0/robot/groupMessages/recall", json=asked)
            case "ding":
                asked = {"robotCode": robot, "openDingId": handle["ding"]}
                await self.client.new("POST", "/v1.0/robot/ding/recall", json=asked)
            case "notice":
                asked = {"agent_id": self._settings.agent_id, "msg_task_id": handle["task"]}
                await self.client.old("/topapi/message/corpconversation/recall", json=asked)
            case _:
                return False
        return True

    def tapped(self, handle: Handle, code: str, *, now: datetime) -> Handle:
        return handle  # no one-time codes here: a card can be changed as long as it exists

    # Files, people, login

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        return await self.client.upload(data, name=name, kind=kind)

    async def download(self, media: str) -> Media:
        return await self.client.download(media)

    async def people(self) -> Sequence[DirectoryPerson]:
        return await self.directory.people()

    async def departments(self) -> Sequence[DirectoryDepartment]:
        return await self.directory.departments()

    def login_url(self, *, redirect: str, state: str) -> str:
        """Our own page: there is no redirect here, the page asks the client by `dd.requestAuthCode({corpId, clientId})`
        and comes back to the same address with `code` and `state` (9.4)."""
        asked = {"corpId": self._settings.corp_id, "clientId": self._settings.client_id, "state": state}
        return f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(asked)}"

    async def login(self, code: str) -> PersonRef:
        return await self.directory.login(code)

    async def register_card_callback(self, url: str) -> None:
        """HTTP mode, once per address: tells the platform where taps go and with which secret they are signed (7.1)."""
        asked = {"callbackRouteKey": self._settings.card_route_key, "callbackUrl": url,
                 "apiSecret": self._settings.api_secret, "forceUpdate": True}  # fmt: skip
        await self.client.new("POST", "/v1.0/card/callbacks/register", json=asked)

    async def diagnose(self) -> Sequence[Finding]:
        found = [await self._try("token", self.client.token.get()), await self._try("directory", self.departments())]
        found.append(Finding("cards", ok=bool(self._settings.card_template_id), code="no_template"))
        if self._settings.over_http:
            complete = all((self._settings.token, self._settings.encoding_aes_key, self._settings.api_secret))
            found.append(Finding("callbacks", ok=complete, code="keys_missing"))
        now = self._clock.now()
        for what, meter in self._quotas():
            level, used = meter.level(now=now), str(meter.used(now=now))
            found.append(Finding(what, ok=level == "ok", code=level, detail={"used": used, "limit": str(meter.limit)}))
        return found

    def meters(self, *, now: datetime) -> Sequence[Meter]:
        return [Meter(what, meter.used(now=now), meter.limit) for what, meter in self._quotas()]

    def _quotas(self) -> Sequence[tuple[str, Quota]]:
        return (("calls", self.client.quota), ("pushes", self.pushes))

    async def _try(self, what: str, call: Any) -> Finding:
        try:
            await call
        except PlatformError as error:
            return Finding(what, ok=False, code=error.code, detail={"words": error.words, "status": str(error.status)})
        return Finding(what, ok=True)


def build(account: Any, *, http: Http, clock: Clock) -> DingTalkConnector:
    """From one account of `config.accounts`; raises ValueError for a key that cannot be one."""
    return DingTalkConnector(from_account(account), http=http, clock=clock)


def capabilities(settings: Settings) -> Capabilities:
    cards = bool(settings.card_template_id)
    return Capabilities(
        interactive_cards=cards,
        card_update=cards,
        card_choices=cards,
        card_inputs=cards,
        cards_in_groups=cards,
        max_buttons=outbound.MAX_BUTTONS if cards else 5,
        answer_carries_card=cards,
        safe_repeat=frozenset({"Card"} if cards else ()),
        urgent=True,
        directory=True,
        web_login=True,
        stream=not settings.over_http,
        schedules=True,
        sends_per_second=19.2,  # of 20 (`dingtalk.md` 10)
    )


def doors(settings: Settings) -> dict[str, Door]:
    """Every door whose callers can be proven. The console sets the mode per function, not per app, so a door is not
    shut because the account holds a stream as well."""
    found: dict[str, Door] = {}
    if settings.encoding_aes_key and settings.token:
        found["events"] = EventsDoor(settings)
    found["robot"] = RobotDoor(settings)
    if settings.api_secret or settings.over_http:
        found["card"] = CardDoor(settings)
    return found


def _delivered(answer: Mapping[str, Any]) -> str:
    """The chat message that carries the card. `success: true` can hide a space that got nothing (7.1)."""
    call = "createAndDeliver"
    results = (answer.get("result") or {}).get("deliverResults") or []
    for space in results:
        if not _yes(space.get("success")):
            raise PlatformRefused(str(space.get("errorMsg", "")), call=call, code="deliverResults")
    return str(results[0].get("carrierId", "")) if results else ""


def _yes(value: Any) -> bool:
    """Some families say true, some "true" (8.3)."""
    return value is True or value == "true"


def _forbidden(result: Mapping[str, Any]) -> str:
    codes = sorted({str(one.get("code", "")) for one in result.get("forbidden_list") or []})
    return ", ".join(codes) or "not delivered"
