"""What the stand-in knows: the app's keys, the office, tokens, files, phones. All of this folder shares it."""

from __future__ import annotations

import itertools
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import MovableClock
from connectors.sandbox import phones as glass
from connectors.sandbox.faults import Faults
from connectors.sandbox.office import Group, Member, SandboxOffice
from connectors.sandbox.trace import Trace

BOT = "bot"
TOKEN_LIFE = timedelta(seconds=7200)
SCOPES = frozenset({"Card.Instance.Write", "qyapi_robot_sendmsg", "Premium.Ding.Write", "qyapi_get_member",
                    "qyapi_get_department_list", "qyapi_base", "Calendar.Event.Write",
                    "Calendar.Event.Read"})  # fmt: skip
_SECRET = ("secret", "token", "ticket", "webhook", "sign", "password")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One internal app as the console shows it."""

    client_id: str
    client_secret: str
    corp_id: str
    robot_code: str
    token: str
    encoding_aes_key: str
    templates: frozenset[str]
    agent_id: str


@dataclass(slots=True)
class File:
    data: bytes
    name: str
    kind: str


@dataclass
class World:
    app: App
    office: SandboxOffice
    clock: MovableClock
    faults: Faults = field(default_factory=Faults)
    trace: Trace = field(default_factory=Trace)
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    base: str = ""
    without_robot: set[str] = field(default_factory=set)  # people in whose range the app is, but not its robot
    phones: dict[str, glass.Phone] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    media: dict[str, File] = field(default_factory=dict)
    token: tuple[str, datetime] | None = None
    dead_tokens: set[str] = field(default_factory=set)
    codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    _serial: Any = field(default_factory=lambda: itertools.count(1))
    _calls: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def __post_init__(self) -> None:
        for member in self.office.members:
            phone = glass.Phone(member.id, member.name, member.post)
            phone.chats[BOT] = glass.Chat(BOT, "工作助理")
            self.phones[member.id] = phone
        for group in self.office.groups:
            for user in group.members:
                if user in self.phones:
                    self.phones[user].chats[group.id] = glass.Chat(group.id, group.title, group=True)

    def serial(self, prefix: str) -> str:
        return f"{prefix}{next(self._serial)}"

    def member(self, user: str) -> Member:
        """Raises LookupError."""
        for member in self.office.members:
            if member.id == user:
                return member
        raise LookupError(f"nobody here has the id {user}")

    def knows(self, user: str) -> bool:
        return user in self.phones

    def group(self, chat: str) -> Group:
        """Raises LookupError."""
        for group in self.office.groups:
            if group.id == chat:
                return group
        raise LookupError(f"no group has the id {chat}")

    def union(self, user: str) -> str:
        return self.member(user).union_id or f"union-{user}"

    def millis(self) -> str:
        return str(int(self.clock.now().timestamp() * 1000))

    def issue_token(self) -> str:
        """The same one while it lives, and its life begins anew (section 1)."""
        now = self.clock.now()
        value = self.token[0] if self.token and self.token[1] > now else secrets.token_hex(16)
        self.token = (value, now + TOKEN_LIFE)
        return value

    def token_state(self, value: str) -> str:
        """good | expired | invalid."""
        if self.token is None or value != self.token[0]:
            return "invalid"
        return "good" if self.token[1] > self.clock.now() else "expired"

    def revoke_tokens(self) -> None:
        self.token = None

    def too_many(self, api: str) -> bool:
        """More than 20 calls of one API within a second."""
        now, calls = self.clock.now(), self._calls[api]
        while calls and now - calls[0] >= timedelta(seconds=1):
            calls.popleft()
        calls.append(now)
        return len(calls) > 20

    # Phones

    def show(self, user: str, chat: str, message: glass.Message) -> None:
        """A new bubble, or the same one drawn anew."""
        messages = self.phones[user].chats[chat].messages
        for n, old in enumerate(messages):
            if old.id == message.id:
                messages[n] = message
                break
        else:
            messages.append(message)
        self.trace.changed(user=user, chat=chat)

    def show_everywhere(self, id_: str, **changes: Any) -> None:
        """The same change to every bubble of this id (recalled, read, a new status bar)."""
        for phone in self.phones.values():
            for chat in phone.chats.values():
                for message in chat.messages:
                    if message.id == id_:
                        for name, value in changes.items():
                            setattr(message, name, value)
                        self.trace.changed(user=phone.id, chat=chat.id)

    def stamp(self) -> str:
        return self.clock.now().isoformat()

    def note(self, direction: Any, name: str, status: str, plain: Any, *, sealed: str = "", answer: Any = "") -> None:
        """A line for the panel, without what opens doors."""
        words = [part if isinstance(part, str) else dumped(masked(part)) for part in (plain, answer)]
        self.trace.record(at=self.stamp(), platform="dingtalk", direction=direction, name=name, status=status,
                          plain=words[0], sealed=sealed, answer=words[1])  # fmt: skip


def masked(value: Any) -> Any:
    """Secrets, tokens and tickets as `***`, however deep."""
    if isinstance(value, Mapping):
        return {k: "***" if _opens(k, v) else masked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value


def _opens(name: str, value: Any) -> bool:
    return isinstance(value, str) and any(word in name.lower() for word in _SECRET)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
