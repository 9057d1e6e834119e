"""Verifying, decrypting and reading one callback, beside the two public Python libraries that read the same bytes.

They do less: no age, no receive id in constant time, no check of every pad byte, no dedupe key, no event of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from bot.bench import office
from bot.bench.deliveries import Postbox
from bot.bench.figures import Figure, beside, middle
from bot.bench.limits import rate
from bot.bench.office import DINGTALK, WECOM, Crowd, Waiting
from bot.bench.plan import Plan
from bot.bench.running import Failed
from config.loader import Configuration
from connectors import registry
from connectors.contract import Challenge, Delivery, Door
from connectors.transport import Http

_ROUNDS = 20
_PAYLOAD = "a1.approve.i0123456789abcd.2.0123456789abcdef01234567"


def measure(plan: Plan) -> list[Figure]:
    """A WeCom tap beside wechatpy, a DingTalk event beside dingtalk-sdk; both beside SHA-256 of the same bytes."""
    folder = plan.folder / "inbound"
    office.furnish(folder, Crowd(people=1, leaders=1), url=f"sqlite://{folder}/unused.db")
    made = office.configuration(folder)
    box, clock = Postbox(made), office.clock(folder)
    count = plan.size(4000, 200)
    taps = [box.tap(_card(number), now=clock.now()) for number in range(count)]
    plan.tell("inbound.wecom")
    wecom = _beside_peer("wecom", taps, _ours(made, WECOM, "app"), _wechatpy(made))
    pushes = [box.dingtalk_event(now=clock.now()) for _ in range(count)]
    plan.tell("inbound.dingtalk")
    return wecom + _beside_peer("dingtalk", pushes, _ours(made, DINGTALK, "events"), _dingtalk_sdk(made))


def _beside_peer(
    name: str, deliveries: Sequence[Delivery], ours: Callable[[Delivery], object], peer: Callable[[Delivery], object]
) -> list[Figure]:
    """Medians of many short rounds in which all take turns, so that a busy moment of the machine hits all of them."""
    rates: dict[str, list[float]] = {"hashed": [], "ours": [], "peer": []}
    turns = {"hashed": lambda one: sha256(one.body).digest(), "ours": ours, "peer": peer}
    for number in range(_ROUNDS):
        some = deliveries[number::_ROUNDS]  # a round of their own: nothing can be remembered from the one before
        for who, read in turns.items():
            rates[who].append(rate(len(some), partial(_read_all, read, some)))
    hashed, own, other = (
        middle(f"inbound.{name}{suffix}", rates[who], "per_s")
        for who, suffix in (("hashed", ".sha256"), ("ours", ""), ("peer", ".peer"))
    )
    return [hashed, other, beside(own, other)]


def _read_all(read: Callable[[Delivery], object], deliveries: Sequence[Delivery]) -> None:
    for one in deliveries:
        read(one)


def _card(number: int) -> Waiting:
    return Waiting(user=f"bench{number}", ref=f"c-{number:020}", payload=_PAYLOAD)


def _ours(made: Configuration, account: str, name: str) -> Callable[[Delivery], object]:
    section = next(one for one in made.settings.accounts if one.name == account)
    door: Door = registry.build(section, http=Http(), clock=_Stopped()).doors[name]

    def read(delivery: Delivery) -> object:
        door.verify(delivery, now=delivery.received)
        found = door.read(delivery)
        if isinstance(found, Challenge) or len(found) != 1:
            raise Failed(f"{account}: not one event")
        return found[0]

    return read


class _Stopped:
    """A connector wants a clock; reading never asks it."""

    def now(self) -> Any:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def _wechatpy(made: Configuration) -> Callable[[Delivery], object]:
    from wechatpy.enterprise import parse_message
    from wechatpy.enterprise.crypto import WeChatCrypto

    account = next(one for one in made.settings.accounts if one.name == WECOM)
    crypto = WeChatCrypto(_plain(account, "token"), _plain(account, "encoding_aes_key"), _plain(account, "corp_id"))

    def read(delivery: Delivery) -> object:
        query = delivery.query
        text = crypto.decrypt_message(delivery.body, query["msg_signature"], query["timestamp"], query["nonce"])
        return parse_message(text)

    return read


def _dingtalk_sdk(made: Configuration) -> Callable[[Delivery], object]:
    from connectors.dingtalk.fake.crypto import Seal

    account = next(one for one in made.settings.accounts if one.name == DINGTALK)
    crypto = Seal(_plain(account, "token"), _plain(account, "encoding_aes_key"), _plain(account, "client_id"))

    def read(delivery: Delivery) -> object:
        query = delivery.query
        envelope = {"msg_signature": query["msg_signature"], "timeStamp": query["timestamp"], "nonce": query["nonce"]}
        return json.loads(crypto.open(envelope | json.loads(delivery.body)))

    return read


def _plain(account: object, name: str) -> str:
    value = getattr(account, name)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
