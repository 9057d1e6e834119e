"""What people write to the conversational robot: the door and the translator that its socket shares (3.2, 3.3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cards.model import Card
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.errors import Rejected
from connectors.events import Event, TextReceived, Unknown
from connectors.refs import ChatRef, PersonRef
from connectors.yunzhijia import signing
from connectors.yunzhijia.inbound import bodies
from connectors.yunzhijia.settings import Settings

PROBED = "officebot"
_AFTER_MENTION = re.compile(r"[\s,，.。:：;；!！?？、]")


class RobotDoor:
    """Signed over seven fields; type, group, team and the session are not, and nothing is allowed because of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        """The console's probe is signed with a published key: that proves nothing but that somebody asks."""
        payload = bodies.json_object(bodies.posted(delivery))
        secret = signing.PROBE_SECRET if _is_probe(payload) else self._settings.robot_secret
        signing.expect(delivery.headers.get("sign"), signing.robot_sign(payload, secret=secret))
        if _is_probe(payload):
            return
        at = bodies.instant(bodies.text(payload, "time"))
        if at is None:
            raise Rejected("timestamp")
        if abs((now - at).total_seconds()) > self._settings.window:
            raise Rejected("too old")

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        payload = bodies.json_object(bodies.posted(delivery))
        if _is_probe(payload):
            return Challenge(PROBED)  # answered and dispatched nowhere, whatever it says
        if not bodies.text(payload, "msgId") or not bodies.text(payload, "operatorOpenid"):
            raise Rejected("no msgId or sender", status=400)
        return [translate(payload, settings=self._settings, received=delivery.received)]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """Empty words at once (the platform waits 3 s); what there is to say goes out as a message of its own."""
        words = reply.text if isinstance(reply, Challenge) else ""
        answer = {"success": True, "data": {"type": 2, "content": words}}
        return HttpAnswer(200, json.dumps(answer, ensure_ascii=False).encode(), "application/json")


def _is_probe(payload: Mapping[str, Any]) -> bool:
    return payload.get("robotId") == signing.PROBE_ROBOT


def translate(payload: Mapping[str, Any], *, settings: Settings, received: datetime) -> Event:
    """One message as an event; what is no text, or from another team, is kept and believed in nothing."""
    base: dict[str, Any] = {
        "account": settings.account, "key": f"robot:{bodies.text(payload, 'msgId') or bodies.digest(payload)}",
        "at": bodies.instant(bodies.text(payload, "time")) or received, "raw": dict(payload),
    }  # fmt: skip
    sender = PersonRef(settings.account, bodies.text(payload, "operatorOpenid"))
    if bodies.text(payload, "eid") not in ("", settings.eid):
        return Unknown(**base, name="robot.outsider")
    kind = bodies.text(payload, "type") or "2"
    if kind != "2":
        return Unknown(**base, name=f"robot.{kind}", sender=sender)
    words = spoken(bodies.text(payload, "content"), bodies.text(payload, "robotName"))
    return TextReceived(**base, sender=sender, text=words, chat=_chat(payload, settings.account))


def spoken(content: str, robot: str) -> str:
    """The words without the mention: `@name` only where it ends there, since a name may begin another one."""
    mention = f"@{robot}"
    content = content.strip()
    if not robot or not content.startswith(mention):
        return content
    rest = content[len(mention) :]
    return content if rest and not _AFTER_MENTION.match(rest) else rest.lstrip(" \t\u2005\u3000,，:：").strip()


def _chat(payload: Mapping[str, Any], account: str) -> ChatRef | None:
    """The group (`groupType` 2). Unsigned: it narrows what may be said there and widens nothing."""
    group = bodies.text(payload, "groupId")
    return ChatRef(account, group) if group and bodies.text(payload, "groupType") == "2" else None
