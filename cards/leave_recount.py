"""A calendar came or changed: what administrators are told, and the list of leaves that would cost something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words
from cards.model import Button, Card, Choice, Field, Option, Style, Tone

LEAVES: Final = "leaves"
"""The key of the list in `ButtonPressed.inputs`; the options are (request, minutes as shown)."""
NONE: Final = "none"
"""The line of the list that stands for none of them."""
MOST: Final = 10
_REPLY: Final = re.compile(r"重算[\s,，。]*(全部|不调整|都不调整)[。.]?")
_ROOM: Final = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountView:
    """A leave before and after, in minutes; `refused` is why it cannot be recounted as it stands ("" if it can)."""

    option: str
    name: str
    kind: str
    first: date
    last: date
    before: int
    after: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearView:
    """A year's notice as it is in force: where it was read, and how many days of the year are worked."""

    year: int
    source: str
    published: str
    working_days: int


def offer(views: Sequence[RecountView], *, confirm: str, decline: str, more: int = 0, base: date) -> Card:
    """Each leave to be left out by a tap; nothing is written before somebody confirms. `confirm`: packed actions.

    A list has one button on some platforms, so that “none of them” is a line of the list.
    """
    able = [view for view in views if not view.refused]
    rest = f"；还有{more}件，办完这些再列出" if more else ""
    button = Button("确认", confirm, Style.PRIMARY) if able else Button("都不调整", decline)
    return Card(
        kind="leave.recount",
        source="请休假",
        title=f"放假安排有变，{len(views)}份请假的天数会变",
        subtitle=f"没有确认的一律不变{rest}",
        fields=tuple(Field(view.name, _line(view, base)) for view in views),
        choices=(_boxes(able),) if able else (),
        buttons=(button,),
        tone=Tone.WAITING,
        replies="请回复“重算 全部”或“重算 不调整”",
    )


def replied(text: str) -> bool | None:
    """The words that stand for the tap where there are no cards: True for all, False for none of them."""
    match = _REPLY.fullmatch(text.strip())
    return match[1] == "全部" if match else None


def nothing_open() -> str:
    return "没有要确认的重算清单。"


def closed(done: int, *, declined: int, by: str) -> Card:
    told = [f"已调整{done}份"] if done else []
    told += [f"{declined}份不调整"] if declined else []
    return Card(
        kind="leave.recount",
        source="请休假",
        title="放假安排变动：已办完" if told else "放假安排变动：没有要调整的请假",
        subtitle="，".join(told) + (f"（{by}）" if by and told else ""),
        state="已办完",
        tone=Tone.GOOD if done else Tone.NEUTRAL,
    )


def changed(view: RecountView, *, base: date) -> str:
    """To the person whose leave it is, once it is confirmed."""
    span = words.span(view.first, "am", view.last, "pm", base=base)
    return (
        f"您{span}的{view.kind}，按新的放假安排由{words.days(view.before)}改为{words.days(view.after)}，"
        "差额已记入余额。发“解释”看明细。"
    )


def outdated() -> str:
    return "放假安排后来又有变动，请看更新后的清单。"


def none_chosen() -> str:
    return "没有勾选任何一份，没有做任何改动。"


def loaded(years: Sequence[YearView], advice: Sequence[str] = ()) -> str:
    """To administrators: what is in force now, and what looks unusual in it."""
    said = "；".join(
        f"{one.year}年（{one.source}，{one.published}发布，全年{one.working_days}个工作日）" for one in years
    )
    look = "".join(f"\n请再核对：{one}" for one in advice)
    return f"工作日历已更新：{said or '本地放假日'}。天数会变的请假已列给人事确认，没有确认的不变。{look}"


def not_loaded(problems: Sequence[str]) -> str:
    shown = "\n".join(problems[:8])
    more = f"\n还有{len(problems) - 8}处" if len(problems) > 8 else ""
    return f"工作日历没有更新，原来的继续有效。请改好后重新保存：\n{shown}{more}"


def _boxes(views: Sequence[RecountView]) -> Choice:
    options = (*(Option(view.option, _short(view)) for view in views), Option(NONE, "都不调整"))
    return Choice(LEAVES, "不调整的请取消勾选", options, selected=tuple(view.option for view in views), many=True)


def _short(view: RecountView) -> str:
    text = f"{view.name} {words.days(view.before)}→{words.days(view.after)}"
    return text if len(text) <= _ROOM else text[: _ROOM - 1] + "…"


def _line(view: RecountView, base: date) -> str:
    span = words.span(view.first, "am", view.last, "pm", base=base)
    no = f"，{view.refused}" if view.refused else ""
    change = f"{words.days(view.before)} → {words.days(view.after)}"
    change = change if view.before != view.after else "天数不变，换了日子"
    return f"{view.kind} {span}：{change}{no}"
