"""WeCom's rig: connector and fake over real sockets, a small HTTP edge between them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import aiohttp
from aiohttp import web
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from connectors import registry
from connectors.clock import MovableClock
from connectors.contract import Challenge, Delivery
from connectors.errors import Rejected
from connectors.sandbox.office import Group, Member, SandboxOffice
from connectors.transport import Http
from connectors.wecom.fake import Fake
from connectors.wecom.fake.bot import CHAT
from connectors.wecom.fake.server import BOT_PATH

CORP = "ww1234567890abcdef"
TOKEN = "QDG6eKtoken"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CONTACT_TOKEN = "contacttoken"
CONTACT_KEY = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
ROBOT = "693axxx6-robot-key"
BOT = "aib0000000000000001"

OFFICE = SandboxOffice(
    members=(
        Member("ZhangSan", "张三", "综合科", "科员", manager="lisi", mobile="13800000001"),
        Member("lisi", "李四", "综合科", "科长", manager="zhaoliu", mobile="13800000002"),
        Member("wangwu", "王五", "人事科", "科员"),
        Member("zhaoliu", "赵六", "中心", "主任"),
    ),
    departments={"中心": "", "综合科": "中心", "人事科": "中心"},
    groups=(Group("wrAll", "全体", ("ZhangSan", "lisi", "wangwu"), robot=ROBOT),),
)


class Rig:
    platform = "wecom"
    account = "wecom-main"
    person = "lisi"
    user = "lisi"
    bot_secret = ""

    def __init__(self, **options):
        self.clock = MovableClock()
        self.http = Http()
        self.events: asyncio.Queue = asyncio.Queue()
        self.deliveries = []
        self.statuses = []
        self.answer_with = None  # a status that the edge answers instead of taking the event in
        options = {"pauses": (0.0, 0.0)} | options
        self.fake = Fake(
            corp_id=CORP, agent_id=1000002, secret="app-secret", token=TOKEN, encoding_aes_key=KEY,
            contact_secret="contact-secret", contact_token=CONTACT_TOKEN, contact_encoding_aes_key=CONTACT_KEY,
            office=OFFICE, clock=self.clock, **options,
        )  # fmt: skip

    async def start(self):
        base = await self.fake.start()
        bot = {"bot_id": BOT, "bot_secret": self.bot_secret, "bot_url": f"{base.replace('http', 'ws')}{BOT_PATH}"}
        account = SimpleNamespace(
            platform="wecom", name=self.account, corp_id=CORP, agent_id=1000002, secret="app-secret", token=TOKEN,
            encoding_aes_key=KEY, base_url=base, oauth_base=base, contact_secret="contact-secret",
            contact_token=CONTACT_TOKEN, contact_encoding_aes_key=CONTACT_KEY, robots={"all": ROBOT},
            **(bot if self.fake.bot else {}),
        )  # fmt: skip
        self.base = base
        self.connector = registry.build(account, http=self.http, clock=self.clock)
        app = web.Application()
        app.router.add_route("*", "/callback/{account}/{door}", self._edge)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        edge = f"http://{host}:{port}/callback/{self.account}"
        self.fake.set_callback(f"{edge}/app", contact=f"{edge}/contact")

    async def close(self):
        await self.fake.stop()
        await self.connector.close()
        await self.http.close()
        await self._runner.cleanup()

    async def _edge(self, request):
        name = request.match_info["door"]
        door = self.connector.doors[name]
        delivery = Delivery(
            self.account, name, request.method, dict(request.query),
            {key.lower(): value for key, value in request.headers.items()}, await request.read(), self.clock.now(),
        )  # fmt: skip
        if self.answer_with:
            self.statuses.append(self.answer_with)
            return web.Response(status=self.answer_with)
        try:
            door.verify(delivery, now=self.clock.now())
            found = door.read(delivery)
        except Rejected as refused:
            self.statuses.append(refused.status)
            return web.Response(status=refused.status)
        self.deliveries.append(delivery)
        reply = found if isinstance(found, Challenge) else None
        for event in () if reply else found:
            self.events.put_nowait(event)
        answer = door.answer(delivery, reply, now=self.clock.now())
        self.statuses.append(answer.status)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    async def next(self, kind):
        async with asyncio.timeout(10):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    async def get(self, path, **params):
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}{path}", params=params) as response:
            return await response.json()

    # --- deliveries made by wechatpy

    def delivery(self, plain, *, door="app", at=None, body=None, tamper=None, method="POST", corp=CORP):
        token, key = (TOKEN, KEY) if door == "app" else (CONTACT_TOKEN, CONTACT_KEY)
        timestamp = str(int((at or self.clock.now()).timestamp()))
        crypto = WeChatCrypto(token, key, corp)
        sealed = PrpCrypto(crypto.key).encrypt(plain, corp).decode()
        query = {"timestamp": timestamp, "nonce": "n1", "msg_signature": sign(token, timestamp, "n1", sealed)}
        if method == "GET":
            query["echostr"] = sealed
        if tamper:
            tamper(query)
        if body is None:
            body = b"" if method == "GET" else f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        return Delivery(self.account, door, method, query, {}, body, self.clock.now())

    def xml(self, inner):
        now = int(self.clock.now().timestamp())
        return (
            f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>ZhangSan</FromUserName>"
            f"<CreateTime>{now}</CreateTime>{inner}<AgentID>1000002</AgentID></xml>"
        )

    def text(self):
        return self.xml("<MsgType>text</MsgType><Content>请假</Content><MsgId>7000000000000000001</MsgId>")

    def good(self):
        contact = self.xml(
            "<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType>"
            "<UserID>lisi</UserID>"
        )
        return [
            ("app", self.delivery(self.text())),
            ("app", self.delivery("1616140317555161061", method="GET")),
            ("contact", self.delivery(contact, door="contact")),
        ]

    def unknown(self):
        return "app", self.delivery(self.xml("<MsgType>event</MsgType><Event>invented_yesterday</Event>"))

    def hostile(self):
        now, plain = self.clock.now(), self.text()
        return {
            "wrong_signature": self._bad(plain, 403, tamper=lambda query: query.update(msg_signature="0" * 40)),
            "altered_nonce": self._bad(plain, 403, tamper=lambda query: query.update(nonce="n2")),
            "old": self._bad(plain, 403, at=now - timedelta(seconds=301)),
            "from_the_future": self._bad(plain, 403, at=now + timedelta(seconds=302)),
            "missing": self._bad(plain, 403, tamper=lambda query: query.pop("msg_signature")),
            "missing_body": self._bad(plain, 403, body=b""),
            "oversize": self._bad(plain, 413, body=b"<xml>" + b" " * 1024 * 1024 + b"</xml>"),
            "dtd": self._bad(plain, 403, body=b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
            "inner_dtd": self._bad('<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', 403),
            "bad_utf8": self._bad(plain, 403, body=b"<xml><Encrypt>\xff\xfe</Encrypt></xml>"),
            "inner_bad_utf8": self._bad(b"<xml>\xff</xml>", 403),
            "wrong_receiver": self._bad(plain, 403, corp="ww0000000000000000"),
            "wrong_door": ("contact", self.delivery(plain), 403),
            "put": self._bad(plain, 405, method="PUT"),
        }

    def _bad(self, plain, status, **how):
        return "app", self.delivery(plain, **how), status


class BotRig(Rig):
    """The smart bot beside the app: what is said goes to the bot, cards and everything else are the app's."""

    bot_secret = "bot-secret"

    def __init__(self, **options):
        super().__init__(bot_id=BOT, bot_secret="bot-secret", **options)
        self.admit = self._take

    async def start(self):
        await super().start()
        say = self.fake.say
        setattr(self.fake, "say", lambda user, text, chat=CHAT: say(user, text, chat=chat))  # noqa: B010 - a method
        self._listening = asyncio.create_task(self.connector.listen(lambda events: self.admit(events)))
        if self.bot_secret == "bot-secret":
            await self.until(lambda: self.connector.bot.here)

    async def close(self):
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await super().close()

    async def _take(self, events):
        for event in events:
            self.events.put_nowait(event)

    async def until(self, holds):
        async with asyncio.timeout(10):
            while not holds():
                await self.fake.settle()
                await asyncio.sleep(0)


VARIANTS = {"": Rig, "bot": BotRig}


def sign(token, timestamp, nonce, sealed):
    from wechatpy.utils import WeChatSigner

    signer = WeChatSigner()
    signer.add_data(token, timestamp, nonce, sealed)
    return signer.signature
