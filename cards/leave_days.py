"""Which days of a leave cost nothing and which weekend days do, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cards import words

_WHY: Mapping[str, str] = {
    "rest": "休息日",
    "holiday": "放假",
    "legal": "法定节假日",
    "local": "本单位（本地）放假",
    "half_holiday": "放假半天",
}
_HALF: Mapping[str, str] = {"am": "上午", "pm": "下午"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipView:
    """Days of a leave that are not charged. `why`: rest, holiday, legal, local, half_holiday (then `half`)."""

    first: date
    last: date
    why: str
    half: str = ""


def skipped(skips: Sequence[SkipView], makeup: Sequence[date], *, base: date) -> str:
    """Which days are not charged and why, and which weekend days are worked; empty where there are none."""
    free = "、".join(_skip(one, base) for one in skips)
    worked = "、".join(words.day(day, base=base) for day in makeup)
    said = [f"不计入：{free}"] if free else []
    said += [f"照常计入：{worked}调休上班"] if worked else []
    return "；".join(said)


def _skip(one: SkipView, base: date) -> str:
    why = _WHY.get(one.why, one.why)
    if one.first == one.last:
        return words.day(one.first, base=base) + _HALF.get(one.half, "") + why
    last = f"{one.last.day}日" if one.last.month == one.first.month else words.short(one.last, one.first)
    return f"{words.short(one.first, base)}至{last}{why}"
