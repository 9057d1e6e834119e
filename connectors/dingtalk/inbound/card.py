"""Card callbacks: the door of HTTP mode and the translator that Stream shares (`dingtalk.md` 7.3, 7.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cards.model import Card
from connectors import framing
from connectors.contract import Challenge, Delivery, HttpAnswer
from connectors.dingtalk import outbound
from connectors.dingtalk.inbound.fields import Fields, body, check_hmac, digest
from connectors.dingtalk.settings import Settings
from connectors.errors import Rejected
from connectors.events import ButtonPressed, Event, Unknown
from connectors.refs import MessageRef, PersonRef

WINDOW = 300
_STAMP = "x-ddpaas-signature-timestamp"
_SIGN = "x-ddpaas-signature"


class CardDoor:
    """Signed over the time alone, and only if an apiSecret was registered: without one nothing here can be believed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        if not self._settings.api_secret:
            raise Rejected("no api_secret: card callbacks over HTTP cannot be proven")
        timestamp = delivery.headers.get(_STAMP, "")
        check_hmac(delivery.headers.get(_SIGN, ""), secret=self._settings.api_secret, message=timestamp)
        framing.check_age(timestamp, now=now.timestamp(), window=WINDOW, unit=1000)

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        payload = body(delivery)
        if not Fields(payload).text("outTrackId"):
            raise Rejected("no outTrackId", status=400)
        token = delivery.headers.get(_STAMP, "")
        return [translate(payload, settings=self._settings, received=delivery.received, token=token)]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """The tapper's new card; everybody else's copy is the outbox's business (7.4)."""
        card = reply if isinstance(reply, Card) else None
        text = json.dumps(outbound.callback_answer(card), ensure_ascii=False)
        return HttpAnswer(200, text.encode(), "application/json")


def translate(payload: Mapping[str, Any], *, settings: Settings, received: datetime, token: str) -> Event:
    """`token` tells two taps of the same button apart (message id of the frame, timestamp of the request).

    A second delivery of one tap has the same content and token; should Stream give it a new id, the version inside the
    payload still makes it a stale tap.
    """
    fields = Fields(payload)
    user, track = fields.text("userId"), fields.text("outTrackId")
    params, ids = _params(fields)
    key = f"card:{track}:{user}:{digest(params, ids, token)}"
    base: dict[str, Any] = {"account": settings.account, "key": key, "at": received, "raw": payload}
    if (refusal := _foreign(fields, settings)) is not None:
        return Unknown(**base, name=refusal)
    sender, message = PersonRef(settings.account, user), MessageRef(settings.account, track)
    wanted = str(params.get("payload") or (ids[0] if ids else ""))
    inputs = {name: _values(value) for name, value in params.items() if name != "payload"}
    return ButtonPressed(**base, sender=sender, message=message, payload=wanted, inputs=inputs)


def _foreign(fields: Fields, settings: Settings) -> str | None:
    if fields.text("type") not in ("", "actionCallback"):
        return f"card.{fields.text('type')}"
    if fields.text("corpId") not in ("", settings.corp_id):
        return "card.outsider"
    # We ask for userIds only (userIdType 1); a unionId must not be taken for one.
    return None if fields.text("userId") and fields.text("userIdType") in ("", "1") else "card.nobody"


def _params(fields: Fields) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(params, actionIds): inside or beside cardPrivateData, in `content` or `value`, as text or object."""
    content = fields.inner("content", "value")
    private = content.inner("cardPrivateData")
    params = {**content.inner("params").raw, **private.inner("params").raw}
    return params, private.texts("actionIds") or content.texts("actionIds")


def _values(value: Any) -> tuple[str, ...]:
    """A form value as texts: a text, a list, or the `{index, value}` of a select component."""
    if isinstance(value, Mapping):
        return _values(value.get("value"))
    if isinstance(value, list):
        return tuple(text for one in value for text in _values(one))
    return () if value is None or value == "" else (str(value),)
