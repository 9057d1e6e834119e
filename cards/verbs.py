"""The less frequent verbs of an approval in words: what people type, and what they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from cards import words

# word -> (verb of the engine, whether names follow: "" none, "one", "many"); longer words first
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "退回上一步": ("return", ""),
    "退回直达": ("return", ""),
    "退回": ("return", ""),
    "转办": ("transfer", "one"),
    "前加签": ("add_signer", "many"),
    "后加签": ("add_signer", "many"),
    "并加签": ("add_signer", "many"),
    "加签": ("add_signer", "many"),
    "减签": ("drop_signer", "many"),
    "委派": ("delegate", "one"),
    "交回": ("hand_back", ""),
    "拿回": ("take_back", ""),
    "认领": ("claim", ""),
    "放回": ("release", ""),
    "抄送": ("cc", "many"),
    "传阅": ("circulate", "many"),
    "已阅": ("read", ""),
    "办结": ("confirm", ""),
    "批办": ("approve", "many"),
    "留言": ("comment", ""),
    "催办": ("urge", ""),
    "重新提交": ("resubmit", ""),
}
FINISHED: Final = "办结"
_NUMBERED: Final = re.compile(rf"({'|'.join(ACTS)})\s*(\d{{1,9}})\s*号?[\s,，:：、]*(.*)", re.DOTALL)
_PROXY: Final = re.compile(r"(?:外出)?授权(?:给|\s)\s*(\S+)\s+(.+)", re.DOTALL)
_SENTENCE: Final = 80
_PROXY_SAID: Final = re.compile(
    r"(?P<before>.*?)(?:[\s,，。;；]|^|让|由|请|叫|委托)(?P<who>(?![让由请叫取委不])[一-鿿·]{2,4}?)(?P<day>(?:(?:[今明后]|大后)天)?)(?:代|替)(?:我|为|理|着)*"
    r"(?:审批|批|签批|签)(?:一下|文件|单子|事项)?(?P<after>[^吗么?？]*)",
    re.DOTALL,
)
_PROXY_FOR: Final = re.compile(r"代理\s*(\d{1,9})\s*号?[\s,，:：]*(\S+)")
_OWN: Final = re.compile(r"([^\s\d]{1,6}?)\s*(\d{1,9})\s*号?[\s,，:：、]*(.*)", re.DOTALL)
NO_PROXY: Final = frozenset({"取消授权", "取消外出授权", "收回授权", "取消代批", "不用代批了", "取消代理审批"})
PROXIES: Final = frozenset(
    {
        "授权", "我的授权", "外出授权", "查看授权", "授权情况", "我的外出授权", "谁代我", "谁在代我", "我不在谁代我",
    }
)  # fmt: skip
_SPACES: Final = re.compile(r"[\s,，、;；]+")
ONE_NAME: Final = {"transfer": "转办给谁", "delegate": "委派给谁", "add_signer": "请谁加签"}


def numbered(text: str) -> tuple[str, int, str] | None:
    """`转办 3 王五 请先看` as (word, number, what follows)."""
    match = _NUMBERED.fullmatch(text.strip())
    return (match[1], int(match[2]), match[3].strip()) if match else None


def own(text: str) -> tuple[str, int, str] | None:
    """`已用印 3 份数 2` as (word, number, what follows): a form's own word for finishing a task, perhaps."""
    match = _OWN.fullmatch(text.strip())
    return (match[1], int(match[2]), match[3].strip()) if match else None


def proxy(text: str) -> tuple[str, str] | None:
    """`外出授权 王五 5月6日到8日`, `明天我不在，让王五代批` as (name, days)."""
    match = _PROXY.fullmatch(text.strip())
    if match is not None:
        return match[1], match[2].strip()
    said = _PROXY_SAID.fullmatch(text.strip().rstrip("。.!！")) if len(text) <= _SENTENCE else None
    return (said["who"], f"{said['before']} {said['day']} {said['after']}".strip()) if said else None


def proxy_for(text: str) -> tuple[int, str] | None:
    """`代理 3 王五`: who stands in during the absence of item 3."""
    match = _PROXY_FOR.fullmatch(text.strip())
    return (int(match[1]), match[2]) if match else None


def names(text: str) -> list[str]:
    return [word for word in _SPACES.split(text.strip()) if word]


def ask_person(number: int, verb: str) -> str:
    return f"{number}号{ONE_NAME[verb]}？请直接回复姓名；不办了请回复“算了”。"


def proxy_given(name: str, begin: datetime, end: datetime, *, covered: int) -> str:
    now = f"已有{covered}件待办同时转给对方办理。" if covered else ""
    return f"已授权{name}在{_stretch(begin, end)}代您办理审批。{now}提前收回请回复“取消授权”。"


def proxy_told(principal: str, begin: datetime, end: datetime) -> str:
    return f"{principal}授权您在{_stretch(begin, end)}代为办理审批，办理时会记录双方姓名。"


def proxies(given: Sequence[tuple[str, datetime, datetime]], got: Sequence[tuple[str, datetime, datetime]]) -> str:
    """“我的授权”: (name, begin, end) of those who stand in for the reader, and of those the reader stands in for."""
    lines = [f"{name}代您办理审批：{_stretch(begin, end)}" for name, begin, end in given]
    lines += [f"您代{name}办理审批：{_stretch(begin, end)}" for name, begin, end in got]
    if not lines:
        return "现在没有外出授权。要授权请这样写：“外出授权 王五 5月6日到8日”。"
    return "\n".join([*lines, *(["提前收回请回复“取消授权”。"] if given else [])])


def _stretch(begin: datetime, end: datetime) -> str:
    """Half-days as people say them, `5月6日（周三） 至 5月8日（周五）`; else from moment to moment."""
    first, last = begin.astimezone(words.BEIJING), end.astimezone(words.BEIJING) - timedelta(microseconds=1)
    if begin >= end or {first.time(), (last + timedelta(microseconds=1)).time()} - {time(0), time(12)}:
        return f"{words.moment(begin)}至{words.moment(end)}"
    halves = ["am" if at.hour < 12 else "pm" for at in (first, last)]
    return words.span(first.date(), halves[0], last.date(), halves[1])

def proxy_off(principal: str, begin: datetime, end: datetime) -> str:
    """To whoever was to stand in, when that ends before its time or never begins."""
    return f"{principal}在{_stretch(begin, end)}的外出授权已收回，不用再代为审批。"


def proxy_ended(name: str, lines: Sequence[str], *, begun: bool = True) -> str:
    """To the one who was away, when the turn is theirs alone again; `lines` are what was done in their place."""
    if not begun:
        return f"对{name}的外出授权已收回，还没有开始。"
    head = f"对{name}的外出授权已结束，待办已归还给您。"
    return "\n".join([head, f"期间代您办理{len(lines)}件：", *lines]) if lines else f"{head}期间没有代办的事项。"


def done_for(number: int, title: str, verb: str, *, by: str = "") -> str:
    return f"· {number}号 {title}：{by}{verb}"


def no_proxy() -> str:
    return "您现在没有外出授权。"


def proxies_ended(count: int) -> str:
    return f"已收回{count}项外出授权。"


def which_days() -> str:
    return "没有看懂授权从哪天到哪天，请这样写：“外出授权 王五 5月6日到8日”“外出授权 王五 下周”。"
