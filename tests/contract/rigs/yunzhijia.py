"""Yunzhijia's rig with cards, with texts only, and over the robot's socket: connector and fake over real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import json
from datetime import timedelta
from types import SimpleNamespace

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors import registry
from connectors.clock import MovableClock
from connectors.contract import Challenge, Delivery
from connectors.errors import Rejected
from connectors.sandbox.office import Group, Member, SandboxOffice
from connectors.transport import Http
from connectors.yunzhijia import signing
from connectors.yunzhijia.fake import Fake, Tenant

EID, APP, ROBOT_SECRET, SIGN_KEY, CARD_KEY = "9000001", "500400001", "robot-secret", "sign-key", "our-own-card-key"
AES_KEY = "0123456789abcdef"
TENANT = Tenant(
    eid=EID, app_id=APP, app_secret="app-secret", pub="XT-0a1b", pub_secret="pub-secret", sign_key=SIGN_KEY,
    im_secret="im-secret", robot_secret=ROBOT_SECRET, robot_token="robot-token", approval_app_id="SP9000001",
    approval_secret="team-secret", approval_aes_key=AES_KEY, calendar_secret="work-secret", calendar_key="our-address",
    files_secret="files-secret", base_template="tpl-base", action_template="tpl-act",
)  # fmt: skip
OFFICE = SandboxOffice(
    members=(
        Member("u_zhang", "张三", "综合科", "科员", manager="u_li"),
        Member("u_li", "李四", "综合科", "科长", manager="u_zhao"),
        Member("u_wang", "王五", "人事科", "科员"),
        Member("u_zhao", "赵六", "中心", "主任"),
    ),
    departments={"中心": "", "综合科": "中心", "人事科": "中心"},
    groups=(Group("g-all", "全体", ("u_zhang", "u_li", "u_wang"), robot="all"),),
)


class Rig:
    platform = "yunzhijia"
    account = "yzj-main"
    person = "u_li"
    user = "u_li"
    cards = True
    calendar = True
    websocket = False

    def __init__(self, **fields):
        self.clock = MovableClock()
        self.http = Http()
        self.events: asyncio.Queue = asyncio.Queue()
        self.answers = []
        self.admit = self._queue
        self._fields = fields
        self._listening = None
        self.fake = Fake(
            TENANT, office=OFFICE, clock=self.clock, websocket=self.websocket, robots={"group-token": "g-all"}
        )

    async def start(self):
        self.base = await self.fake.start()
        cards = {"card_template": "tpl-act", "card_base_template": "tpl-base", "card_selects": True,
                 "card_key": CARD_KEY, "im_secret": "im-secret"} if self.cards else {}  # fmt: skip
        self.section = SimpleNamespace(**{
            "platform": "yunzhijia", "name": self.account, "eid": EID, "app_id": APP, "app_secret": "app-secret",
            "pub": "XT-0a1b", "pub_secret": "pub-secret", "base_url": self.base, "sign_key": SIGN_KEY,
            "robot_secret": ROBOT_SECRET, "websocket": self.websocket,
            "robot_url": f"{self.base}/gateway/robot/webhook/send?yzjtype=0&yzjtoken=robot-token",
            "robots": {"all": f"{self.base}/gateway/robot/webhook/send?yzjtype=12&yzjtoken=group-token"},
            "approval_app_id": "SP9000001", "approval_secret": "team-secret", "approval_aes_key": AES_KEY,
            "calendar_secret": "work-secret" if self.calendar else None, "calendar_key": "our-address",
            "files_secret": "files-secret" if self.calendar else None,
            **cards, **self._fields,
        })  # fmt: skip
        self.connector = registry.build(self.section, http=self.http, clock=self.clock)
        await self._start_edge()
        if self.websocket:
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
            self.answers.append((name, refused.status, refused.reason))
            return web.Response(status=refused.status)
        try:
            reply = found if isinstance(found, Challenge) else await self.admit(found)
        except Exception:
            return web.Response(status=500)
        answer = door.answer(delivery, reply, now=self.clock.now())
        self.answers.append((name, answer.status, answer.body))
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

    def shown(self, user="", *, chat="bot"):
        """What a phone shows in one chat, but its owner's own words."""
        phone = self.fake.world.phones[user or self.user]
        return [message for message in phone.chats[chat].messages if not message.mine]

    # Deliveries made by the published formulas

    def delivery(self, door, body, *, headers=None, method="POST"):
        return Delivery(self.account, door, method, {}, headers or {}, as_bytes(body), self.clock.now())

    def millis(self, ago=0):
        return int((self.clock.now() - timedelta(seconds=ago)).timestamp() * 1000)

    def said(self, *, ago=0, **fields):
        return {
            "type": 2, "robotId": "rb001", "robotName": "办公助手", "operatorOpenid": "u_li", "operatorName": "李四",
            "time": self.millis(ago), "msgId": "m-1", "content": "@办公助手 我的待办", **fields,
        }  # fmt: skip

    def robot(self, body, *, secret=ROBOT_SECRET, headers=None):
        return self.delivery("robot", body, headers=headers or {"sign": robot_sign(body, secret)})

    def tapped(self, *, oid="u_li", key=CARD_KEY, ago=0, **fields):
        payload = "a1.approve.i.1.x"
        until = self.clock.now() + timedelta(days=30) - timedelta(seconds=ago)
        tok = signing.card_token(payload, track="letter-1", oid="u_li", until=until, key=key)
        data = {"payload": payload, "tok": tok, "c1_key": "", "i1_key": "opinion", "i1": "同意", **fields}
        return {"oid": oid, "eid": EID, "jobNo": "0042", "outTrackId": "letter-1", "eventData": data}

    def quick(self, *sources, key=SIGN_KEY, person="u_li", **fields):
        ids = list(sources) or ["letter-1:r1:a1.approve.i.1.x"]
        param = {"eid": EID, "sourceType": APP, "openId": person, "sourceIds": ids, **fields}
        sign = mac(key, "&".join(sorted([param["openId"], param["sourceType"], *ids])))
        return {"param": param, "sign": sign}

    def hinted(self, *, key="our-address", **body):
        """The time assistant's hint; the number may be a text or a number (8)."""
        query = {"key": key} if key else {}
        data = as_bytes({"id": "work-1", "method": 1002, **body})
        return Delivery(self.account, "calendar", "POST", query, {}, data, self.clock.now())

    def approval(self, *, key=AES_KEY, ago=0, plain=None, **fields):
        basic = {"eventId": "ev-1", "eventTime": self.millis(ago), "actionType": "agree", "nodeType": "USER",
                 "flowInstId": "flow-1", "eid": EID, "dataType": 1, "title": "采购", **fields}  # fmt: skip
        data = {"success": True, "errorCode": 0, "data": {"basicInfo": basic, "formInfo": {}}}
        return self.delivery("approval", seal(as_bytes(data) if plain is None else plain, key))

    def good(self):
        found = [
            ("robot", self.robot(self.said())),
            ("robot", self.robot(self.said(robotId="test-robotId"), secret="test-secret")),
            ("approval", self.approval()),
            ("todo", self.delivery("todo", self.quick())),
        ]
        if self.calendar:
            found.append(("calendar", self.hinted()))
        return found + ([("card", self.delivery("card", self.tapped()))] if self.cards else [])

    def unknown(self):
        return "robot", self.robot(self.said(type=99))

    def hostile(self):
        say, bad = self.said(), self.delivery
        found = {
            "wrong_signature": self.robot(say, secret="guess"),
            "altered_words": self.robot({**say, "content": "同意 3"}, headers={"sign": robot_sign(say, ROBOT_SECRET)}),
            "old": self.robot(self.said(ago=301)),
            "from_the_future": self.robot(self.said(ago=-301)),
            "missing": bad("robot", say),
            "oversize": bad("robot", b"{" + b" " * 300_000),
            "bad_utf8": bad("robot", b'{"robotId":"\xff"}'),
            "half_characters": bad("robot", b'{"robotId":"\\ud800"}'),
            "not_an_object": bad("robot", b"[]"),
            "get": bad("robot", say, method="GET"),
            "real_robot_by_the_test_key": self.robot(say, secret="test-secret"),
            "approval_other_key": self.approval(key="fedcba9876543210"),
            "approval_old": self.approval(ago=4 * 86400),
            "approval_other_team": self.approval(eid="9000002"),
            "approval_not_base64": bad("approval", b"*" * 32),
            "approval_half_a_block": bad("approval", base64.b64encode(b"x" * 20)),
            "approval_bad_utf8": self.approval(plain=b'{"data":"\xff"}'),
            "approval_empty": bad("approval", b""),
            "todo_wrong_signature": bad("todo", self.quick(key="guess")),
            "todo_added_item": bad("todo", added(self.quick(), "letter-2:r1:a1.approve.j.1.x")),
            "todo_other_app": bad("todo", self.quick(sourceType="500400002")),
            "todo_missing": bad("todo", {"sign": "x"}),
            "todo_no_list": bad("todo", {"param": {"openId": "u_li", "sourceIds": "letter-1"}, "sign": "x"}),
        }
        if self.calendar:
            found |= {"calendar_no_key": self.hinted(key=""), "calendar_guessed": self.hinted(key="our-addresS")}
        if self.cards:
            found |= {
                "card_somebody_else": bad("card", self.tapped(oid="u_zhang")),
                "card_other_key": bad("card", self.tapped(key="guess")),
                "card_other_act": bad("card", self.tapped(payload="a1.reject.i.1.x")),
                "card_older_than_a_card": bad("card", self.tapped(ago=31 * 86400)),
                "card_no_token": bad("card", self.tapped(tok="")),
                "card_strange_token": bad("card", self.tapped(tok=["x"])),
                "card_no_data": bad("card", {"oid": "u_li", "outTrackId": "letter-1", "eventData": "x"}),
            }
        sizes = {"oversize": 413, "get": 405}
        return {name: (delivery.door, delivery, sizes.get(name)) for name, delivery in found.items()}


class TextRig(Rig):
    cards = False
    calendar = False


class SocketRig(Rig):
    websocket = True


VARIANTS = {"cards": Rig, "text": TextRig, "socket": SocketRig}


def robot_sign(body, secret):
    names = ("robotId", "robotName", "operatorOpenid", "operatorName", "time", "msgId", "content")
    return mac(secret, ",".join(str(body[name]) for name in names))


def mac(key, line):
    return base64.b64encode(hmac.new(key.encode(), line.encode(), "sha1").digest()).decode()


def seal(plain, key):
    pad = 16 - len(plain) % 16
    sealer = Cipher(algorithms.AES(key.encode()), modes.ECB()).encryptor()
    return base64.b64encode(sealer.update(plain + bytes([pad]) * pad) + sealer.finalize())


def added(quick, source):
    quick["param"]["sourceIds"].append(source)
    return quick


def as_bytes(body):
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
