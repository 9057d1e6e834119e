"""Halves of a day and times of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Final

from handlers.days.phrases.numerals import NUMBER, number
from handlers.days.slots import Half

_PART: Final = (
    r"(?:整个?|一)?(?:(?P<am>中午(?:之|以)?前|午前|[上前]半天|上午|早上|早晨|清早|早(?![点于些就已该期]))"
    r"|(?P<pm>中午(?:之|以)?后|午后|[下后]半天|下午)"
    r"|(?P<noon>中午|正午)|(?P<dawn>凌晨|拂晓)|(?P<evening>晚上|傍晚|夜里|夜间|半夜|晚(?![点于些饭会辈])))"
)
_CLOCK: Final = (
    rf"(?:(?P<hour>2[0-4]|1[0-9]|0?[0-9]|{NUMBER})(?:点钟|点(?![心名评火击])|时(?![间候常段长期代]))"
    rf"(?:(?P<quarter>半|一刻|三刻)|(?P<minute>[0-5][0-9]|[二三四五]?十[一二三四五六七八九]?|[0-9](?=分)|{NUMBER}(?=分))分?)?"
    r"(?:整|左右)?|(?P<digital>(?:2[0-3]|[01]?[0-9]):[0-5][0-9])(?::[0-5][0-9])?(?![0-9:]))"
)
_MOMENT: Final = re.compile(
    rf"(?:{_PART}的?\s?(?:{_CLOCK})?|{_CLOCK.replace('?P<', '?P<bare_')})(?:起(?![床来飞诉草]))?"
)
_QUARTERS: Final = {"半": 30, "一刻": 15, "三刻": 45}
_NOON: Final = time(12)
_EVENING: Final = 17


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a day. `half` is None for noon, dawn and evening without a time, which are no half for sure."""

    half: Half | None = None
    clock: time | None = None
    part: str = ""
    assumed: bool = False

    @property
    def named(self) -> bool:
        """ "上午" or "下午" themselves, which people use for the halves of leave."""
        return self.part in ("am", "pm")

    @property
    def late(self) -> bool:
        """So late that an early time which ends it is the next morning's."""
        return self.clock is not None and self.clock.hour >= _EVENING

    def early(self) -> Moment:
        """The same, with the hour of the morning where the afternoon's was assumed."""
        if not self.assumed or self.clock is None:
            return self
        clock = self.clock.replace(hour=self.clock.hour - 12)
        return Moment(Half.AM, clock, self.part)


def match(text: str, at: int, *, begun: Moment | None = None) -> tuple[Moment, int] | None:
    """The moment written at `at` and the place behind it; `begun` is the start of the range that this one ends."""
    found = _MOMENT.match(text, at)
    if not found:
        return None
    groups = found.groupdict()
    part = next((name for name in ("am", "pm", "noon", "dawn", "evening") if groups[name]), "")
    said = _said(groups)
    if said is None:
        return (Moment(Half(part) if part in ("am", "pm") else None, None, part), found.end()) if part else None
    hour, minute, exact = said
    hour, assumed = _hour(hour, part, begun, exact=exact)
    if hour > 23 or minute > 59:
        return None
    clock = time(hour, minute)
    return Moment(Half.AM if clock < _NOON else Half.PM, clock, part, assumed), found.end()


def _said(groups: dict[str, str | None]) -> tuple[int, int, bool] | None:
    """Hour, minute, and whether it is written as on a digital clock, which is the only unambiguous form."""
    digital = groups["digital"] or groups["bare_digital"]
    if digital:
        hour, _, minute = digital.partition(":")
        return int(hour), int(minute), len(hour) == 2
    hour_sign = groups["hour"] or groups["bare_hour"]
    if not hour_sign:
        return None
    quarter, minute_sign = groups["quarter"] or groups["bare_quarter"], groups["minute"] or groups["bare_minute"]
    minutes = _QUARTERS[quarter] if quarter else number(minute_sign) if minute_sign else 0
    return number(hour_sign), minutes, False


def _hour(hour: int, part: str, begun: Moment | None, *, exact: bool) -> tuple[int, bool]:
    """On the 24-hour clock; the second value says that office hours had to be assumed."""
    if part == "dawn":
        return hour % 12, False
    if part == "evening" and hour == 12:
        return 24, False  # the day after, which no moment of this day is
    if hour >= 12 or exact:
        return hour, False
    if part == "pm" or (part == "noon" and hour < 6) or (part == "evening" and hour > 4):
        return hour + 12, False
    if part:
        return hour, False
    if begun is not None and begun.clock is not None:
        return (hour + 12 if hour <= begun.clock.hour else hour), False
    return (hour + 12, True) if 1 <= hour <= 6 else (hour, False)
