"""The parent's fake with what a private deployment has more (a gateway) and less (kinds, calls, callbacks)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from connectors.sandbox.phones import Message
from connectors.wecom.fake import Fake as WecomFake
from connectors.wecom.fake.bodies import Bodies
from connectors.wecom.fake.messages import Messages
from connectors.wecom.fake.server import Handler
from connectors.wecom.fake.world import BOT, Call
from connectors.yuezhengyi.fake.gateway import Gateway, Keys
from connectors.yuezhengyi.fake.tasks import TaskMessages

_PLAIN = frozenset({"text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown"})
_ALL_FIELDS = frozenset({
    "name", "department", "main_department", "order", "position", "is_leader_in_dept", "direct_leader", "enable",
})  # fmt: skip
_NEWER = frozenset({"user/list_id", "auth/getuserinfo", "webhook/send", "webhook/upload_media", "getcallbackip"})
_DEAF = "该应用没有开启接收消息，请从工作台打开网页办理"  # the platform's own words on the phone
_WORKBENCH = "工作台：办公网页"
_LOGIN = "/_tif_wwlocal_login_/"

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What the operator's document would say: `released` are the member fields that the console gives to the app."""

    prefix: str = "/ebus/yzyapi"
    keys: Keys | None = None
    kinds: frozenset[str] = _PLAIN
    callbacks: bool = False
    published: bool = False  # callbacks come through the gateway and carry its signature
    token_method: str = "GET"
    absent: frozenset[str] = _NEWER
    released: frozenset[str] = field(default=_ALL_FIELDS)


class Fake(WecomFake):
    """As the parent; `backend` is the origin of the service whose pages the gateway publishes to the phones,
    `workbench` the page behind our entry on the client's own workbench (工作台)."""

    platform = "yuezhengyi"

    def __init__(
        self, *, deployment: Deployment | None = None, backend: str = "", workbench: str = "", **options: Any
    ) -> None:
        self._workbench = workbench
        self._deployment = deployment or Deployment()
        self.prefix = self._deployment.prefix
        super().__init__(**options)
        self._world.platform = self.platform
        keys = self._deployment.keys
        self.gateway = Gateway(self._world, keys, backend=backend) if keys else None
        if self.gateway and self._deployment.published:
            self._callbacks.extra_headers = self.gateway.stamp

    def app(self) -> web.Application:
        app = super().app()
        if self.gateway is not None:
            app.router.add_get(_LOGIN, self.gateway.login)
            app.router.add_route("*", "/office/{tail:.*}", self.gateway.publish)
        return app

    def set_callback(self, url: str, *, contact: str = "") -> None:
        """Nothing comes from the extranet where the deployment does not call back."""
        super().set_callback(url if self._deployment.callbacks else "", contact="")

    async def tap(self, user: str, message: str, button: str, *, inputs: Mapping[str, Sequence[str]]) -> str:
        assert isinstance(self._messages, TaskMessages)
        task = self._messages.task_of(message, user)
        if task is None:
            return await super().tap(user, message, button, inputs=inputs)
        if button not in {one["key"] for one in task.body["btn"]}:
            raise LookupError("no such button")
        self._event("taskcard_click", user, {"EventKey": button, "TaskId": task.id})
        return ""

    async def say(self, user: str, text: str, *, chat: str = "") -> None:
        """Where nothing is called back the client says so itself."""
        await super().say(user, text, chat=chat)
        if not self._deployment.callbacks and chat in ("", BOT):
            bubble = Message(self._world.number("msg"), self._world.stamp(), "system", text=_DEAF)
            self._world.show(user, BOT, bubble)
            if self._workbench:
                tile = Message(self._world.number("msg"), self._world.stamp(), "link", source="client")
                tile.title, tile.url = _WORKBENCH, self._workbench
                self._world.show(user, BOT, tile)

    def _office(self) -> Messages:
        return TaskMessages(
            self._world, Bodies(self._media), self._directory, lambda: self._app_address.works,
            kinds=self._deployment.kinds,
        )  # fmt: skip

    def _table(self) -> dict[tuple[str, str], Handler]:
        table = super()._table()
        messages = self._messages
        assert isinstance(messages, TaskMessages)
        table[("GET", "user/getuserinfo")] = self._old_userinfo
        table[("GET", "user/list")] = self._list
        table[("GET", "user/get")] = self._member
        if self._deployment.token_method == "POST":
            table[("POST", "gettoken")] = table.pop(("GET", "gettoken"))
        if "taskcard" in self._deployment.kinds:
            table[("POST", "message/update_taskcard")] = messages.update_task
        if "template_card" not in self._deployment.kinds:
            del table[("POST", "message/update_template_card")]
        return {key: handler for key, handler in table.items() if key[1] not in self._deployment.absent}

    def _served(self, path: str, handler: Handler) -> Serve:
        inner = super()._served(path, handler)

        async def behind_the_gateway(request: web.Request) -> web.StreamResponse:
            if self.gateway is not None and not self.gateway.admits(request.headers):
                self._note(request, path, "403", "", "gateway: signature")
                return web.Response(status=403, text="signature verification failed")
            return await inner(request)

        return behind_the_gateway

    # --- directory as older editions have it

    async def _old_userinfo(self, call: Call) -> dict[str, Any]:
        found = await self._directory.userinfo(call)
        return {"UserId": found["userid"], "DeviceId": ""} if "userid" in found else {"OpenId": found["openid"]}

    async def _member(self, call: Call) -> dict[str, Any]:
        return self._released(await self._directory.get(call))

    async def _list(self, call: Call) -> dict[str, Any]:
        """`user/list`: the members of a department, with those below it when `fetch_child` is 1."""
        top = call.query.get("department_id", "")
        below = await self._directory.departments(Call({"id": top}))
        wanted = {line["id"] for line in below["department"]} if call.query.get("fetch_child") == "1" else {int(top)}
        people = [await self._directory.get(Call({"userid": who})) for who in self._world.members]
        return {"userlist": [self._released(one) for one in people if wanted & set(one["department"])]}

    def _released(self, member: Mapping[str, Any]) -> dict[str, Any]:
        whole = {**member, "enable": 1}
        return {name: value for name, value in whole.items() if name in {"userid", *self._deployment.released}}


__all__ = ["Deployment", "Fake"]
