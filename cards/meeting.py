"""A meeting that is called in one step: the words of its notice, and how far everything has come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from cards import words
from cards.model import Field

_LEADER: Final = re.compile(r"呈(?:阅|送|报)?[:：]?(\S{2,})")
_CHAIR: Final = re.compile(r"主持(?:人)?[:：]?(\S{2,})|(\S{2,})主持")
_CALLED: Final = re.compile(r"(?:开会|召开会议|会议通知|一键开会|通知开会)[\s:：，,]+(\S.*)", re.DOTALL)


def called(text: str) -> str | None:
    """What follows `开会`, with commas between its parts as spaces; None for other words."""
    match = _CALLED.fullmatch(text.strip())
    return re.sub(r"[，,；;]", " ", match[1]) if match else None


def leader(word: str) -> str:
    """`呈赵六`: the name of who is to read it; "" for other words."""
    match = _LEADER.fullmatch(word)
    return match[1] if match else ""


def chair(word: str) -> str:
    """`赵六主持`."""
    match = _CHAIR.fullmatch(word)
    return (match[1] or match[2]) if match else ""


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


def when_where(fields: Mapping[str, Any], when: tuple[str, str, str]) -> str:
    day, begin, end = when
    return f"{words.day(date.fromisoformat(day))} {begin}至{end}，{fields.get('room', '')}"


def moved(before: str, reason: str) -> str:
    """The first line of the notice of a meeting that was moved."""
    why = f"（{reason}）" if reason else ""
    return f"会议改期{why}，原定{before}。请重新回执。"


def moved_to(topic: str, now: str, by: str) -> str:
    """To who chairs it or was shown it and got no notice."""
    return f"{by}召集的“{topic}”改到{now}。日程里已经改好。"


def moved_ride(number: int) -> str:
    """Why a car is taken back."""
    return f"会议改期（{number}号），按新的时间重新申请"


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


# ---- progress --------------------------------------------------------------------------------------------------------

_PROGRESS: Final = re.compile(r"(?:进展|会议进展)\s*(\d{1,9})\s*号?")
_INSTEAD: Final = frozenset(
    {
        "会议名称", "会议时间", "会议室", "参会人员", "另外选人", "呈阅领导", "用车", "接送地点", "乘车人数", "人数",
        "谁交材料",
    }
)  # fmt: skip
"""Lines of the form that the progress says better."""
_REPLIES: Final = {"attend": "参加", "substitute": "派人", "decline": "不参加"}
_RIDES: Final = {
    "pending": "等派车", "approved": "已回车", "returned": "被退回", "rejected": "没有批", "withdrawn": "已撤回",
    "cancelled": "已取消",
}  # fmt: skip


def asks_progress(text: str) -> int | None:
    """`进展 12`."""
    match = _PROGRESS.fullmatch(text.strip())
    return int(match[1]) if match else None


def progress(
    shown: Sequence[Field],
    *,
    room: str,
    answered: tuple[int, int],
    replies: Mapping[str, int],
    leaders: Sequence[tuple[str, bool]],
    rides: Sequence[tuple[str, str]],
    papers: Sequence[tuple[str, bool]],
    calendars: int,
) -> tuple[Field, ...]:
    """The caller's lines: time and place, then how far each part has come. Six fit on a card."""
    place = next((one.value for one in shown if one.name == "会议室"), "")
    state = {"held": "（先占着）", "booked": "（已订）"}.get(room, "")
    told = "，".join(f"{_REPLIES[code]}{count}" for code, count in replies.items() if code in _REPLIES)
    done, total = answered
    first = [one for one in shown if one.name == "会议时间"]
    found = [Field("会议室", f"{place}{state}"), Field("回执", f"{done}/{total}人" + (f"，{told}" if told else ""))]
    if leaders:
        found.append(Field("呈阅领导", "、".join(f"{name}{'已阅' if seen else '未阅'}" for name, seen in leaders)))
    found += [Field("用车", _ride(car, plate)) for car, plate in rides]
    if papers:
        waiting = "、".join(name for name, handed in papers if not handed)
        count = sum(handed for _, handed in papers)
        found.append(Field("材料", f"已交{count}/{len(papers)}" + (f"，等{waiting}" if waiting else "")))
    found.append(Field("日程", f"已写入{calendars}人的日程"))
    return (*first, *found, *(one for one in shown if one.name not in _INSTEAD))


def _ride(state: str, plate: str) -> str:
    return f"已派{plate}" if plate and state == "pending" else _RIDES.get(state, "")
