"""Event push: the encrypted door of HTTP mode, and the table that both modes translate with (`dingtalk.md` 2)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cards.model import Card
from connectors import framing
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.dingtalk.inbound.fields import Fields, as_object, checked, digest, unit
from connectors.dingtalk.settings import Settings
from connectors.errors import Rejected
from connectors.events import (
    ChatChanged,
    DepartmentsChanged,
    Event,
    MessageRead,
    ObjectChanged,
    PeopleChanged,
    TagChanged,
    Unknown,
)
from connectors.refs import ChatRef, PersonRef

# No window is documented; retries re-use old events, so only the request's own timestamp is judged (12.1).
WINDOW = 600
_ASKS = {"check_url", "check_create_suite_url", "check_update_suite_url"}


class EventsDoor:
    """`POST ?msg_signature=&timestamp=&nonce=` with `{"encrypt": ...}`, answered in kind."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = framing.aes_key(settings.encoding_aes_key)

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        sealed = _sealed(delivery)
        timestamp, nonce, claimed = _envelope(delivery)
        framing.verify(self._settings.token, timestamp, nonce, sealed, claimed=claimed)
        framing.check_age(timestamp, now=now.timestamp(), window=WINDOW, unit=unit(timestamp))

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        text, _ = self._open(delivery)
        fields = Fields(as_object(text))
        if fields.text("EventType") in _ASKS:
            return Challenge("success")
        return [translate(_pushed(self._settings.account, fields, received=delivery.received))]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """The word `success`, sealed with the same owner key that came in (2.2)."""
        _, owner = self._open(delivery)
        word = reply.text if isinstance(reply, Challenge) else "success"
        sealed = framing.encrypt(word.encode(), key=self._key, receive_id=owner)
        timestamp, nonce = str(int(now.timestamp() * 1000)), secrets.token_hex(8)
        signature = framing.signature(self._settings.token, timestamp, nonce, sealed)
        answer = {"msg_signature": signature, "timeStamp": timestamp, "nonce": nonce, "encrypt": sealed}
        return HttpAnswer(200, json.dumps(answer).encode(), "application/json")

    def _open(self, delivery: Delivery) -> tuple[bytes, str]:
        text, owner = framing.decrypt(_sealed(delivery), key=self._key)
        framing.expect_receiver(owner, self._settings.client_id, self._settings.corp_id)
        return text, owner


def _sealed(delivery: Delivery) -> str:
    return _encrypted(delivery.body)


@lru_cache(maxsize=8)  # verify, read and answer ask one after the other
def _encrypted(data: bytes) -> str:
    sealed = checked(data).get("encrypt")
    if not isinstance(sealed, str):
        raise Rejected("no encrypt field", status=400)
    return sealed


def _envelope(delivery: Delivery) -> tuple[str, str, str]:
    """(timestamp, nonce, signature); official pages name two of the three in two ways each."""
    query = delivery.query
    timestamp = query.get("timestamp") or query.get("timeStamp") or ""
    return timestamp, query.get("nonce", ""), query.get("msg_signature") or query.get("signature") or ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One event as both modes give it."""

    account: str
    name: str
    key: str
    at: datetime
    fields: Fields

    def person(self, id_: str) -> PersonRef:
        return PersonRef(self.account, id_)

    def people(self, *names: str) -> tuple[PersonRef, ...]:
        account = self.account
        return tuple([PersonRef(account, one) for one in self.fields.texts(*names)])

    def base(self) -> dict[str, Any]:
        return {"account": self.account, "key": self.key, "at": self.at, "raw": self.fields.raw}


def _pushed(account: str, fields: Fields, *, received: datetime) -> Pushed:
    """HTTP mode: envelope and payload are one flat object."""
    name = fields.text("EventType")
    at = fields.instant("EventTime", "timeStamp") or received
    return Pushed(account, name, _key(name, fields.text("eventId"), fields), at, fields)


def streamed(account: str, headers: Mapping[str, str], payload: Mapping[str, Any], *, received: datetime) -> Pushed:
    """Stream mode: the envelope travels in the frame's headers."""
    outer, fields = Fields(headers), Fields(payload)
    name = outer.text("eventType")
    at = outer.instant("eventBornTime") or fields.instant("timeStamp") or received
    return Pushed(account, name, _key(name, outer.text("eventId"), fields), at, fields)


