"""The families of calls, each as strict as the notes: fields, codes, limits (1, 2, 3.1, 4, 5.3, 6, 7, 9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.phones import Article, Button, Message
from connectors.yunzhijia.fake import signs
from connectors.yunzhijia.fake.cards import CardPlatform
from connectors.yunzhijia.fake.works import Works
from connectors.yunzhijia.fake.world import BOT, TODO, Call, Refusal, World, text_of

Handler = Callable[[Call], Awaitable[dict[str, Any]]]
_MINUTE = timedelta(minutes=1)
_TEN_MINUTES = timedelta(minutes=10)
_MOST_CHARS = 3000


@dataclass(slots=True)
class Todo:
    """State goes forward only: 0 created, 1 read, 2 done."""

    user: str
    source: str
    title: str
    url: str
    pass_url: str = ""
    state: int = 0
    at: str = ""


class Api:
    """`handlers` by path; those in `forms` take form fields, all others JSON."""

    def __init__(self, world: World, cards: CardPlatform, robots: Mapping[str, str]) -> None:
        self._world = world
        self._cards = cards
        self.robots = dict(robots)  # yzjtoken -> group id
        self.todos: dict[tuple[str, str], Todo] = {}
        self._early: dict[tuple[str, str], tuple[Mapping[str, Any], datetime]] = {}
        self._from: dict[tuple[str, ...], datetime] = {}
        self.flows: dict[str, dict[str, Any]] = {}
        self.works = Works(world)

    def handlers(self) -> dict[str, Handler]:
        people = {"getallpersons": self.people, "getallorgs": self.orgs, "getperson": self.one_person}
        contacts = {f"/gateway/opendata-control/data/{name}": handler for name, handler in people.items()}
        return {
            "/gateway/oauth2/token/getAccessToken": self.token,
            "/pubacc/pubsendV2": self.pubsend,
            "/pubacc/pubsend": self.old_pubsend,
            "/gateway/robot/webhook/send": self.webhook,
            "/gateway/newtodo/open/generatetodo.json": self.create_todo,
            "/gateway/newtodo/open/action.json": self.change_todo,
            "/gateway/newtodo/open/checkcreatetodo.json": self.check_todo,
            "/gateway/groupassist/cardmsg/updateCardMsg": self.update_card,
            "/gateway/groupassist/cardmsg/updateCardMsgFields": self.merge_card,
            "/gateway/ticket/user/acquirecontext": self.context,
            "/gateway/workflow/form/thirdpart/getFlowStatus": self.flow_status,
            "/gateway/workflow/form/thirdpart/findFlows": self.find_flows,
            "/gateway/workflow/form/thirdpart/viewFormInstByFlowInstId": self.view_form,
            **contacts,
            **self.works.handlers(),
        }

    # Tokens

    async def token(self, call: Call) -> dict[str, Any]:
        scope, tenant, asked = call.body.get("scope"), self._world.tenant, call.body
        secrets = {"im": tenant.im_secret, "work": tenant.calendar_secret, "files": tenant.files_secret}
        group = next((name for name, secret in secrets.items() if secret and secret == asked.get("secret")), "")
        pairs = {
            "app": ((tenant.app_id, tenant.app_secret), (asked.get("appId"), asked.get("secret"))),
            "resGroupSecret": ((tenant.eid, secrets.get(group, "")), (asked.get("eid"), asked.get("secret"))),
            "team": (
                (tenant.eid, tenant.approval_app_id, tenant.approval_secret),
                (asked.get("eid"), asked.get("appId"), asked.get("secret")),
            ),
        }
        if scope not in pairs:
            raise Refusal(1001, "scope 不正确")
        right, given = pairs[str(scope)]
        if right != given or not right[-1]:
            raise Refusal(1002, "appId 或 secret 不正确")
        if not self._world.fresh(asked.get("timestamp")):
            raise Refusal(1003, "timestamp 已失效")
        token = self._world.issue(str(scope), str(right[0]), group if scope == "resGroupSecret" else "")
        left = int((token.until - self._world.clock.now()).total_seconds())
        data = {"accessToken": token.value, "expireIn": left, "refreshToken": token.value[::-1]}
        return {"success": True, "errorCode": 0, "error": None, "data": data}

    def _with_token(self, call: Call, *scopes: str) -> None:
        self._world.check(call.query.get("accessToken", ""), *scopes, secret="im")

    # The public account

    async def pubsend(self, call: Call) -> dict[str, Any]:
        try:
            return self._pubsend(call)
        except Refusal as no:
            return {"code": no.code, "success": False, "message": no.words, "data": None}

    async def old_pubsend(self, call: Call) -> dict[str, Any]:
        """As older installations have it: the ids without an envelope; how they refuse is not documented."""
        answer = await self.pubsend(call)
        return answer if answer["data"] is None else answer["data"]

    def _pubsend(self, call: Call) -> dict[str, Any]:
        sender, kind, msg = call.body.get("from"), call.body.get("type"), call.body.get("msg")
        if call.size > 1_500_000:
            raise Refusal(5002, "消息体过大")
        if not isinstance(sender, dict) or not isinstance(msg, dict) or not isinstance(kind, int):
            raise Refusal(5000, "JSON 类型不正确")
        names = ("no", "pub", "time", "nonce", "pubtoken")
        if not all(isinstance(sender.get(name), str) for name in names):
            raise Refusal(5000, "from 的值应为字符串")
        if sender["pub"] != self._world.tenant.pub:
            raise Refusal(5001, "公共号不存在")
        if sender["pubtoken"] != signs.pub(sender, self._world.tenant.pub_secret):
            raise Refusal(5004, "pubtoken 不正确")
        users = self._receivers(call.body.get("to"))
        self._once(tuple(sender[name] for name in names))
        id_ = self._world.number("XT")
        self._say(id_, kind, msg, users)
        data = {"pubId": self._world.tenant.pub, "sourceMsgId": id_}
        return {"code": 0, "success": True, "message": "success", "data": data}

    def _receivers(self, to: Any) -> list[str]:
        if not isinstance(to, list) or not all(isinstance(one, dict) for one in to):
            raise Refusal(5000, "to 不正确")
        if any(one.get("no") != self._world.tenant.eid for one in to):
            raise Refusal(5003, "团队不存在")
        users = [user for one in to for user in one.get("user") or ()]
        if not users or not set(users) <= set(self._world.members):
            raise Refusal(5003, "接收人不存在")
        return users

    def _once(self, sender: tuple[str, ...]) -> None:
        """The same `from` again within ten minutes is refused; nothing else tells a repetition."""
        now = self._world.clock.now()
        self._from = {known: at for known, at in self._from.items() if now - at < _TEN_MINUTES}
        if sender in self._from:
            raise Refusal(5005, "消息发送过多")
        self._from[sender] = now

    def _say(self, id_: str, kind: int, msg: Mapping[str, Any], users: list[str]) -> None:
        if kind == 25:
            self._cards.create(msg, users)
            return
        message = _bubble(id_, kind, msg, at=self._world.stamp())
        for user in users:
            self._world.show(user, BOT, message)

    # Group robots

    async def webhook(self, call: Call) -> dict[str, Any]:
        group = self.robots.get(call.query.get("yzjtoken", ""))
        if group is None:
            raise Refusal(1401001, "机器人不存在")
        content = call.body.get("content")
        if not isinstance(content, str) or not content:
            raise Refusal(1401003, "content 不能为空")
        if len(content) > _MOST_CHARS:
            raise Refusal(1401002, "内容过长")
        if self._world.too_many(f"robot {group}", 60, _MINUTE):
            raise Refusal(1401004, "发送过于频繁")
        id_ = self._world.number("msg")
        message = Message(id_, self._world.stamp(), "text", author="群机器人", text=content, source="robot/text")
        if call.body.get("msgType") == 1:
            _app_message(message, call.body.get("param"))
        for user, phone in self._world.phones.items():
            if group in phone.chats:
                self._world.show(user, group, message)
        data = {"groupId": group, "msgId": id_, "sendTime": self._world.millis()}
        return {"success": True, "errorCode": 0, "data": data}

    # To-do items

    async def create_todo(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        body = call.body
        for name in ("appId", "sourceId", "url", "title", "headImg"):
            if not isinstance(body.get(name), str) or not body[name]:
                return {"success": "false", "errorCode": 1, "data": f"param error: {name}"}
        if self._world.too_many("todo", 100, timedelta(seconds=1)):
            return {"success": "false", "errorCode": 202, "error": "处理中"}
        people = [str(one.get("openId", "")) for one in body.get("params") or ()]
        bad = [one for one in people if one not in self._world.members]
        for user in people:
            if user not in bad:
                self._create(user, body)
        if bad or not people:
            return {"success": "false", "errorCode": 501 if len(bad) < len(people) else 505, "data": bad}
        return {"success": "true", "errorCode": 200 if body.get("sync") else 0, "error": None, "data": None}

    def _create(self, user: str, body: Mapping[str, Any]) -> None:
        """A repeated create is ignored without a word; a change that came before is applied now."""
        key = (user, body["sourceId"])
        if key in self.todos:
            return
        title = str(body.get("itemtitle") or body["title"])
        at = self._world.stamp()
        self.todos[key] = Todo(user, key[1], title, body["url"], str(body.get("passUrl", "")), at=at)
        if key in self._early and self._world.clock.now() - self._early[key][1] <= timedelta(hours=1):
            self._move(self.todos[key], self._early.pop(key)[0])
        self.draw(self.todos[key])

    async def change_todo(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        body, people = call.body, call.body.get("openids")
        kind = body.get("actiontype")
        if not isinstance(kind, dict) or not body.get("sourceitemid") or body.get("sourcetype") is None or people == []:
            return {"success": "false", "errorCode": 1, "data": "param error"}
        source = str(body["sourceitemid"])
        users = people if people is not None else [user for user, known in self.todos if known == source]
        missing = [user for user in users if (user, source) not in self.todos]
        for user in users:
            if user in missing:
                self._early[user, source] = (kind, self._world.clock.now())
            else:
                self._move(self.todos[user, source], kind)
                self.draw(self.todos[user, source])
        if missing:
            return {"success": "false", "errorCode": 502, "data": missing}
        return {"success": "true", "errorCode": 200, "error": None, "data": None}

    def _move(self, todo: Todo, kind: Mapping[str, Any]) -> None:
        """Forward only."""
        wanted = 2 if kind.get("deal") == 1 else 1 if kind.get("read") == 1 else 0
        todo.state = max(todo.state, wanted)

    async def check_todo(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        source = text_of(call.body, "sourceitemid")
        if self._world.too_many(f"check {source}", 5, _MINUTE):
            return {"success": "true", "errorCode": 0, "data": {"check": False, "errormsg": "too many"}}
        todo = self.todos.get((text_of(call.body, "openId"), source))
        counts = {"dealCount": int(bool(todo and todo.state == 2)), "undelCount": int(bool(todo and todo.state < 2))}
        return {"success": "true", "errorCode": 0, "data": {"sourceid": source, "check": True, **counts}}

    def draw(self, todo: Todo) -> None:
        """The item in its owner's list; one tap agrees where the app offered an address for it."""
        agree = [Button("pass", "同意", "primary")] if todo.pass_url and todo.state < 2 else []
        shown = Message(
            f"todo:{todo.source}", todo.at, "card", title=todo.title, url=todo.url, buttons=agree,
            state="已办" if todo.state == 2 else "", read=todo.state >= 1, source="todo", source_line="待办事项",
        )  # fmt: skip
        self._world.show(todo.user, TODO, shown)

    # Cards, people, login, approval

    async def update_card(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "resGroupSecret")
        self._cards.update(call.body)
        return {"success": True, "errorCode": 0, "error": "", "data": {}}

    async def merge_card(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "resGroupSecret")
        self._cards.merge(call.body)
        return {"success": True, "errorCode": 0, "error": "", "data": {}}

    async def people(self, call: Call) -> dict[str, Any]:
        """Phones and mails are left out, as they are without a special right."""
        self._with_token(call, "app")
        self._same_team(call)
        begin, count = int(call.body.get("begin", 0)), int(call.body.get("count", 0))
        if not 1 <= count <= 1000:
            raise Refusal(1001, "count 应在 1 到 1000 之间")
        rows = [
            {"oId": one.id, "openId": f"user-{one.id}", "name": one.name, "department": f"\\{one.department}",
             "orgId": f"org-{one.department}" if one.department else "root", "jobTitle": one.post,
             "jobNo": "", "status": "1", "orgUserType": "0"}
            for one in self._world.members.values()
        ]  # fmt: skip
        return {"success": True, "errorCode": 100, "error": None, "data": rows[begin : begin + count]}

    async def one_person(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        self._same_team(call)
        one = self._world.members.get(str(call.body.get("openId", "")))
        row = {"oId": one.id, "openId": f"user-{one.id}", "name": one.name, "status": "1"} if one else None
        return {"success": True, "errorCode": 100, "error": None, "data": row}

    async def orgs(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        self._same_team(call)
        departments = self._world.office.departments
        names = {one.department for one in self._world.members.values() if one.department} | set(departments)
        rows = [{"orgId": "root", "parentId": "", "name": "单位", "longName": "\\"}]
        for name in sorted(names):
            above = departments.get(name, "")
            rows.append({"orgId": f"org-{name}", "parentId": f"org-{above}" if above else "root", "name": name,
                         "longName": f"\\{name}"})  # fmt: skip
        return {"success": True, "errorCode": 100, "error": None, "data": rows}

    def _same_team(self, call: Call) -> None:
        if call.body.get("eid") != self._world.tenant.eid:
            raise Refusal(1001, "eid 不能为空")  # also what JSON in place of a form comes to

    async def context(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "app")
        ticket = self._world.tickets.get(text_of(call.body, "ticket"))
        if ticket is None or call.body.get("appid") != ticket.app_id:
            raise Refusal(1301, "ticket 无效")
        if call.body.get("disposable"):
            del self._world.tickets[call.body["ticket"]]
        member = self._world.member(ticket.user)
        data = {"appid": ticket.app_id, "eid": self._world.tenant.eid, "oid": member.id,
                "openid": f"user-{member.id}", "username": member.name}  # fmt: skip
        return {"success": True, "errorCode": 0, "error": None, "data": data}

    async def flow_status(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "team")
        flow = self.flows.get(text_of(call.body, "flowInstId", 1201001))
        if flow is None:
            raise Refusal(1201090, "流程不存在")
        return {"success": True, "errorCode": 0, "data": {"status": flow["status"]}}

    async def view_form(self, call: Call) -> dict[str, Any]:
        """Title and applicant stand among the widgets; there is no status here."""
        self._with_token(call, "team")
        id_ = text_of(call.body, "flowInstId", 1201001)
        flow = self.flows.get(id_)
        if flow is None:
            raise Refusal(1201090, "流程不存在")
        title, applicant = flow.get("title", ""), flow.get("applicant", "")
        widgets = {
            "_S_TITLE": {"codeId": "_S_TITLE", "type": "textWidget", "title": "标题", "value": title},
            "_S_APPLY": {"codeId": "_S_APPLY", "type": "personSelectWidget", "title": "提交人",
                         "value": [applicant] if applicant else []},
        }  # fmt: skip
        basic = {"formDefId": "def-1", "formInstId": f"form-{id_}", "flowInstId": id_, "title": title}
        return {"success": True, "errorCode": 0, "data": {"basicInfo": basic, "formInfo": {"widgetMap": widgets}}}

    async def find_flows(self, call: Call) -> dict[str, Any]:
        self._with_token(call, "team")
        rows = [flow for id_, flow in self.flows.items() if id_ in call.body.get("flowInstIds", ())]
        return {"success": True, "errorCode": 0, "data": {"list": rows}}


def _bubble(id_: str, kind: int, msg: Mapping[str, Any], *, at: str) -> Message:
    """A message of the public account. Raises Refusal."""
    if kind == 2:
        return Message(id_, at, "text", text=text_of(msg, "text", 5000), source="pub/2")
    if kind == 5:
        if msg.get("todo") != 0:
            raise Refusal(5000, "todo 只能为 0")
        url = text_of(msg, "url", 5000)
        return Message(id_, at, "link", text=text_of(msg, "text", 5000), url=url, source="pub/5")
    if kind == 6:
        rows = msg.get("list")
        if msg.get("model") not in (1, 2, 3) or msg.get("todo") != 0 or not isinstance(rows, list) or not rows:
            raise Refusal(5000, "图文消息不正确")
        if msg["model"] != 1 and not all(row.get("name") and row.get("pic") for row in rows):
            raise Refusal(5000, "图片的 name、pic 不能为空")
        titles = [text_of(row, "title", 5000) for row in rows]
        articles = [
            Article(title, str(row.get("text", "")), str(row.get("url", "")))
            for title, row in zip(titles, rows, strict=True)
        ]
        return Message(id_, at, "news", articles=articles, source="pub/6")
    raise Refusal(5000, f"不支持的 type {kind}")


def _app_message(message: Message, param: Any) -> None:
    if not isinstance(param, dict) or not param.get("title"):
        raise Refusal(1401003, "param 不正确")
    message.kind, message.title, message.text = "link", param["title"], str(param.get("content", ""))
    message.url, message.source = str(param.get("webpageUrl", "")), "robot/app"
