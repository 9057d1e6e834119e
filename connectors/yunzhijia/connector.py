"""One Yunzhijia account behind the contract: which rung of the ladder a message takes, and how its to-do goes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from cards.model import Card, Message
from connectors.clock import Clock
from connectors.contract import (
    Admit,
    Capabilities,
    DirectoryDepartment,
    DirectoryPerson,
    Door,
    Finding,
    Handle,
    Media,
    NativeApproval,
)
from connectors.errors import CardSpent, PlatformError, PlatformRefused, Unsupported
from connectors.refs import ChatRef, PersonRef, Recipient
from connectors.transport import Http
from connectors.yunzhijia import messages, outbound, todo, verdict
from connectors.yunzhijia.approvals import Approvals
from connectors.yunzhijia.client import Client
from connectors.yunzhijia.directory import Directory
from connectors.yunzhijia.files import Files
from connectors.yunzhijia.inbound.approval import ApprovalDoor
from connectors.yunzhijia.inbound.calendar import CalendarDoor
from connectors.yunzhijia.inbound.card import CardDoor
from connectors.yunzhijia.inbound.robot import RobotDoor
from connectors.yunzhijia.inbound.todo import TodoDoor
from connectors.yunzhijia.schedules import Schedules
from connectors.yunzhijia.settings import Settings, from_account
from connectors.yunzhijia.socket import RobotSocket

_ROBOT = "robot:"
_TODO = "/gateway/newtodo/open/"
_UPDATE = "/gateway/groupassist/cardmsg/updateCardMsg"


class YunzhijiaConnector:
    """See `contract.Connector`. A person is reached by the public account, a `robot:<name>` chat by its send URL."""

    platform = "yunzhijia"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock) -> None:
        self.account = settings.account
        self.capabilities = capabilities(settings)
        self.doors: Mapping[str, Door] = doors(settings)
        self.client = Client(settings, http=http, clock=clock)
        self.directory = Directory(self.client, settings)
        self.approvals = Approvals(self.client, base=settings.base_url)
        self.files = Files(self.client) if settings.files_secret else None
        self.schedules = Schedules(self.client, eid=settings.eid) if settings.calendar_secret else None
        self.socket = RobotSocket(settings, session=lambda: http.session, clock=clock, proxy=http.proxy)
        self._settings = settings
        self._clock = clock
        self._pass_url = ""

    async def close(self) -> None:
        """Nothing of its own to close: the session is shared, the socket ends with its task."""

    async def announce(self, callbacks: str) -> None:
        """Nothing is told by API; but each to-do names the address of its one-tap agreement."""
        self._pass_url = f"{callbacks}/todo"

    async def listen(self, admit: Admit) -> None:
        if self._settings.websocket:
            await self.socket.run(admit)

    # Out

    async def send(self, to: Recipient, message: Message, *, ref: str, repeated: bool = False) -> Handle:
        """The to-do first: it is created once however often this is called, the message may be said twice."""
        if isinstance(to, ChatRef):
            return await self._send_to_chat(to, message, repeated=repeated)
        source = await self._open_todo(to, message, ref=ref, turn=1) if isinstance(message, Card) else ""
        try:
            rung = await self._say(to, message, ref=ref, repeated=repeated)
        except (PlatformRefused, Unsupported):
            await self._close_todo(to, source)  # whatever goes instead is no longer this letter
            raise
        sent = int(self._clock.now().timestamp() * 1000)
        return {"rung": rung, "track": ref, "user": to.id, "at_ms": sent, "todo": source, "turn": 1}

    async def _say(self, to: PersonRef, message: Message, *, ref: str, repeated: bool) -> str:
        if isinstance(message, Card) and self._settings.cards:
            try:
                body = outbound.create(
                    message, track=ref, oid=to.id, now=self._clock.now(), settings=self._settings
                )
            except Unsupported:
                pass  # the next rung: a text says less, but says it
            else:
                await self.client.publish(to.id, messages.CARD, body, ref=ref)
                return "card"
        kind, said = messages.for_person(
            message, settings=self._settings, now=self._clock.now(), repeated=repeated
        )
        messages.need_size(said)
        await self.client.publish(to.id, kind, said, ref=ref)
        return "link" if kind == messages.TEXT_LINK else "text"

    async def _send_to_chat(self, to: ChatRef, message: Message, *, repeated: bool) -> Handle:
        name = to.id.removeprefix(_ROBOT)
        if not to.id.startswith(_ROBOT) or name not in self._settings.robots:
            raise Unsupported("a group is reached by its robot's send URL only")
        body = messages.for_robot(message, settings=self._settings, repeated=repeated)
        key = await self.client.robots.send(self._settings.robots[name], body)
        return {"rung": "robot", "key": key}

    async def update(self, to: Recipient, handle: Handle, card: Card, *, ref: str) -> Handle:
        """The card in place (base and private state), and its to-do forward; below the card everything was said for
        good, there the to-do alone can say that it is over."""
        if isinstance(to, ChatRef):
            raise CardSpent("said for good", call="robot")
        try:
            await self._update_card(to, handle, card)
        except CardSpent:
            await self._close_todo(to, str(handle.get("todo", "")))  # the message that follows brings its own
            raise
        return await self._move_todo(to, handle, card)

    async def _update_card(self, to: PersonRef, handle: Handle, card: Card) -> None:
        """Raises `CardSpent` after a month, for what the template cannot show and for what the platform refuses: which
        code says "no such card" is not documented, and a new card is right in every case."""
        now = self._clock.now()
        if handle.get("rung") != "card":
            raise CardSpent("said for good", call=str(handle.get("rung", "")))
        if now - datetime.fromtimestamp(handle["at_ms"] / 1000, UTC) >= outbound.LIFE:
            raise CardSpent("older than a month", call=_UPDATE)
        try:
            body = outbound.update(card, track=handle["track"], oid=to.id, now=now, settings=self._settings)
            await self.client.call("im", _UPDATE, json=body)
        except Unsupported as beyond:
            raise CardSpent(str(beyond), call=_UPDATE) from beyond
        except PlatformRefused as refused:
            raise CardSpent(refused.words, call=_UPDATE, code=refused.code) from refused

    # To-do items

    async def _open_todo(self, to: PersonRef, card: Card, *, ref: str, turn: int) -> str:
        """The new item's source id, "" where there is none. That it cannot be had does not keep the message back."""
        if not todo.wanted(card):
            return ""
        source = todo.source_id(card, ref=ref, turn=turn)
        body = todo.create(card, to.id, source=source, settings=self._settings, pass_url=self._pass_url)
        try:
            await self.client.call("app", f"{_TODO}generatetodo.json", judge=verdict.todo, json=body)
        except PlatformRefused:
            return ""
        return source

    async def _move_todo(self, to: PersonRef, handle: Handle, card: Card) -> Handle:
        """Forward only: open and unchanged is read, open again or with another agreement is a new item, else done."""
        turn, source = int(handle.get("turn", 1)), str(handle.get("todo", ""))
        if not todo.wanted(card):
            await self._close_todo(to, source)
            return {**handle, "todo": "", "turn": turn + 1 if source else turn}
        if source == todo.source_id(card, ref=str(handle["track"]), turn=turn):
            await self._change_todo(to, source, done=False)
            return handle
        fresh = await self._open_todo(to, card, ref=str(handle["track"]), turn=turn)
        if source != fresh:
            await self._close_todo(to, source)
        return {**handle, "todo": fresh}

    async def _close_todo(self, to: PersonRef, source: str) -> None:
        if source:
            await self._change_todo(to, source, done=True)

    async def _change_todo(self, to: PersonRef, source: str, *, done: bool) -> None:
        body = todo.change(source, to.id, done=done, settings=self._settings)
        try:
            await self.client.call("app", f"{_TODO}action.json", judge=verdict.todo, json=body)
        except PlatformRefused:
            return  # a person who left, an item that is gone: the list is not worth the card

    async def todo_state(self, to: PersonRef, source: str) -> str:
        """absent | pending | done; the only thing on the platform whose state can be read back."""
        body = todo.check(source, to.id, settings=self._settings)
        answer = await self.client.call("app", f"{_TODO}checkcreatetodo.json", judge=verdict.todo, json=body)
        data = answer.get("data") or {}
        if data.get("dealCount"):
            return "done"
        return "pending" if data.get("undelCount") else "absent"

    def tapped(self, handle: Handle, code: str, *, now: datetime) -> Handle:
        return handle  # no one-time codes here

    async def native_approval(self, id: str) -> NativeApproval:
        return await self.approvals.native(id)

    # Files, people, login

    async def upload(self, data: bytes, *, name: str, kind: str) -> str:
        """Kept in the platform's file service; a public account sends no files, so no message carries the id."""
        if self.files is None:
            raise Unsupported("no secret for the file service")
        return await self.files.upload(data, name=name)

    async def download(self, media: str) -> Media:
        if self.files is None:
            raise Unsupported("nobody can send a file to the robot")
        return await self.files.download(media)

    async def people(self) -> Sequence[DirectoryPerson]:
        return await self.directory.people()

    async def departments(self) -> Sequence[DirectoryDepartment]:
        return await self.directory.departments()

    def login_url(self, *, redirect: str, state: str) -> str:
        """No redirect leads to a ticket: the client appends one to every address that it opens for the app. This link
        asks it to open the page that way; `state` has no use in it."""
        asked = {"appid": self._settings.app_id, "urlparam": redirect}
        return f"cloudhub://lightapp?{urlencode(asked)}"

    async def login(self, code: str) -> PersonRef:
        """`code` is the ticket."""
        return await self.directory.login(code)

    async def diagnose(self) -> Sequence[Finding]:
        found = [
            await self._finding("token", self.client.token("app")),
            await self._finding("directory", self.departments()),
            Finding("cards", ok=self._settings.cards, code="no_template"),
            Finding("callback", ok=bool(self.doors) or self._settings.websocket, code="not configured"),
        ]
        if self._settings.cards:
            found.append(await self._finding("token_im", self.client.token("im")))
        if self._settings.approval_secret:
            found.append(await self._finding("token_team", self.client.token("team")))
        if self.schedules is not None:
            found.append(await self._finding("token_work", self.client.token("work")))
        if self.files is not None:
            found.append(await self._finding("token_files", self.client.token("files")))
        return found

    async def _finding(self, what: str, call: Any) -> Finding:
        try:
            await call
        except PlatformError as trouble:
            return Finding(what, ok=False, code=trouble.code, detail={"words": trouble.words, "call": trouble.call})
        return Finding(what, ok=True)


