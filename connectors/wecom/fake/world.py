"""What all parts of the fake share: the office, the phones, the clock, and how WeCom says no."""

from __future__ import annotations

import itertools
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import MovableClock
from connectors.sandbox.faults import Faults
from connectors.sandbox.office import Member, SandboxOffice
from connectors.sandbox.phones import Chat, Message, Phone
from connectors.sandbox.trace import Trace

Data = Mapping[str, Any]
BOT = "bot"  # the id of the app's chat on every phone


class Refusal(Exception):
    """A business error: HTTP 200 with this errcode (wecom.md 12)."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as its handler sees it. `body` is the JSON object of a POST; `files` of a multipart one."""

    query: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


class Window:
    """Counts per key in a sliding window: WeCom's silent limits."""

    def __init__(self, *limits: tuple[int, timedelta]) -> None:
        self._limits = limits
        self._seen: dict[str, deque[datetime]] = {}

    def takes(self, key: str, now: datetime) -> bool:
        """False, counting nothing, when one more would be over a limit."""
        seen = self._seen.setdefault(key, deque(maxlen=max(count for count, _ in self._limits)))
        for count, within in self._limits:
            if len(seen) >= count and seen[-count] > now - within:
                return False
        seen.append(now)
        return True


class World:
    """Users are found in any spelling, shown in the directory's (userids are case-insensitive, wecom.md 1)."""

    def __init__(
        self, *, corp_id: str, agent_id: int, app_name: str, office: SandboxOffice, clock: MovableClock
    ) -> None:
        self.platform = "wecom"
        self.corp_id = corp_id
        self.agent_id = agent_id
        self.office = office
        self.clock = clock
        self.faults = Faults()
        self.trace = Trace()
        self.members = {member.id.casefold(): member for member in office.members if member.id}
        self.phones = {
            who: Phone(member.id, member.name, member.post, {BOT: Chat(BOT, app_name)})
            for who, member in self.members.items()
        }
        self._numbers = itertools.count(1)

    def member(self, userid: str) -> Member:
        """Raises LookupError."""
        return self.members[userid.casefold()]

    def phone(self, userid: str) -> Phone:
        return self.phones[userid.casefold()]

    def number(self, prefix: str) -> str:
        """An id that nothing else has."""
        return f"{prefix}-{next(self._numbers)}-{secrets.token_hex(4)}"

    def stamp(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")

    def show(self, userid: str, chat: str, message: Message) -> None:
        """Puts a bubble on a phone, or in the place of the one with the same id."""
        messages = self.phone(userid).chats[chat].messages
        places = [place for place, old in enumerate(messages) if old.id == message.id]
        if places:
            messages[places[0]] = message
        else:
            messages.append(message)
        self.trace.changed(user=self.member(userid).id, chat=chat)


def refuse_unless(fine: object, words: str, code: int = 40058) -> None:
    """40058 is WeCom's "invalid parameter"."""
    if not fine:
        raise Refusal(code, words)


def text_of(body: Data, name: str, *, code: int = 40058) -> str:
    """A required, non-empty text."""
    value = body.get(name)
    refuse_unless(isinstance(value, str) and value, f"missing {name}", code)
    return str(value)


def list_of(body: Data, name: str, least: int, most: int) -> list[Any]:
    """A required list of a legal length."""
    value = body.get(name)
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise Refusal(40058, f"{name} must have {least} to {most} entries")
    return value


def objects_of(body: Data, name: str, least: int, most: int) -> list[Data]:
    """A list whose entries are objects; where `least` is 0 it may be missing."""
    if least == 0 and not body.get(name):
        return []
    found = list_of(body, name, least, most)
    refuse_unless(all(isinstance(one, dict) for one in found), f"{name} must hold objects")
    return found


def object_of(body: Data, name: str) -> Data:
    """An object that may be missing: then empty."""
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise Refusal(40058, f"{name} must be an object")
    return value


def distinct(keys: Iterable[str], what: str) -> None:
    found = list(keys)
    refuse_unless(len(set(found)) == len(found), f"{what} must differ")


def cut_bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
