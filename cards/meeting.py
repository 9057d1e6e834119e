"""A meeting that is called in one step: the words of its notice, and how far everything has come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from cards import words

_CALLED: Final = re.compile(r"(?:开会|召开会议|会议通知|一键开会|通知开会)[\s:：，,]+(\S.*)", re.DOTALL)


def called(text: str) -> str | None:
    """What follows `开会`, with commas between its parts as spaces; None for other words."""
    match = _CALLED.fullmatch(text.strip())
    return re.sub(r"[，,；;]", " ", match[1]) if match else None


def title(topic: str) -> str:
    return topic if topic.endswith("会") or topic.endswith("会议") else f"{topic}会议"


def body(fields: Mapping[str, Any], when: tuple[str, str, str]) -> str:
    """The notice's text: when, where, what for."""
    day, begin, end = when
    lines = [f"时间：{words.day(date.fromisoformat(day))} {begin}至{end}"] if day else []
    lines.append(f"地点：{fields.get('room', '')}")
    if fields.get("agenda"):
        lines.append(f"议程和要求：{fields['agenda']}")
    return "\n".join(lines)


def ride(topic: str) -> str:
    return f"参加“{topic}”"[:200]


def material(topic: str) -> str:
    return f"报送“{topic}”的材料"[:200]


def of_minutes(title: str) -> str:
    return title if "纪要" in title else f"{title}纪要"


def duty(matter: str) -> str:
    """How a task stands in a calendar on its last day."""
    return f"到期：{matter}"


def absent(names: Sequence[str], total: int) -> str:
    """Who has a leave or a trip in their calendar at that time; "" for nobody."""
    if not total:
        return ""
    shown = "、".join(names)
    return f"{shown}等{total}人" if total > len(names) else shown
