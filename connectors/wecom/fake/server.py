"""The fake as one thing: the API over HTTP, the phones for a hand, the faults of a bad day."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from connectors.clock import MovableClock
from connectors.sandbox import control
from connectors.sandbox.calendar import CALENDAR, typed
from connectors.sandbox.office import SandboxOffice
from connectors.sandbox.phones import Message, Phone
from connectors.wecom.fake import cards
from connectors.wecom.fake.bodies import Bodies
from connectors.wecom.fake.bot import CHAT as BOT_CHAT
from connectors.wecom.fake.bot import Bot
from connectors.wecom.fake.callbacks import Address, Callbacks, Post, document
from connectors.wecom.fake.directory import Directory
from connectors.wecom.fake.groups import Groups
from connectors.wecom.fake.media import MediaStore
from connectors.wecom.fake.messages import Messages
from connectors.wecom.fake.schedules import Kept, Schedules
from connectors.wecom.fake.schedules import event as schedule_event
from connectors.wecom.fake.tokens import Tokens
from connectors.wecom.fake.world import BOT, Call, Data, Refusal, World

Handler = Callable[[Call], Awaitable[dict[str, Any] | web.Response]]
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
BOT_PATH = "/aibot"
_NO_TOKEN = frozenset({"gettoken", "webhook/send", "webhook/upload_media"})
_SECRET_QUERY = re.compile(r"(^|&)(access_token|corpsecret|key)=[^&]*")
_SECRET_ANSWER = re.compile(r'("(?:access_token|ticket)": ")[^"]*')
_MEDIA_NAMES = {"image": "PicUrl", "voice": "Format", "video": "ThumbMediaId"}
_NO_FILES = "应用不能接收文件"  # the platform's own words on the phone: app callbacks have no file (wecom.md 5.1)


class Fake:
    """One organisation with one app on it. Implements `connectors.sandbox.control.Platform`.

    `callback_url` and `contact_url` may be set later (`set_callback`): the service usually starts after us. Times
    follow `clock`, except `answer_within`, the real seconds that a callback may take.
    """

    platform = "wecom"
    prefix = ""

    def __init__(
        self,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        token: str = "",
        encoding_aes_key: str = "",
        callback_url: str | None = None,
        contact_secret: str = "",
        contact_token: str = "",
        contact_encoding_aes_key: str = "",
        contact_url: str | None = None,
        office: SandboxOffice,
        clock: MovableClock,
        redirect_host: str = "",
        app_name: str = "officebot",
        answer_within: float = 5.0,
        pauses: Sequence[float] = (5.0, 5.0),
        bot_id: str = "",
        bot_secret: str = "",
    ) -> None:
        self._world = World(corp_id=corp_id, agent_id=agent_id, app_name=app_name, office=office, clock=clock)
        self.clock, self.faults, self.trace = clock, self._world.faults, self._world.trace
        self._app_address = Address(callback_url or "", token, encoding_aes_key)
        self._contact_address = Address(contact_url or "", contact_token, contact_encoding_aes_key, with_agent=False)
        self._tokens = Tokens(corp_id, {"app": secret, "contact": contact_secret}, clock)
        self._media = MediaStore(self._world)
        self._directory = Directory(self._world, redirect_host=redirect_host)
        self._groups = Groups(self._world, self._media)
        self._calendars = Schedules(self._world)
        self._messages = self._office()
        self.bot = Bot(self._world, bot_id=bot_id, secret=bot_secret) if bot_id else None
        self._callbacks = Callbacks(self._world, answer_within=answer_within, pauses=pauses)
        self._runner: web.AppRunner | None = None

    def _office(self) -> Messages:
        return Messages(self._world, Bodies(self._media), self._directory, lambda: self._app_address.works)

    # --- life

    def app(self) -> web.Application:
        """The API under /cgi-bin/, the login page, the control address."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        for (method, path), handler in self._table().items():
            app.router.add_route(method, f"{self.prefix}/cgi-bin/{path}", self._served(path, handler))
        app.router.add_get("/connect/oauth2/authorize", self._directory.authorize)
        if self.bot is not None:
            app.router.add_get(BOT_PATH, self.bot.connect)
        app.add_routes(control.routes(self))
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens; gives the base url for `Settings.base_url` and `oauth_base`."""
        # No access log: the addresses carry tokens and secrets.
        self._runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        return f"http://{bound[0]}:{bound[1]}"

    async def stop(self) -> None:
        if self.bot is not None:
            await self.bot.close()
        await self._callbacks.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def set_callback(self, url: str, *, contact: str = "") -> None:
        """The console's "receive messages" page, without its check: see `verify_callback`."""
        old, old_contact = self._app_address, self._contact_address
        self._app_address = Address(url, old.token, old.encoding_aes_key)
        self._contact_address = Address(contact, old_contact.token, old_contact.encoding_aes_key, with_agent=False)

    async def verify_callback(self) -> bool:
        """Asks the callback URL to prove that it holds token and key (GET with echostr)."""
        return await self._callbacks.verify(self._app_address)

    async def settle(self) -> None:
        """Waits until every callback under way is answered or given up."""
        await self._callbacks.settle()

    @property
    def tokens_issued(self) -> int:
        return self._tokens.issued

    # --- API

    def _table(self) -> dict[tuple[str, str], Handler]:
        messages, groups, directory = self._messages, self._groups, self._directory
        return {
            ("GET", "gettoken"): self._tokens.gettoken,
            ("POST", "message/send"): messages.send,
            ("POST", "message/update_template_card"): messages.update,
            ("POST", "message/recall"): messages.recall,
            ("POST", "appchat/create"): groups.create,
            ("POST", "appchat/update"): groups.update,
            ("GET", "appchat/get"): groups.get,
            ("POST", "appchat/send"): groups.send,
            ("POST", "webhook/send"): groups.webhook,
            ("POST", "webhook/upload_media"): groups.webhook_upload,
            ("POST", "media/upload"): self._media.upload,
            ("GET", "media/get"): self._media.get,
            ("GET", "user/get"): directory.get,
            ("POST", "user/list_id"): directory.list_id,
            ("POST", "user/getuserid"): directory.by_mobile,
            ("GET", "department/list"): directory.departments,
            ("GET", "department/simplelist"): directory.simple,
            ("GET", "auth/getuserinfo"): directory.userinfo,
            ("POST", "oa/calendar/add"): self._calendars.add_calendar,
            ("POST", "oa/schedule/add"): self._calendars.add,
            ("POST", "oa/schedule/update"): self._calendars.update,
            ("POST", "oa/schedule/del"): self._calendars.delete,
            ("POST", "oa/schedule/get"): self._calendars.get,
            ("POST", "oa/schedule/get_by_calendar"): self._calendars.get_by_calendar,
            ("GET", "getcallbackip"): _callback_addresses,
            ("GET", "get_jsapi_ticket"): self._tokens.ticket,
            ("GET", "ticket/get"): self._tokens.ticket,
        }

    def _served(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if slow := self.faults.take("api", path, "slow"):
                await self.clock.sleep(slow.seconds)
            if self.faults.take("api", path, "down"):
                return self._cut(request, path, "down")
            if broken := self.faults.take("api", path, "error"):
                self._note(request, path, str(broken.status), "", "")
                return web.Response(status=broken.status)
            response, plain = await self._answer(request, path, handler)
            shown = _text(response)
            if self.faults.take("api", path, "lost"):
                return self._cut(request, path, "lost", plain)
            self._note(request, path, str(response.status), plain, shown)
            return response

        return serve

    async def _answer(self, request: web.Request, path: str, handler: Handler) -> tuple[web.Response, str]:
        plain = ""
        try:
            if self.faults.take("api", path, "limit"):
                raise Refusal(45009, "api freq out of limit")
            call = await _read(request)
            plain = call.raw.decode(errors="replace") or " ".join(name for name, _ in call.files.values())
            if path not in _NO_TOKEN:
                self._tokens.check(call, path)
            answer = await handler(call)
        except Refusal as no:
            # Like the real one: a hint and the caller's address in the words.
            words = f"{no.words}, hint: [{secrets.token_hex(8)}], from ip: {request.remote}"
            answer = {"errcode": no.code, "errmsg": words}
        if isinstance(answer, web.Response):
            return answer, plain
        return _json({"errcode": 0, "errmsg": "ok"} | answer), plain

    def _cut(self, request: web.Request, path: str, why: str, plain: str = "") -> web.StreamResponse:
        """The connection ends without a word."""
        self._note(request, path, why, plain, "")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _note(self, request: web.Request, path: str, status: str, plain: str, answer: str) -> None:
        query = _SECRET_QUERY.sub(r"\1\2=***", request.query_string)
        self.trace.record(
            at=self._world.stamp(), platform=self.platform, direction="in", name=f"{request.method} {path}",
            status=status, plain=f"{query}\n{plain}".strip(), answer=_SECRET_ANSWER.sub(r"\1***", answer),
        )  # fmt: skip

    # --- a hand on a phone

    def phones(self) -> Sequence[Phone]:
        return list(self._world.phones.values())

    def file(self, file_id: str) -> tuple[str, bytes]:
        """Name and content of what was uploaded or sent; raises LookupError."""
        kept = self._media.kept(file_id)
        return kept.name, kept.data

    async def say(self, user: str, text: str, *, chat: str = "") -> None:
        if chat == CALENDAR:
            await self._change_newest(user, text)
            return
        if self.bot is not None and chat == BOT_CHAT:
            await self.bot.say(user, text)
            return
        if chat and chat != BOT:
            self._groups.say(user, chat, text)
            return
        number = self._mine(user, Message("", "", "text", text=text))
        self._callback("text", user, {"MsgType": "text", "Content": text, "MsgId": number})

    async def send_media(self, user: str, *, kind: str, name: str, data: bytes) -> None:
        if kind not in _MEDIA_NAMES:
            self._world.member(user)
            bubble = Message(self._world.number("msg"), self._world.stamp(), "system", text=_NO_FILES)
            self._world.show(user, BOT, bubble)
            return
        stored = self._media.keep(kind, name, data)
        number = self._mine(user, Message("", "", stored.view, file_name=name, file_id=stored.id))
        extra = {"image": f"https://pic.invalid/{stored.id}", "voice": "amr", "video": stored.id}[kind]
        fields = {"MsgType": kind, _MEDIA_NAMES[kind]: extra, "MediaId": stored.id, "MsgId": number}
        self._callback(kind, user, fields)

    async def open_chat(self, user: str) -> None:
        self._world.member(user)
        self._event("enter_agent", user, {"EventKey": ""})

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        if self.bot is not None and self.bot.knows(message):
            await self.bot.tap(user, message, button, inputs)
            return ""
        sent, copy = self._messages.find(user, message)
        if copy.closed:
            raise LookupError("the card is closed")
        kinds = dict(cards.keys(copy.card))
        event = kinds[button]
        chosen = _chosen(copy.card, inputs)
        fields = {
            "EventKey": button, "TaskId": copy.card["task_id"], "CardType": copy.card["card_type"],
            "ResponseCode": self._messages.issue_code(sent),
        }  # fmt: skip
        if chosen and event == "template_card_event":
            fields["SelectedItems"] = {"SelectedItem": chosen}
        self._event(event, user, fields)
        return ""

    async def emit(self, name: str, fields: Mapping[str, Any]) -> None:
        """An event by name (`change_contact`), `message:<kind>` for a message, `url_verification` for the check."""
        if name == "url_verification":
            await self.verify_callback()
            return
        own = dict(fields)
        user = str(own.pop("FromUserName", "sys"))
        if name.startswith("message:"):
            kind = name.removeprefix("message:")
            self._callback(kind, user, {"MsgType": kind, "MsgId": _message_number(), **own})
            return
        self._event(name, user, own)

    # --- a member's calendar in the client

    def schedules(self, user: str) -> list[tuple[str, str]]:
        """(id, title) of what stands in a member's calendar."""
        return [(one.id, str(one.fields["summary"])) for one in self._calendars.of(user)]

    async def move_schedule(self, id_: str, begin: datetime, end: datetime) -> None:
        """The member drags it to another time of day. Raises LookupError."""
        times = {"start_time": int(begin.timestamp()), "end_time": int(end.timestamp())}
        self._changed(self._calendars.by_hand(id_, is_whole_day=0, **times), "modify_schedule")

    async def rename_schedule(self, id_: str, title: str) -> None:
        self._changed(self._calendars.by_hand(id_, summary=title), "modify_schedule")

    async def delete_schedule(self, id_: str) -> None:
        self._changed(self._calendars.by_hand(id_), "delete_schedule")

    async def _change_newest(self, user: str, text: str) -> None:
        one = self._calendars.of(user)[-1]
        times = typed(text, *self._calendars.times(one))
        await (self.delete_schedule(one.id) if times is None else self.move_schedule(one.id, *times))

    def _changed(self, one: Kept, name: str) -> None:
        self._event(name, one.fields["attendees"][0]["userid"], schedule_event(one))

    def revoke_tokens(self) -> None:
        self._tokens.revoke()

    async def disconnect(self) -> None:
        """WeCom's app has no long connection; its smart bot has one."""
        if self.bot is not None:
            await self.bot.drop()

    def _mine(self, user: str, bubble: Message) -> str:
        number = _message_number()
        bubble.id, bubble.at, bubble.mine = number, self._world.stamp(), True
        bubble.author = self._world.member(user).name
        self._world.show(user, BOT, bubble)
        return number

    def _event(self, name: str, user: str, fields: Data) -> None:
        self._callback(name, user, {"MsgType": "event", "Event": name, **fields})

    def _callback(self, name: str, user: str, fields: Data) -> None:
        contact = name == "change_contact" and self._contact_address.works
        address = self._contact_address if contact else self._app_address
        who = self._world.members.get(user.casefold())
        common = {
            "ToUserName": self._world.corp_id, "FromUserName": who.id if who else user,
            "CreateTime": int(self.clock.now().timestamp()),
        }  # fmt: skip
        agent = {"AgentID": self._world.agent_id} if address.with_agent else {}
        self._callbacks.post(Post(name, document({**common, **fields, **agent}), address, who.id if who else ""))


async def _read(request: web.Request) -> Call:
    query = dict(request.query)
    if request.method == "GET":
        return Call(query)
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        files = {
            name: (part.filename, part.file.read()) for name, part in form.items() if isinstance(part, web.FileField)
        }
        return Call(query, files=files)
    raw = await request.read()
    if not raw and request.path.endswith("/gettoken"):
        return Call(query)
    if _ESCAPE.search(raw):
        raise Refusal(40033, "no \\uxxxx escapes")
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(47001, "data format error") from None
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return Call(query, body, raw)


def _chosen(card: Data, inputs: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """SelectedItem elements; what was not touched keeps the card's own selection. Raises LookupError."""
    chosen = []
    drawn = {choice.key: choice.selected for choice in cards.draw(cards.Copy(card), bubble=_EMPTY).choices}
    known = cards.questions(card)
    if unknown := set(inputs) - set(known):
        raise LookupError(f"no such question: {unknown}")
    for key, (options, many) in known.items():
        picked = list(inputs.get(key, drawn[key]))
        if not set(picked) <= options or (len(picked) > 1 and not many):
            raise LookupError(f"no such options: {picked}")
        chosen.append({"QuestionKey": key, "OptionIds": {"OptionId": picked}})
    return chosen


async def _callback_addresses(_: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1", "101.226.103.*"]}


def _message_number() -> str:
    return str(7 * 10**18 + secrets.randbelow(10**18))


def _json(value: Mapping[str, Any]) -> web.Response:
    return web.json_response(value, dumps=lambda v: json.dumps(v, ensure_ascii=False))


def _text(response: web.Response) -> str:
    if response.content_type != "application/json":
        return f"({len(response.body) if isinstance(response.body, bytes) else 0} bytes)"
    return response.text or ""


_EMPTY = Message("", "", "card")
