"""The way of every API call: faults, token, permission, pace, strict body, answer or error, a line in the trace."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.dingtalk.fake.world import World

_LARGEST = 24 * 1024 * 1024


class Strict(BaseModel):
    """A request body: unknown fields and wrong types are errors, so that our typos are found here."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Refused(Exception):
    """The new family's error: HTTP status and code word."""

    def __init__(self, code: str, words: str = "", *, status: int = 400, scope: str = "") -> None:
        super().__init__(code)
        self.code, self.words, self.status, self.scope = code, words or code, status, scope


class OldRefused(Exception):
    """The old family's error: HTTP 200 and a number."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


@dataclass(slots=True)
class Call:
    """One request. `fields` is its JSON body (or {}), `files` its multipart parts."""

    request: web.Request
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> Any:
        return self.request.query


Answer = dict[str, Any]
Handler = Callable[[Call], Awaitable[Answer]]
_Model = TypeVar("_Model", bound=Strict)


def body(model: type[_Model], call: Call) -> _Model:
    """The body as `model`, or `param.error` with the field's name."""
    try:
        return model.model_validate(call.fields)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        raise Refused("param.error", f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


class Gate:
    """Wraps handlers into routes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def new(self, method: str, path: str, handler: Handler, *, scope: str = "", token: bool = True) -> web.RouteDef:
        """A route of `api.dingtalk.com`."""

        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, path, handler, scope=scope, token=token, old=False)

        return web.route(method, path, serve)

    def old(self, method: str, path: str, handler: Handler, *, scope: str = "", token: bool = True) -> web.RouteDef:
        """A route of `oapi.dingtalk.com`."""

        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, path, handler, scope=scope, token=token, old=True)

        return web.route(method, path, serve)

    async def _serve(self, request: web.Request, path: str, handler: Handler, *, scope: str, token: bool,
                     old: bool) -> web.StreamResponse:  # fmt: skip
        self._world.base = self._world.base or f"http://{request.host}"
        name = f"{request.method} {path}"
        fault = self._world.faults.take("api", path, "slow", "error", "limit", "down", "lost")
        kind = fault.kind if fault else ""
        if fault is not None and kind == "slow":
            await self._world.clock.sleep(fault.seconds)
        if kind == "down":
            self._world.note("in", name, "down", "")
            return _hang_up(request)
        call = Call(request)
        try:
            if fault is not None and kind == "error":
                raise Refused("ServiceUnavailable", "fault on request", status=fault.status)
            if kind == "limit" or (token and self._world.too_many(name)):
                raise _too_fast(old)
            if token:
                self._expect_token(request, old)
            self._expect_scope(scope, old)
            await _read(call)
            answer = await handler(call)
            status, data = 200, {"errcode": 0, "errmsg": "ok", **answer} if old else answer
        except Refused as refused:
            status, data = refused.status, self._words(refused)
        except OldRefused as refused_old:
            words = {"errcode": refused_old.errcode, "errmsg": refused_old.errmsg}
            status, data = 200, {**words, "request_id": self._world.serial("req-")}
        self._world.note("in", name, str(status), call.fields, answer=data)
        if kind == "lost":
            return _hang_up(request)
        return web.json_response(data, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False))

    def _words(self, refused: Refused) -> Answer:
        words: Answer = {"code": refused.code, "message": refused.words, "requestid": self._world.serial("req-")}
        if refused.scope:
            words["accessdenieddetail"] = {"requiredScopes": [refused.scope]}
        return words

    def _expect_token(self, request: web.Request, old: bool) -> None:
        given = request.query.get("access_token") if old else request.headers.get("x-acs-dingtalk-access-token")
        state = self._world.token_state(given or "")
        if state == "good":
            return
        if old:
            raise OldRefused(42001 if state == "expired" else 40014, "不合法的access_token")
        raise Refused("InvalidAuthentication", "不合法的access_token", status=401)

    def _expect_scope(self, scope: str, old: bool) -> None:
        if not scope or scope in self._world.scopes:
            return
        if old:
            raise OldRefused(60011, f"没有调用该接口的权限，requiredScopes: [{scope}]")
        code = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
        raise Refused(code, "应用尚未开通所需的权限", status=403, scope=scope)


def _too_fast(old: bool) -> Exception:
    if old:
        return OldRefused(90018, "您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了")
    return Refused("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "触发流控", status=403)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _read(call: Call) -> None:
    request = call.request
    if request.content_type.startswith("multipart/"):
        call.files = dict(await request.post())
        return
    data = await request.content.read(-1)
    if not data:
        return
    try:
        value = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError):
        raise Refused("param.error", "body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused("param.error", "body is no object")
    call.fields = value
