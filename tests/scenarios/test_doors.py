"""What knocks at the doors and is not what it says: the documented answer, not a row changed, a number in /metrics."""

from __future__ import annotations

import asyncio
import base64
import hmac
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from town import staff

from connectors import framing
from connectors.dingtalk.fake.crypto import Seal
from connectors.wecom.fake.callbacks import Address, Sealer, document

NONCE = "1596480912"


@dataclass(frozen=True)
class Knock:
    """One HTTP request at a door, as bytes."""

    account: str
    door: str
    data: bytes
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self):
        return f"/callback/{self.account}/{self.door}"


@dataclass(frozen=True)
class Sender:
    """A platform as it writes to one door. `ago`: seconds before now that it claims to write."""

    town: Any
    ago: float = 0.0
    corp: str = ""
    token: str = ""
    secret: str = ""

    @property
    def accounts(self):
        return {account.name: account for account in self.town.configuration.settings.accounts}

    def at(self, unit=1):
        return str(int((self.town.clock.now() - timedelta(seconds=self.ago)).timestamp() * unit))

    def wecom(self, plain: str | bytes) -> Knock:
        """`plain` sealed by wechatpy, or bytes that no text can hold, by our own framing."""
        account = self.accounts["wecom-main"]
        token = self.token or account.token.get_secret_value()
        address = Address("http://x/", token, account.encoding_aes_key.get_secret_value())
        stamp = self.at()
        if isinstance(plain, bytes):
            sealed, signature = _sealed_bytes(plain, address, account.corp_id, stamp)
        else:
            sealed, signature = Sealer(address, self.corp or account.corp_id).seal(plain, timestamp=stamp, nonce=NONCE)
        body = f"<xml><ToUserName>{account.corp_id}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        query = {"msg_signature": signature, "timestamp": stamp, "nonce": NONCE}
        return Knock("wecom-main", "app", body.encode(), query)

    def events(self, payload: dict[str, Any]) -> Knock:
        account = self.accounts["dd-main"]
        token = self.token or account.token.get_secret_value()
        seal = Seal(token, account.encoding_aes_key.get_secret_value(), self.corp or account.client_id)
        stamp = self.at(1000)
        sealed = seal.seal(json.dumps(payload), timestamp=stamp, nonce=NONCE)
        query = {"msg_signature": sealed["msg_signature"], "timestamp": stamp, "nonce": NONCE}
        return Knock("dd-main", "events", json.dumps({"encrypt": sealed["encrypt"]}).encode(), query)

    def robot(self, message: dict[str, Any]) -> Knock:
        secret = self.secret or self.accounts["dd-main"].client_secret.get_secret_value()
        stamp = self.at(1000)
        headers = {"timestamp": stamp, "sign": _hmac(secret, f"{stamp}\n{secret}")}
        return Knock("dd-main", "robot", json.dumps(message).encode(), headers=headers)

    def card(self, callback: dict[str, Any]) -> Knock:
        secret = self.secret or self.accounts["dd-main"].api_secret.get_secret_value()
        stamp = self.at(1000)
        headers = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": _hmac(secret, stamp)}
        return Knock("dd-main", "card", json.dumps(callback).encode(), headers=headers)


def said(town, text="年假 5月6日到8日 回家", number="7001"):
    """A clerk's request, as WeCom writes it."""
    second = int(town.clock.now().timestamp())
    return document({
        "ToUserName": "wwdemo0000000000001", "FromUserName": "chenjing", "CreateTime": second,
        "MsgType": "text", "Content": text, "MsgId": number, "AgentID": 1000002,
    })  # fmt: skip


def robot_message(text="年假 5月6日到8日 回家", number="msg7001"):
    return {
        "msgId": number, "conversationType": "1", "conversationId": "cid", "senderStaffId": "zhangsan",
        "senderCorpId": "dingcorpdemo0000001", "msgtype": "text", "text": {"content": text},
    }  # fmt: skip


def tapped(payload="a1.approve.i0.2.000000000000000000000000"):
    content = {"cardPrivateData": {"actionIds": ["act"], "params": {"payload": payload}}}
    return {
        "type": "actionCallback", "outTrackId": "c-00000000000000000000", "corpId": "dingcorpdemo0000001",
        "userId": "zhangsan", "userIdType": 1, "content": json.dumps(content),
    }  # fmt: skip


def left(user="zhangsan"):
    return {"EventType": "user_leave_org", "EventTime": 1, "CorpId": "dingcorpdemo0000001", "userId": [user]}


