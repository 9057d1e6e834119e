"""Group chats made by the app, and group robots reached by a webhook (wecom.md 9)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import md5
from typing import Any

from connectors.sandbox.phones import Chat, Message
from connectors.wecom.fake import cards
from connectors.wecom.fake.bodies import Bodies
from connectors.wecom.fake.cards import Copy
from connectors.wecom.fake.media import MediaStore
from connectors.wecom.fake.world import Call, Data, Refusal, Window, World, list_of, refuse_unless, text_of

_CHATID = re.compile(r"[0-9A-Za-z]{1,32}")
_APPCHAT = frozenset({"text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown"})
_WEBHOOK = frozenset({"text", "markdown", "news", "file", "voice"})


@dataclass(slots=True)
class _Group:
    id: str
    title: str
    owner: str
    members: list[str] = field(default_factory=list)


class Groups:
    def __init__(self, world: World, media: MediaStore) -> None:
        self._world = world
        self._media = media
        self._bodies = Bodies(media)
        self._webhook_bodies = Bodies(media, markdown=4096)
        self._pushes = Window((200, timedelta(minutes=1)), (10000, timedelta(days=1)))
        self._robot_pace = Window((20, timedelta(minutes=1)))
        self._robot_media: set[tuple[str, str]] = set()
        self._robots: dict[str, _Group] = {}
        self._groups: dict[str, _Group] = {}
        for group in world.office.groups:
            known = [who.casefold() for who in group.members if who.casefold() in world.members]
            made = _Group(group.id, group.title, known[0] if known else "", known)
            self._groups[group.id] = made
            if group.robot:
                self._robots[group.robot] = made
            self._appear(made)

    # --- appchat

    async def create(self, call: Call) -> dict[str, Any]:
        body = call.body
        users = [str(who).casefold() for who in list_of(body, "userlist", 2, 2000)]
        refuse_unless(all(who in self._world.members for who in users), "invalid userid", 40031)
        chatid = str(body.get("chatid") or self._world.number("wr").replace("-", ""))
        refuse_unless(_CHATID.fullmatch(chatid), "invalid chatid", 86001)
        refuse_unless(chatid not in self._groups, "chatid exists", 86215)
        refuse_unless(len(str(body.get("name", ""))) <= 50, "name too long")
        owner = str(body.get("owner") or users[0]).casefold()
        refuse_unless(owner in users, "owner is not a member", 40031)
        # It shows on the phones only with its first message.
        self._groups[chatid] = _Group(chatid, str(body.get("name") or chatid), owner, users)
        return {"chatid": chatid}

    async def update(self, call: Call) -> dict[str, Any]:
        group = self._find(text_of(call.body, "chatid"))
        added = [str(who).casefold() for who in call.body.get("add_user_list") or ()]
        refuse_unless(all(who in self._world.members for who in added), "invalid userid", 40031)
        gone = {str(who).casefold() for who in call.body.get("del_user_list") or ()}
        group.members = [who for who in dict.fromkeys([*group.members, *added]) if who not in gone]
        group.title = str(call.body.get("name") or group.title)[:50]
        group.owner = str(call.body.get("owner") or group.owner).casefold()
        for who in gone & set(self._world.phones):
            self._world.phone(who).chats.pop(group.id, None)
        return {}

    async def get(self, call: Call) -> dict[str, Any]:
        group = self._find(call.query.get("chatid", ""))
        users = [self._world.member(who).id for who in group.members]
        return {"chat_info": {"chatid": group.id, "name": group.title, "owner": group.owner, "userlist": users}}

    async def send(self, call: Call) -> dict[str, Any]:
        group = self._find(text_of(call.body, "chatid"))
        bubble = Message(self._world.number("msg"), self._world.stamp(), "text")
        self._bodies.fill(bubble, call.body, allowed=_APPCHAT)
        self._push(group, bubble)
        return {}

    def _find(self, chatid: str) -> _Group:
        if chatid not in self._groups:
            raise Refusal(86008, "no such chat of this app")
        return self._groups[chatid]

    # --- webhook

    async def webhook(self, call: Call) -> dict[str, Any]:
        key = call.query.get("key", "")
        group = self._robots.get(key)
        if group is None:
            raise Refusal(93000, "invalid webhook url")
        bubble = Message(self._world.number("msg"), self._world.stamp(), "text", author="robot")
        bubble = self._robot_bubble(key, bubble, call.body)
        if not self._robot_pace.takes(key, self._world.clock.now()):
            raise Refusal(45009, "api freq out of limit")
        self._push(group, bubble)
        return {}

    def _robot_bubble(self, key: str, bubble: Message, body: Data) -> Message:
        kind = body.get("msgtype")
        part = body.get(str(kind))
        if kind == "template_card" and isinstance(part, dict):
            refuse_unless(part.get("card_type") in cards.NOTICES, "a webhook takes notices only")
            cards.check(part)
            return cards.draw(Copy(part), bubble=bubble)
        if kind == "image" and isinstance(part, dict):
            self._picture(bubble, part)
            return bubble
        if kind == "markdown_v2" and isinstance(part, dict):
            body = {"msgtype": "markdown", "markdown": part}
        if kind in {"file", "voice"} and isinstance(part, dict):
            refuse_unless((key, part.get("media_id")) in self._robot_media, "not this webhook's media", 40007)
        if kind == "text" and isinstance(part, dict):
            content = text_of(part, "content")
            refuse_unless(len(content.encode()) <= 2048, "content exceeds max length", 45002)
        self._webhook_bodies.fill(bubble, body, allowed=_WEBHOOK)
        return bubble

    def _picture(self, bubble: Message, part: Data) -> None:
        data = base64.b64decode(text_of(part, "base64"))
        refuse_unless(len(data) <= 2 * 1024 * 1024, "picture too big", 40009)
        refuse_unless(md5(data, usedforsecurity=False).hexdigest() == part.get("md5"), "md5 differs")
        stored = self._media.keep("image", "image.png", data)
        bubble.kind, bubble.source, bubble.file_id, bubble.file_name = "image", "image", stored.id, stored.name

    async def webhook_upload(self, call: Call) -> dict[str, Any]:
        key = call.query.get("key", "")
        refuse_unless(key in self._robots, "invalid webhook url", 93000)
        refuse_unless(call.query.get("type") in {"file", "voice"}, "invalid media type", 40004)
        answer = await self._media.upload(call)
        self._robot_media.add((key, answer["media_id"]))
        return answer

    # --- phones

    def say(self, user: str, chat: str, text: str) -> None:
        """A member writes: everybody sees it, the app learns nothing (groups have no callbacks). Raises LookupError."""
        group, author = self._groups[chat], self._world.member(user)
        number = self._world.number("msg")
        for who in group.members:
            mine = who == author.id.casefold()
            bubble = Message(number, self._world.stamp(), "text", mine=mine, author=author.name, text=text)
            self._world.show(who, chat, bubble)

    def _push(self, group: _Group, bubble: Message) -> None:
        self._appear(group)
        for who in group.members:
            if self._pushes.takes(who, self._world.clock.now()):
                self._world.show(who, group.id, bubble)

    def _appear(self, group: _Group) -> None:
        for who in group.members:
            self._world.phone(who).chats.setdefault(group.id, Chat(group.id, group.title, group=True))
