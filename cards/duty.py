"""A duty in one sentence, and what has become of those that somebody gave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words

_NAME: Final = r"[一-鿿·]{2,8}?"
_SAID: Final = re.compile(
    rf"(?:请|帮我)?(?:交办|督办|布置任务|布置工作|派任务|安排任务)(?:一下)?给?[\s:：，,]*"
    rf"(?P<who>{_NAME}(?:[、和]\s*{_NAME}){{0,9}})[\s:：，,]+(?P<what>\S.+)",
    re.DOTALL,
)
_BEFORE: Final = re.compile(
    r"(?P<when>[^\s，,]{1,14}?)(?:下班)?[之以]?前(?:务必|必须|要|得)?[\s，,]*(?P<what>\S.+)", re.DOTALL
)
_AT_END: Final = re.compile(
    r"(?P<what>.+?)[\s，,。]+(?P<when>[^\s，,]{1,14}?)(?:下班)?[之以]?前(?:完成|办完|做完|办结|交给我|报给我|交|报)?",
    re.DOTALL,
)
_MATTER: Final = r"(?:事情|事项|事|任务|工作|活)?"
_HOW: Final = (
    r"(?:都|现在)?(?:办|做|完成|落实|进展)(?:得|的)?(?:怎么样|咋样|如何|到哪一?步|到哪|情况|好|完)?了?(?:吗|没有?)?"
)
_GIVEN: Final = re.compile(
    rf"我(?:交办|督办|布置|安排)(?:出去)?了?的{_MATTER}(?:{_HOW})?|(?:交办|督办)了?的?{_MATTER}{_HOW}"
)
_UNDONE: Final = re.compile(
    rf"(?:现在)?(?:还有|有)?(?:哪些|什么|几件|多少)(?:交办|督办)?的?{_MATTER}(?:还)?没有?(?:办|做|完成)(?:完|好|结)?的?"
)
_LONGEST: Final = 300
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Given:
    """A duty under way: its `number`, what for, for whom it waits, until when."""

    number: int
    matter: str
    waiting: Sequence[str]
    by: date | None


def said(text: str) -> tuple[list[str], str] | None:
    """`交办 张三、李主任 周五前报总结` as (names, what); None for other words. Who they are, others know."""
    found = _SAID.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    return (re.split(r"[、和]\s*", found["who"]), found["what"].strip()) if found else None


def deadlines(what: str) -> list[tuple[str, str]]:
    """`周五前报总结`, `报总结，周五前` as (when, what without that), where some day may be said; best first."""
    found = (one.fullmatch(what) for one in (_BEFORE, _AT_END))
    return [(one["when"], one["what"].strip(" ，,。")) for one in found if one]


def asks_given(text: str) -> bool:
    """`我交办的事办得怎么样了`, `督办进展情况`."""
    return _GIVEN.fullmatch(_plain(text)) is not None


def asks_undone(text: str) -> bool:
    """`还有哪些没办完`: what somebody gave, or what waits for them."""
    return _UNDONE.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    return text.strip().rstrip("?？。呢啊 ")


def listed(rows: Sequence[Given], *, today: date) -> str:
    if not rows:
        return "您交办的事项都办完了。要交办，直接说：“交办 张三 周五前报安全生产总结”。"
    lines = [f"· {_line(one, today)}" for one in rows[:_SHOWN]]
    more = [f"另有{len(rows) - _SHOWN}件。"] if len(rows) > _SHOWN else []
    return "\n".join(
        [f"您交办的还有{len(rows)}件没有办完：", *lines, *more, f"要提醒，回复“催办 {rows[0].number}”。"]
    )


def _line(one: Given, today: date) -> str:
    until = ""
    if one.by is not None:
        until = f"，{words.short(one.by, today)}前{'（已过期）' if one.by < today else ''}"
    return f"{one.number}号 {one.matter}：等{'、'.join(one.waiting)}办{until}"
