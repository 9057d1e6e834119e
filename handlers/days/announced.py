"""The yearly notice of the State Council's General Office, read from its own words.

    二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）上班。

Every remark that the text makes about a day is checked against the calendar: the day of the week, and how many days a
stretch has. What is only a holiday and what is a legal one the notice does not say; that is the law's (`law_only`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

FESTIVALS: Final = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_WEEK: Final = "一二三四五六日"
_LONGEST: Final = 20_000
"""Characters; a notice has under 800."""

_YEAR = re.compile(r"(\d{4})年(?:部分节假日|元旦)")
_NUMBER = re.compile(r"国办发明电\[\d{4}\]\d+号")
_SIGNED = re.compile(r"国务院办公厅(\d{4})年(\d{1,2})月(\d{1,2})日")
_NAME = "|".join(FESTIVALS)
_ITEM = re.compile(rf"((?:{_NAME})(?:、(?:{_NAME}))*):")
_DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_TOKEN = re.compile(rf"{_DAY}(?:[至到~-]{_DAY})?|放假|补休|上班|(?P<count>\d+)天|\([^)]*\)")
_BESIDE = re.compile(r"(?:节假日期间|国务院办公厅).*|鼓励[^。]*。?")
"""What comes after the last item, and what is only encouraged."""
_ON = re.compile(rf"(?:周|星期)([{_WEEK}天])")

Span = tuple[date, date]


class NotRead(Exception):
    """The text is no such notice, or says something that cannot be. `code` with what `about` has:

    too_long; no_year; no_items; festivals (missing); no_day (text); no_verb (day): neither a day off nor a working
    day; weekday (day, said); length (festival, said, found).
    """

    def __init__(self, code: str, **about: object) -> None:
        super().__init__(code)
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class Festival:
    """One item: `off` are its stretches, both ends included."""

    name: str
    off: tuple[Span, ...]
    makeup: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """`number` and `published` are "" and None where only a part of the notice was given."""

    year: int
    festivals: tuple[Festival, ...]
    number: str = ""
    published: date | None = None


def read(text: str) -> Announced:
    """Raises `NotRead`; never guesses."""
    if len(text) > _LONGEST:
        raise NotRead("too_long")
    plain = _plain(text)
    found = _YEAR.search(plain)
    if found is None:
        raise NotRead("no_year")
    year, number, signed = int(found[1]), _NUMBER.search(plain), _SIGNED.search(plain)
    festivals = tuple(_items(plain, year))
    if not festivals:
        raise NotRead("no_items")
    missing = [name for name in FESTIVALS if not any(name in one.name for one in festivals)]
    if missing:
        raise NotRead("festivals", missing=tuple(missing))
    return Announced(
        year=year, festivals=festivals, number=number[0].replace("[", "〔").replace("]", "〕") if number else "",
        published=_date(signed[0], *map(int, signed.groups())) if signed else None,
    )  # fmt: skip


def as_data(found: Announced, statutory: Iterable[object], *, source: str, published: date) -> dict[str, object]:
    """The data of a `notice` file as `workdays.from_data` takes it."""
    return {
        "kind": "notice", "year": found.year, "source": source, "published": published.isoformat(),
        "statutory": [str(day) for day in statutory],
        "days_off": [_written(span) for one in found.festivals for span in one.off],
        "makeup_workdays": sorted(day.isoformat() for one in found.festivals for day in one.makeup),
    }  # fmt: skip


def _plain(text: str) -> str:
    """Without blanks and line ends, with one kind of brackets and colons."""
    folded = unicodedata.normalize("NFKC", text).translate(str.maketrans("〔〕【】—–", "[][]--"))
    return "".join(folded.split())


def _items(plain: str, year: int) -> Iterator[Festival]:
    _, *parts = _ITEM.split(plain)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        yield _festival(name, _BESIDE.sub("", text), year)


def _festival(name: str, text: str, year: int) -> Festival:
    off: list[Span] = []
    makeup: list[date] = []
    waiting: list[Span] = []
    for token in _TOKEN.finditer(text):
        if token[3]:
            waiting.append(_span(token, year))
        elif token[0] in ("放假", "补休"):
            off += waiting
            waiting = []
        elif token[0] == "上班":
            makeup += [day for span in waiting for day in _days(span)]
            waiting = []
        elif token["count"]:
            _expect(name, int(token["count"]), off)
    if waiting:
        raise NotRead("no_verb", day=waiting[0][0])
    if not off:
        raise NotRead("no_day", text=name)
    return Festival(name, tuple(off), tuple(makeup))


def _span(token: re.Match[str], year: int) -> Span:
    """A day, or a stretch whose end leaves out what it shares with the beginning."""
    first = _day(token.group(1, 2, 3, 4), year, None)
    if token[7] is None:
        return first, first
    last = _day(token.group(5, 6, 7, 8), year, first.month)
    if not first <= last < first + timedelta(days=30):
        raise NotRead("no_day", text=token[0])
    return first, last


def _day(parts: tuple[str | None, ...], year: int, month: int | None) -> date:
    own_year, own_month, number, remark = parts
    text = "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False) if part)
    if own_month is None and month is None:
        raise NotRead("no_day", text=text)
    day = _date(text, int(own_year or year), int(own_month or month or 0), int(number or 0))
    said = _ON.search(remark or "")
    if said and _WEEK.index(said[1].replace("天", "日")) != day.weekday():
        raise NotRead("weekday", day=day, said=said[1])
    return day


def _date(text: str, year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        raise NotRead("no_day", text=text) from None


def _expect(name: str, said: int, off: Iterable[Span]) -> None:
    found = sum(len(_days(span)) for span in off)
    if said != found:
        raise NotRead("length", festival=name, said=said, found=found)


def _days(span: Span) -> list[date]:
    first, last = span
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _written(span: Span) -> str:
    first, last = span
    return first.isoformat() if first == last else f"{first}..{last}"
