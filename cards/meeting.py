"""A meeting that is called in one step: the words of its notice, and how far everything has come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


# ---- moved -----------------------------------------------------------------------------------------------------------

_TO: Final = (
    "改期到|改到|改成|改为|改在|改至|换到|换成|换在|挪到|移到|调到|调整到|调整为|推迟到|延期到|延后到|延到|顺延到|提前到"
)
_ELSEWHERE: Final = frozenset({"改在", "换到", "换在", "挪到", "移到"})
_MOVED: Final = re.compile(
    r"(?:请|麻烦)?(?:把|将)?(?:(?P<number>\d{1,9})号)?(?P<what>[^\s,，。:：]{0,40}?)(?:的)?(?:(?:召开|开会)?(?:时间|(?P<place>地点)))?"
    rf"(?P<to>{_TO})\s*(?P<rest>\S.{{0,60}})",
    re.DOTALL,
)
_MOVE: Final = re.compile(
    r"(?:改会议|会议改期|改会|会议延期)\s*(?P<number>\d{1,9})\s*号?[\s:：，,]+(?P<rest>\S.{0,60})", re.DOTALL
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
_DAY: Final = re.compile(
    r"\d\s*(?:月|号|日|/|\.|-\d)|[一二三四五六七八九十]\s*(?:月|号|日)|周|星期|礼拜|[昨前今明后][天日早晚]"
    r"|节|元旦|除夕|五一|十一"
)
_HOUR: Final = re.compile(r"[\d一二两三四五六七八九十]\s*(?:点|时|[:：]\d)")
_HALF: Final = re.compile(r"上午|下午|早上|中午|晚上|傍晚|凌晨|[今明后][早晚]")
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


def names_day(text: str) -> bool:
    """Whether a day is said, or a time alone: then it is the meeting's own day that is meant."""
    return _DAY.search(text) is not None


def lacks_hour(text: str) -> bool:
    """`周四下午`: a meeting takes no half of a day."""
    return _HALF.search(text) is not None and _HOUR.search(text) is None


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


def off(*, waits: bool) -> str:
    """`waits`: a leader has still to read it, so that its card says 撤回."""
    return f"在下面的卡片上点“{'撤回' if waits else '取消会议'}”：会议室、日程、用车一起撤回，并告诉参会的人。"


def which_off(meetings: Sequence[tuple[int, str, str]]) -> str:
    return f"您召集的会有几个，请写明编号，例如“取消{meetings[0][0]}号会议”：\n{_listed(meetings)}"


def which(meetings: Sequence[tuple[int, str, str]]) -> str:
    """(number, topic, when and where) of those that could be meant."""
    return f"您召集的会有几个，请写明编号，例如“改会议 {meetings[0][0]} 周五下午4点到6点”：\n{_listed(meetings)}"


def _listed(meetings: Sequence[tuple[int, str, str]]) -> str:
    return "\n".join(f"{number}号 {topic}：{when}" for number, topic, when in meetings)


def none() -> str:
    return (
        "您没有召集还没开的会。自己记的日程请说“改日程 编号 时间”“取消日程 编号”；"
        "会议申请发“到哪了”找到，在卡片上撤回或取消。"
    )


def unclear(number: int) -> str:
    return f"没有看懂改到什么时候、哪间会议室，例如“改会议 {number} 周五下午4点到6点 二楼会议室”“会议推迟半小时”。"


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
