"""One account on a private deployment of the WeCom family, as a `contract.Connector`: the parent with other flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from cards.model import Card, Message
from connectors import errors
from connectors.clock import Clock
from connectors.contract import Capabilities, DirectoryPerson, Door, Finding, Handle
from connectors.refs import ChatRef, PersonRef, Recipient
from connectors.transport import Http
from connectors.wecom import directory, meter
from connectors.wecom.connector import MESSAGES, WeComConnector
from connectors.wecom.outbound import marked
from connectors.yuezhengyi import outbound, tif
from connectors.yuezhengyi import todo as todo_list
from connectors.yuezhengyi.doors import doors
from connectors.yuezhengyi.settings import DIRECT_LOGIN, GATEWAY_LOGIN, PAGE_LOGIN, Settings, from_account
from connectors.yuezhengyi.todo import HttpTodos, NoTodos, Todo, TodoSink
from connectors.yuezhengyi.way import Way

# What a deployment says to a kind or call that it does not have (yuezhengyi.md 6.2). Which code an old server gives for
# an unknown msgtype is not documented; these two and 404 mean it for certain.
_ABSENT_CODES = frozenset({"40008", "40058"})
_TASKCARD = "taskcard"
_PROBED = frozenset({"textcard", "markdown", "taskcard", "template_card"})


class YuezhengyiConnector(WeComConnector):
    """Differs from the parent in the way out, the rungs of a message, and who says who somebody is."""

    platform = "yuezhengyi"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, todos: TodoSink | None = None) -> None:
        self._way = Way(http, settings, clock=clock)
        super().__init__(settings, http=self._way, clock=clock)
        self._own = settings
        self._flags = settings.flags
        self.todos = todos or (HttpTodos(settings.todo, self._way) if settings.todo else NoTodos())
        self.doors: Mapping[str, Door] = doors(settings)
        self.capabilities = _capabilities(settings)
        minute = timedelta(minutes=1)
        self._members = meter.Meter((meter.Limit(settings.per_member_a_minute, minute),))
        self._everybody = meter.Meter((meter.Limit(settings.per_minute, minute),))
        self._nonces = tif.Nonces(window=settings.gateway.window if settings.gateway else 0.0)

    @property
    def page_base(self) -> str:
        """Where the phones in this platform's client reach our pages; "" where that is `server.public_url`."""
        return self._own.page_base

    @property
    def flags(self) -> Mapping[str, bool | None]:
        """What is known of the deployment by now, for `probe` and `doctor`."""
        return {one.name: getattr(self._flags, one.name) for one in fields(self._flags)}

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        """Down the ladder until a rung is taken; a kind that the deployment does not know is not tried again."""
        if isinstance(to, ChatRef):
            return await super().send(to, message, ref=ref, repeated=repeated)
        if repeated and not self._flags.duplicate_check:
            message = marked(message)
        rungs = list(outbound.rungs(message, ref=ref, flags=self._flags, words=self._hears()))
        now = self._clock.now()
        self._everybody.take("", now=now)
        self._members.take(to.id, now=now)
        todo = await self._listed(to, message, ref)
        try:
            handle = await self._stepped(to, rungs, ref)
        except errors.PlatformRefused:
            await self._ended(to, todo, gone=True)  # whatever goes instead is no longer this letter
            raise
        return {**handle, "todo": todo} if todo else handle

    async def _listed(self, to: PersonRef, message: Message, ref: str) -> str:
        """Before the message, because only creating may be repeated safely; "" where there is none. That the list does
        not take it does not keep the message back."""
        if not isinstance(message, Card) or not todo_list.wanted(message):
            return ""
        try:
            await self.todos.create(Todo(id=ref, title=message.title, assignee=to.id, url=message.url))
        except errors.PlatformRefused:
            return ""
        return ref

    async def _ended(self, to: Recipient, todo: object, *, gone: bool = False) -> None:
        if not todo:
            return
        one = Todo(id=str(todo), title="", assignee=to.id, url="")
        try:
            await (self.todos.delete(one) if gone else self.todos.complete(one))
        except errors.PlatformRefused:
            return  # an item that is gone: the list is not worth the card

    async def _stepped(self, to: PersonRef, rungs: Sequence[outbound.Body], ref: str) -> Handle:
        *higher, last = rungs
        for body in higher:
            try:
                return {**await self._post(to, body, ref=ref), "rung": body["msgtype"]}
            except errors.PlatformRefused as refused:
                if not _absent(refused):
                    raise
                self._learn(body["msgtype"], there=False)
        return {**await self._post(to, last, ref=ref), "rung": last["msgtype"]}

    def _hears(self) -> bool:
        return self._own.receives or self.capabilities.stream

    def _learn(self, kind: str, *, there: bool) -> None:
        if hasattr(self._flags, kind):
            self._flags = replace(self._flags, **{kind: there})

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        """Raises `CardSpent` for everything that was sent as words: what came of it is a message of its own, and brings
        its own to-do if there is still something to do."""
        try:
            fresh = await self._shown(to, handle, card, ref=ref)
        except errors.CardSpent:
            await self._ended(to, handle.get("todo"))
            raise
        if todo_list.wanted(card):
            return fresh
        await self._ended(to, handle.get("todo"))
        return {**fresh, "todo": ""}

    async def _shown(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        rung = handle.get("rung")
        if rung == _TASKCARD and isinstance(to, PersonRef) and card.state and not handle.get("closed"):
            return await self._closed(to, handle, card)
        if rung == "template_card" and self._flags.update_template_card:
            return await super().update(to, handle, card, ref=ref)
        raise errors.CardSpent("what was sent cannot be changed", call="update")

    async def _closed(self, to: PersonRef, handle: Handle, card: Card) -> Handle:
        """A task card's buttons give way to words, once (wecom.md 7)."""
        body = {"agentid": self._own.agent_id, "userids": [to.id], "task_id": handle["task_id"]}
        words = outbound.replace_name(card)
        await self._client.post("message/update_taskcard", {**body, "replace_name": words})
        return {**handle, "closed": True}

    async def recall(self, handle: Handle) -> None:
        """Raises `Unsupported` where the flag does not say that the deployment can."""
        if not self._flags.recall:
            raise errors.Unsupported("recall")
        await super().recall(handle)

    # --- who somebody is

    def login_url(self, *, redirect: str, state: str) -> str:
        """Variant A of yuezhengyi.md 5 is the parent's; in B the gateway signs in and then speaks for the browser; C, D
        and E are pages that lead back with a code. A page without a place for the state gets it within the way back."""
        if self._own.login == DIRECT_LOGIN:
            return super().login_url(redirect=redirect, state=state)
        page, back = self._own.login_page, redirect
        if "{state}" not in page:
            back = f"{redirect}{'&' if '?' in redirect else '?'}{urlencode({'state': state})}"
        about = {"corp_id": self._own.corp_id, "agent_id": str(self._own.agent_id), "state": state, "redirect": back}
        about["paas_id"] = self._own.gateway.paas_id if self._own.gateway else ""
        for name, value in about.items():
            page = page.replace("{" + name + "}", quote(value, safe=""))
        return page

    async def login(self, code: str) -> PersonRef:
        """By the deployment itself, or by the address that the operator names for codes of the provincial identity.

        What its refusals look like is not documented: an answer that names nobody restarts the login like a used code.
        """
        if self._own.login != PAGE_LOGIN or not self._own.code_check:
            return await super().login(code)
        url = self._own.code_check.replace("{code}", quote(code, safe=""))
        reply = await self._way.to("GET", url, name="code_check")
        found: object = reply.data
        for name in self._own.code_user.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(found, str) or not found:
            raise errors.PlatformRefused("names nobody", call="code_check", code="40029", status=reply.status)
        return PersonRef(self.account, found.casefold())

    def vouched(self, headers: Mapping[str, str], *, remote: str, now: datetime) -> PersonRef | None:
        """Who the gateway says is at the browser, where the account signs in that way; raises `Rejected`.

        `headers` have lower-case names. A nonce counts once: the headers of one visit sign nobody else in.
        """
        gateway = self._own.gateway
        if self._own.login != GATEWAY_LOGIN or gateway is None:
            return None
        if gateway.addresses and remote not in gateway.addresses:
            raise errors.Rejected("not from the gateway")
        uid = tif.check(gateway, headers, now=now)
        if not uid:
            raise errors.Rejected("gateway names nobody")
        if not self._nonces.use(headers[f"{gateway.prefix}nonce"], now=now):
            raise errors.Rejected("gateway nonce used")
        return PersonRef(self.account, uid.casefold())

    # --- directory

    async def people(self) -> Sequence[DirectoryPerson]:
        """By `user/list`, which every edition has; the bulk list of ids is newer (yuezhengyi.md 6.4)."""
        answers = [
            await self._client.get("user/list", department_id=top, fetch_child="1") for top in await self._tops()
        ]
        members = [directory.person(one) for answer in answers for one in answer.get("userlist", ())]
        return list({one.id: one for one in members}.values())

    async def _tops(self) -> Sequence[str]:
        """The departments above which we see none: an app is often shown only a part of the tree."""
        seen = await self.departments()
        ids = {one.id for one in seen}
        return [one.id for one in seen if one.parent not in ids]

    # --- for the operator

    async def diagnose(self) -> Sequence[Finding]:
        """Token, departments, members, and which abilities nobody has found out yet."""
        return [
            await self._finding("token", self._client.token()),
            await self._finding("departments", self._client.get("department/list")),
            await self._finding("members", self.people()),
            *self._unknown(),
        ]

    def _unknown(self) -> Sequence[Finding]:
        open_ = [name for name, value in self.flags.items() if value is None and name in _PROBED]
        return [Finding("flags", ok=not open_, code="unprobed", detail={"words": "、".join(open_)})] if open_ else []

    async def probe(self, to: str, *, link: str, words: str) -> Mapping[str, bool | None]:
        """Sends each kind once to a named test user and says what is there (yuezhengyi.md 6.2); by hand only.

        A group is not made: it would leave traces. Raises `PlatformError` when nothing can be sent at all.
        """
        person = PersonRef(self.account, to.casefold())
        await self._post(person, outbound.plain(words), ref="probe")
        ref = f"probe-{int(self._clock.now().timestamp())}"
        for kind, body in outbound.probes(words, link=link, ref=ref):
            try:
                await self._post(person, body, ref=f"{ref}-{kind}")
            except errors.PlatformRefused as refused:
                # Which code an old server gives for an unknown kind is not documented: whatever is no word about
                # permissions counts as absent.
                self._learn(kind, there=refused.code in _FORBIDDEN)
            else:
                self._learn(kind, there=True)
        return self.flags


_FORBIDDEN = frozenset({"48002", "60011", "301002"})  # there, and not permitted to this app


def _absent(refused: errors.PlatformRefused) -> bool:
    return refused.code in _ABSENT_CODES or refused.status == 404


def _capabilities(settings: Settings) -> Capabilities:
    flags = settings.flags
    tapped = settings.receives and flags.tapped()
    cards = bool(settings.receives and flags.template_card)
    return Capabilities(
        interactive_cards=tapped,
        card_update=tapped and bool(flags.update_template_card or flags.taskcard),
        card_choices=cards,
        max_buttons=(9 if cards else 2) if tapped else 0,
        safe_repeat=MESSAGES if flags.duplicate_check else frozenset(),
        safe_repeat_in_chats=False,
        directory=True,
        web_login=True,
        stream=bool(settings.bot_id),
    )


def build(account: object, *, http: Http, clock: Clock) -> YuezhengyiConnector:
    """Raises ValueError for a section that cannot work: no host, a bad EncodingAESKey, a file without certificates."""
    return YuezhengyiConnector(from_account(account), http=http, clock=clock)


__all__ = ["Todo", "YuezhengyiConnector", "build"]
