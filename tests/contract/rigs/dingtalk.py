"""DingTalk's rig in both transports: connector and fake over real sockets, a small HTTP edge where one is needed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import json
from datetime import timedelta
from types import SimpleNamespace

from aiohttp import web
from dingtalk.crypto import DingTalkCrypto

from connectors import registry
from connectors.clock import MovableClock
from connectors.contract import Challenge, Delivery
from connectors.dingtalk.fake import Fake
from connectors.errors import Rejected
from connectors.sandbox.office import Group, Member, SandboxOffice
from connectors.transport import Http

CLIENT = "dingclientid0001"
SECRET = "client-secret-of-the-app"
CORP = "dingcorp0001"
TOKEN = "mryuetoken"
KEY = "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7"
TEMPLATE = "b0b7a1c5-template.schema"
ROUTE, API_SECRET = "officebot", "card-api-secret"
ROBOT_TOKEN, ROBOT_SECRET = "robot-access-token", "SECrobot"

OFFICE = SandboxOffice(
    members=(
        Member("u_zhang", "张三", "综合科", "科员", manager="u_li", mobile="13800000001", union_id="UNION1"),
        Member("u_li", "李四", "综合科", "科长", manager="u_zhao", mobile="13800000002", union_id="UNION2"),
        Member("u_wang", "王五", "人事科", "科员"),
        Member("u_zhao", "赵六", "中心", "主任"),
    ),
    departments={"中心": "", "综合科": "中心", "人事科": "中心"},
    groups=(Group("cidAll==", "全体", ("u_zhang", "u_li", "u_wang"), robot="all"),),
)


class Rig:
    """`admit` may be replaced by a test: it takes the events and returns the tapper's card, as `contract.Admit`."""

    platform = "dingtalk"
    account = "dd-main"
    person = "u_li"
    user = "u_li"
    transport = "stream"

    def __init__(self, *, template=TEMPLATE, transport="", **fields):
        self.transport = transport or self.transport
        self.clock = MovableClock()
        self.http = Http()
        self.events: asyncio.Queue = asyncio.Queue()
        self.admit = self._queue
        self._fields = fields
        self._template = template
        self._listening = self._runner = None
        http = {"callback_base": "http://127.0.0.1:1", "route_key": ROUTE, "api_secret": API_SECRET}
        self.fake = Fake(
            client_id=CLIENT, client_secret=SECRET, corp_id=CORP, robot_code=CLIENT, token=TOKEN, encoding_aes_key=KEY,
            card_template_id=TEMPLATE, office=OFFICE, clock=self.clock,
            robots={ROBOT_TOKEN: ("cidAll==", ROBOT_SECRET)},
            **(http if self.transport == "http" else {"callback_base": None}),
        )  # fmt: skip

    async def start(self):
        self.base = await self.fake.start()
        self.section = SimpleNamespace(**{
            "platform": "dingtalk", "name": self.account, "client_id": CLIENT, "client_secret": SECRET, "corp_id": CORP,
            "robot_code": CLIENT, "agent_id": 1000, "transport": self.transport, "token": TOKEN,
            "encoding_aes_key": KEY, "card_template_id": self._template, "card_route_key": ROUTE,
            "api_secret": API_SECRET, "api_base": self.base, "oapi_base": self.base,
            "robots": {"all": SimpleNamespace(token=ROBOT_TOKEN, secret=ROBOT_SECRET)}, **self._fields,
        })  # fmt: skip
        self.connector = registry.build(self.section, http=self.http, clock=self.clock)
        if self.transport == "http":
            await self._start_edge()
        else:
            await self.listen()

    async def listen(self):
        """Returns when the socket stands."""
        self._listening = asyncio.create_task(self.connector.listen(lambda events: self.admit(events)))
        await self.until(lambda: self.fake.gateway.sockets)

    async def _start_edge(self):
        app = web.Application()
        app.router.add_route("*", "/callback/{account}/{door}", self._edge)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.edge = f"http://{host}:{port}/callback/{self.account}"
        self.fake.set_callback(self.edge)

    async def close(self):
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        await self.fake.stop()
        await self.connector.close()
        await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _queue(self, events):
        for event in events:
            self.events.put_nowait(event)

    async def _edge(self, request):
        name = request.match_info["door"]
        door = self.connector.doors[name]
        delivery = Delivery(
            self.account, name, request.method, dict(request.query),
            {key.lower(): value for key, value in request.headers.items()}, await request.read(), self.clock.now(),
        )  # fmt: skip
        try:
            door.verify(delivery, now=self.clock.now())
            found = door.read(delivery)
        except Rejected as refused:
            return web.Response(status=refused.status)
        try:
            reply = found if isinstance(found, Challenge) else await self.admit(found)
        except Exception:
            return web.Response(status=500)
        answer = door.answer(delivery, reply, now=self.clock.now())
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    async def next(self, kind):
        async with asyncio.timeout(10):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    async def until(self, condition):
        """Waits for something that leaves a line in the fake's trace; looks again at each line."""
        feed = self.fake.trace.subscribe()
        try:
            async with asyncio.timeout(10):
                while not condition():
                    await feed.get()
        finally:
            self.fake.trace.unsubscribe(feed)

    def shown(self, user=""):
        """The bot's bubbles on a phone, all chats."""
        phone = self.fake.world.phones[user or self.user]
        return [message for chat in phone.chats.values() for message in chat.messages if not message.mine]

    # Deliveries made by dingtalk-sdk and by the published formulas

    def delivery(self, door, body, *, query=None, headers=None):
        return Delivery(self.account, door, "POST", query or {}, headers or {}, body, self.clock.now())

    def millis(self, ago=0):
        return str(int((self.clock.now() - timedelta(seconds=ago)).timestamp() * 1000))

    def event(self, payload, *, owner=CLIENT, ago=0, token=TOKEN, tamper=None):
        text = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False)
        sealed = DingTalkCrypto(token, KEY, owner).encrypt_message(text, nonce="n1", timestamp=self.millis(ago))
        query = {"msg_signature": sealed["msg_signature"], "timestamp": sealed["timeStamp"], "nonce": "n1"}
        if tamper:
            tamper(query)
        return self.delivery("events", json.dumps({"encrypt": sealed["encrypt"]}).encode(), query=query)

    def robot(self, body, *, secret=SECRET, ago=0):
        stamp = self.millis(ago)
        headers = {"timestamp": stamp, "sign": sign(secret, f"{stamp}\n{secret}")}
        return self.delivery("robot", as_bytes(body), headers=headers)

    def card(self, body, *, secret=API_SECRET, ago=0):
        stamp = self.millis(ago)
        headers = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": sign(secret, stamp)}
        return self.delivery("card", as_bytes(body), headers=headers)

    def said(self, **fields):
        return {
            "msgId": "msg-1", "createAt": int(self.millis()), "conversationType": "1", "conversationId": "cid-1",
            "senderStaffId": "u_li", "senderCorpId": CORP, "msgtype": "text", "text": {"content": "请假"}, **fields,
        }  # fmt: skip

    def tapped(self, **fields):
        content = {"cardPrivateData": {"actionIds": ["act"], "params": {"payload": "a1.approve.i.1.x"}}}
        return {"type": "actionCallback", "outTrackId": "letter-1", "corpId": CORP, "userId": "u_li", "userIdType": 1,
                "content": json.dumps(content), **fields}  # fmt: skip

    def good(self):
        found = [
            ("events", self.event({"EventType": "user_leave_org", "EventTime": 1767225600000, "userId": ["u_li"]})),
            ("events", self.event({"EventType": "check_url"})),
        ]
        if "card" in self.connector.doors:
            found += [("robot", self.robot(self.said())), ("card", self.card(self.tapped()))]
        return found

    def unknown(self):
        return "events", self.event({"EventType": "invented_yesterday", "EventTime": 1767225600000})

    def hostile(self):
        event = {"EventType": "user_leave_org", "userId": ["u_li"]}
        found = {
            "wrong_signature": self.event(event, tamper=lambda query: query.update(msg_signature="0" * 40)),
            "wrong_token": self.event(event, token="another"),
            "old": self.event(event, ago=601),
            "from_the_future": self.event(event, ago=-601),
            "missing": self.event(event, tamper=lambda query: query.pop("msg_signature")),
            "oversize": self.delivery("events", b'{"encrypt":"' + b"A" * 300_000 + b'"}'),
            "bad_utf8": self.delivery("events", b'{"encrypt":"\xff\xfe"}'),
            "inner_bad_utf8": self.event(b'{"EventType":"\xff"}'),
            "wrong_receiver": self.event(event, owner="suite4xxxxxxxxx"),
            "no_object": self.event([1]),
        }
        if "card" in self.connector.doors:
            found |= {
                "robot_wrong_signature": self.robot(self.said(), secret="guess"),
                "robot_old": self.robot(self.said(), ago=301),
                "robot_missing": self.delivery("robot", as_bytes(self.said())),
                "robot_oversize": self.robot(b" " * 300_000),
                "robot_bad_utf8": self.robot(b'{"msgId":"\xff"}'),
                "card_wrong_signature": self.card(self.tapped(), secret="guess"),
                "card_old": self.card(self.tapped(), ago=301),
                "card_missing": self.delivery("card", as_bytes(self.tapped())),
                "card_nonsense": self.card(b"[]"),
            }
        sizes = {"oversize": 413, "robot_oversize": 413}
        return {name: (delivery.door, delivery, sizes.get(name)) for name, delivery in found.items()}


class HttpRig(Rig):
    transport = "http"


VARIANTS = {"stream": Rig, "http": HttpRig}


def sign(secret, text):
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), "sha256").digest()).decode()


def as_bytes(body):
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
