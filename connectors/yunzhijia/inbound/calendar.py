"""Hints of the time assistant that a schedule changed (8): nothing signs them, so the address itself is the secret.

Whoever learns it can only make us look: what is acted on is read from the platform (`schedules.py`).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cards.model import Card
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.errors import Rejected
from connectors.events import Event, ObjectChanged, Unknown
from connectors.yunzhijia.inbound import bodies
from connectors.yunzhijia.settings import Settings

_SCHEDULES = {"1001": "created", "1002": "changed", "1003": "removed", "1006": "finished", "1007": "reopened"}
"""Tasks (2001..) and meetings (3001..) are none of ours."""


class CalendarDoor:
    """`key` in the address is ours, typed into the console with it; the body is `{"id", "method"}`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        bodies.json_object(bodies.posted(delivery))
        given = delivery.query.get("key", "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._settings.calendar_key.encode()):
            raise Rejected("key")

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        """The same hint within a minute is one: whoever listens to it looks at what is there by then."""
        body = bodies.json_object(delivery.body)
        object_, method = bodies.text(body, "id"), bodies.text(body, "method")
        minute = int(delivery.received.timestamp()) // 60
        base: dict[str, Any] = {
            "account": self._settings.account, "key": f"calendar:{bodies.digest(object_, method)}:{minute}",
            "at": delivery.received, "raw": body,
        }  # fmt: skip
        change = _SCHEDULES.get(method, "")
        if not object_ or not change:
            return [Unknown(**base, name=f"calendar.{method[:20] or 'unreadable'}")]
        return [ObjectChanged(**base, area="schedule", change=change, object=object_)]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        return HttpAnswer(200, b'{"success":true}', "application/json")
