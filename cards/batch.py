"""Many items agreed to at once: one card that shows them, what is left out of it and why, and how to undo it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cards import words
from cards.model import Button, Card, Choice, Field, Option, Style, Tone

ITEMS: Final = "items"
"""The key of the list in `ButtonPressed.inputs`; the options are the items' numbers."""
MOST: Final = 10
"""Items on one card: what a list holds on every platform (a variable of DingTalk's template has 1 KB)."""
_ALL: Final = r"(?:全部|一键|批量|全都|都|全)同意|同意(?:全部|所有)|全部通过"
_WORDS: Final = re.compile(rf"(?:{_ALL})[\s,，。]*((?:[除了外号、,，\s]|\d)*)")
_CONFIRM: Final = frozenset({"确认全部同意", "确认同意", "确认批量同意"})
_FLAGS: Final[Mapping[str, str]] = {
    "not_a_decision": "不是审批步骤",
    "excluded": "您已排除",
    "over_balance": "超出余额",
    "long": "时间较长",
    "provisional": "天数为暂算",
    "funds": "涉及资金",
    "secret": "涉密事项",
    "repeated": "同一人有多件",
    "choice": "要指定下一步的人",
    "again": "退回过",
}
_NOTES: Final[Mapping[str, str]] = {"first": "首次", "overlap": "同期有人休假", "files": "有附件"}
_OPTION: Final = 17
_MORE: Final = "·注意"
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item. `flags` are the codes of what speaks for a look of its own: with none it goes with the others; `notes`
    of what is only worth knowing. `detail` is its first line (days, amount, place)."""

    number: int
    title: str
    detail: str = ""
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def asked(text: str) -> frozenset[int] | None:
    """`全部同意`, `全部同意 除了3号、5号`: the numbers that are left out; None for other words."""
    match = _WORDS.fullmatch(text.strip())
    return frozenset(int(one) for one in re.findall(r"\d{1,9}", match[1])) if match else None


def confirms(text: str) -> bool:
    """The words that stand for the tap where there are no cards."""
    return text.strip().rstrip("。.") in _CONFIRM


def card(lines: Sequence[Line], *, payload: str, more: int = 0) -> Card:
    """The items that one tap agrees to, each to be left out by a tap; before them those that need a look of their own.

    `more` wait beyond those that the card shows: nothing is agreed to that is not on it.
    """
    going = [line for line in lines if not line.flags]
    apart = [line for line in lines if line.flags]
    told = [f"另有{len(apart)}件请单独审批"] if apart else []
    told += [f"还有{more}件，办完这些再发“全部同意”"] if more else []
    fields = [Field(f"{line.number}号", _apart(line)) for line in apart] + [
        Field(f"{line.number}号", _whole(line)) for line in going
    ]
    return Card(
        kind="approval.batch",
        source="批量审批",
        title=f"{len(going)}件可以一起同意" if going else "没有可以一起同意的事项",
        subtitle="；".join(told),
        fields=tuple(fields[:_SHOWN]),
        choices=(_boxes(going, "不同意的请取消勾选"),) if going else (),
        buttons=(Button("同意所选", payload, Style.PRIMARY),) if going else (),
        state="" if going else ("请逐件审批" if apart else "没有待办"),
        tone=Tone.WAITING,
        replies="请回复“确认全部同意”，或“全部同意 除 编号”先排除" if going else "",
    )


def agreed(lines: Sequence[Line], *, skipped: Sequence[int], until: datetime, payload: str) -> Card:
    """After the tap, while it can still be undone: all of it, or what stays ticked."""
    return Card(
        kind="approval.batch",
        source="批量审批",
        title=f"已同意{len(lines)}件",
        subtitle=f"{words.second(until)}生效，之前可以撤销{_changed(skipped)}",
        fields=tuple(Field(f"{line.number}号", _whole(line)) for line in lines),
        choices=(_boxes(lines, "要撤销的请保留勾选"),),
        buttons=(Button("撤销所选", payload, Style.DANGER),),
        tone=Tone.WAITING,
        replies="要撤销请回复“撤销”，撤销一件回复“撤销 编号”",
    )


def closed(count: int, *, skipped: Sequence[int] = (), undone: Sequence[int] = ()) -> Card:
    """It counts: nothing is left to tap."""
    back = f"；撤销了{_numbers(undone)}" if undone else ""
    return Card(
        kind="approval.batch",
        source="批量审批",
        title=f"已同意{count}件" if count else "没有同意任何一件",
        subtitle=f"{_changed(skipped)}{back}".lstrip("；，"),
        state=f"已同意{count}件" if count else ("已撤销" if undone else "未办理"),
        tone=Tone.GOOD if count else Tone.NEUTRAL,
    )


def done(count: int, skipped: Sequence[int], *, until: datetime | None = None) -> str:
    """In words. `skipped` are numbers of items that somebody changed since the card was sent."""
    return f"已同意{count}件{_changed(skipped)}。{undo_words(until) if count else ''}"


def undo_words(until: datetime | None) -> str:
    """Until when all of it can be undone; "" where nothing can."""
    return f"{words.second(until)}生效，之前回复“撤销”可以全部撤销，“撤销 编号”撤销一件。" if until else ""


def nothing_chosen() -> str:
    return "没有勾选任何一件，没有做任何改动。"


def over() -> str:
    return "这份批量清单已经过时，请重新发送“全部同意”。"


def _boxes(lines: Sequence[Line], title: str) -> Choice:
    options = tuple(Option(str(line.number), _short(line)) for line in lines)
    return Choice(ITEMS, title, options, selected=tuple(str(line.number) for line in lines), many=True)


def _short(line: Line) -> str:
    """Number and title first; what is worth knowing where there is room, else a mark that leads to the lines above."""
    text, notes = f"{line.number}号 {line.title}", "".join(f"·{_NOTES[one]}" for one in line.notes)
    if len(text) + len(notes) > _OPTION:
        notes = _MORE if notes else ""
    room = _OPTION - len(notes)
    return (text if len(text) <= room else text[: room - 1] + "…") + notes


def _whole(line: Line) -> str:
    notes = f"（{'、'.join(_NOTES[one] for one in line.notes)}）" if line.notes else ""
    return f"{line.title}{'，' + line.detail if line.detail else ''}{notes}"


def _apart(line: Line) -> str:
    return f"{line.title}：{'、'.join(_FLAGS[one] for one in line.flags)}"


def _changed(skipped: Sequence[int]) -> str:
    return f"，{_numbers(skipped)}有变动，没有办理" if skipped else ""


def _numbers(numbers: Sequence[int]) -> str:
    return "、".join(f"{one}号" for one in numbers)
