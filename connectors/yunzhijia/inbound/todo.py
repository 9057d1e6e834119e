"""One-tap agreement in the platform's to-do list (4): "the user asks to approve", replayable, so re-checked below.

The tap becomes the same event as a tap on the card: the payload stands in the item's source id, is bound to the person
by its own MAC and to the item's version; the engine says whether it still holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cards.model import Card
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.errors import Rejected
from connectors.events import ButtonPressed, Event, Unknown
from connectors.refs import MessageRef, PersonRef
from connectors.yunzhijia import signing, todo
from connectors.yunzhijia.inbound import bodies
from connectors.yunzhijia.settings import Settings

MOST = 100


class TodoDoor:
    """`sign` covers person, app and items, but neither team nor time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        payload = bodies.json_object(bodies.posted(delivery))
        param = _param(payload)
        made = signing.todo_sign(
            bodies.text(param, "openId"), bodies.text(param, "sourceType"), _ids(param), key=self._settings.sign_key
        )
        signing.expect(payload.get("sign"), made)
        if bodies.text(param, "sourceType") != self._settings.app_id:
            raise Rejected("receive id")
        if bodies.text(param, "eid") not in ("", self._settings.eid):
            raise Rejected("receive id")

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        param = _param(bodies.json_object(bodies.posted(delivery)))
        person = bodies.text(param, "openId")
        if not person or not _ids(param):
            raise Rejected("nobody or nothing", status=400)
        return [self._event(source, person, param, delivery.received) for source in _ids(param)]

    def _event(self, source: str, person: str, param: Mapping[str, Any], at: datetime) -> Event:
        account = self._settings.account
        base: dict[str, Any] = {"account": account, "key": f"todo:{person}:{source}", "at": at, "raw": dict(param)}
        ref, payload = todo.parsed(source)
        sender = PersonRef(account, person)
        if not payload:
            return Unknown(**base, name="todo.foreign", sender=sender)
        return ButtonPressed(**base, sender=sender, message=MessageRef(account, ref), payload=payload)

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """What we name is set to done by the platform: only a single item whose card says that it is over.

        Of several nothing is named here; each is closed by its own change when it is decided.
        """
        ids = _ids(_param(bodies.json_object(delivery.body)))
        over = isinstance(reply, Card) and not todo.wanted(reply)
        done = ids if over and len(ids) == 1 else []
        body = {"success": True, "errorCode": 0, "error": None, "data": {"successIds": done}}
        return HttpAnswer(200, json.dumps(body, ensure_ascii=False).encode(), "application/json")


def _param(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    found = payload.get("param")
    if not isinstance(found, Mapping):
        raise Rejected("missing parameter", status=400)
    return found


def _ids(param: Mapping[str, Any]) -> list[str]:
    found = param.get("sourceIds")
    if not isinstance(found, list) or len(found) > MOST or not all(isinstance(one, str) for one in found):
        raise Rejected("missing parameter", status=400)
    return [one.replace("\0", "") for one in found]
