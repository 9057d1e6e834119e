"""Deliveries that come through the gateway: its own signature first, then the platform's (yuezhengyi.md 6.4).

A repeat is not refused here: a retry may be forwarded anew, and the inbox knows repeats by their content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cards.model import Card
from connectors.contract import Challenge, Delivery, Door, HttpAnswer
from connectors.events import Event
from connectors.wecom import inbound
from connectors.yuezhengyi import tif
from connectors.yuezhengyi.settings import Gateway, Settings


@dataclass(frozen=True, slots=True)
class Published:
    """A door of the parent's, published through the gateway."""

    door: Door
    gateway: Gateway

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        tif.check(self.gateway, delivery.headers, now=now)
        self.door.verify(delivery, now=now)

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        return self.door.read(delivery)

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        return self.door.answer(delivery, reply, now=now)


def doors(settings: Settings) -> Mapping[str, Door]:
    """None where the deployment calls nobody."""
    found = inbound.doors(settings) if settings.receives else {}
    gateway = settings.gateway
    if gateway is None or not gateway.signs_callbacks:
        return found
    return {name: Published(door, gateway) for name, door in found.items()}