def build(account: Any, *, http: Http, clock: Clock) -> YunzhijiaConnector:
    """From one account of `config.accounts`; raises ValueError for a key that cannot be one."""
    return YunzhijiaConnector(from_account(account), http=http, clock=clock)


def capabilities(settings: Settings) -> Capabilities:
    """Nothing is repeated safely: the ten-minute rule of `from` lives in memory only, and a card shows twice.

    The answer to a tap does show the new card, but to the tapper alone and without the to-do: the update goes as well.
    """
    return Capabilities(
        interactive_cards=settings.cards,
        card_update=settings.cards,
        card_choices=settings.cards and settings.card_selects,
        card_inputs=settings.cards,
        max_buttons=outbound.BUTTONS if settings.cards else 0,
        safe_repeat_in_chats=False,
        directory=True,
        web_login=True,
        ticket_login=True,
        stream=settings.websocket,
        schedules=bool(settings.calendar_secret),
    )


def doors(settings: Settings) -> dict[str, Door]:
    """The doors whose callers can be proven with what this account has."""
    found: dict[str, Door] = {}
    if settings.robot_secret:
        found["robot"] = RobotDoor(settings)
    if settings.cards:
        found["card"] = CardDoor(settings)
    if settings.approval_aes_key:
        found["approval"] = ApprovalDoor(settings)
    if settings.calendar_key and settings.calendar_secret:
        found["calendar"] = CalendarDoor(settings)
    if settings.sign_key:
        found["todo"] = TodoDoor(settings)
    return found
