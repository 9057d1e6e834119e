"""What the page draws, as plain JSON: the phones it asked for whole, of everybody else only who they are.

An office has dozens of phones with hundreds of messages each; the page shows four. So `GET /demo/state` carries the
chosen phones and, per member, just enough (number of messages, id of the last) to put a dot beside a name. Bodies of
the wire are fetched one line at a time for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.demo import hints
from bot.demo.stage import Stage
from connectors.sandbox import control
from connectors.sandbox.phones import Phone
from connectors.sandbox.trace import Line

_ERRCODE = re.compile(r'"errcode"\s*:\s*(?!0\b)(-?\d+)')
_BODIES = ("plain", "sealed", "answer")


def state(
    platforms: Sequence[control.Platform],
    *,
    stage: Stage,
    now: datetime,
    wanted: Iterable[tuple[str, str]],
    wire: bool = True,
) -> dict[str, Any]:
    """The whole page: `wanted` are (platform, user id) pairs, unknown ones left out; `wire` False spares its lines."""
    phones = {fake.platform: {phone.id: phone for phone in fake.phones()} for fake in platforms}
    return {
        "now": now.isoformat(),
        "office": stage.office,
        "hints": hints.filled(stage.sentences, now=now, workday=stage.workday),
        "places": [place.model_dump() for place in stage.places],
        "platforms": [_platform(fake, phones[fake.platform]) for fake in platforms],
        "phones": [_phone(name, phones[name][user]) for name, user in wanted if user in phones.get(name, {})],
        "wire": _wire(platforms) if wire else [],
    }


def line(entry: Line | Mapping[str, Any]) -> dict[str, Any]:
    """A line of the wire without its bodies; `sealed` says whether an encrypted form exists.

    A refusal inside an HTTP 200 is put beside the status, because that is where a reader looks.
    """
    whole = asdict(entry) if isinstance(entry, Line) else dict(entry)
    slim = {key: value for key, value in whole.items() if key not in _BODIES}
    refused = _ERRCODE.search(whole["answer"])
    status = f"{whole['status']} errcode {refused[1]}" if refused else whole["status"]
    return slim | {"sealed": bool(whole["sealed"]), "status": status}


def _wire(platforms: Sequence[control.Platform]) -> list[dict[str, Any]]:
    lines = [line(entry) for fake in platforms for entry in fake.trace.lines]
    return sorted(lines, key=lambda row: str(row["at"]))


def _platform(fake: control.Platform, phones: Mapping[str, Phone]) -> dict[str, Any]:
    return {
        "platform": fake.platform,
        "faults": [asdict(rule) for rule in fake.faults.rules],
        "members": [_member(phone) for phone in phones.values()],
    }


def _member(phone: Phone) -> dict[str, Any]:
    chats = [
        {"id": chat.id, "count": len(chat.messages), "last": chat.messages[-1].id if chat.messages else ""}
        for chat in phone.chats.values()
    ]
    return {"id": phone.id, "name": phone.name, "post": phone.post, "chats": chats}


def _phone(platform: str, phone: Phone) -> dict[str, Any]:
    return {"platform": platform, **asdict(phone), "chats": [asdict(chat) for chat in phone.chats.values()]}
