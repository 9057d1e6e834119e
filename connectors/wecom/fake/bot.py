"""The platform's side of a smart bot's long connection (wecom.md 10.2), strict: one connection, acks, five seconds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from aiohttp import WSMsgType, web

from connectors.sandbox.phones import Chat, Message
from connectors.wecom.fake import cards
from connectors.wecom.fake.world import Data, Refusal, World, refuse_unless, text_of

CHAT = "aibot"
"""The id of the bot's chat on every phone."""
_IN_TIME = timedelta(seconds=5)
_SHOWN = frozenset({"markdown", "template_card"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """One callback that may be answered: by which command, who sent it, until when, about which message."""

    cmd: str
    user: str
    until: datetime | None = None
    message: str = ""


@dataclass(slots=True)
class _Shown:
    """One card on one member's phone."""

    task: str
    user: str
    chat: str
    copy: cards.Copy


class Bot:
    """`sockets` has at most one; a second subscription kicks the first out."""

    def __init__(self, world: World, *, bot_id: str, secret: str) -> None:
        self._world = world
        self._bot_id = bot_id
        self._secret = secret
        self.sockets: list[web.WebSocketResponse] = []
        self.deaf = False  # established, but no answer to anything: half-open
        self.subscribed = 0
        self._asked: dict[str, _Asked] = {}
        self._cards: dict[str, _Shown] = {}  # by bubble
        self._wrote: set[str] = set()

    # --- a hand on a phone

    async def say(self, user: str, text: str) -> None:
        """Shows it on the phone and calls back, once: nothing is repeated here."""
        who = self._world.member(user).id
        number = self._world.number("botmsg")
        mine = Message(number, self._world.stamp(), "text", mine=True, author=self._world.member(user).name, text=text)
        self._show(user, mine)
        self._wrote.add(user.casefold())
        body = {**self._from(who, number), "msgtype": "text", "text": {"content": text}}
        await self._call("aibot_msg_callback", body, _Asked("aibot_respond_msg", who))

    async def enter(self, user: str) -> None:
        who = self._world.member(user).id
        until = self._world.clock.now() + _IN_TIME
        await self._event("enter_chat", {}, who, _Asked("aibot_respond_welcome_msg", who, until))

    async def tap(self, user: str, message: str, button: str, inputs: Mapping[str, Sequence[str]]) -> None:
        """A button of a card of the bot's; raises LookupError."""
        shown = self._cards[message]
        card = shown.copy.card
        if shown.user != user.casefold() or shown.copy.closed or button not in dict(cards.keys(card)):
            raise LookupError("no such button")
        items = [{"question_key": key, "option_ids": {"option_id": list(ids)}} for key, ids in inputs.items()]
        about = {"card_type": card["card_type"], "event_key": button, "task_id": shown.task,
                 "selected_items": {"selected_item": items}}  # fmt: skip
        until = self._world.clock.now() + _IN_TIME
        asked = _Asked("aibot_respond_update_msg", self._world.member(user).id, until, message)
        await self._event("template_card_event", about, self._world.member(user).id, asked)

    def knows(self, message: str) -> bool:
        return message in self._cards

    # --- the connection

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(max_msg_size=1024 * 1024)
        await ws.prepare(request)
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT and not self.deaf:
                    await self._take(ws, message.data)
        finally:
            if ws in self.sockets:
                self.sockets.remove(ws)
        return ws

    async def close(self) -> None:
        for ws in list(self.sockets):
            await ws.close()

    async def drop(self) -> None:
        """The connection ends without a word."""
        for ws in list(self.sockets):
            await ws.close(code=1011)

    async def _take(self, ws: web.WebSocketResponse, text: str) -> None:
        frame = json.loads(text)
        cmd, req_id, body = frame.get("cmd"), frame["headers"]["req_id"], frame.get("body") or {}
        if not cmd:
            return  # an acknowledgement of ours
        code, words = 0, "ok"
        try:
            await self._did(ws, str(cmd), str(req_id), body)
        except Refusal as no:
            code, words = no.code, no.words
        secret = {**body, "secret": "***"} if "secret" in body else body
        self._note("in", str(cmd), str(code), json.dumps(secret, ensure_ascii=False))
        await ws.send_str(json.dumps({"headers": {"req_id": req_id}, "errcode": code, "errmsg": words}))
        if cmd == "aibot_subscribe" and code:
            await ws.close()

    async def _did(self, ws: web.WebSocketResponse, cmd: str, req_id: str, body: Data) -> None:
        if cmd == "aibot_subscribe":
            refuse_unless((body.get("bot_id"), body.get("secret")) == (self._bot_id, self._secret), "invalid", 40001)
            await self._kick()
            self.sockets.append(ws)
            self.subscribed += 1
            return
        refuse_unless(ws in self.sockets, "not subscribed", 846600)
        if cmd == "ping":
            return
        if cmd == "aibot_send_msg":
            self._sent(body)
            return
        asked = self._asked.pop(req_id, None)
        # What else this request takes is nothing: one that was for another command is refused as well (846605).
        if asked is None or asked.cmd != cmd:
            raise Refusal(846605, "req_id takes no such answer")
        if asked.until is not None and self._world.clock.now() > asked.until:
            raise Refusal(846605, "too late")
        self._answered(asked, body)

    def _sent(self, body: Data) -> None:
        kind = body.get("msgtype")
        refuse_unless(kind in _SHOWN, "invalid msgtype", 40008)
        chat = text_of(body, "chatid")
        if body.get("chat_type") == 2:
            users = [who for who, phone in self._world.phones.items() if chat in phone.chats]
            refuse_unless(users, "no such chat", 86001)
        else:
            users = [chat.casefold()]
            refuse_unless(users[0] in self._wrote, "the user has not written to the bot", 846607)
        for who in users:
            self._draw(who, body, chat if body.get("chat_type") == 2 else CHAT)

    def _draw(self, who: str, body: Data, chat: str) -> None:
        number = self._world.number("botmsg")
        if body["msgtype"] == "markdown":
            content = text_of(body.get("markdown") or {}, "content")
            refuse_unless(len(content.encode()) <= 20480, "too long", 45002)
            self._show(who, Message(number, self._world.stamp(), "markdown", text=content, source="aibot"), chat)
            return
        card = body.get("template_card")
        if not isinstance(card, dict):
            raise Refusal(40058, "missing template_card")
        cards.check(card)
        shown = self._cards[number] = _Shown(str(card.get("task_id", "")), who, chat, cards.Copy(card))
        self._redraw(number, shown)

    def _redraw(self, number: str, shown: _Shown) -> None:
        bubble = Message(number, self._world.stamp(), "card")
        self._show(shown.user, cards.draw(shown.copy, bubble=bubble), shown.chat)

    def _answered(self, asked: _Asked, body: Data) -> None:
        if asked.cmd == "aibot_respond_update_msg":
            refuse_unless(body.get("response_type") == "update_template_card", "invalid response_type")
            card, shown = body.get("template_card"), self._cards[asked.message]
            refuse_unless(isinstance(card, dict) and card.get("task_id") == shown.task, "another task_id")
            assert isinstance(card, dict)
            cards.check(card)
            shown.copy = cards.Copy(card, updates=shown.copy.updates + 1)
            self._redraw(asked.message, shown)
            return
        kind = str(body.get("msgtype"))
        refuse_unless(kind in {"text", "stream"}, "invalid msgtype", 40008)
        part = body.get(kind) or {}
        refuse_unless(kind != "stream" or (part.get("id") and part.get("finish")), "an unfinished stream")
        content = text_of(part, "content")
        bubble = Message(self._world.number("botmsg"), self._world.stamp(), "text", text=content)
        bubble.source = f"aibot/{kind}"
        self._show(asked.user, bubble)

    # --- parts

    async def _kick(self) -> None:
        for old in list(self.sockets):
            self.sockets.remove(old)
            body = {"msgtype": "event", "event": {"eventtype": "disconnected_event", "disconnected_event": {}}}
            await old.send_str(self._frame("aibot_event_callback", body, secrets.token_hex(8)))

    async def _event(self, name: str, about: Data, who: str, asked: _Asked) -> None:
        body = {**self._from(who, self._world.number("botevent")), "msgtype": "event",
                "event": {"eventtype": name, name: about}}  # fmt: skip
        await self._call("aibot_event_callback", body, asked)

    async def _call(self, cmd: str, body: Data, asked: _Asked) -> None:
        req_id = secrets.token_hex(8)
        self._asked[req_id] = asked
        self._note("out", cmd, "sent" if self.sockets else "nobody", json.dumps(body, ensure_ascii=False))
        for ws in self.sockets:
            await ws.send_str(self._frame(cmd, body, req_id))

    def _from(self, who: str, number: str) -> dict[str, Any]:
        return {"msgid": number, "aibotid": self._bot_id, "chattype": "single", "from": {"userid": who},
                "create_time": int(self._world.clock.now().timestamp())}  # fmt: skip

    @staticmethod
    def _frame(cmd: str, body: Data, req_id: str) -> str:
        return json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}, ensure_ascii=False)

    def _show(self, user: str, bubble: Message, chat: str = CHAT) -> None:
        self._world.phone(user).chats.setdefault(chat, Chat(chat, "智能机器人"))  # the platform's own name for it
        self._world.show(user, chat, bubble)

    def _note(self, direction: Literal["in", "out"], name: str, status: str, plain: str) -> None:
        self._world.trace.record(
            at=self._world.stamp(), platform=self._world.platform, direction=direction, name=name, status=status,
            plain=plain,
        )  # fmt: skip
