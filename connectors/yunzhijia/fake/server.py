"""The fake as one thing: all families on one origin, the robot's socket, and a hand on every phone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from yarl import URL

from connectors.clock import MovableClock
from connectors.sandbox import control
from connectors.sandbox.calendar import CALENDAR, typed
from connectors.sandbox.office import SandboxOffice
from connectors.sandbox.phones import Message, Phone
from connectors.yunzhijia.fake import cards
from connectors.yunzhijia.fake.api import Api, Handler
from connectors.yunzhijia.fake.files import FileService
from connectors.yunzhijia.fake.gateway import Gateway
from connectors.yunzhijia.fake.push import Push
from connectors.yunzhijia.fake.works import Work, hint
from connectors.yunzhijia.fake.world import BOT, TODO, Call, Refusal, Tenant, World

_FORMS = "/gateway/opendata-control/"
_NO_FILES = "机器人不能接收文件"


class Fake:
    """A strict local Yunzhijia for one tenant; implements `connectors.sandbox.control.Platform`.

    `callback` is `<service>/callback/<account>` and may come later (`set_callback`). With `websocket` the robot's
    messages go over its socket, else over HTTP. `robots` are group robots: yzjtoken -> group id.
    """

    platform = "yunzhijia"

    def __init__(self, tenant: Tenant, *, office: SandboxOffice, clock: MovableClock, callback: str = "",
                 websocket: bool = False, robots: Mapping[str, str] | None = None) -> None:  # fmt: skip
        self.world = World(tenant, office, clock)
        self.clock, self.faults, self.trace = clock, self.world.faults, self.world.trace
        self.cards = cards.CardPlatform(self.world)
        self.api = Api(self.world, self.cards, robots or {})
        self.gateway = Gateway(self.world)
        self.files = FileService(self.world)
        self.push = Push(self.world, callback)
        self._websocket = websocket
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._held: list[asyncio.Event] = []

    # The server

    def app(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        for path, handler in self.api.handlers().items():
            app.router.add_post(path, self._served(path, handler))
        app.add_routes(self.files.routes())
        app.add_routes([web.get("/xuntong/websocket", self.gateway.serve), web.get("/_client/open", self._open_page),
                        *control.routes(self)])  # fmt: skip
        app.on_shutdown.append(self._shut)
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens and returns the base address; port 0 takes a free one."""
        # No access log: the addresses carry tokens.
        self._runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.world.base = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.world.base

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _shut(self, _: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.gateway.disconnect()
        await self.push.close()

    def set_callback(self, base: str) -> None:
        self.push.base = base.rstrip("/")

    def _served(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if slow := self.faults.take("api", path, "slow"):
                await self.clock.sleep(slow.seconds)
            if self.faults.take("api", path, "down"):
                return self._cut(request, path, "down", {})
            if broken := self.faults.take("api", path, "error"):
                self.world.note("in", path, str(broken.status), "")
                return web.Response(status=broken.status)
            call = await _read(request, path)
            answer, status = await self._answer(path, call, handler)
            if self.faults.take("api", path, "lost"):
                return self._cut(request, path, "lost", call.body)
            self.world.note("in", path, str(status), call.body, answer=answer)
            return web.json_response(answer, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False))

        return serve

    async def _answer(self, path: str, call: Call, handler: Handler) -> tuple[dict[str, Any], int]:
        try:
            if self.faults.take("api", path, "limit"):
                return _limited(path), 200
            return await handler(call), 200
        except Refusal as no:
            return {"success": False, "errorCode": no.code, "error": no.words, "data": no.data}, no.status

    def _cut(self, request: web.Request, path: str, why: str, plain: Any) -> web.StreamResponse:
        """The connection ends without a word."""
        self.world.note("in", path, why, plain)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _open_page(self, request: web.Request) -> web.Response:
        """A page opened in the client: it appends the ticket of whoever taps (7)."""
        try:
            target = self.opened(request.query["user"], request.query["url"])
        except LookupError:
            raise web.HTTPNotFound from None
        raise web.HTTPFound(target)

    def opened(self, user: str, url: str) -> str:
        """`url` as the client opens it for this user; raises LookupError."""
        return str(URL(url).update_query(ticket=self.ticket(user)))

    def ticket(self, user: str) -> str:
        """A login ticket as the client gets it; raises LookupError."""
        return self.world.ticket(user)

    async def idle(self) -> None:
        """Until every callback under way has been answered or given up."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # The hand on the phones

    def phones(self) -> Sequence[Phone]:
        return list(self.world.phones.values())

    async def say(self, user: str, text: str, *, chat: str = "") -> None:
        if chat == CALENDAR:
            await self._change_newest(user, text)
            return
        author, id_ = self.world.member(user), self.world.number("said")
        group = chat if chat not in ("", BOT, TODO) else ""
        readers = [user] if not group else [one for one, phone in self.world.phones.items() if group in phone.chats]
        for one in readers:
            bubble = Message(id_, self.world.stamp(), "text", mine=one == user, author=author.name, text=text)
            self.world.show(one, group or BOT, bubble)
        self._deliver("robot", self._robot(self._said(user, text, group)))

    def _said(self, user: str, text: str, group: str) -> dict[str, Any]:
        """The body of 3.2; `content` normally starts with the mention."""
        tenant = self.world.tenant
        return {
            "type": 2, "robotId": tenant.robot_id, "robotName": tenant.robot_name, "operatorOpenid": user,
            "operatorName": self.world.member(user).name, "time": self.world.millis(),
            "msgId": self.world.number("m"), "content": f"@{tenant.robot_name} {text}", "eid": tenant.eid,
            "groupId": group or f"robot-{user}", "groupType": 2 if group else 1, "msgType": 2,
        }  # fmt: skip

    def _robot(self, body: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
        return lambda: self.gateway.push(body) if self._websocket else self.push.robot(body)

    async def send_media(self, user: str, *, kind: str, name: str, data: bytes) -> None:
        """Nothing but text reaches a robot; the client says so."""
        self.world.member(user)
        self.world.show(user, BOT, Message(self.world.number("msg"), self.world.stamp(), "system", text=_NO_FILES))

    # A member's calendar in the client

    def schedules(self, user: str) -> list[tuple[str, str]]:
        """(id, title) of what stands in a member's calendar."""
        return [(one.id, one.title) for one in self.api.works.of(user)]

    async def move_schedule(self, id_: str, begin: datetime, end: datetime) -> None:
        """The member drags it to another time. Raises LookupError."""
        times = {"startDate": int(begin.timestamp()) * 1000, "endDate": int(end.timestamp()) * 1000}
        self._changed(self.api.works.by_hand(id_, **times), "1002")

    async def rename_schedule(self, id_: str, title: str) -> None:
        _, *rest = str(self.api.works.kept[id_].fields["content"]).split("\n")
        self._changed(self.api.works.by_hand(id_, content="\n".join([title, *rest])), "1002")

    async def delete_schedule(self, id_: str) -> None:
        self._changed(self.api.works.by_hand(id_), "1003")

    async def _change_newest(self, user: str, text: str) -> None:
        one = self.api.works.of(user)[-1]
        times = typed(text, *one.times)
        await (self.delete_schedule(one.id) if times is None else self.move_schedule(one.id, *times))

    def _changed(self, one: Work, method: str) -> None:
        if self.world.tenant.calendar_key:
            self._deliver("calendar", lambda: self.push.calendar(hint(one, method)))

    async def open_chat(self, user: str) -> None:
        """The robot is told nothing of this; the phone must be somebody's."""
        self.world.member(user)

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        self.world.member(user)
        if message.startswith("todo:"):
            return await self._agree(user, message.removeprefix("todo:"), button)
        card = self.cards.cards.get(message)
        if card is None:
            raise LookupError(f"no card {message}")
        shown = card.seen_by(user)
        if not shown.get(f"{button}_text"):
            raise LookupError(f"no button {button} on {message}")
        if shown.get(f"{button}_url"):
            return ""
        body = {"oid": user, "eid": self.world.tenant.eid, "jobNo": "", "outTrackId": card.track,
                "eventData": cards.event_data(shown, button, inputs)}  # fmt: skip
        answer = await self._deliver("card", lambda: self.push.card(body))
        return self.cards.answered(card, user, answer)

    async def _agree(self, user: str, source: str, button: str) -> str:
        """One tap in the list: what the answer names is done, the rest shows a failure."""
        todo = self.api.todos.get((user, source))
        if todo is None or button != "pass" or not todo.pass_url or todo.state == 2:
            raise LookupError(f"no button {button} on {source}")
        answer = await self._deliver("todo", lambda: self.push.todo(user, [source], todo.pass_url))
        data = answer.get("data") if isinstance(answer, Mapping) else None
        if source not in ((data or {}).get("successIds") or ()):
            return "操作失败，请打开处理"
        todo.state = 2
        self.api.draw(todo)
        return ""

    def _deliver(self, name: str, send: Callable[[], Awaitable[Any]]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(self._with_faults(name, send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _with_faults(self, name: str, send: Callable[[], Awaitable[Any]]) -> Any:
        """One callback under the rules in force (`sandbox/faults.py`)."""
        fault = self.faults.take("callback", name, "slow", "down", "duplicate", "reorder", "lost")
        kind = fault.kind if fault else ""
        if kind in ("lost", "down"):
            self.world.note("out", name, kind, "")
            return None
        if fault is not None and kind == "slow":
            await self.clock.sleep(fault.seconds)
        if kind == "reorder":
            after = asyncio.Event()
            self._held.append(after)
            await after.wait()
            return await send()
        answer = await send()
        if kind == "duplicate":
            await send()
        for held in self._held:
            held.set()
        self._held.clear()
        return answer

    async def emit(self, name: str, fields: Mapping[str, Any]) -> None:
        """`approval` pushes a flow's event, `probe` is the console's test of the robot's address."""
        if name == "probe":
            self._deliver("probe", self.push.probe)
            return
        if name != "approval":
            raise ValueError(f"Yunzhijia has no event {name}")
        tenant = self.world.tenant
        basic = {
            "eventId": self.world.number("ev"), "eventTime": self.world.millis(), "actionType": "agree",
            "nodeType": "USER", "flowInstId": "flow-1", "formInstId": "form-1", "eid": tenant.eid, "dataType": 1,
            **fields,
        }  # fmt: skip
        self._deliver("approval", lambda: self.push.approval(basic))

    def revoke_tokens(self) -> None:
        self.world.revoke()

    async def disconnect(self) -> None:
        await self.gateway.disconnect()


async def _read(request: web.Request, path: str) -> Call:
    """The fields of a form where the family wants one, else JSON; the wrong kind arrives as nothing at all."""
    query, raw = dict(request.query), await request.read()
    if path.startswith(_FORMS):
        is_form = request.content_type == "application/x-www-form-urlencoded"
        return Call(query, dict(await request.post()) if is_form else {}, len(raw))
    try:
        body = json.loads(raw) if request.content_type == "application/json" else {}
    except ValueError:
        body = {}
    return Call(query, body if isinstance(body, dict) else {}, len(raw))


def _limited(path: str) -> dict[str, Any]:
    """Each family's own way to say "too much"; the gateway's is not documented."""
    if path.startswith("/pubacc/"):
        return {"code": 5102, "success": False, "message": "发送太快", "data": None}
    if "/newtodo/" in path:
        return {"success": "false", "errorCode": 202, "error": "处理中"}
    return {"success": False, "errorCode": 1401004, "error": "发送过于频繁"}
