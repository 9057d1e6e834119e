"""Rigs of a private deployment behind its gateway: one that calls nobody and knows only links, one with everything."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import ClassVar

from aiohttp import web
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import WeChatSigner

from config.wecom_family import YuezhengyiAccount
from connectors import registry
from connectors.clock import MovableClock
from connectors.contract import Challenge, Delivery
from connectors.errors import Rejected
from connectors.sandbox.office import Member, SandboxOffice
from connectors.transport import Http
from connectors.yuezhengyi.fake import Deployment, Fake
from connectors.yuezhengyi.fake.gateway import Keys

CORP, TOKEN, KEY = "wlabcdef0123456789", "QDG6eKtoken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PAAS, PAAS_TOKEN = "office_bot", "paas-token"
PLAIN = frozenset({"text", "textcard", "file", "image"})
OFFICE = SandboxOffice(
    members=(
        Member("ZhangSan", "张三", "综合科", "科员", manager="lisi"),
        Member("lisi", "李四", "综合科", "科长", manager="zhaoliu"),
        Member("zhaoliu", "赵六", "中心", "主任"),
    ),
    departments={"中心": "", "综合科": "中心"},
)


class Rig:
    """The ordinary case: nothing comes in, cards are unknown, everything is decided on the page."""

    platform = "yuezhengyi"
    account = "yzy-main"
    person = user = "lisi"
    deployment = Deployment(keys=Keys(PAAS, PAAS_TOKEN), kinds=PLAIN)
    more: ClassVar[dict] = {}

    def __init__(self, **more):
        self.clock = MovableClock()
        self.http = Http()
        self.events: asyncio.Queue = asyncio.Queue()
        self.more = self.more | more
        self.fake = Fake(
            deployment=self.deployment, corp_id=CORP, agent_id=1000001, secret="app-secret", token=TOKEN,
            encoding_aes_key=KEY, office=OFFICE, clock=self.clock, pauses=(0.0, 0.0),
        )  # fmt: skip

    async def start(self):
        self.base = await self.fake.start()
        self.connector = registry.build(self.settings(), http=self.http, clock=self.clock)
        app = web.Application()
        app.router.add_route("*", "/callback/{account}/{door}", self._edge)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.fake.set_callback(f"http://{host}:{port}/callback/{self.account}/app")

    def settings(self):
        keys = {"paas_id": PAAS, "token": PAAS_TOKEN}
        return YuezhengyiAccount.model_validate({
            "name": self.account, "platform": "yuezhengyi", "base_url": self.base, "allow_http": True,
            "path_prefix": self.deployment.prefix, "corp_id": CORP, "agent_id": 1000001, "secret": "app-secret",
            "oauth_base": self.base, **({"gateway": keys} if self.deployment.keys else {}), **self.more,
        })  # fmt: skip

    async def close(self):
        await self.fake.stop()
        await self.connector.close()
        await self.http.close()
        await self._runner.cleanup()

    async def _edge(self, request):
        door = self.connector.doors[request.match_info["door"]]
        headers = {key.lower(): value for key, value in request.headers.items()}
        delivery = Delivery(
            self.account, "app", request.method, dict(request.query), headers, await request.read(), self.clock.now()
        )
        try:
            door.verify(delivery, now=self.clock.now())
            found = door.read(delivery)
        except Rejected as refused:
            return web.Response(status=refused.status)
        for event in () if isinstance(found, Challenge) else found:
            self.events.put_nowait(event)
        return web.Response(body=door.answer(delivery, None, now=self.clock.now()).body)

    async def next(self, kind):
        async with asyncio.timeout(10):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    def good(self):
        return []

    def unknown(self):
        return None

    def hostile(self):
        return {}


class CardsRig(Rig):
    """Everything on: template cards, and callbacks that are published through the gateway."""

    deployment = Deployment(
        keys=Keys(PAAS, PAAS_TOKEN), kinds=PLAIN | {"template_card", "markdown"}, callbacks=True, published=True
    )
    more: ClassVar[dict] = {
        "token": TOKEN, "encoding_aes_key": KEY,
        "gateway": {"paas_id": PAAS, "token": PAAS_TOKEN, "signs_callbacks": True},
        "capabilities": {"callback": "yes", "template_card": "yes", "update_template_card": "yes", "markdown": "yes"},
    }  # fmt: skip

    def delivery(self, plain, *, at=None, body=None, tamper=None, method="POST", corp=CORP, headers=None):
        timestamp = str(int((at or self.clock.now()).timestamp()))
        sealed = PrpCrypto(WeChatCrypto(TOKEN, KEY, corp).key).encrypt(plain, corp).decode()
        signer = WeChatSigner()
        signer.add_data(TOKEN, timestamp, "n1", sealed)
        query = {"timestamp": timestamp, "nonce": "n1", "msg_signature": signer.signature}
        if method == "GET":
            query["echostr"] = sealed
        if tamper:
            tamper(query)
        if body is None:
            body = b"" if method == "GET" else f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        headers = self.fake.gateway.stamp() if headers is None else headers
        return Delivery(self.account, "app", method, query, headers, body, self.clock.now())

    def xml(self, inner):
        now = int(self.clock.now().timestamp())
        return (
            f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>ZhangSan</FromUserName>"
            f"<CreateTime>{now}</CreateTime>{inner}<AgentID>1000001</AgentID></xml>"
        )

    def text(self):
        return self.xml("<MsgType>text</MsgType><Content>请假</Content><MsgId>7000000000000000001</MsgId>")

    def good(self):
        return [("app", self.delivery(self.text())), ("app", self.delivery("1616140317555161061", method="GET"))]

    def unknown(self):
        return "app", self.delivery(self.xml("<MsgType>event</MsgType><Event>invented_yesterday</Event>"))

    def hostile(self):
        now, plain = self.clock.now(), self.text()
        good = self.fake.gateway.stamp()
        return {
            "wrong_signature": self._bad(plain, 403, tamper=lambda query: query.update(msg_signature="0" * 40)),
            "old": self._bad(plain, 403, at=now - timedelta(seconds=301)),
            "missing": self._bad(plain, 403, tamper=lambda query: query.pop("msg_signature")),
            "oversize": self._bad(plain, 413, body=b"<xml>" + b" " * 1024 * 1024 + b"</xml>"),
            "dtd": self._bad(plain, 403, body=b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
            "bad_utf8": self._bad(plain, 403, body=b"<xml><Encrypt>\xff\xfe</Encrypt></xml>"),
            "wrong_receiver": self._bad(plain, 403, corp="ww0000000000000000"),
            "past_the_gateway": self._bad(plain, 403, headers={}),
            "another_gateway": self._bad(plain, 403, headers=good | {"x-tif-signature": "0" * 64}),
            "a_user_slipped_in": self._bad(plain, 403, headers=good | {"x-tif-uid": "lisi"}),
        }

    def _bad(self, plain, status, **how):
        return "app", self.delivery(plain, **how), status


class TasksRig(CardsRig):
    """An older direct deployment (政务微信) without a gateway: the legacy task card."""

    deployment = Deployment(prefix="", kinds=PLAIN | {"taskcard"}, callbacks=True, token_method="POST")
    more: ClassVar[dict] = {
        "token": TOKEN, "encoding_aes_key": KEY, "token_method": "POST",
        "capabilities": {"callback": "yes", "taskcard": "yes"},
    }  # fmt: skip

    def delivery(self, plain, **how):
        return super().delivery(plain, **{"headers": {}, **how})

    def hostile(self):
        now, plain = self.clock.now(), self.text()
        return {
            "wrong_signature": self._bad(plain, 403, tamper=lambda query: query.update(msg_signature="0" * 40)),
            "old": self._bad(plain, 403, at=now - timedelta(seconds=301)),
            "missing": self._bad(plain, 403, tamper=lambda query: query.pop("msg_signature")),
            "oversize": self._bad(plain, 413, body=b"<xml>" + b" " * 1024 * 1024 + b"</xml>"),
            "dtd": self._bad(plain, 403, body=b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
            "bad_utf8": self._bad(plain, 403, body=b"<xml><Encrypt>\xff\xfe</Encrypt></xml>"),
        }


VARIANTS = {"links": Rig, "cards": CardsRig, "tasks": TasksRig}
