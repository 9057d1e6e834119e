"""The doors `app` and `contact`: signature and age before anything is opened, then AES, receive id and XML.

What cannot be proved raises `Rejected`. What is proved but badly written becomes `Unknown(name="unreadable")`: it is
kept and acknowledged, because the platform would only send the same bytes again (wecom.md 13.15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cards.model import Card
from connectors import framing
from connectors.contract import Challenge, Delivery, Door, HttpAnswer
from connectors.errors import Rejected
from connectors.events import Event, Unknown
from connectors.wecom import xml
from connectors.wecom.inbound import tables
from connectors.wecom.settings import Settings

_LARGEST = 256 * 1024
_LONGEST_NONCE = 128


class CallbackDoor:
    """One callback address: its token and key. Raises ValueError for a bad key, at start-up."""

    def __init__(self, *, account: str, corp_id: str, token: str, encoding_aes_key: str, window: float) -> None:
        self._account = account
        self._corp_id = corp_id
        self._token = token
        self._key = framing.aes_key(encoding_aes_key)
        self._window = window

    def verify(self, delivery: Delivery, *, now: datetime) -> None:
        """Size, signature, age, in this order: a stale but genuine delivery is told apart in the log."""
        if len(delivery.body) > _LARGEST:
            raise Rejected("body too large", status=413)
        sealed = _sealed(delivery)
        timestamp, nonce, claimed = _claims(delivery.query)
        framing.verify(self._token, timestamp, nonce, sealed, claimed=claimed)
        framing.check_age(timestamp, now=now.timestamp(), window=self._window)

    def read(self, delivery: Delivery) -> Sequence[Event] | Challenge:
        """Call after `verify`. The address check (GET) gives a `Challenge`, a POST exactly one event."""
        plain, receiver = framing.decrypt(_sealed(delivery), key=self._key)
        framing.expect_receiver(receiver, self._corp_id)
        text = _utf8(plain)
        if delivery.method == "GET":
            return Challenge(text)
        return [self._event(text, plain, delivery)]

    def answer(self, delivery: Delivery, reply: Card | Challenge | None, *, now: datetime) -> HttpAnswer:
        """An empty 200 is WeCom's "got it"; a card never travels in it, see wecom.md 6 (the server ignores it)."""
        if isinstance(reply, Challenge):
            return HttpAnswer(body=reply.text.encode())
        return HttpAnswer()

    def _event(self, text: str, plain: bytes, delivery: Delivery) -> Event:
        digest = sha256(self._corp_id.encode() + b"\0" + plain).hexdigest()
        try:
            return tables.translate(xml.parse(text), account=self._account, digest=digest)
        except xml.Malformed:
            return Unknown(
                account=self._account, key=f"sha:{digest}", at=delivery.received, raw={"text": text}, name="unreadable"
            )


def doors(settings: Settings) -> Mapping[str, Door]:
    """The doors that this account has configured."""
    found: dict[str, Door] = {}
    if settings.receives:
        found["app"] = _door(settings, settings.token, settings.encoding_aes_key)
    if settings.contact_token and settings.contact_encoding_aes_key:
        found["contact"] = _door(settings, settings.contact_token, settings.contact_encoding_aes_key)
    return found


def _door(settings: Settings, token: str, key: str) -> CallbackDoor:
    return CallbackDoor(
        account=settings.account, corp_id=settings.receive_id or settings.corp_id, token=token, encoding_aes_key=key,
        window=settings.window,
    )  # fmt: skip


def _claims(query: Mapping[str, str]) -> tuple[str, str, str]:
    timestamp, nonce, claimed = (query.get(name, "") for name in ("timestamp", "nonce", "msg_signature"))
    if not (timestamp and nonce and claimed):
        raise Rejected("missing parameter")
    if len(nonce) > _LONGEST_NONCE:
        raise Rejected("nonce")
    return timestamp, nonce, claimed


def _sealed(delivery: Delivery) -> str:
    if delivery.method == "GET":
        sealed = delivery.query.get("echostr", "")
    elif delivery.method == "POST":
        sealed = _envelope(delivery.body)
    else:
        raise Rejected("method", status=405)
    if not sealed:
        raise Rejected("missing ciphertext")
    return sealed


@lru_cache(maxsize=16)
def _envelope(body: bytes) -> str:
    """The text of <Encrypt>. Remembered because `verify` and `read` of one delivery both need it."""
    try:
        sealed = xml.parse(_utf8(body)).get("Encrypt", "")
    except xml.Malformed:
        raise Rejected("envelope") from None
    if not isinstance(sealed, str):
        raise Rejected("envelope")
    return sealed


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Rejected("not UTF-8") from None
