"""Robot messages out: single chats, groups, DING, files, custom group robots, session webhooks (`dingtalk.md` 3, 4)."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from aiohttp import web

from connectors.dingtalk.fake import views
from connectors.dingtalk.fake.calls import Answer, Call, Gate, OldRefused, Refused, Strict, body
from connectors.dingtalk.fake.world import BOT, World
from connectors.sandbox.phones import Message

PARAM_BYTES = 15_000
_SCOPE = "qyapi_robot_sendmsg"
_WAYS = {1: "应用内", 2: "短信", 3: "电话"}
_PARAMS: dict[str, tuple[str, ...]] = {
    "sampleText": ("content",),
    "sampleMarkdown": ("title", "text"),
    "sampleImageMsg": ("photoURL",),
    "sampleLink": ("title", "text", "picUrl", "messageUrl"),
    "sampleActionCard": ("title", "text", "singleTitle", "singleURL"),
    "sampleActionCard6": ("title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"),
    "sampleAudio": ("mediaId", "duration"),
    "sampleFile": ("mediaId", "fileName", "fileType"),
    "sampleVideo": ("videoMediaId", "videoType", "picMediaId", "duration"),
    **{f"sampleActionCard{n}": ("title", "text", *(f"action{part}{i}" for i in range(1, n + 1)
                                                   for part in ("Title", "URL"))) for n in range(2, 6)},
}  # fmt: skip


class ToPeople(Strict):
    robotCode: str
    userIds: list[str]
    msgKey: str
    msgParam: str


class ToGroup(Strict):
    robotCode: str
    openConversationId: str
    msgKey: str
    msgParam: str
    coolAppCode: str = ""


class Recall(Strict):
    robotCode: str
    processQueryKeys: list[str]
    openConversationId: str = ""


class Ding(Strict):
    robotCode: str
    remindType: Literal[1, 2, 3]
    receiverUserIdList: list[str]
    content: str
    callVoice: str = ""


class DingRecall(Strict):
    robotCode: str
    openDingId: str


class FetchFile(Strict):
    downloadCode: str
    robotCode: str


class Robots:
    def __init__(self, world: World) -> None:
        self._world = world
        self.secrets: dict[str, tuple[str, str]] = {}  # custom robot's token -> (group id, secret)
        self.sessions: dict[str, tuple[str, str, datetime]] = {}  # session -> (user, chat, expiry)
        self._minute: dict[str, list[datetime]] = {}
        self._uuids: set[str] = set()

    def routes_on(self, gate: Gate) -> list[web.RouteDef]:
        base = "/v1.0/robot"
        return [
            gate.new("POST", f"{base}/oToMessages/batchSend", self._to_people, scope=_SCOPE),
            gate.new("POST", f"{base}/groupMessages/send", self._to_group, scope=_SCOPE),
            gate.new("POST", f"{base}/otoMessages/batchRecall", self._recall, scope=_SCOPE),
            gate.new("POST", f"{base}/groupMessages/recall", self._recall, scope=_SCOPE),
            gate.new("POST", f"{base}/ding/send", self._ding, scope="Premium.Ding.Write"),
            gate.new("POST", f"{base}/ding/recall", self._ding_recall, scope="Premium.Ding.Write"),
            gate.new("POST", f"{base}/messageFiles/download", self._file_address),
            gate.old("POST", "/robot/send", self._custom, token=False),
            gate.old("POST", "/robot/sendBySession", self._session, token=False),
            web.get("/files/{code}", self._file),
        ]

    def _expect_robot(self, code: str) -> None:
        if code != self._world.app.robot_code:
            raise Refused("robot.notExist", "机器人不存在")

    async def _to_people(self, call: Call) -> Answer:
        asked = body(ToPeople, call)
        self._expect_robot(asked.robotCode)
        if not 1 <= len(asked.userIds) <= 20:
            raise Refused("staffId.over.limit", "userIds 最多 20 个")
        param = _param(asked.msgKey, asked.msgParam)
        if self._world.without_robot.issuperset(asked.userIds):
            raise Refused("robot.oto.notExist", "机器人单聊不存在")
        known = [user for user in asked.userIds if self._world.knows(user)]
        key = self._world.serial("pqk-")
        for user in known:
            self._world.show(user, BOT, views.robot(key, asked.msgKey, param, at=self._world.stamp()))
        return {
            "processQueryKey": key,
            "invalidStaffIdList": [user for user in asked.userIds if user not in known],
            "flowControlledStaffIdList": [],
            "filteredStaffIdList": [],
        }

    async def _to_group(self, call: Call) -> Answer:
        asked = body(ToGroup, call)
        self._expect_robot(asked.robotCode)
        param = _param(asked.msgKey, asked.msgParam)
        key = self._world.serial("pqk-")
        self._show_in_group(asked.openConversationId, views.robot(key, asked.msgKey, param, at=self._world.stamp(),
                                                                  author="工作助理"))  # fmt: skip
        return {"processQueryKey": key}

    def _show_in_group(self, chat: str, message: Message) -> None:
        try:
            members = self._world.group(chat).members
        except LookupError:
            raise Refused("resource.unavailable", "机器人不在群中") from None
        for user in members:
            if self._world.knows(user):
                self._world.show(user, chat, message)

    async def _recall(self, call: Call) -> Answer:
        asked = body(Recall, call)
        self._expect_robot(asked.robotCode)
        for key in asked.processQueryKeys:
            self._world.show_everywhere(key, recalled=True)
        return {"successResult": asked.processQueryKeys, "failedResult": {}}

    async def _ding(self, call: Call) -> Answer:
        asked = body(Ding, call)
        self._expect_robot(asked.robotCode)
        if len(asked.receiverUserIdList) > (20 if asked.remindType == 3 else 200):
            raise Refused("ding.receivercount.limit", "接收人超过上限")
        ding = self._world.serial("ding-")
        strangers = [user for user in asked.receiverUserIdList if not self._world.knows(user)]
        title = f"DING（{_WAYS[asked.remindType]}）"
        for user in set(asked.receiverUserIdList) - set(strangers):
            bubble = Message(ding, self._world.stamp(), "urgent", title=title, text=asked.content, source="ding")
            self._world.show(user, BOT, bubble)
        return {"openDingId": ding, **({"failedList": {"userNotExist": strangers}} if strangers else {})}

    async def _ding_recall(self, call: Call) -> Answer:
        asked = body(DingRecall, call)
        self._expect_robot(asked.robotCode)
        self._world.show_everywhere(asked.openDingId, recalled=True)
        return {"openDingId": asked.openDingId}

    async def _file_address(self, call: Call) -> Answer:
        asked = body(FetchFile, call)
        self._expect_robot(asked.robotCode)
        if asked.downloadCode not in self._world.files:
            raise Refused("downloadCode.invalid", "downloadCode 无效")
        return {"downloadUrl": f"http://{call.request.host}/files/{asked.downloadCode}"}

    async def _file(self, request: web.Request) -> web.Response:
        file = self._world.files.get(request.match_info["code"])
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _custom(self, call: Call) -> Answer:
        """A custom group robot: signature within an hour, 20 a minute."""
        token = call.query.get("access_token", "")
        if token not in self.secrets:
            raise OldRefused(300001, "token is not exist")
        group, secret = self.secrets[token]
        if secret:
            self._expect_sign(call.query.get("timestamp", ""), call.query.get("sign", ""), secret)
        self._expect_pace(token)
        if (uuid := call.fields.get("msgUuid")) and uuid in self._uuids:
            return {}
        self._uuids.add(str(uuid))
        message = views.webhook(self._world.serial("hook-"), _webhook(call), at=self._world.stamp(), author="群机器人")
        self._show_in_group(group, message)
        return {}

    def _expect_sign(self, stamp: str, sign: str, secret: str) -> None:
        ours = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), sha256).digest()
        if not hmac.compare_digest(base64.b64encode(ours).decode(), sign):
            raise OldRefused(310000, "sign not match")
        if not stamp.isdigit() or abs(self._world.clock.now().timestamp() - int(stamp) / 1000) > 3600:
            raise OldRefused(310000, "invalid timestamp")

    def _expect_pace(self, token: str) -> None:
        now = self._world.clock.now()
        recent = [at for at in self._minute.get(token, []) if now - at < timedelta(minutes=1)]
        self._minute[token] = [*recent, now]
        if len(recent) >= 20:
            raise OldRefused(130101, "send too fast, exceed 20 times per minute")

    def open_session(self, user: str, chat: str) -> tuple[str, str]:
        """(reply address, its expiry in ms) for one message that came in."""
        session = self._world.serial("session-")
        until = self._world.clock.now() + timedelta(minutes=90)
        self.sessions[session] = (user, chat, until)
        return f"{self._world.base}/robot/sendBySession?session={session}", str(int(until.timestamp() * 1000))

    async def _session(self, call: Call) -> Answer:
        user, chat, until = self.sessions.get(call.query.get("session", ""), ("", "", datetime.min.replace(tzinfo=UTC)))
        if until <= self._world.clock.now():
            raise OldRefused(300001, "session 不存在或已过期")
        message = views.webhook(self._world.serial("hook-"), _webhook(call), at=self._world.stamp(), author="工作助理")
        if chat == BOT:
            self._world.show(user, BOT, message)
        else:
            self._show_in_group(chat, message)
        return {}


_WEBHOOK: dict[str, tuple[str, ...]] = {
    "text": ("content",), "markdown": ("title", "text"), "link": ("title", "text", "messageUrl"),
    "actionCard": ("title", "text"), "feedCard": ("links",),
}  # fmt: skip


def _webhook(call: Call) -> dict[str, Any]:
    kind = str(call.fields.get("msgtype", ""))
    inner = call.fields.get(kind)
    if kind not in _WEBHOOK or not isinstance(inner, dict):
        raise OldRefused(400101, "msgtype is null or unknown")
    for name in _WEBHOOK[kind]:
        if not inner.get(name):
            raise OldRefused(400102, f"{kind}.{name} is missing")
    if unknown := set(call.fields) - {"msgtype", kind, "at", "msgUuid"}:
        raise OldRefused(400103, f"unknown field {sorted(unknown)[0]}")
    return call.fields


def _param(key: str, text: str) -> dict[str, str]:
    """msgParam is JSON text with exactly the fields of its msgKey, all of them texts."""
    if key not in _PARAMS:
        raise Refused("invalidParameter.msgKey", "msgKey 不存在")
    if len(text.encode()) > PARAM_BYTES:
        raise Refused("invalidParameter.msgParam.tooLong", "msgParam 过长")
    try:
        param = json.loads(text)
    except ValueError:
        raise Refused("invalidParameter.msgParam.notJson", "msgParam 不是 JSON") from None
    if not isinstance(param, dict) or set(param) != set(_PARAMS[key]):
        raise Refused("invalidParameter.msgParam.invalid", f"{key} wants {', '.join(_PARAMS[key])}")
    if not all(isinstance(value, str) for value in param.values()):
        raise Refused("invalidParameter.msgParam.invalid", "values are texts")
    return param
