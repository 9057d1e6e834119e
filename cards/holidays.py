"""“五一放几天”, “周六上班吗”, “什么时候放假”: what is asked about days off, and what the calendar answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words

_NAMES: Final[Mapping[str, str]] = {
    "元旦": "new_year", "新年": "new_year", "春节": "spring", "过年": "spring", "清明": "qingming", "五一": "labour",
    "劳动节": "labour", "端午": "dragon_boat", "中秋": "mid_autumn", "国庆": "national", "十一": "national",
}  # fmt: skip
_TITLES: Final[Mapping[str, str]] = {
    "new_year": "元旦", "spring": "春节", "qingming": "清明节", "labour": "劳动节", "dragon_boat": "端午节",
    "mid_autumn": "中秋节", "national": "国庆节",
}  # fmt: skip
_WE: Final = r"(?:我们|咱们|单位|机关)?"
_END: Final = r"[吗么嘛呢吧啊呀]?[?？。!！\s]*"
_YEAR: Final = r"(?:(?P<year>今年|明年|\d{4}年)的?)?"
_FESTIVAL: Final = re.compile(
    rf"{_WE}{_YEAR}(?P<name>{'|'.join(_NAMES)})节?(?:期间|假期|小?长假)?{_WE}(?:都|要|一共|总共)?"
    r"(?:(?:是|从)?(?:怎么|如何|什么时候|啥时候|哪天|哪几天|几号)(?:开始)?(?:放假?|休息?|安排|上班)(?:的|安排)?"
    r"|[放休](?:假|息)?(?:几|多少)天(?:假)?|[放休](?:假|息)?到(?:几号|哪天)|有?几天假?期?|放不放假|放假(?:安排|通知|时间)?|上班|要上班"
    rf"|(?:怎么|如何)?调休(?:安排)?|安排){_END}"
)
_ALL: Final = re.compile(
    rf"{_WE}{_YEAR}(?:全年)?(?:法定)?(?:节假日|假日|放假|假期)(?:怎么|如何|都)?(?:有哪些|安排|通知|时间表?|日历|怎么放|怎么安排)+{_END}"
)
_NEXT: Final = re.compile(
    rf"(?:下一?个|最近的?)(?:节假日|假期|小?长假|节日|假)(?:是)?(?:什么时候|哪天|几号|啥时候)?{_END}"
    rf"|{_WE}(?:还有(?:几|多少)天|还有多久|什么时候|啥时候|几号|哪天)(?:才|再)?放假{_END}"
)
_DAY: Final = re.compile(
    r"(?P<day>.{1,16}?)(?:我们|单位|大家)?(?:要不要|用不用|是不是要?|还|是|需要|得|要|用)?"
    r"(?:(?:上班|放假|休息|工作日|调休)(?:吗|么|嘛|不|呢)|上不上班|放不放假|休不休息?)[?？\s]*"
    r"|(?P<day2>.{1,16}?)(?:要不要|用不用|是不是要?)(?:上班|放假|休息|工作日)[?？\s]*"
)
_TYPES: Final[Mapping[str, str]] = {
    "workday": "要上班", "makeup_workday": "要上班（调休上班）", "rest_day": "不上班（周末）",
    "bridge_day": "放假（调休放假）", "statutory_holiday": "放假（法定节假日）", "local_off": "不上班（本单位安排）",
    "local_work": "要上班（本单位安排）",
}  # fmt: skip
_OPEN: Final = "（还没有该年的放假安排，暂按周末和法定节假日）"
_LONGEST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`festival`: its code, or "all", "next", "" with `day`, the words that name days. `year` as it was said."""

    festival: str = ""
    day: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayView:
    """As `handlers.days.holidays.Holiday`."""

    festivals: Sequence[str]
    first: date
    last: date
    legal: Sequence[date]
    worked: Sequence[date] = ()
    announced: bool = True


def asks(text: str) -> Asked | None:
    plain = "".join(text.split())
    if len(plain) > _LONGEST:
        return None
    if (found := _FESTIVAL.fullmatch(plain)) is not None:
        return Asked(festival=_NAMES[found["name"]], year=found["year"] or "")
    if (found := _ALL.fullmatch(plain)) is not None:
        return Asked(festival="all", year=found["year"] or "")
    if _NEXT.fullmatch(plain) is not None:
        return Asked(festival="next")
    found = _DAY.fullmatch(plain)
    return Asked(day=found["day"] or found["day2"]) if found else None


def told(rows: Sequence[HolidayView], *, today: date) -> str:
    """One line per festival."""
    lines = [_line(one, today) for one in rows]
    return lines[0] if len(lines) == 1 else "\n".join(["放假安排：", *(f"· {line}" for line in lines)])


def unknown_year(year: int) -> str:
    return f"还没有{year}年的放假安排，国务院办公厅一般在前一年的11月公布，公布后由管理员更新。"


def days(rows: Sequence[tuple[date, str, bool]], *, today: date) -> str:
    """(day, its type as `DayType` names it, whether it may change with the year's notice)."""
    return "\n".join(
        f"{words.day(day, base=today)}{_TYPES[type_]}{_OPEN if open_ else ''}。" for day, type_, open_ in rows
    )


def _line(one: HolidayView, today: date) -> str:
    name = "、".join(_TITLES[code] for code in one.festivals)
    if not one.announced:
        first, *others = one.legal
        legal = "、".join([words.day(first, base=today), *(words.day(day, base=first) for day in others)])
        return f"{name}：{one.first.year}年的放假安排还没有公布，法定节假日是{legal}。"
    count = (one.last - one.first).days + 1
    when = words.day(one.first, base=today)
    when += f"至{words.day(one.last, base=one.first)}放假，共{count}天" if count > 1 else "放假"
    worked = "、".join(words.day(day, base=one.first) for day in one.worked)
    return f"{name}：{when}{f'；{worked}上班' if worked else '，不调休'}。"
