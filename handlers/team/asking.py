"""“本周谁休假”, “6月休假安排”, “人事科下周谁不在”: which days and which department somebody asks about. Pure.

Whatever else such a sentence holds makes it another matter: a request for leave must never end here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cards import vocabulary

LONGEST_QUESTION: Final = 30
_MAYBE = re.compile("谁|哪|几个?人|多少个?人|日历|[休请]假|在不|[在来班差]了?[没吗么]|回来|人呢")
_WHO = re.compile(
    r"(?:有|都有|还有|一共有?|总共有?)*(?:谁|哪些人|哪几个人|哪位|多少个?人|几个?人)(?:都)?(?:在)?"
    r"(?:不在岗|不在|请了?假|休了?假|放假|休息|出差|外出|没来|没上班)"
)
_WHAT = re.compile(
    r"(?:(?:团队|部门|科室|处室|全员)(?:休假|请假)?|休假|请假)日历|(?:团队|部门|科室|全员)?(?:休假|请假)(?:安排|情况|计划|统计|汇总)表?"
)
_HERE = re.compile(
    r"(?:在|来|上班|请假|休假|出差)(?:不在|了?没有?|了?[吗么不])|(?:不在|没来|没上班)[吗么]"
    r"|(?:请假|休假|请|休)到(?:几号|哪天|什么时候)"
    r"|(?:人|去|上|到|在|人在|人去|跑)?哪(?:里|儿)?(?:去)?了?|人呢?|(?:什么时候|啥时候|几时|哪天|几号|几点)(?:能|会|才)?(?:回来|回单位|上班|在)"
    r"|回来(?:了没有?|了[吗么]|没有?)"
)
_FILLER = re.compile(
    r"我们|咱们|本?部门|本?科室|本?单位|全单位|的|有|都|了|呢|吗|啊|看一?下|查一?下|一下|看看|请问|最多|比较多"
)
_FILLER_BESIDE = re.compile(r"^(?:请问|我想问|问一?下|[上下]午|早上|中午|晚上)|[啊呀呢]$")
_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:份)?(?:(\d{1,2})[日号])?")


@dataclass(frozen=True, slots=True)
class Asked:
    """Both days included; `department` "" for whatever the asker may see first; `person` a name that they see."""

    first: date
    last: date
    department: str = ""
    person: str = ""


def maybe(text: str) -> bool:
    """Whether it is worth asking who may be meant."""
    return len(text) <= 2 * LONGEST_QUESTION and _MAYBE.search(text) is not None


def read(
    text: str, *, today: date, departments: Collection[str] = (), people: Mapping[str, str] | None = None
) -> Asked | None:
    """None for anything else. Without days: today for “谁不在”, this month for a calendar. `people` are what somebody
    may be called, with the name."""
    left = vocabulary.plain(text).rstrip("?？").replace(" ", "")
    if not left or len(left) > LONGEST_QUESTION:
        return None
    days, left = _days(left, today)
    known = people or {}
    if (person := _person(left, known)) is not None:
        return Asked(*(days or (today, today)), person=known[person])
    core = _WHO.search(left)
    found = core or _WHAT.search(left)
    if found is None:
        return None
    left = left[: found.start()] + left[found.end() :]
    department, left = _department(left, departments)
    if _FILLER.sub("", left):
        return None
    if days is None:
        days = (today, today) if core else month_of(today)
    return Asked(*days, department)


def _person(text: str, people: Collection[str]) -> str | None:
    """`张三在不在`, `王五请假了吗`: the name of somebody whom the asker may see, and nothing besides."""
    name, left = _department(text, people)
    return name if name and _HERE.fullmatch(_FILLER_BESIDE.sub("", left)) else None


def _department(text: str, departments: Collection[str]) -> tuple[str, str]:
    """The longest name of a department in the text, and the text without it."""
    found = max((one for one in departments if one and one in text), key=len, default="")
    return found, text.replace(found, "", 1) if found else text


def _days(text: str, today: date) -> tuple[tuple[date, date] | None, str]:
    for word, days in _WORDS.items():
        if word in text:
            return days(today), text.replace(word, "", 1)
    if (match := _MONTH.search(text)) is not None and (named := _named(match, today)) is not None:
        return named, text[: match.start()] + text[match.end() :]
    return None, text


def _named(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """A month without a year is the nearest one: in November, “2月” is next year's."""
    year, number, day = (int(part) if part else None for part in match.groups())
    assert number is not None
    try:
        if day is not None:
            one = date(year or today.year, number, day)
            return one, one
        return month_of(date(year or _nearest(number, today), number, 1))
    except ValueError:
        return None


def _nearest(number: int, today: date) -> int:
    ahead = number - today.month
    return today.year + (ahead < -6) - (ahead > 6)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week of a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _day(ahead: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today + timedelta(days=ahead), today + timedelta(days=ahead))


def _week(ahead: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: week_of(today + timedelta(weeks=ahead))


def _before(today: date) -> tuple[date, date]:
    return month_of(today.replace(day=1) - timedelta(days=1))


def _after(today: date) -> tuple[date, date]:
    return month_of(month_of(today)[1] + timedelta(days=1))


_WORDS: Mapping[str, Callable[[date], tuple[date, date]]] = {
    **dict.fromkeys(("今天", "今日", "现在"), _day(0)),
    **{"明天": _day(1), "后天": _day(2), "昨天": _day(-1), "下下周": _week(2)},
    **dict.fromkeys(("下星期", "下周", "下礼拜"), _week(1)),
    **dict.fromkeys(("上星期", "上周", "上礼拜"), _week(-1)),
    **dict.fromkeys(("本星期", "这个星期", "这星期", "这一周", "本周", "这周", "这礼拜"), _week(0)),
    **dict.fromkeys(("下个月", "下月"), _after),
    **dict.fromkeys(("上个月", "上月"), _before),
    **dict.fromkeys(("这个月", "本月", "当月"), month_of),
}
"""Longer words before those that they contain."""
