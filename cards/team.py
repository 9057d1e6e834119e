"""Who is away, on a card: names and days for colleagues, kinds for whoever may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards import words
from cards.model import Card, Field

_HALF = {"am": "上午", "pm": "下午"}
SHOWN = 5
"""One platform shows six lines; the last says how many more there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayView:
    """`kind` "" where only the absence is the reader's to know; `waits`: not decided yet."""

    name: str
    first: date
    first_half: str
    last: date
    last_half: str
    kind: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamView:
    """The days asked about. `people` counts persons. `off` and `makeup` are stretches of days (first, last). `one`:
    asked about one person, whose name is `where`."""

    where: str
    first: date
    last: date
    today: date
    people: int
    rows: Sequence[AwayView]
    off: Sequence[tuple[date, date]] = ()
    makeup: Sequence[date] = ()
    url: str = ""
    one: bool = False


def card(view: TeamView) -> Card:
    fields = [Field(one.name, said(one, base=view.today)) for one in view.rows[:SHOWN]]
    left = len(view.rows) - SHOWN
    if left > 0:
        fields.append(Field("另有", f"{left}条，" + ("点开看全部" if view.url else "请按天或按部门再问")))
    return Card(
        kind="team.calendar",
        source="休假日历",
        title=f"{view.where}：{when(view)}{_headline(view)}",
        big=(f"{view.people}人", f"{when(view)}不在") if view.rows and not view.one else None,
        fields=tuple(fields),
        note=holidays(view.off, view.makeup, base=view.today),
        url=view.url,
    )


def _headline(view: TeamView) -> str:
    if view.one:
        return "不在" if view.rows else "没有请假或出差的登记"
    return "不在的人" if view.rows else "没有人不在"


def when(view: TeamView) -> str:
    if view.first == view.last:
        return "今天" if view.first == view.today else words.day(view.first, base=view.today)
    month = view.first.day == 1 and (view.last.year, view.last.month) == (view.first.year, view.first.month)
    if month and view.last.day >= 28:
        return (f"{view.first.year}年" if view.first.year != view.today.year else "") + f"{view.first.month}月"
    last = f"{view.last.day}日" if view.last.month == view.first.month else words.short(view.last, view.first)
    return f"{words.short(view.first, view.today)}至{last}"


def said(one: AwayView, *, base: date) -> str:
    """For a line of a card, which one platform cuts after 26 characters: no days of the week."""
    return f"{one.kind or '不在'}{'（待批）' if one.waits else ''} {_brief(one, base)}"


def span(one: AwayView, *, base: date) -> str:
    return words.span(one.first, one.first_half, one.last, one.last_half, base=base)


def _brief(one: AwayView, base: date) -> str:
    """`5月6日至8日`, `5月6日上午`, `5月6日下午至6月1日`."""
    first = words.short(one.first, base)
    if one.first == one.last:
        return first + (_HALF[one.first_half] if one.first_half == one.last_half else "")
    begin = first + ("下午" if one.first_half == "pm" else "")
    same = (one.last.year, one.last.month) == (one.first.year, one.first.month)
    last = f"{one.last.day}日" if same else words.short(one.last, one.first)
    return f"{begin}至{last}" + ("上午" if one.last_half == "am" else "")


def holidays(stretches: Sequence[tuple[date, date]], makeup: Sequence[date], *, base: date) -> str:
    """The holidays and worked weekends of some days."""
    off = [_block(first, last, base) for first, last in stretches]
    worked = [words.day(day, base=base) for day in makeup]
    found = [f"{'、'.join(off)}放假"] if off else []
    found += [f"{'、'.join(worked)}调休上班"] if worked else []
    return "；".join(found)


def _block(first: date, last: date, today: date) -> str:
    if first == last:
        return words.short(first, today)
    end = f"{last.day}日" if last.month == first.month else words.short(last, first)
    return f"{words.short(first, today)}至{end}"
