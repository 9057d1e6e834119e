"""The old family: directory, media, work notices, no-login; and the token endpoints of both (`dingtalk.md` 1, 9)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from aiohttp import web

from connectors.dingtalk.fake import views
from connectors.dingtalk.fake.calls import Answer, Call, Gate, OldRefused, Refused
from connectors.dingtalk.fake.world import BOT, File, World, dumped
from connectors.sandbox.office import Member

ROOT = 1
_MEMBERS, _DEPARTMENTS = "qyapi_get_member", "qyapi_get_department_list"
_SIZES = {"image": 20, "voice": 2, "video": 20, "file": 20}
_NOTICE_BYTES = 2048


class Oapi:
    def __init__(self, world: World) -> None:
        self._world = world
        names = list(world.office.departments)
        self._ids = {name: 100 + n for n, name in enumerate(names)}
        self._notices: dict[int, dict[str, Any]] = {}
        self._said: set[tuple[str, str, str]] = set()

    def routes_on(self, gate: Gate) -> list[web.RouteDef]:
        notice = "/topapi/message/corpconversation"
        people, teams = "/topapi/v2/user", "/topapi/v2/department"
        return [
            gate.new("POST", "/v1.0/oauth2/accessToken", self._token, token=False),
            gate.new("POST", "/v1.0/oauth2/{corp}/token", self._unified_token, token=False),
            gate.old("GET", "/gettoken", self._old_token, token=False),
            gate.old("POST", f"{people}/getuserinfo", self._who),
            gate.old("POST", f"{people}/get", self._user, scope=_MEMBERS),
            gate.old("POST", f"{people}/list", self._users, scope=_MEMBERS),
            gate.old("POST", f"{people}/getbymobile", self._by_mobile, scope=_MEMBERS),
            gate.old("POST", "/topapi/user/listid", self._ids_of, scope=_MEMBERS),
            gate.old("POST", "/topapi/user/getbyunionid", self._by_union, scope=_MEMBERS),
            gate.old("POST", f"{teams}/listsub", self._below, scope=_DEPARTMENTS),
            gate.old("POST", f"{teams}/get", self._department, scope=_DEPARTMENTS),
            gate.old("POST", "/media/upload", self._upload),
            gate.old("POST", f"{notice}/asyncsend_v2", self._notify),
            gate.old("POST", f"{notice}/getsendresult", self._notified),
            gate.old("POST", f"{notice}/status_bar/update", self._status_bar),
            gate.old("POST", f"{notice}/recall", self._recall),
        ]

    # Tokens

    async def _token(self, call: Call) -> Answer:
        self._expect_keys(call.fields.get("appKey"), call.fields.get("appSecret"), "invalidClientIdOrSecret", 400)
        return {"accessToken": self._world.issue_token(), "expireIn": 7200}

    async def _unified_token(self, call: Call) -> Answer:
        if call.request.match_info["corp"] != self._world.app.corp_id:
            raise Refused("invalid.client", status=401)
        if call.fields.get("grant_type") != "client_credentials":
            raise Refused("unsupported.grant.type")
        self._expect_keys(call.fields.get("client_id"), call.fields.get("client_secret"), "invalid.client", 401)
        return {"access_token": self._world.issue_token(), "expires_in": 7200}

    async def _old_token(self, call: Call) -> Answer:
        if (call.query.get("appkey"), call.query.get("appsecret")) != self._keys:
            raise OldRefused(40089, "不合法的corpid或corpsecret")
        return {"access_token": self._world.issue_token(), "expires_in": 7200}

    @property
    def _keys(self) -> tuple[str, str]:
        return self._world.app.client_id, self._world.app.client_secret

    def _expect_keys(self, client: Any, secret: Any, code: str, status: int) -> None:
        if (client, secret) != self._keys:
            raise Refused(code, "无效的clientId或者clientSecret", status=status)

    # People

    def auth_code(self, user: str) -> str:
        """What `dd.requestAuthCode` gives the page: five minutes, one use. Raises LookupError."""
        code = secrets.token_hex(16)
        until = self._world.clock.now() + timedelta(minutes=5)
        self._world.codes[code] = (self._world.member(user).id, until)
        return code

    async def _who(self, call: Call) -> Answer:
        user, until = self._world.codes.pop(str(call.fields.get("code")), ("", None))
        if until is None or until <= self._world.clock.now():
            raise OldRefused(40078, "不存在的临时授权码")
        who = {"userid": user, "unionid": self._world.union(user), "name": self._world.member(user).name}
        return {"result": {**who, "sys": False, "sys_level": 0, "device_id": "sandbox"}}

    def _member(self, user: Any) -> Member:
        try:
            return self._world.member(str(user))
        except LookupError:
            raise OldRefused(60121, "找不到该用户") from None

    def _row(self, member: Member) -> dict[str, Any]:
        return {
            "userid": member.id, "unionid": self._world.union(member.id), "name": member.name, "title": member.post,
            "dept_id_list": [self._ids.get(member.department, ROOT)], "active": True,
            **({"mobile": member.mobile} if member.mobile else {}),
        }  # fmt: skip

    async def _user(self, call: Call) -> Answer:
        member = self._member(call.fields.get("userid"))
        department = self._ids.get(member.department, ROOT)
        team = [one for one in self._world.office.members if one.department == member.department]
        leads = any(one.manager == member.id for one in team)
        row = {**self._row(member), "leader_in_dept": [{"dept_id": department, "leader": leads}]}
        return {"result": {**row, **({"manager_userid": member.manager} if member.manager else {})}}

    def _of_department(self, call: Call) -> list[Member]:
        wanted = self._department_id(call)
        return [one for one in self._world.office.members if self._ids.get(one.department, ROOT) == wanted]

    def _department_id(self, call: Call) -> int:
        wanted = call.fields.get("dept_id")
        if type(wanted) is not int or wanted not in (ROOT, *self._ids.values()):
            raise OldRefused(60003, "部门不存在")
        return wanted

    async def _users(self, call: Call) -> Answer:
        members = self._of_department(call)
        cursor, size = call.fields.get("cursor"), call.fields.get("size")
        if type(cursor) is not int or type(size) is not int or not 1 <= size <= 100:
            raise OldRefused(40035, "不合法的参数")
        page = [self._row(one) for one in members[cursor : cursor + size]]
        more = cursor + size < len(members)
        return {"result": {"list": page, "has_more": more, **({"next_cursor": cursor + size} if more else {})}}

    async def _ids_of(self, call: Call) -> Answer:
        return {"result": {"userid_list": [one.id for one in self._of_department(call)]}}

    async def _by_union(self, call: Call) -> Answer:
        for member in self._world.office.members:
            if self._world.union(member.id) == call.fields.get("unionid"):
                return {"result": {"contact_type": 0, "userid": member.id}}
        raise OldRefused(60121, "找不到该用户")

    async def _by_mobile(self, call: Call) -> Answer:
        for member in self._world.office.members:
            if member.mobile and member.mobile == call.fields.get("mobile"):
                return {"result": {"userid": member.id}}
        raise OldRefused(60121, "找不到该用户")

    async def _below(self, call: Call) -> Answer:
        above = self._department_id(call)
        return {"result": [self._team(name) for name, parent in self._world.office.departments.items()
                           if self._ids.get(parent, ROOT) == above]}  # fmt: skip

    async def _department(self, call: Call) -> Answer:
        wanted = self._department_id(call)
        for name, id_ in self._ids.items():
            if id_ == wanted:
                return {"result": self._team(name)}
        return {"result": {"dept_id": ROOT, "name": "示例单位"}}

    def _team(self, name: str) -> dict[str, Any]:
        parent = self._ids.get(self._world.office.departments[name], ROOT)
        return {"dept_id": self._ids[name], "name": name, "parent_id": parent, "auto_add_user": True}

    # Files

    async def _upload(self, call: Call) -> Answer:
        kind, part = str(call.files.get("type", "")), call.files.get("media")
        if kind not in _SIZES:
            raise OldRefused(40004, "不合法的媒体文件类型")
        if part is None or not getattr(part, "filename", ""):
            raise OldRefused(41005, "缺少多媒体文件数据")
        data = part.file.read()
        if not 0 < len(data) <= _SIZES[kind] * 1024 * 1024:
            raise OldRefused(40006, "不合法的文件大小")
        media = f"@{secrets.token_urlsafe(12)}"
        self._world.media[media] = File(data, part.filename, kind)
        return {"media_id": media, "type": kind, "created_at": int(self._world.millis())}

    # Work notices

    async def _notify(self, call: Call) -> Answer:
        users = [user for user in str(call.fields.get("userid_list", "")).split(",") if user]
        self._expect_agent(call)
        if not 1 <= len(users) <= 100:
            raise OldRefused(40035, "userid_list")
        msg = call.fields.get("msg")
        if not isinstance(msg, dict) or not isinstance(msg.get(msg.get("msgtype", "")), dict):
            raise OldRefused(40035, "不合法的参数 msg")
        if len(dumped(msg).encode()) > _NOTICE_BYTES:
            raise OldRefused(40035, "msg 超过 2048 字节")
        task = 70_000 + len(self._notices)
        self._notices[task] = self._deliver(task, users, msg)
        return {"task_id": task}

    def _expect_agent(self, call: Call) -> None:
        if str(call.fields.get("agent_id", "")) != self._world.app.agent_id:
            raise OldRefused(40056, "不合法的agentid")

    def _deliver(self, task: int, users: list[str], msg: dict[str, Any]) -> dict[str, Any]:
        """The same words to the same person on one day are swallowed; errcode stays 0."""
        day = self._world.stamp()[:10]
        strangers = [user for user in users if not self._world.knows(user)]
        again = [user for user in users if (day, user, dumped(msg)) in self._said]
        reached = [user for user in users if user not in (*strangers, *again)]
        for user in reached:
            self._said.add((day, user, dumped(msg)))
            self._world.show(user, BOT, views.notice(f"task-{task}", msg, at=self._world.stamp()))
        return {
            "invalid_user_id_list": strangers, "forbidden_user_id_list": again, "failed_user_id_list": [],
            "read_user_id_list": [], "unread_user_id_list": reached,
            "forbidden_list": [{"userid": user, "code": "143106", "count": 1} for user in again],
        }  # fmt: skip

    def _task(self, call: Call, name: str = "task_id") -> int:
        self._expect_agent(call)
        task = call.fields.get(name)
        if type(task) is not int or task not in self._notices:
            raise OldRefused(40035, f"不合法的参数 {name}")
        return task

    async def _notified(self, call: Call) -> Answer:
        return {"send_result": self._notices[self._task(call)]}

    async def _status_bar(self, call: Call) -> Answer:
        task = self._task(call)
        value, colour = call.fields.get("status_value"), call.fields.get("status_bg")
        if not value or (colour and not str(colour).startswith("0x")):
            raise OldRefused(40035, "status_value")
        self._world.show_everywhere(f"task-{task}", state=str(value))
        return {}

    async def _recall(self, call: Call) -> Answer:
        self._world.show_everywhere(f"task-{self._task(call, 'msg_task_id')}", recalled=True)
        return {}
