"""Who has a room, a car or a driver, and when: the question, and the list that answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cards import calendar as calendar_cards
from cards.calendar_words import KINDS

_THING: Final = re.compile(r"会议室|(?:公务|公)?用车|派车|出车|公务车|公车|车辆|车|驾驶员|司机")
_WHO: Final = re.compile(r"谁|哪些人|哪几个人|哪个科室|哪些科室|有人|有没有人|被占")
_HAS: Final = re.compile(r"用|订|借|占|开|出车|派车")
_LIST: Final = re.compile(r"(?:使用|占用|预[订定]|派车|出车|用车|调度)?(?:安排|情况|一览|记录|表|统计)+")
_WORDS: Final = re.compile(
    r"谁|哪些人|哪几个人|哪个科室|哪些科室|有没有人|有人|被占用?|在用|使用|占用|预[订定]|[用订借占开]|出去|[在要都了着过的是被呢啊吗么有]"
    r"|请问|帮我|看看|看一?下|查一?下|现在|目前"
)
_NOBODY: Final = {"vehicle": "没有派出去的车", "driver": "没有驾驶员出车"}
_DAY: Final = timedelta(days=1)
_LONGEST: Final = 30
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind` as in `KINDS`; `name` of one room, "" for all; `when` is what is said beside, some days or nothing."""

    kind: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Held:
    """`what` is the room or the car, `who` has it; `waits`: not decided yet."""

    begin: datetime
    end: datetime
    what: str
    who: str
    waits: bool = False


def asks(text: str, names: frozenset[str]) -> Asked | None:
    """`谁在用车`, `本周用车情况`, `三楼会议室明天谁订了`; None for other words. `names` are the office's rooms."""
    plain = text.strip().rstrip("?？。！! ").replace(" ", "")
    if not plain or len(plain) > _LONGEST:
        return None
    name = max((one for one in names if one in plain), key=len, default="")
    thing = name or (found[0] if (found := _THING.search(plain)) else "")
    left = plain.replace(thing, "", 1) if thing else ""
    if not thing or not ((_WHO.search(plain) and _HAS.search(plain)) or _LIST.search(left)):
        return None
    kind = "room" if name else next(KINDS[word] for word in ("会议室", "驾驶员", "司机", "车") if word in thing)
    return Asked(kind, name, _WORDS.sub("", _LIST.sub("", left)))


def listed(asked: Asked, rows: Sequence[Held], span: tuple[datetime, datetime], *, now: datetime, url: str) -> str:
    """`span` is the time that was asked about."""
    word = asked.name or calendar_cards.kind_word(asked.kind)
    head = calendar_cards.days_of(*span, now=now)
    if not rows:
        return f"{head}{_NOBODY.get(asked.kind, f'{word}没有人用')}。"
    lines = [f"· {_line(one, span, now)}" for one in rows[:_SHOWN]]
    more = [f"另有{len(rows) - _SHOWN}次。"] if len(rows) > _SHOWN else []
    page = [f"按天看全部：{url}"] if url else []
    return "\n".join([f"{head}{word}：", *lines, *more, *page])


def _line(one: Held, span: tuple[datetime, datetime], now: datetime) -> str:
    within = span[0] <= one.begin and one.end <= span[1] and span[1] - span[0] <= _DAY
    when = calendar_cards.clock(one.begin, one.end) if within else calendar_cards.period(one.begin, one.end, now=now)
    return f"{when} {one.what}：{one.who}{'（待批）' if one.waits else ''}"