def _key(name: str, event_id: str, fields: Fields) -> str:
    """The event's id, or for old-style events without one its content (which carries its time)."""
    return f"event:{event_id}" if event_id else f"event:{name}:{digest(fields.raw)}"


def translate(event: Pushed) -> Event:
    """The table of 2.5; whatever is not in it is kept as `Unknown`."""
    reader = _TABLE.get(event.name)
    return reader(event) if reader else Unknown(**event.base(), name=event.name)


_Reader = Callable[[Pushed], Event]


def _people(change: str) -> _Reader:
    def read(event: Pushed) -> Event:
        found = event.fields.find("diffInfo")
        details = {"differences": found} if found else {}
        return PeopleChanged(**event.base(), change=change, people=event.people("userId"), fields=details)

    return read


def _departments(change: str) -> _Reader:
    def read(event: Pushed) -> Event:
        return DepartmentsChanged(**event.base(), change=change, departments=event.fields.texts("deptId"))

    return read


def _chat(change: str, *details: str) -> _Reader:
    def read(event: Pushed) -> Event:
        chat = ChatRef(event.account, event.fields.text("openConversationId", "chatId"))
        kept = _kept(event, (*details, "chatId", "operator"))
        return ChatChanged(**event.base(), chat=chat, change=change, people=event.people("userId"), fields=kept)

    return read


def _object(area: str, id_: str, change: str | None, *details: str) -> _Reader:
    """`change` names the field that says what happened, or with a leading `=` the word itself."""

    def read(event: Pushed) -> Event:
        word = change.removeprefix("=") if change and change.startswith("=") else event.fields.text(change or "type")
        object_ = event.fields.text(id_)
        return ObjectChanged(**event.base(), area=area, change=word, object=object_, fields=_kept(event, details))

    return read


def _kept(event: Pushed, names: Sequence[str]) -> dict[str, Any]:
    """Details under the names of the current pages, whatever their case was."""
    return {name: value for name in names if (value := event.fields.find(name)) is not None}


def _role(event: Pushed) -> Event:
    labels = event.fields.texts("labelIdList")
    details = {"labels": list(labels), "people": list(event.fields.texts("userIdList"))}
    details["action"] = [event.fields.text("action")]
    return TagChanged(**event.base(), tag=labels[0] if labels else "", fields=details)


def _message(*, recalled: bool) -> _Reader:
    def read(event: Pushed) -> Event:
        user = event.fields.text("userId")
        key = event.fields.text("processQueryKey")
        reader = event.person(user) if user else None
        return MessageRead(**event.base(), reader=reader, message=key, recalled=recalled)

    return read


_APPROVAL = ("processCode", "businessId", "title", "result", "staffId", "url", "createTime", "finishTime", "remark")

_TABLE: dict[str, _Reader] = {
    "bpms_instance_change": _object("approval", "processInstanceId", "type", *_APPROVAL),
    "bpms_task_change": _object("approval_task", "taskId", "type", "processInstanceId", *_APPROVAL),
    "user_add_org": _people("joined"),
    "user_modify_org": _people("changed"),
    "user_leave_org": _people("left"),
    "user_active_org": _people("activated"),
    "org_dept_create": _departments("created"),
    "org_dept_modify": _departments("changed"),
    "org_dept_remove": _departments("removed"),
    "label_user_change": _role,
    "check_in": _object("check_in", "staffId", "=done", "timeStamp"),
    "calendar_event_change": _object(
        "calendar", "calendarEventId", "changeType", "calendarId", "unionIdList", "operator", "calendarEventUpdateTime"
    ),
    "todo_task_create": _object("todo", "taskId", "=created", "unionIdList", "bizTag"),
    "todo_task_update": _object("todo", "taskId", "=changed", "unionIdList", "bizTag"),
    "todo_task_delete": _object("todo", "taskId", "=removed", "unionIdList", "bizTag"),
    "chat_add_member": _chat("members_added", "unionId"),
    "chat_remove_member": _chat("members_removed", "unionId"),
    "chat_quit": _chat("members_removed", "unionId"),
    "chat_update_title": _chat("titled", "title"),
    "chat_update_owner": _chat("owner", "owner"),
    "chat_disband": _chat("disbanded"),
    "robot_msg_read": _message(recalled=False),
    "robot_msg_recall": _message(recalled=True),
}
