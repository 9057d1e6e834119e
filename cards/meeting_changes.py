"""What people say of a called meeting: at another time, in another room, not at all; and what they are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cards import words

_TO: Final = (
    "改期到|改到|改成|改为|改在|改至|换到|换成|换在|挪到|移到|调到|调整到|调整为|推迟到|延期到|延后到|延到|顺延到|提前到"
)
_ELSEWHERE: Final = frozenset({"改在", "换到", "换在", "挪到", "移到"})
_MOVED: Final = re.compile(
    r"(?:请|麻烦)?(?:把|将)?(?:(?P<number>\d{1,9})号)?(?P<what>[^\s,，。:：]{0,40}?)的?"
    r"(?:(?:召开|开会)?(?:时间|(?P<place>地点)))?"
    rf"(?P<to>{_TO})\s*(?P<rest>\S.{{0,60}})",
    re.DOTALL,
)
_MOVE: Final = re.compile(
    r"(?:改会议|会议改期|改会|会议延期)\s?(?P<number>\d{1,9})\s?号?[\s:：，,]{1,8}(?P<rest>\S.{0,60})", re.DOTALL
)
_SHIFTED: Final = re.compile(
    r"(?:请|麻烦)?(?:把|将)?(?:(?P<number>\d{1,9})号)?(?P<what>[^\s,，。:：]{0,40}?)"
    r"(?P<way>推迟|延后|延迟|往后推|顺延|提前|往前提)(?:了)?"
    r"(?P<count>半|一个半|\d{1,3}|[一两二三四五六七八九十])个?(?P<unit>小时|钟头|分钟|刻钟|天|日|周|星期)",
)
_ASKED: Final = re.compile(r"怎么|如何|什么|[吗么?？]\s*$")
_COUNTS: Final = {"半": 0.5, "一个半": 1.5, **{digit: i for i, digit in enumerate("零一二三四五六七八九十")}, "两": 2}
_UNITS: Final = {
    "小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15, "天": 1440, "日": 1440, "周": 7 * 1440, "星期": 7 * 1440,
}  # fmt: skip
_ANY_MEETING: Final = frozenset(
    {"会", "会议", "这个会", "这个会议", "那个会", "那个会议", "开会", "我的会", "我的会议"}
)


@dataclass(frozen=True, slots=True)
class Move:
    """`number` 0 where none was written; `what` names the meeting, "会" for any; `rest` holds time and room, or `shift`
    minutes say by how much. `elsewhere`: what is no time is a place, also one that the office does not have.
    """

    number: int
    what: str
    rest: str = ""
    shift: int = 0
    elsewhere: bool = False


def moves(text: str) -> Move | None:
    """`会议改到周五下午4点`, `12号会议推迟半小时`, `改会议 12 二楼会议室`; None for other words."""
    text = text.strip().rstrip("。！!")
    if _ASKED.search(text):
        return None
    if found := _SHIFTED.fullmatch(text):
        count = found["count"]
        minutes = (int(count) if count.isdecimal() else _COUNTS[count]) * _UNITS[found["unit"]]
        sign = -1 if found["way"] in ("提前", "往前提") else 1
        return Move(int(found["number"] or 0), _named(found["what"]), shift=sign * int(minutes))
    found = _MOVE.fullmatch(text) or _MOVED.fullmatch(text)
    if found is None:
        return None
    said = found.groupdict()
    what = said.get("what")
    elsewhere = bool(said.get("place")) or said.get("to") in _ELSEWHERE
    number, rest = int(found["number"] or 0), found["rest"].strip()
    return Move(number, "会" if what is None else _named(what), rest, elsewhere=elsewhere)


def _named(what: str) -> str:
    return "会" if what in _ANY_MEETING else what


def is_any(what: str) -> bool:
    """Whether these words name no meeting in particular."""
    return what == "会"


def is_meeting(what: str) -> bool:
    return what.endswith(("会", "会议"))


def is_this(what: str, topic: str) -> bool:
    """`总结会` of the meeting 年终总结会."""
    short = what.removesuffix("会议").removesuffix("会")
    return len(short) >= 2 and short in topic


def which_hour() -> str:
    return "请写明几点，例如“会议改到周四下午3点到5点”。"


_OFF: Final = re.compile(
    r"(?:请|麻烦)?(?:取消|撤销|撤回)(?:(?P<number>\d{1,9})号)?(?P<what>[^\s,，。]{0,40}(?:会议|会))|"
    r"(?:把)?(?:(?P<other_number>\d{1,9})号)?(?P<other>[^\s,，。]{0,40}(?:会议|会))(?:取消|撤销|不开|不召开|不办)(?:了|掉|吧)*"
)


def calls_off(text: str) -> Move | None:
    """`取消会议`, `周五的会不开了`; None for other words."""
    found = _OFF.fullmatch(text.strip().rstrip("。！!"))
    if found is None:
        return None
    return Move(int(found["number"] or found["other_number"] or 0), _named(found["what"] or found["other"]))


def off(button: str) -> str:
    return f"在下面的卡片上点“{button}”：会议室、日程、用车一起撤回，并告诉参会的人。"


def which_off(meetings: Sequence[tuple[int, str, str]]) -> str:
    return f"您召集的会有几个，请写明编号，例如“取消{meetings[0][0]}号会议”：\n{_listed(meetings)}"


def which(meetings: Sequence[tuple[int, str, str]]) -> str:
    """(number, topic, when and where) of those that could be meant."""
    return f"您召集的会有几个，请写明编号，例如“改会议 {meetings[0][0]} 周五下午4点到6点”：\n{_listed(meetings)}"


def _listed(meetings: Sequence[tuple[int, str, str]]) -> str:
    return words.numbered([(number, f"{topic}：{when}") for number, topic, when in meetings])


def none() -> str:
    return (
        "您没有召集还没开的会。自己记的日程请说“改日程 编号 时间”“取消日程 编号”；"
        "会议申请发“到哪了”找到，在卡片上撤回或取消。"
    )


def unclear(number: int) -> str:
    return f"没有看懂改到什么时候、哪间会议室，例如“改会议 {number} 周五下午4点到6点 二楼会议室”“会议推迟半小时”。"
