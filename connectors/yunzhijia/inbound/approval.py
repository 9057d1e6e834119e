"""Pushes of the smart approval (5.1): a shared key opens them, nothing protects or dates them. A hint, not the truth.

Whoever acts on one re-reads the flow first (`approvals.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cards.model import Card
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.errors import Rejected
from connectors.events import Event, ObjectChanged, Unknown
from connectors.yunzhijia import signing
from connectors.yunzhijia.inbound import bodies
from connectors.yunzhijia.settings import Settings

OLDEST = timedelta(days=3)
"""The platform repeats for two days; what is older was copied from somewhere."""
_WRAPPERS = ("content", "data")
_KEPT = (
    "eventId", "actionType", "nodeType", "nodeId", "nodeName", "formCodeId", "formDefId", "formInstId", "flowInstId",
    "title", "returned",
)  # fmt: skip


class ApprovalDoor:
    """The body is Base64 text in spite of its header; answered with the bare word `success` within four seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        basic = self._basic(delivery)
        if bodies.text(basic, "eid") != self._settings.eid:
            raise Rejected("receive id")
        at = bodies.instant(bodies.text(basic, "eventTime"))
        if at is None:
            raise Rejected("timestamp")
        if now - at > OLDEST or at - now > timedelta(seconds=self._settings.window):
            raise Rejected("too old")

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        basic = self._basic(delivery)
        at = bodies.instant(bodies.text(basic, "eventTime")) or delivery.received
        key = f"approval:{bodies.text(basic, 'eventId') or bodies.digest(basic)}"
        fields = {name: basic[name] for name in _KEPT if name in basic}
        base: dict[str, Any] = {"account": self._settings.account, "key": key, "at": at, "raw": dict(basic)}
        flow, change = bodies.text(basic, "flowInstId"), _change(basic)
        if str(basic.get("dataType", "1")) == "0" or not flow or not change:
            return [Unknown(**base, name=f"approval.{change or 'unreadable'}")]
        return [ObjectChanged(**base, area="approval", change=change, object=flow, fields=fields)]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        return HttpAnswer(200, b"success")

    def _basic(self, delivery: Delivery) -> Mapping[str, Any]:
        """`data.basicInfo`. What people filled in is left in the platform: it is read again where it is needed."""
        opened = signing.open_approval(_sealed(bodies.posted(delivery)), key=self._settings.approval_aes_key)
        data = bodies.json_object(opened, status=403).get("data")
        basic = data.get("basicInfo") if isinstance(data, Mapping) else None
        if not isinstance(basic, Mapping):
            raise Rejected("no basicInfo", status=400)
        return basic


def _sealed(body: bytes) -> bytes:
    """Raw Base64 text; a JSON object around it is met with in the wild [T]."""
    if not body.lstrip().startswith(b"{"):
        return body
    wrapped = bodies.json_object(body)
    return next((str(wrapped[name]).encode(errors="replace") for name in _WRAPPERS if wrapped.get(name)), b"")


def _change(basic: Mapping[str, Any]) -> str:
    """`user.agree`, `end.reach` (finished), `start.reach` (a return): there is no status field."""
    node, action = bodies.text(basic, "nodeType").lower(), bodies.text(basic, "actionType").lower()
    return f"{node}.{action}" if node in _NODES and action in _ACTIONS else ""


_NODES = {"start", "restart", "user", "robot", "end"}
_ACTIONS = {"reach", "agree", "submit", "delete", "abandon", "withdraw", "disagree"}
