"""Taps on interactive cards (9.3): no signature of the platform's, so each button carries a token of ours."""

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
from connectors.yunzhijia import outbound, signing
from connectors.yunzhijia.inbound import bodies
from connectors.yunzhijia.settings import Settings


class CardDoor:
    """Believes a tap because of the token in the tapper's own state, never because somebody knew the address."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        payload = bodies.json_object(bodies.posted(delivery))
        data = _event_data(payload)
        token = data.get("tok")
        if not isinstance(token, str) or not token:
            raise Rejected("missing parameter")
        track, oid = bodies.text(payload, "outTrackId"), bodies.text(payload, "oid")
        act = bodies.text(data, "payload")
        signing.check_card_token(token, act, track=track, oid=oid, now=now, key=self._settings.card_key)
        if bodies.text(payload, "eid") not in ("", self._settings.eid):
            raise Rejected("receive id")

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        """The key is card, person and everything that came with the tap: the token in it differs with each state."""
        payload = bodies.json_object(bodies.posted(delivery))
        data = _event_data(payload)
        track, oid = bodies.text(payload, "outTrackId"), bodies.text(payload, "oid")
        key = f"card:{track}:{oid}:{bodies.digest(data)}"
        raw = {**payload, "eventData": {name: value for name, value in data.items() if name != "tok"}}
        base: dict[str, Any] = {"account": self._settings.account, "key": key, "at": delivery.received, "raw": raw}
        sender, act = PersonRef(self._settings.account, oid), bodies.text(data, "payload")
        if not act:
            return [Unknown(**base, name="card.no_payload", sender=sender)]
        message = MessageRef(self._settings.account, track)
        return [ButtonPressed(**base, sender=sender, message=message, payload=act, inputs=_inputs(data))]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """The tapper's new state; the base and everybody else's are the outbox's business (9.4)."""
        payload = bodies.json_object(delivery.body)
        track, oid = bodies.text(payload, "outTrackId"), bodies.text(payload, "oid")
        card = reply if isinstance(reply, Card) else None
        body = outbound.answer(card, track=track, oid=oid, now=now, settings=self._settings)
        return HttpAnswer(200, json.dumps(body, ensure_ascii=False).encode(), "application/json")


def _event_data(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    found = payload.get("eventData")
    return found if isinstance(found, Mapping) else {}


def _inputs(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What was chosen and typed, by our keys; a select gives a text or a list."""
    found = outbound.pairs(data, "c", outbound.CHOICES) + outbound.pairs(data, "i", outbound.INPUTS)
    return {key: _values(value) for key, value in found}


def _values(value: Any) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [value]
    return tuple(str(one).replace("\0", "") for one in many if not isinstance(one, (dict, list)))
