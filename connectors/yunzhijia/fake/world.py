"""What all parts of the fake share: the tenant with its secrets and tokens, the phones, how Yunzhijia says no."""

from __future__ import annotations

import itertools
import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import MovableClock
from connectors.sandbox.faults import Faults
from connectors.sandbox.office import Member, SandboxOffice
from connectors.sandbox.phones import Chat, Message, Phone
from connectors.sandbox.trace import Trace

BOT, TODO = "bot", "todo"
TOKEN_LIFE = timedelta(seconds=6400)
SKEW = timedelta(minutes=3)
_SECRET = ("token", "secret", "ticket", "sign")


class Refusal(Exception):
    """A business error in the envelope of most families: `success` false, this code, these words."""

    def __init__(self, code: int, words: str, *, status: int = 200, data: Any = None) -> None:
        super().__init__(words)
        self.code, self.words, self.status, self.data = code, words, status, data


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Ids and secrets as the admin screens show them. `templates`: template id -> callback address ("" without)."""

    eid: str
    app_id: str
    app_secret: str
    pub: str
    pub_secret: str
    sign_key: str = ""
    im_secret: str = ""
    calendar_secret: str = ""
    calendar_key: str = ""
    files_secret: str = ""
    robot_id: str = "rb001"
    robot_name: str = "办公助手"
    robot_secret: str = ""
    robot_token: str = ""
    approval_app_id: str = ""
    approval_secret: str = ""
    approval_aes_key: str = ""
    base_template: str = ""
    action_template: str = ""


@dataclass(slots=True)
class _Token:
    value: str
    scope: str
    until: datetime
    group: str = ""


@dataclass(slots=True)
class Ticket:
    user: str
    app_id: str


class World:
    """Ids are openids inside the team; they are case-sensitive."""

    def __init__(self, tenant: Tenant, office: SandboxOffice, clock: MovableClock) -> None:
        self.tenant, self.office, self.clock = tenant, office, clock
        self.faults, self.trace = Faults(), Trace()
        self.base = ""
        self.members = {member.id: member for member in office.members if member.id}
        # The list of to-dos first: what a phone shows last is what the bot said last.
        self.phones = {
            who: Phone(who, member.name, member.post, {TODO: Chat(TODO, "待办"), BOT: Chat(BOT, "工作助理")})
            for who, member in self.members.items()
        }
        for group in office.groups:
            for one in group.members:
                if one in self.phones:
                    self.phones[one].chats[group.id] = Chat(group.id, group.title, group=True)
        self.tickets: dict[str, Ticket] = {}
        self.issued = 0
        self._tokens: dict[str, _Token] = {}
        self._numbers = itertools.count(1)
        self._calls: dict[str, deque[datetime]] = {}

    def member(self, user: str) -> Member:
        """Raises LookupError."""
        return self.members[user]

    def number(self, prefix: str) -> str:
        return f"{prefix}-{next(self._numbers)}-{secrets.token_hex(4)}"

    def millis(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

    def stamp(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")

    # Tokens

    def fresh(self, stamp: Any) -> bool:
        """Thirteen digits, at most three minutes away."""
        text = str(stamp)
        return text.isdigit() and len(text) == 13 and abs(self.millis() - int(text)) <= SKEW.total_seconds() * 1000

    def issue(self, scope: str, owner: str, group: str = "") -> _Token:
        """The same one while it lives; each resource group has its own."""
        known = self._tokens.get(f"{scope} {owner} {group}")
        if known is not None and known.until > self.clock.now():
            return known
        self.issued += 1
        token = _Token(secrets.token_hex(16), scope, self.clock.now() + TOKEN_LIFE, group)
        self._tokens[f"{scope} {owner} {group}"] = token
        return token

    def check(self, value: str, *scopes: str, secret: str = "") -> None:
        """Raises Refusal: the words are all that says why (1)."""
        found = next((one for one in self._tokens.values() if one.value == value), None)
        if found is None or found.until <= self.clock.now():
            raise Refusal(1101, "accessToken 无效或已过期")
        if found.scope not in scopes or (found.group and found.group != secret):
            raise Refusal(1102, "没有权限调用该接口")

    def revoke(self) -> None:
        self._tokens.clear()

    def ticket(self, user: str) -> str:
        """As the client asks for one when it opens a page; raises LookupError."""
        self.member(user)
        value = secrets.token_hex(16)
        self.tickets[value] = Ticket(user, self.tenant.app_id)
        return value

    def too_many(self, what: str, most: int, within: timedelta) -> bool:
        """Counts one; True when that was one too many."""
        seen, now = self._calls.setdefault(what, deque()), self.clock.now()
        while seen and now - seen[0] >= within:
            seen.popleft()
        seen.append(now)
        return len(seen) > most

    # Phones

    def show(self, user: str, chat: str, message: Message) -> None:
        """Puts a bubble on a phone, or in the place of the one with the same id."""
        messages = self.phones[user].chats[chat].messages
        for place, old in enumerate(messages):
            if old.id == message.id:
                messages[place] = message
                break
        else:
            messages.append(message)
        self.trace.changed(user=user, chat=chat)

    def note(self, direction: Any, name: str, status: str, plain: Any, *, sealed: str = "", answer: Any = "") -> None:
        """A line for the panel, without what opens doors."""
        words = [part if isinstance(part, str) else dumped(masked(part)) for part in (plain, answer)]
        self.trace.record(at=self.stamp(), platform="yunzhijia", direction=direction, name=name, status=status,
                          plain=words[0], sealed=sealed, answer=words[1])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as its handler sees it."""

    query: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    size: int = 0


def masked(value: Any) -> Any:
    """Secrets, tokens and tickets as `***`, however deep."""
    if isinstance(value, Mapping):
        return {k: "***" if _opens(k, v) else masked(v) for k, v in value.items()}
    return [masked(one) for one in value] if isinstance(value, list) else value


def _opens(name: str, value: Any) -> bool:
    return isinstance(value, str) and any(word in name.lower() for word in _SECRET)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(body: Mapping[str, Any], name: str, code: int = 1001) -> str:
    """A required text. Raises Refusal."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(code, f"param error: {name}")
    return value