WRITERS: dict[str, Callable[[Sender], Knock]] = {
    "wecom app": lambda sender: sender.wecom(said(sender.town)),
    "dingtalk events": lambda sender: sender.events(left()),
    "dingtalk robot": lambda sender: sender.robot(robot_message()),
    "dingtalk card": lambda sender: sender.card(tapped()),
}
SEALED = ("wecom app", "dingtalk events")
every_door = pytest.mark.parametrize("door", WRITERS)


@pytest.fixture
async def town(open_town):
    town = await open_town(
        people=staff(zhang="dingtalk"), office=lambda text: text.replace("transport: stream", "transport: http")
    )
    await town.fake("wecom").say("chenjing", "帮助")
    await town.text("wecom", "chenjing", "您可以直接对我说")
    await town.settled()
    return town


async def sent(town, knock):
    return await town.post(knock.path, params=knock.params, data=io.BytesIO(knock.data), headers=knock.headers)


async def refused(town, knock, status, *reasons):
    """The door answers `status` and nothing else, every table is as it was, and one of the reasons is counted."""
    before = await town.everything()
    counted = await town.counted("officebot_rejected_total")
    assert await sent(town, knock) == (status, b"")
    await town.settled()
    assert await town.everything() == before
    assert await town.counted("officebot_rejected_total") == counted + 1
    labels = {"account": knock.account, "door": knock.door}
    assert sum([await town.counted("officebot_rejected_total", **labels, reason=reason) for reason in reasons]) == 1


async def taken(town, knock):
    status, answer = await sent(town, knock)
    assert status == 200
    return answer


@every_door
async def test_the_same_request_untouched_is_taken(town, door):
    """What the other tests spoil is good: otherwise they would prove nothing."""
    before = await town.everything()
    await taken(town, WRITERS[door](Sender(town)))
    after = await town.everything()
    assert len(after["inbox"]) == len(before["inbox"]) + 1


@every_door
async def test_a_forged_signature(town, door):
    good = WRITERS[door](Sender(town))
    spoiled = {name: _other(value) for name, value in {**good.params, **good.headers}.items() if "sign" in name}
    spoiled.pop("x-ddpaas-signature-timestamp", None)
    forged = replace(
        good,
        params={**good.params, **{k: v for k, v in spoiled.items() if k in good.params}},
        headers={**good.headers, **{k: v for k, v in spoiled.items() if k in good.headers}},
    )
    await refused(town, forged, 403, "signature")


@every_door
async def test_a_signature_made_with_another_key(town, door):
    stranger = Sender(town, token="anothertoken", secret="another secret")
    await refused(town, WRITERS[door](stranger), 403, "signature")


@every_door
async def test_no_signature_at_all(town, door):
    good = WRITERS[door](Sender(town))
    await refused(town, replace(good, params={}, headers={}), 403, "signature", "missing parameter")


@pytest.mark.parametrize("door", SEALED)
async def test_a_changed_body_under_its_old_signature(town, door):
    good = WRITERS[door](Sender(town))
    other = WRITERS[door](replace(Sender(town), ago=1.0))
    await refused(town, replace(good, data=other.data), 403, "signature")


@pytest.mark.parametrize("door", SEALED)
async def test_sealed_for_somebody_else(town, door):
    await refused(town, WRITERS[door](Sender(town, corp="ww9999999999999999")), 403, "receive id")


@every_door
@pytest.mark.parametrize("ago", [1300.0, -1300.0], ids=["old", "future"])
async def test_a_replay_outside_the_window(town, door, ago):
    await refused(town, WRITERS[door](Sender(town, ago=ago)), 403, "too old")


@every_door
async def test_a_captured_delivery_played_again_next_day(town, door):
    knock = WRITERS[door](Sender(town))
    await taken(town, knock)
    await town.settled()
    await town.forward(days=1)
    await town.settled()
    await refused(town, knock, 403, "too old")


@every_door
async def test_a_repeated_delivery_has_the_same_success_and_changes_nothing(town, door):
    knock = WRITERS[door](Sender(town))
    first = await taken(town, knock)
    await town.settled()
    before = await town.everything()
    again = await taken(town, knock)
    await town.settled()
    assert await town.everything() == before
    assert await town.counted("officebot_events_total", outcome="repeated") == 1
    assert (again == first) or door == "dingtalk events"  # that answer is sealed anew each time


@every_door
async def test_the_same_delivery_from_ten_connections_at_once_is_one(town, door):
    knock = WRITERS[door](Sender(town))
    count = len(await town.rows("SELECT id FROM inbox"))
    await asyncio.gather(*[taken(town, knock) for _ in range(10)])
    await town.settled()
    assert len(await town.rows("SELECT id FROM inbox")) == count + 1
    assert await town.counted("officebot_events_total", outcome="repeated") == 9


