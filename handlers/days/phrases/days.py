"""The ways to write a day, as a table: a pattern, what must not stand before it, and how to find the date.

A pattern that matches and names a day that does not exist gives a doubt; a number that is no day at all (room 6,
document 12, 5.6 yuan) does not match in the first place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from handlers.days.phrases import resolve
from handlers.days.phrases.model import DoubtCode
from handlers.days.phrases.numerals import NUMBER, TAKEN, number
from handlers.days.phrases.resolve import Day, Scope, Unreadable, single

_FESTIVALS: Final = {
    "元旦": (1, 1), "三八": (3, 8), "妇女节": (3, 8), "劳动节": (5, 1), "五一": (5, 1), "五四": (5, 4),
    "青年节": (5, 4), "六一": (6, 1), "儿童节": (6, 1), "八一": (8, 1), "建军节": (8, 1), "国庆": (10, 1),
    "十一": (10, 1),
}  # fmt: skip
_DAY_SHIFTS: Final = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_PERIOD_SHIFTS: Final = {"上上": -2, "上": -1, "本": 0, "这": 0, "当": 0, "每": 0, "下": 1, "下下": 2}
_YEAR_SHIFTS: Final = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_WEEKDAYS: Final = (
    {sign: n for n, sign in enumerate("一二三四五六日")} | {"天": 6} | {str(n): n - 1 for n in range(1, 8)}
)

_YEAR: Final = (
    r"(?:(?:(?P<year>[0-9]{4}|[0-9]{2}|[〇零一二三四五六七八九]{4})年|(?P<year_word>今年|明年|后年|去年|前年))的?\s?)?"
)
_PERIOD: Final = r"(?P<period>下下|下|本|这|当|(?<![马晚早路以])上上?)一?个?"
_WEEK: Final = r"(?:周|星期|礼拜)"
_FESTIVAL: Final = rf"(?P<festival>{'|'.join(_FESTIVALS)})节?(?:劳动节|国庆节)?"
_MONTH: Final = rf"(?:{_YEAR}(?P<month>{NUMBER})月份?|{_PERIOD}月份?)"
_DAY_DIGITS: Final = r"(?:[12][0-9]|3[01]|0?[1-9])"
_DAY_CHINESE: Final = r"(?:三十一?|二?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二三四五六七八九])"
_DAY_TWO_SIGNS: Final = r"(?:三十一?|二?十[一二三四五六七八九]|二十|廿[一二三四五六七八九]?|卅一?)"
_DAY: Final = rf"(?:{_DAY_DIGITS}|{_DAY_CHINESE})"

# Behind a number, these make it a measure, a sum of money, or the number of a thing.
_UNIT: Final = (
    r"(?![0-9A-Za-z:]|[./][0-9]|\s?(?:年(?![假休底])|[%％‰元块角万亿千百个份人台名次项条件篇张页度楼层天岁斤吨米公克倍折分秒月点时]"
    r"|小时|号))"
)
_THING: Final = (
    r"(?!\s?(?:[楼线文令机院房厅馆桌位仓库窗闸井坑码岛柜函店元语游志历记程间常内桥]|本(?!人)|报(?![到名告销])|门(?!诊)"
    r"|车(?!祸|管|检)|公(?:路|寓|馆)|会(?:议室|场)|展[位厅]|信箱|电[池梯]|台(?!风)|站))"
)
# Before a number, likewise.
_GLUED: Final = r"[0-9A-Za-z第]$|[0-9][./\-]$|(?:编号|文号|工号|单号|尾号|卡号|房号|门牌号?|合同|版本|文件)[:\s]*$"
_NUMERAL: Final = r"[零〇一二两三四五六七八九十廿卅]$"
_NUMBERED: Final = re.compile(rf"{_GLUED}|{_NUMERAL}|[〕\]】)每编文车尾型座栋]$")
_PRICED: Final = re.compile(rf"{_GLUED}|{_NUMERAL}|[¥￥$约共计价费额款点]\s?$")
_RECURRING: Final = re.compile(r"[0-9几每逢半单双零〇一二两三四五六七八九十廿卅]个?$")
_INSIDE_A_WORD: Final = re.compile(r"[^\s,;。.、:()从自在请于到至休的年想我要~\-]$")

_LINK: Final = r"\s?(?:[、,和及到至]|[\-~]{1,2})\s?"
_LINK_AHEAD: Final = r"(?=\s?(?:到|至|[\-~]))"


def _year(found: re.Match[str], scope: Scope) -> int | None:
    groups = found.groupdict()
    if groups.get("year_word"):
        return scope.today.year + _YEAR_SHIFTS[groups["year_word"]]
    if not groups.get("year"):
        return None
    year = number(groups["year"])
    return year + 2000 if year < 100 else year


def _month_day(found: re.Match[str], scope: Scope) -> Day:
    month, day = number(found["month"]), number(found["day"])
    return resolve.month_day(scope, year=_year(found, scope), month=month, day=day)


def _day_of_month(found: re.Match[str], scope: Scope) -> Day:
    return resolve.day_of_month(scope, day=number(found["day"]))


def _day_of_named_month(found: re.Match[str], scope: Scope) -> Day:
    return single(resolve.in_month(scope.today, _PERIOD_SHIFTS[found["period"]], number(found["day"])))


def _first_of_month(found: re.Match[str], scope: Scope) -> date:
    """The first of the month that is named, this month where none is."""
    groups = found.groupdict()
    if groups["month"]:
        return resolve.month_day(scope, year=_year(found, scope), month=number(groups["month"]), day=1).first
    if groups["period"]:
        return resolve.in_month(scope.today, _PERIOD_SHIFTS[groups["period"]], 1)
    return (scope.after or scope.today).replace(day=1)


def _month_end(found: re.Match[str], scope: Scope) -> Day:
    first = _first_of_month(found, replace(scope, after=scope.after.replace(day=1) if scope.after else None))
    return single(resolve.month_end(first.year, first.month))


def _last_of_month(found: re.Match[str], scope: Scope) -> Day:
    first = _first_of_month(found, scope)
    last = resolve.month_end(first.year, first.month)
    return Day(last.replace(day=last.day + 1 - number(found["count"])), last)


def _working_of_month(found: re.Match[str], scope: Scope) -> Day:
    first = _first_of_month(found, scope)
    last = resolve.month_end(first.year, first.month)
    return resolve.working_of(scope, first, last, from_end=found["which"].startswith("最"))


def _working_of_week(found: re.Match[str], scope: Scope) -> Day:
    first = resolve.monday(scope.today) + timedelta(7 * _PERIOD_SHIFTS[found["period"]])
    return resolve.working_of(scope, first, first + timedelta(6), from_end=found["which"].startswith("最"))


def _working_near_festival(found: re.Match[str], scope: Scope) -> Day:
    month, day = _FESTIVALS[found["festival"]]
    step = 1 if found["side"] == "后" else -1
    return resolve.working_day_near(scope, year=_year(found, scope), month=month, day=day, step=step)


def _festival(found: re.Match[str], scope: Scope) -> Day:
    month, day = _FESTIVALS[found["festival"]]
    return resolve.festival(scope, year=_year(found, scope), month=month, day=day)


def _shifted(found: re.Match[str], scope: Scope) -> Day:
    return single(scope.today + timedelta(_DAY_SHIFTS[found["shift"]]))


def _counted(found: re.Match[str], scope: Scope) -> Day:
    days = number(found["count"]) * (7 if found["unit"] != "天" else 1)
    return single(scope.today + timedelta(days if found["side"] == "后" else -days))


def _pair(found: re.Match[str], scope: Scope) -> Day:
    first = scope.today + timedelta(_DAY_SHIFTS[found["first"]])
    return Day(first, scope.today + timedelta(_DAY_SHIFTS[found["second"]]))


def _weekday(found: re.Match[str], scope: Scope) -> Day:
    weeks = _PERIOD_SHIFTS[found["period"]] if found["period"] else None
    return resolve.weekday(scope, weeks=weeks, index=_WEEKDAYS[found["weekday"]])


def _weekday_sign(found: re.Match[str], scope: Scope) -> Day:
    return resolve.weekday(scope, weeks=None, index=_WEEKDAYS[found["weekday"]])


def _weekend(found: re.Match[str], scope: Scope) -> Day:
    return resolve.weekend(scope, weeks=_PERIOD_SHIFTS[found["period"]] if found["period"] else None)


def _following(found: re.Match[str], scope: Scope) -> Day:
    return single((scope.after or scope.today) + timedelta(1))


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    find: Callable[[re.Match[str], Scope], Day]
    not_before: re.Pattern[str] | None = None


def _rule(pattern: str, find: Callable[[re.Match[str], Scope], Day], not_before: re.Pattern[str] | None = None) -> Rule:
    return Rule(re.compile(pattern), find, not_before)


_ANY_GLUED: Final = re.compile(_GLUED)
_NO_MONTH: Final = re.compile(rf"{_GLUED}|{_NUMERAL}|[个年]$")
_ORDINAL: Final = r"(?P<which>第一|头一|首|最后一?|最末)个?工作日"

OPENING: Final[tuple[Rule, ...]] = (
    _rule(
        r"(?P<year>[0-9]{4})(?P<sep>[-/.])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})(?![0-9])T?",
        _month_day, _ANY_GLUED,
    ),
    _rule(rf"(?:{_MONTH}|每?个?月底?)的?{_ORDINAL}", _working_of_month, _ANY_GLUED),
    _rule(rf"{_PERIOD}{_WEEK}的?{_ORDINAL}", _working_of_week),
    _rule(
        rf"{_YEAR}{_FESTIVAL}(?:小?长假|假期|放假|假)?(?:之|以)?(?P<side>前|后)的?{_ORDINAL}",
        _working_near_festival, _INSIDE_A_WORD,
    ),
    _rule(r"下一?个?工作日", lambda _, scope: resolve.next_working(scope)),
    _rule(
        rf"{_YEAR}(?P<month>{NUMBER})月份?\s?(?P<day>{NUMBER})(?:\s?[日号]|(?<=[0-9]){_UNIT}|{_LINK_AHEAD})",
        _month_day, _ANY_GLUED,
    ),
    _rule(rf"(?:{_MONTH}|月)底?的?最后(?P<count>{NUMBER})天", _last_of_month, _NO_MONTH),
    _rule(rf"(?:{_MONTH}|月)底(?![前下之以子层])", _month_end, _NO_MONTH),
    _rule(rf"{_PERIOD}月份?的?\s?(?P<day>{_DAY})\s?[日号]", _day_of_named_month),
    _rule(
        rf"{_YEAR}{_FESTIVAL}(?:当天|当日|那天)?"
        r"(?!\s?(?:小?长假|假期|期间|放假|[前后之以路班月日号天周点个时分名人岁块元万一二三四五六七八九十0-9]))",
        _festival, _INSIDE_A_WORD,
    ),
    _rule(
        r"(?P<shift>大前|大后|前|昨|今|明|后)(?:[天日](?![气性真])|儿个?|(?=[早晚](?![点于些])))",
        _shifted, re.compile(r"[目之聪说表证声生此]$|(?<!可)以$"),
    ),
    _rule(
        rf"(?P<count>{NUMBER})(?:(?P<unit>天)|(?:个?(?:星期|礼拜)|周))(?:之|以)?(?P<side>[前后])(?![续来期])",
        _counted, re.compile(rf"[请休假第这每]\s?$|{_GLUED}|{_NUMERAL}"),
    ),
    _rule(r"(?P<first>今|明)(?P<second>明|后)[两二2]?[天日]", _pair),
    _rule(
        rf"(?:{_PERIOD}(?:{_WEEK}的?)?)?{_WEEK}(?P<weekday>[一二三四五六日天]|[1-7](?![0-9]))(?!年(?![假休])|[岁刊次])",
        _weekday, _RECURRING,
    ),
    _rule(rf"(?:{_PERIOD})?(?:{_WEEK}末|双休日?)", _weekend, _RECURRING),
    _rule(rf"(?P<day>{_DAY})\s?号{_THING}", _day_of_month, _NUMBERED),
    # "三日" by itself is three days rather than the third
    _rule(rf"(?P<day>{_DAY_DIGITS}|{_DAY_TWO_SIGNS})\s?日{_THING}", _day_of_month, _NUMBERED),
    _rule(rf"(?P<day>{_DAY})日?(?={_LINK}{_DAY}(?:{_LINK}{_DAY}){{0,6}}\s?[日号]{_THING})", _day_of_month, _NUMBERED),
    _rule(
        rf"(?P<month>0?[1-9]|1[0-2])(?P<sep>[./])(?P<day>{_DAY_DIGITS})(?:[日号]{_THING}|{_UNIT})",
        _month_day, _PRICED,
    ),
)  # fmt: skip
"""How a day may be written anywhere in a text."""

_UNGUARDED: Final = tuple(replace(rule, not_before=None) for rule in OPENING)
_SIGN_OF_WEEK: Final = _rule(
    rf"(?P<weekday>[一二三四五六日])(?=[\s,;。、()请休上下一二三四五六日{TAKEN}]|$)", _weekday_sign
)

LISTED: Final = (*_UNGUARDED, _SIGN_OF_WEEK)
"""How a day may be written right behind a weekday: 周四周五, 周四、五."""

CLOSING: Final = (
    *_UNGUARDED,
    _rule(r"次日|翌日|第二天|隔天", _following),
    _rule(rf"(?P<day>{_DAY})日{_THING}", _day_of_month),
    _rule(rf"(?P<day>{_DAY_DIGITS})(?=[\s,;。、)]|$)", _day_of_month),
)
"""How the day after "until" may be written: a bare number too, if nothing follows it."""

DASHED: Final = (*CLOSING, _rule(rf"(?P<day>{_DAY_DIGITS}){_UNIT}", _day_of_month))
"""The same after a dash: "5.6-8"."""

OF_THE_WEEK: Final = (*CLOSING, _SIGN_OF_WEEK)
"""The same after a weekday: "周一到五"."""


def match(text: str, at: int, scope: Scope, rules: tuple[Rule, ...] = OPENING) -> tuple[Day | DoubtCode, int] | None:
    """The day written at place `at`, or why it cannot be had, and the place behind it. None: no day is written here."""
    for rule in rules:
        found = rule.pattern.match(text, at)
        if found and not (rule.not_before and rule.not_before.search(text[max(0, at - 8) : at])):
            return _resolved(rule, found, scope), found.end()
    return None


def _resolved(rule: Rule, found: re.Match[str], scope: Scope) -> Day | DoubtCode:
    try:
        return rule.find(found, scope)
    except Unreadable as unreadable:
        return unreadable.code
    except (ValueError, OverflowError):
        return DoubtCode.IMPOSSIBLE_DATE
