"""Reminders that come again, set up in a chat; contracts and certificates that end: what is said and what is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from cards import words

_SET_UP: Final = re.compile(r"(?:定时)?提醒\s*(我|\S+?群)\s*[，,：:]?\s*(\S.*)", re.DOTALL)
_STOP: Final = re.compile(r"取消(?:定时)?提醒\s*(\d{1,9})\s*号?")
REMINDERS: Final = frozenset({"我的提醒", "定时提醒", "提醒列表"})


def sets_up(text: str) -> tuple[str, str] | None:
    """`提醒我 每周五下午四点 交周报` as ("", rule and text); `提醒 工作群 每月25日 报考勤` as ("工作", ...)."""
    match = _SET_UP.fullmatch(text.strip())
    if match is None:
        return None
    return "" if match[1] == "我" else match[1].removesuffix("群"), match[2]


def stops(text: str) -> int | None:
    match = _STOP.fullmatch(text.strip())
    return int(match[1]) if match else None


def repeated(text: str, *, planned: datetime | None, missed: int, provisional: bool) -> str:
    """A reminder that comes again; `planned` when it is late, `missed` earlier ones that never went out."""
    marks = []
    if planned is not None:
        marks.append(f"补发，原定{words.moment(planned)}")
    if missed:
        marks.append(f"其间漏发{missed}次")
    if provisional:
        marks.append("还没有该年的放假安排，按周末和法定节假日推算")
    return f"【提醒】{text}" + (f"（{'；'.join(marks)}）" if marks else "")


def expiring(name: str, category: str, on: date, *, left: int, planned: datetime | None = None) -> str:
    """`planned` when it is late."""
    when = f"还有{left}天" if left > 0 else "今天" if left == 0 else f"已过{-left}天"
    kind = f"{category}：" if category else ""
    late = f"（补发，原定{words.moment(planned)}）" if planned else ""
    return f"【到期提醒】{kind}{name}，{on.year}年{on.month}月{on.day}日到期，{when}。请及时办理。{late}"


def set_up(number: int, said: str, next_at: datetime, *, group: str) -> str:
    where = f"发到“{group}”群" if group else "提醒您"
    return f"已设好{number}号提醒：{said}，{where}，下一次是{words.moment(next_at)}。不要了请回复“取消提醒 {number}”。"


def reminders(rows: Sequence[tuple[int, str, str, str]]) -> str:
    """“我的提醒”: (number, rule in words, text, group)."""
    if not rows:
        return "您还没有设定时提醒。可以这样设：“提醒我 每周五下午四点 交周报”。"
    lines = [f"{number}号：{said}，{text}" + (f"（{group}群）" if group else "") for number, said, text, group in rows]
    return "\n".join(["您设的定时提醒：", *lines, "取消请回复“取消提醒 编号”。"])


def stopped(number: int) -> str:
    return f"已取消{number}号提醒。"
