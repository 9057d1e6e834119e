"""The platform's own calendar: what is written into it, and what is asked when somebody changed it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cards import calendar
from cards.calendar import EntryView
from cards.model import Button, Card, Field, Style, Tone

HIDE: Final = frozenset({"日程不同步", "不同步日程", "停止同步日程", "关闭日程同步"})
SHOW: Final = frozenset({"日程同步", "同步日程", "开启日程同步", "恢复日程同步"})
OUT: Final = "外出"
WITHHELD: Final = "（请在本单位的系统里查看）"

_TAKE, _PUT, _LEAVE = "采用平台上的", "恢复为本系统的", "不管"


def calendar_name() -> str:
    return "办公日程"


def place(name: str) -> str:
    """The line of a place, where a calendar has no field for it; "" without one."""
    return f"地点：{name}" if name else ""


def placed(line: str) -> str:
    """The place that such a line names, "" for any other line."""
    return line.removeprefix("地点：").strip() if line.startswith("地点：") else ""


def note(number: int) -> str:
    """Below an entry in the platform's calendar; the number tells entries with the same words apart."""
    return f"由办公助手写入，日程编号{number}。在这里改动后，办公助手会问您以哪边为准。"


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceView:
    """An entry here and as the platform's calendar has it. `own`: entered by hand, to be changed as one likes."""

    here: EntryView
    there: EntryView
    gone: bool
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Packed actions; `take` is "" where the time is not the person's to change alone."""

    take: str
    put: str
    leave: str


def difference(view: DifferenceView, choices: Choices, *, now: datetime) -> Card:
    """Nothing is changed on either side until somebody chooses."""
    fields = [Field("本系统", _said(view.here, now=now))]
    fields.append(Field("平台上", "已删除" if view.gone else _said(view.there, now=now)))
    buttons = [Button(_TAKE if not view.gone else "本系统也取消", choices.take, Style.PRIMARY)] if choices.take else []
    buttons += [Button(_PUT, choices.put), Button(_LEAVE, choices.leave)]
    return Card(
        kind="calendar.differs",
        source=calendar.SOURCE,
        title=f"日历不一致：{view.here.title}",
        subtitle="手机日历里的这一条和本系统不一样，以哪边为准？",
        fields=tuple(fields),
        note="" if choices.take else _bound(view),
        buttons=tuple(buttons),
        tone=Tone.WAITING,
    )


def _bound(view: DifferenceView) -> str:
    """Why the platform's time cannot simply be taken over."""
    return "这一条来自审批或预订，时间以那里为准。要改请走“改时间”或者“取消预订”，改了以后平台日历会跟着变。"


def _said(view: EntryView, *, now: datetime) -> str:
    return f"{calendar.entry_time(view, now=now)} {view.title}{f' @{view.place}' if view.place else ''}"


def settled(view: EntryView, choice: str, *, now: datetime) -> Card:
    """In the place of the question. `choice`: taken | cancelled | put_back | left | same | changed | again | over."""
    return Card(
        kind="calendar.differs",
        source=calendar.SOURCE,
        title=f"日历不一致：{view.title}",
        fields=(Field("本系统", _said(view, now=now)),) if view.state == "active" else (),
        state=_STATES[choice],
        tone=Tone.NEUTRAL if choice in ("left", "over", "changed", "again") else Tone.GOOD,
    )


_STATES: Final = {
    "taken": "已按平台上的修改",
    "cancelled": "本系统里也已取消",
    "put_back": "正在恢复平台上的日程",
    "left": "保持两边各自的样子",
    "same": "两边已经一致",
    "changed": "本系统里有了新的变动，平台日历已随之更新",
    "again": "平台上又有改动，请看新的一张",
    "over": "时间已过，不再询问",
}


def hidden(count: int) -> str:
    return f"好的，您的日程不再写进平台日历{f'，已写入的{count}条会删除' if count else ''}。恢复请回复“日程同步”。"


def shown(count: int) -> str:
    return f"好的，您的日程会写进平台日历{f'，以后的{count}条正在写入' if count else ''}。不要了请回复“日程不同步”。"


def not_offered() -> str:
    """The office has not switched it on, or this person's platform has no calendar."""
    return "本单位没有启用写入平台日历，或者您用的平台没有日历。手机日历可以用“日历订阅”。"
