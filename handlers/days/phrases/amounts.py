"""Counted time: days, hours, and the weeks and months that cannot be counted without asking."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from handlers.days.phrases.numerals import CHINESE, number

_COUNT: Final = rf"(?P<count>[0-9]{{1,3}}(?:\.[0-9]{{1,2}})?|{CHINESE}|半)"
_NOT_COUNTED: Final = r"(?<![第这那前过近每几上下大好0-9.零一二两三四五六七八九十])"
_AMOUNT: Final = re.compile(
    rf"(?P<whole>全天|整天)|{_NOT_COUNTED}(?:"
    rf"{_COUNT}\s?(?:个半?|整)?(?:(?P<hours>小时|钟头)(?!以?之?[后前内])|(?P<vague>星期|礼拜|月)(?![一二三四五六日天末底初]))"
    rf"|{_COUNT.replace('count', 'weeks')}周(?![岁年刊一二三四五六日天末])"
    rf"|{_COUNT.replace('count', 'days')}\s?(?P<of>个|整)?(?P<unit>工作日|半天|天(?![气然真津空花才性天])|日(?=假))"
    r"(?P<more>半)?)"
)
_HALF: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Amount:
    """`days` or `minutes`, or neither where it cannot be counted; `start` and `end` are places in the text."""

    start: int
    end: int
    days: Decimal | None = None
    minutes: int | None = None
    working: bool = False


def find(text: str) -> Iterator[Amount]:
    for found in _AMOUNT.finditer(text):
        amount = _amount(found)
        if amount is not None:
            yield amount


def _amount(found: re.Match[str]) -> Amount | None:
    start, end = found.span()
    if found["whole"]:
        return Amount(start, end, days=Decimal(1))
    if found["hours"]:
        return _hours(found)
    if found["days"]:
        return _days(found)
    # "5月" is a month and "三个月" an amount
    return Amount(start, end) if found["weeks"] or found["vague"] != "月" or "个" in found[0] else None


def _days(found: re.Match[str]) -> Amount:
    each = _HALF if found["unit"] == "半天" else Decimal(1)
    days = _value(found["days"]) * each + (_HALF if found["more"] else 0)
    if days <= 0:
        return Amount(*found.span())
    return Amount(*found.span(), days=days, working=found["unit"] == "工作日")


def _hours(found: re.Match[str]) -> Amount:
    half_more = "个半" in found[0]
    minutes = (_value(found["count"]) + (_HALF if half_more else 0)) * 60
    if minutes <= 0 or minutes != int(minutes):
        return Amount(*found.span())
    return Amount(*found.span(), minutes=int(minutes))


def _value(sign: str) -> Decimal:
    if sign == "半":
        return _HALF
    return Decimal(sign) if sign.isascii() else Decimal(number(sign))
