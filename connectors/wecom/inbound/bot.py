"""What the smart bot's connection brings, in our words (wecom.md 10): pure.

The bot hears words; cards and files are the app's. A message and a tap have the key of the same message at the app's
door, so whichever channel is second finds it there already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors import events
from connectors.refs import ChatRef, MessageRef, PersonRef

CHAT = "bot:"
"""Before the id of a group in which the bot is."""

_MENTION = re.compile(r"^\s*@\S+\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST = 512

Body = Mapping[str, Any]


def clean(frame: str) -> str:
    """Without C0 control characters, which the platform lets through and JSON forbids (10.2)."""
    return _CONTROL.sub("", frame)


def message(body: Body, *, account: str, received: datetime) -> events.Event | None:
    """A message to the bot; None for what says neither who nor what."""
    sender, number = _sender(body, account), _text(body.get("msgid"))
    if sender is None or not number:
        return None
    base: dict[str, Any] = {"account": account, "key": f"msg:{number}", "at": received, "raw": _kept(body)}
    kind = _text(body.get("msgtype"))
    words = _words(body, kind)
    if words:
        return events.TextReceived(**base, sender=sender, text=words, chat=_chat(body, account))
    return events.Unknown(**base, name=f"bot:{kind}", sender=sender)


def event(body: Body, *, account: str, received: datetime) -> events.ButtonPressed | None:
    """A tap on a card of the bot's; None for every other event."""
    about = _part(body.get("event"))
    if about.get("eventtype") != "template_card_event":
        return None
    card, sender = _part(about.get("template_card_event")), _sender(body, account)
    task = _text(card.get("task_id"))
    if sender is None or not task:
        return None
    number = _text(body.get("msgid")) or sha256(repr(sorted(card.items())).encode()).hexdigest()
    return events.ButtonPressed(
        account=account, key=f"msg:{number}", at=received, raw=_kept(body), sender=sender,
        message=MessageRef(account, task), payload=_text(card.get("event_key")), inputs=_selected(card),
    )  # fmt: skip


def kind(body: Body) -> str:
    """`eventtype` of an event's body."""
    return _text(_part(body.get("event")).get("eventtype"))


def _words(body: Body, kind: str) -> str:
    """A text, or a voice that the platform has already written down; in a group without the name of the bot."""
    if kind not in ("text", "voice"):
        return ""
    words = _text(_part(body.get(kind)).get("content"), longest=20480)
    return (_MENTION.sub("", words) if body.get("chattype") == "group" else words).strip()


def _selected(card: Body) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for item in _list(_part(card.get("selected_items")).get("selected_item")):
        options = _list(_part(_part(item).get("option_ids")).get("option_id"))
        if key := _text(_part(item).get("question_key")):
            chosen[key] = tuple(_text(one) for one in options)
    return chosen


def _sender(body: Body, account: str) -> PersonRef | None:
    userid = _text(_part(body.get("from")).get("userid"))
    return PersonRef(account, userid.casefold()) if userid else None


def _chat(body: Body, account: str) -> ChatRef | None:
    chat = _text(body.get("chatid"))
    return ChatRef(account, f"{CHAT}{chat}") if body.get("chattype") == "group" and chat else None


def _kept(body: Body) -> Body:
    """Without the address that answers for an hour to whoever has it."""
    return {name: value for name, value in body.items() if name != "response_url"}


def _part(value: Any) -> Body:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any, *, longest: int = _LONGEST) -> str:
    return value if isinstance(value, str) and len(value) <= longest else ""
