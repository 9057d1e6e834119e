"""What the platforms would send, finished to the last byte: signed, encrypted, never twice the same."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bot.bench.office import DINGTALK, WECOM, Waiting
from config.accounts import DingtalkAccount, WecomAccount
from config.loader import Configuration
from connectors import framing
from connectors.contract import Delivery
from connectors.dingtalk.inbound import fields
from connectors.wecom.fake.callbacks import document


class Postbox:
    """The platforms' side of the accounts of one office. `now` is the office's time."""

    def __init__(self, configuration: Configuration) -> None:
        accounts = {account.name: account for account in configuration.settings.accounts}
        wecom, dingtalk = accounts[WECOM], accounts[DINGTALK]
        assert isinstance(wecom, WecomAccount)
        assert isinstance(dingtalk, DingtalkAccount)
        self._wecom, self._dingtalk = wecom, dingtalk
        assert dingtalk.token is not None
        assert dingtalk.encoding_aes_key is not None
        assert dingtalk.api_secret is not None
        self._wecom_key = framing.aes_key(wecom.encoding_aes_key.get_secret_value())
        self._dingtalk_key = framing.aes_key(dingtalk.encoding_aes_key.get_secret_value())
        self._dingtalk_token = dingtalk.token.get_secret_value()
        self._api_secret = dingtalk.api_secret.get_secret_value()

    def tap(self, card: Waiting, *, now: datetime) -> Delivery:
        """A WeCom template_card_event (wecom.md 5.3)."""
        fields = {
            "MsgType": "event", "Event": "template_card_event", "EventKey": card.payload, "TaskId": card.ref,
            "CardType": "button_interaction", "ResponseCode": secrets.token_hex(32),
        }  # fmt: skip
        return self._sealed(card.user, fields, now)

    def text(self, user: str, words: str, *, now: datetime) -> Delivery:
        number = str(7 * 10**18 + secrets.randbelow(10**18))
        return self._sealed(user, {"MsgType": "text", "Content": words, "MsgId": number}, now)

    def dingtalk_tap(self, card: Waiting, *, now: datetime) -> Delivery:
        """A card callback over HTTP (dingtalk.md 7.3); signed, not encrypted."""
        content = {"cardPrivateData": {"actionIds": ["act"], "params": {"payload": card.payload}}}
        body = {
            "type": "actionCallback", "outTrackId": card.ref, "corpId": self._dingtalk.corp_id, "userId": card.user,
            "userIdType": 1, "content": json.dumps(content),
        }  # fmt: skip
        stamp = _millis(now)
        signed = fields.sign(self._api_secret, stamp)
        headers = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": signed}
        return _delivery(DINGTALK, "card", json.dumps(body).encode(), now, headers=headers)

    def dingtalk_event(self, *, now: datetime) -> Delivery:
        """A sealed directory event (dingtalk.md 2.2), the encrypted door of that platform."""
        event = {
            "EventType": "user_modify_org", "eventId": secrets.token_hex(16), "EventTime": int(_millis(now)),
            "CorpId": self._dingtalk.corp_id, "UserId": [secrets.token_hex(8) for _ in range(8)],
            "diffInfo": [{"prev": {"name": "张三", "position": "科员"}, "curr": {"name": "张三", "position": "科长"}}],
        }  # fmt: skip
        plain = json.dumps(event, ensure_ascii=False).encode()
        sealed = framing.encrypt(plain, key=self._dingtalk_key, receive_id=self._dingtalk.client_id)
        query = _signed(self._dingtalk_token, _millis(now), sealed)
        return _delivery(DINGTALK, "events", json.dumps({"encrypt": sealed}).encode(), now, query=query)

    def _sealed(self, user: str, own: Mapping[str, Any], now: datetime) -> Delivery:
        stamp = str(int(now.timestamp()))
        common = {"ToUserName": self._wecom.corp_id, "FromUserName": user, "CreateTime": int(stamp)}
        plain = document({**common, **own, "AgentID": self._wecom.agent_id}).encode()
        sealed = framing.encrypt(plain, key=self._wecom_key, receive_id=self._wecom.corp_id)
        envelope = document({"ToUserName": self._wecom.corp_id, "AgentID": str(self._wecom.agent_id),
                             "Encrypt": sealed})  # fmt: skip
        query = _signed(self._wecom.token.get_secret_value(), stamp, sealed)
        return _delivery(WECOM, "app", envelope.encode(), now, query=query)


def raw(delivery: Delivery) -> bytes:
    """The HTTP request on the wire."""
    path = f"/callback/{delivery.account}/{delivery.door}"
    target = f"{path}?{urlencode(delivery.query)}" if delivery.query else path
    usual = {"Host": "127.0.0.1", "Content-Type": "text/xml", "Content-Length": str(len(delivery.body))}
    headers = (f"{name}: {value}" for name, value in {**usual, **delivery.headers}.items())
    return "\r\n".join([f"POST {target} HTTP/1.1", *headers, "", ""]).encode() + delivery.body


def raw_all(deliveries: Sequence[Delivery]) -> list[bytes]:
    return [raw(one) for one in deliveries]


def _signed(token: str, stamp: str, sealed: str) -> dict[str, str]:
    nonce = secrets.token_hex(5)
    return {"msg_signature": framing.signature(token, stamp, nonce, sealed), "timestamp": stamp, "nonce": nonce}


def _delivery(
    account: str,
    door: str,
    body: bytes,
    now: datetime,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Delivery:
    return Delivery(
        account=account, door=door, method="POST", query=query or {}, headers=headers or {}, body=body, received=now
    )


def _millis(now: datetime) -> str:
    return str(int(now.timestamp() * 1000))