@every_door
async def test_a_megabyte(town, door):
    good = WRITERS[door](Sender(town))
    await refused(town, replace(good, data=good.data + b" " * 1_048_576), 413, "too large")


@every_door
async def test_bytes_that_are_no_utf8(town, door):
    good = WRITERS[door](Sender(town))
    status = 403 if door == "wecom app" else 400
    await refused(town, replace(good, data=b"\xff\xfe" + good.data), status, "not UTF-8", "not utf-8")


async def test_sealed_bytes_that_are_no_utf8(town):
    await refused(town, Sender(town).wecom(b"<xml>\xff\xfe</xml>"), 403, "not UTF-8")


async def test_an_envelope_with_a_dtd(town):
    good = Sender(town).wecom(said(town))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + good.data
    await refused(town, replace(good, data=bomb), 403, "dtd")


@pytest.mark.parametrize(
    "doctype", ['<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x">']
)
async def test_a_dtd_inside_what_is_sealed(town, doctype):
    await refused(town, Sender(town).wecom(doctype + said(town, text="&a;")), 403, "dtd")


@pytest.mark.parametrize("path", ["/callback/nobody/app", "/callback/wecom-main/robot", "/callback/dd-main/app"])
async def test_an_unknown_account_or_door(town, path):
    account, door = path.split("/")[2:]
    before = await town.everything()
    good = Sender(town).wecom(said(town))
    assert await town.post(path, params=good.params, data=good.data) == (404, b"")
    assert await town.everything() == before
    assert await town.counted("officebot_rejected_total", reason="no such door") == 1
    # An outsider's words name no series of ours.
    assert await town.counted("officebot_rejected_total", account=account, door=door) == 0


async def test_an_unknown_event_is_kept_and_counted(town):
    wecom = document({
        "ToUserName": "wwdemo0000000000001", "FromUserName": "sys", "CreateTime": int(town.clock.now().timestamp()),
        "MsgType": "event", "Event": "brand_new_event", "AgentID": 1000002, "Colour": "绿",
    })  # fmt: skip
    before = await town.everything()
    assert await taken(town, Sender(town).wecom(wecom)) == b""
    answer = await taken(town, Sender(town).events({"EventType": "brand_new", "EventTime": 1, "Colour": "green"}))
    assert "encrypt" in json.loads(answer)
    await taken(town, Sender(town).robot({**robot_message(), "msgtype": "hologram"}))
    await taken(town, Sender(town).card({**tapped(), "type": "shaken"}))
    await town.settled()
    after = await town.everything()
    assert {name for name in after if after[name] != before[name]} == {"inbox"}
    kept = set(after["inbox"]) - set(before["inbox"])
    assert [sum(name in row for row in kept) for name in ("brand_new_event", "绿", "brand_new", "hologram", "shaken")] \
        == [1, 1, 2, 1, 1]  # fmt: skip
    assert await town.counted("officebot_events_total", kind="Unknown", outcome="done") == 4


async def test_two_slips_decided_in_the_same_second_both_land(town):
    """WeCom's own advice, sender and second, would take the second one for a repetition (wecom.md 4.4)."""
    second = int(town.clock.now().timestamp())
    for number in ("202604270001", "202604270002"):
        slip = document({
            "ToUserName": "wwdemo0000000000001", "FromUserName": "sys", "CreateTime": second, "MsgType": "event",
            "Event": "sys_approval_change", "AgentID": 3010040,
            "ApprovalInfo": {"SpNo": number, "SpName": "请假", "SpStatus": 2, "StatuChangeEvent": 2},
        })  # fmt: skip
        await taken(town, Sender(town).wecom(slip))
    rows = await town.rows("SELECT key, body FROM inbox WHERE kind = 'ObjectChanged' ORDER BY id")
    assert len(rows) == 2
    assert all(number in row["body"] for row, number in zip(rows, ("202604270001", "202604270002"), strict=True))


def _other(signature: str) -> str:
    """Another signature of the same form."""
    return ("B" if signature[0] == "A" else "A") + signature[1:]


def _hmac(secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), sha256).digest()).decode()


def _sealed_bytes(plain: bytes, address: Address, corp: str, stamp: str) -> tuple[str, str]:
    sealed = framing.encrypt(plain, key=framing.aes_key(address.encoding_aes_key), receive_id=corp)
    return sealed, framing.signature(address.token, stamp, NONCE, sealed)
