"""The stand-in put together: one port for both API families and the gateway, and a hand on every phone."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from connectors.clock import MovableClock
from connectors.dingtalk.fake import views
from connectors.dingtalk.fake.calendar import Calendars, Kept
from connectors.dingtalk.fake.calls import Gate
from connectors.dingtalk.fake.cards import Card, CardPlatform
from connectors.dingtalk.fake.gateway import CARD, ROBOT, Gateway
from connectors.dingtalk.fake.oapi import Oapi
from connectors.dingtalk.fake.push import RETRIES, Push
from connectors.dingtalk.fake.robots import Robots
from connectors.dingtalk.fake.world import BOT, App, File, World
from connectors.sandbox import control
from connectors.sandbox.calendar import CALENDAR, typed
from connectors.sandbox.office import SandboxOffice
from connectors.sandbox.phones import Message, MessageKind, Phone

CARD_DEADLINE = 2.0
_KINDS: dict[str, tuple[str, MessageKind]] = {
    "image": ("picture", "image"), "voice": ("audio", "voice"), "video": ("video", "video"), "file": ("file", "file"),
}  # fmt: skip


class Fake:
    """A strict local DingTalk for one app; implements `connectors.sandbox.control.Platform`.

    With `callback_base` (`<service>/callback/<account>`) it pushes over HTTP to the doors below that address, else over
    Stream. `route_key` and `api_secret` stand for a card callback registered beforehand; without them the service
    registers its own. `robots` are custom group robots: token -> (group id, secret).
    """

    platform = "dingtalk"

    def __init__(self, *, client_id: str, client_secret: str, corp_id: str, robot_code: str, token: str,
                 encoding_aes_key: str, card_template_id: str, callback_base: str | None, office: SandboxOffice,
                 clock: MovableClock, agent_id: str = "1000", route_key: str = "", api_secret: str = "",
                 robots: Mapping[str, tuple[str, str]] | None = None) -> None:  # fmt: skip
        templates = frozenset({card_template_id} if card_template_id else ())
        app = App(client_id=client_id, client_secret=client_secret, corp_id=corp_id, robot_code=robot_code, token=token,
                  encoding_aes_key=encoding_aes_key, templates=templates, agent_id=agent_id)  # fmt: skip
        self.world = World(app, office, clock)
        self.clock, self.faults, self.trace = clock, self.world.faults, self.world.trace
        self.cards, self.robots, self.oapi = CardPlatform(self.world), Robots(self.world), Oapi(self.world)
        self.calendars = Calendars(self.world)
        self.gateway = Gateway(self.world)
        self.push = Push(self.world, base=callback_base) if callback_base else None
        self.robots.secrets |= dict(robots or {})
        if callback_base and route_key:
            self.cards.routes[route_key] = (f"{callback_base.rstrip('/')}/card", api_secret)
        self._runner: web.AppRunner | None = None
        self._held: list[asyncio.Event] = []

    # The server

    def app(self) -> web.Application:
        gate = Gate(self.world)
        app = web.Application(client_max_size=24 * 1024 * 1024)
        for part in (self.cards, self.robots, self.oapi, self.calendars, self.gateway):
            app.add_routes(part.routes_on(gate))
        app.add_routes([gate.new("GET", "/v1.0/event/callbacks/failedResults", self._failed),
                        web.get("/_client/login", self._login), *control.routes(self)])  # fmt: skip
        app.on_shutdown.append(self._shut)
        return app

    def set_callback(self, base: str) -> None:
        """Another service address for HTTP mode, as one would save it in the console; card routes follow."""
        if self.push is None:
            raise ValueError("this app is in Stream mode")
        self.push.base = base.rstrip("/")
        for key, (_, secret) in self.cards.routes.items():
            self.cards.routes[key] = (f"{self.push.base}/card", secret)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens and returns the base address; port 0 takes a free one."""
        self._runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        taken = self._runner.addresses[0][1]
        self.world.base = f"http://{host}:{taken}"
        return self.world.base

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _shut(self, _: web.Application) -> None:
        await self.gateway.close()
        if self.push is not None:
            await self.push.close()

    async def _failed(self, _: Any) -> dict[str, Any]:
        return {"failedList": self.push.failed if self.push else [], "hasMore": False}

    async def _login(self, request: web.Request) -> web.Response:
        """What the client's `dd.requestAuthCode` does, as an address: back to the page with a code for this user."""
        try:
            code = self.oapi.auth_code(request.query["user"])
        except LookupError:
            raise web.HTTPNotFound from None
        target = request.query["redirect"]
        joint = "&" if "?" in target else "?"
        raise web.HTTPFound(f"{target}{joint}code={code}&state={request.query.get('state', '')}")

    def file(self, file_id: str) -> tuple[str, bytes]:
        """Name and content of what was uploaded or sent; raises LookupError."""
        found = self.world.media.get(file_id) or self.world.files[file_id]
        return found.name, found.data

    def auth_code(self, user: str) -> str:
        """A no-login code as the client gives it to a page; raises LookupError."""
        return self.oapi.auth_code(user)

    async def idle(self) -> None:
        """Until every push under way has been answered or given up (for tests; not after `lost` faults in Stream)."""
        while work := {task for task in self.gateway._tasks if task.get_name() == "push"}:
            await asyncio.wait(work)

    # The hand on the phones

    def phones(self) -> Sequence[Phone]:
        return list(self.world.phones.values())

    async def say(self, user: str, text: str, *, chat: str = "") -> None:
        if chat == CALENDAR:
            await self._change_newest(user, text)
            return
        self._bubble(user, chat, "text", text=text)
        words = f" {text}" if chat else text  # after an @ the text starts with a space
        self._send_robot(self._said(user, chat, msgtype="text", text={"content": words}))

    async def send_media(self, user: str, *, kind: str, name: str, data: bytes) -> None:
        code = secrets.token_urlsafe(24)
        self.world.files[code] = File(data, name, kind)
        msgtype, bubble = _KINDS[kind]
        self._bubble(user, "", bubble, file_name=name, file_id=code)
        content: dict[str, Any] = {"downloadCode": code}
        if kind == "file":
            content |= {"fileName": name, "fileId": self.world.serial("file-"), "spaceId": "1"}
        if kind == "voice":
            content |= {"duration": 1000, "recognition": name}
        self._send_robot(self._said(user, "", msgtype=msgtype, content=content))

    def _bubble(self, user: str, chat: str, kind: MessageKind, **what: Any) -> None:
        """What somebody wrote, on the own phone and in a group on everybody's."""
        author = self.world.member(user)
        members = self.world.group(chat).members if chat else (user,)
        id_ = self.world.serial("said-")
        for one in members:
            if self.world.knows(one):
                bubble = Message(id_, self.world.stamp(), kind, mine=one == user, author=author.name, **what)
                self.world.show(one, chat or BOT, bubble)

    def _said(self, user: str, chat: str, **content: Any) -> dict[str, Any]:
        """The body of 3.1."""
        app, member = self.world.app, self.world.member(user)
        webhook, until = self.robots.open_session(user, chat or BOT)
        group = {"conversationTitle": self.world.group(chat).title, "isInAtList": True,
                 "atUsers": [{"dingtalkId": "$:LWCP_v1:$robot"}]} if chat else {}  # fmt: skip
        return {
            "msgId": self.world.serial("msg"), "createAt": int(self.world.millis()),
            "conversationType": "2" if chat else "1", "conversationId": chat or f"cid-{user}",
            "senderId": f"$:LWCP_v1:${user}", "senderNick": member.name, "senderStaffId": user,
            "senderCorpId": app.corp_id, "chatbotCorpId": app.corp_id, "chatbotUserId": "$:LWCP_v1:$robot",
            "robotCode": app.robot_code, "isAdmin": False, "senderPlatform": "Win",
            "sessionWebhook": webhook, "sessionWebhookExpiredTime": int(until), **group, **content,
        }  # fmt: skip

    def _send_robot(self, message: dict[str, Any]) -> None:
        if self.push is not None:
            self._deliver("robot", lambda: self.push.robot(message))  # type: ignore[union-attr]
        else:
            self._deliver("robot", lambda: self.gateway.push_until_acked("CALLBACK", ROBOT, message))

    def _deliver(self, name: str, send: Callable[[], Awaitable[Any]]) -> asyncio.Task[Any]:
        task = self.gateway.spawn(self._with_faults(name, send))
        task.set_name("push")
        return task

    async def _with_faults(self, name: str, send: Callable[[], Awaitable[Any]]) -> Any:
        """One callback under the rules in force (`sandbox/faults.py`)."""
        fault = self.faults.take("callback", name, "slow", "down", "duplicate", "reorder", "lost")
        kind = fault.kind if fault else ""
        if kind == "lost" or (kind == "down" and name == "card"):
            return None
        if kind == "down":  # nobody answered: the platform comes again
            await self.clock.sleep(RETRIES[0])
        if fault is not None and kind == "slow":
            await self.clock.sleep(fault.seconds)
        if kind == "reorder":
            after = asyncio.Event()
            self._held.append(after)
            await after.wait()
            return await send()
        answer = await send()
        if kind == "duplicate":
            await send()
        for held in self._held:
            held.set()
        self._held.clear()
        return answer

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        self.world.member(user)
        card = self.cards.cards.get(message)
        if card is None:
            return await self._tap_link(user, message, button)
        row = self.cards.button(card, user, button)
        if row.get("url"):
            return ""
        callback = self._callback(card, user, row, inputs)
        mark = (secrets.token_hex(8), self.world.millis())  # the same for a second delivery of this tap
        calling = self._deliver("card", lambda: self._call_back(card, callback, mark))
        limit = asyncio.ensure_future(self.clock.sleep(CARD_DEADLINE))
        await asyncio.wait({calling, limit}, return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        # The client waits no longer; a later answer is not looked at.
        answer = calling.result() if calling.done() and calling.exception() is None else None
        return views.TOAST["error"] if answer is None else self.cards.answered(card, user, answer)

    async def _tap_link(self, user: str, message: str, button: str) -> str:
        """A button of an action card: a page opens, or the client says a word for its owner. Raises LookupError."""
        for chat in self.world.phones[user].chats.values():
            for bubble in chat.messages:
                if bubble.id == message:
                    url = next((one.url for one in bubble.buttons if one.id == button), None)
                    if url is None:
                        raise LookupError(f"no button {button} on {message}")
                    if url.startswith("dtmd://dingtalkclient/sendMessage"):
                        await self.say(user, parse_qs(urlsplit(url).query)["content"][0])
                    return ""
        raise LookupError(f"no message {message} on {user}'s phone")

    def _callback(self, card: Card, user: str, row: Mapping[str, Any],
                  inputs: Mapping[str, Sequence[str]]) -> dict[str, Any]:  # fmt: skip
        """The body of 7.3; choices as the select component gives them."""
        params: dict[str, Any] = {"payload": row["payload"]}
        shown = card.shown(user)
        for choice in views.rows(shown, "choices"):
            params[choice["key"]] = _selected(choice, list(inputs.get(choice["key"], choice.get("selected", []))))
        for line in views.rows(shown, "inputs"):
            params[line["key"]] = "".join(inputs.get(line["key"], []))
        content = {"cardPrivateData": {"actionIds": ["act"], "params": params}}
        return {"type": "actionCallback", "outTrackId": card.track, "corpId": self.world.app.corp_id, "userId": user,
                "userIdType": 1, "spaceType": card.space[0], "spaceId": card.space[1], "extension": "{}",
                "content": json.dumps(content, ensure_ascii=False)}  # fmt: skip

    async def _call_back(self, card: Card, callback: dict[str, Any], mark: tuple[str, str]) -> Any:
        """The answer object, or None where there is none. `mark`: the frame's message id, the request's time."""
        message_id = secrets.token_hex(8) if self.gateway.fresh_ids else mark[0]
        kind, key = card.route
        try:
            if kind == "HTTP" and self.push is not None:
                url, secret = self.cards.routes[key]
                return await self.push.card(callback, url=url, secret=secret, stamp=mark[1])
            if kind == "STREAM":
                return _response(await self.gateway.push("CALLBACK", CARD, callback, message_id=message_id))
        except (ConnectionError, TimeoutError, aiohttp.ClientError):
            return None
        return None

    async def open_chat(self, user: str) -> None:
        """DingTalk tells the robot nothing of this; the phone shows it, so it must be somebody's."""
        self.world.member(user)

    async def emit(self, name: str, fields: Mapping[str, Any]) -> None:
        """A platform event; in Stream its envelope goes into the frame's headers (2.4)."""
        event_id, at, app = secrets.token_hex(8), self.world.millis(), self.world.app
        if self.push is not None:
            payload = {"EventType": name, "EventTime": int(at), "CorpId": app.corp_id, "eventId": event_id, **fields}
            push = self.push
            self._deliver(f"event {name}", lambda: push.event(payload))
            return
        extra = {"eventType": name, "eventId": event_id, "eventCorpId": app.corp_id, "eventBornTime": at,
                 "eventUnifiedAppId": app.client_id}  # fmt: skip
        body = dict(fields)
        self._deliver(f"event {name}", lambda: self.gateway.push_until_acked("EVENT", "*", body, extra=extra))

    # A member's calendar in the client

    def schedules(self, user: str) -> list[tuple[str, str]]:
        """(id, title) of what stands in a member's calendar."""
        return [(one.id, one.title) for one in self.calendars.of(user)]

    async def move_schedule(self, id_: str, begin: datetime, end: datetime) -> None:
        """The member drags it to another time of day. Raises LookupError."""
        times = (("start", begin), ("end", end))
        moved = {name: {"dateTime": at.isoformat(), "timeZone": "Asia/Shanghai"} for name, at in times}
        await self._changed(self.calendars.by_hand(id_, isAllDay=False, **moved), "updated")

    async def rename_schedule(self, id_: str, title: str) -> None:
        await self._changed(self.calendars.by_hand(id_, summary=title), "updated")

    async def delete_schedule(self, id_: str) -> None:
        await self._changed(self.calendars.by_hand(id_), "deleted")

    async def _change_newest(self, user: str, text: str) -> None:
        one = self.calendars.of(user)[-1]
        times = typed(text, *self.calendars.times(one))
        await (self.delete_schedule(one.id) if times is None else self.move_schedule(one.id, *times))

    async def _changed(self, one: Kept, change: str) -> None:
        union = self.world.union(one.owner)
        fields = {"calendarEventId": one.id, "calendarId": "primary", "unionIdList": [union], "changeType": change,
                  "operator": {"unionId": union}, "calendarEventUpdateTime": int(self.world.millis())}  # fmt: skip
        await self.emit("calendar_event_change", fields)

    def revoke_tokens(self) -> None:
        self.world.revoke_tokens()

    async def disconnect(self) -> None:
        await self.gateway.disconnect()


def _selected(choice: Mapping[str, Any], chosen: list[str]) -> Any:
    ids = [option["id"] for option in choice["options"]]
    if choice.get("many"):
        return {"index": [ids.index(one) for one in chosen], "value": chosen}
    return {"index": ids.index(chosen[0]), "value": chosen[0]} if chosen else None


def _response(ack: dict[str, Any]) -> Any:
    """The answer object inside the ack of a card frame; None where the ack says that it failed."""
    if ack.get("code") != 200:
        return None
    data = ack.get("data")
    try:
        read = json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return None
    return read.get("response") if isinstance(read, dict) else None
