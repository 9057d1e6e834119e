"""A leave request as somebody types it into the chat: which kind, which days, why, and what must still be asked.

`None` means that the text asks for something else (a balance, a rule, a cancellation) and the help card answers it.
What was understood is always shown for confirmation; what was not understood is asked and never filled in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from handlers.days import phrases
from handlers.days.phrases import Doubt, DoubtCode, Reading, Span, WorkingDays, fold
from handlers.leave.asking import asides
from handlers.leave.asking.asides import Asides

TWO_KINDS: Final = "two_kinds"
"""Doubt: two kinds of leave in one message; the text holds the second one's name."""
UNKNOWN_KIND: Final = "unknown_kind"
"""Doubt: a kind of leave that this office's policy does not list."""

# Names of office-rules.md section 2 that contain another's name or are nobody's alias here: 陪产假 is not 产假.
_ELSEWHERE: Final = (
    "年休假", "年假", "病假", "事假", "婚假", "丧假", "产假", "陪产假", "护理假", "陪护假", "育儿假", "哺乳假",
    "探亲假", "生育假", "奖励假", "产前检查假", "工伤假", "公假", "路程假", "考试假", "独生子女护理假", "计划生育假",
    "流产假",
)  # fmt: skip
_NO_LEAVE: Final = ("生产检", "协调休", "办公休", "更换休", "轮换休", "公休日")
"""Words with the name of a leave inside: 安全生产检查 is no 产检."""
_PLAIN: Final = ("假", "休")
"""How a name ends that is a name of leave and nothing else; beside one, `探亲` or `产检` is why it is asked for."""
_LEAVE: Final = re.compile(r"(?:告|[请休](?!假条)[^,，。;；\n]{0,12}?)假(?![期日设如装条])")
_ABSENT: Final = re.compile(
    r"来不了|不能?来(?:上班|单位)?了|上不了班|(?:不能|没法|没办法)来?(?:上班|到岗|到单位)"
)
"""Somebody who will not be there, said without the word leave."""
_FREE: Final = re.compile(
    r"(?:请|休息?|歇)\s?(?:半|[一两二三四五六七八九十]|\d{1,2})\s?个?半?(?:天|小时|钟头|[上下]午)"
    r"(?=[\s,，.。;；!！~～吧去因照处陪]|$)"
)
"""So much time off, said without the word leave: `明天请半天`, `想休息一天`; `请两天后再来` is something else."""
_CHANGED: Final = re.compile(r"改[成为到]|换[成为]")
"""A question about another time or kind is no request for a new leave: `前天请的假能改成病假吗`."""
_EARNED: Final = re.compile(r"加班[^,，。;；\n]{0,8}?[换转攒折算]")
"""Overtime to be exchanged for time off: asked for as overtime."""
_ELSEWHERE_ABSENT: Final = re.compile(r"会|培训|活动|参加|接待|吃饭|食堂|车")
"""What else it may be that somebody will not come to."""
_GENERIC: Final = re.compile(r"请个?假|休个?假|告假")
_QUESTION: Final = re.compile(
    r"余额|剩余|谁|[几哪]个人|多少人|哪些人|[还]?剩(?!下的|下)|还有(?:几|多少)|有几天|有多少|(?<!请)(?<!想休)几天|多少天?|怎么|如何|规定|政策|制度"
    r"|流程|假(?:条|单|证明|工资|待遇)|到几号|哪[天日]|(?:能|可以?|该)[请休]?几天|分?几次|查询|查一?下|查看|导出|下载|记录|批了[吗没]|到哪|哪一?步|进度|什么时候"
)
_MINE: Final = re.compile(r"我的(?:年|病|事|婚|产|休)?休?假")
"""Leave that is somebody's; asked for all the same where a day stands beside it: `我的年假 5月6日到8日`."""
_ENDS: Final = re.compile(r"[到过]期|作废|失效|清零|有效")
_SOFT_QUESTION: Final = re.compile(r"[吗么?？]\s*$|能不能|可不可以|有没有|是不是")
_MAY_I: Final = re.compile(r"能|可以|行|好|成|我|想|要|批|准")
"""What makes a question a request. `王五明天请假吗` asks about somebody else."""
_TAKEN_BACK: Final = re.compile(
    r"(?:取消|撤销|撤回|作废|收回|修改|更改)[^,，。;；\n]{0,30}[假休]|[假休](?:申请|单)?(?:取消|撤销|撤回|撤[了掉]|退[了掉]|作废|不请了|不休了)|不[请休]|销假"
    r"|^\s*(?:同意|批准|驳回|不同意|退回)"
)
_HELP_ME: Final = re.compile(r"^\s*(?:请|麻烦)?帮我")
_LATE: Final = re.compile(r"补办(?:一下|个)?|补[请休](?=[^,，。;；\n]{0,8}假)|补(?=个?假)")
"""Somebody who asks late may say so; whether it is late, the clock knows."""
_UNSETTLED: Final = {
    DoubtCode.TWO_SPANS, DoubtCode.DURATION_UNCLEAR, DoubtCode.START_UNCLEAR, DoubtCode.END_BEFORE_START,
    DoubtCode.IMPOSSIBLE_DATE, DoubtCode.LAST_UNCLEAR,
}  # fmt: skip
"""With one of these the first day that was found may not be the one that was meant: ask again."""
_LAST_UNSAID: Final = {DoubtCode.LAST_UNCLEAR, DoubtCode.DURATION_UNCLEAR}
"""With these the first day stands, and only the last one is to be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAsk:
    """`missing` names what must be asked, in this order: kind, dates, half (of a single day), time (hours of when).

    `duration_days` is a number of days that came without dates, `length` any amount as it was typed. `span` may be
    open: see `phrases.stretched`. `since` is a first day whose last one is missing.
    """

    kind: str | None
    span: Span | None
    reason: str
    missing: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    duration_days: Decimal | None = None
    length: str = ""
    since: Span | None = None
    asides: Asides = field(default_factory=Asides)


def read_request(
    text: str, *, kinds: Mapping[str, Sequence[str]], today: date, calendar: WorkingDays | None = None
) -> LeaveAsk | None:
    """`kinds` maps the code of a kind to its Chinese names; the longest name that fits wins."""
    if len(text) > phrases.LONGEST:
        return None
    said, text = asides.split(_tidy(text), today=today)
    text = _LATE.sub(" ", _HELP_ME.sub(" ", text))
    named = _named(text, kinds)
    known = fold(text)
    if not (named or _LEAVE.search(known) or _FREE.search(known) or _is_absent(text, today)):
        return None
    if _TAKEN_BACK.search(known) or _QUESTION.search(known):
        return None
    reading = phrases.read(_without(text, named), today=today, calendar=calendar)
    if not reading.spans and (_EARNED.search(known) or _MINE.search(known)):
        return None
    if reading.spans and _MINE.search(known) and _ENDS.search(known):
        return None
    if _SOFT_QUESTION.search(text) and (_CHANGED.search(text) or not (reading.spans and _MAY_I.search(text))):
        return None
    return replace(_ask(named, reading), asides=said)


def _tidy(text: str) -> str:
    """Without runs of spaces, as pasted tables have them: each would be tried as the room between any two words."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def kind_and_rest(text: str, *, kinds: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """The code of the one kind that is named ("" for none, or for two) and the text without its name."""
    named = _named(text, kinds)
    code, _ = _kind(named)
    return (code, _without(text, named).replace(phrases.TAKEN, " ").strip()) if code else ("", text)


def kinds_in(text: str, *, kinds: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The codes of all kinds that are named, in the text's order."""
    return tuple(dict.fromkeys(name.kind for name in _named(text, kinds) if name.kind))


def unnamed(text: str, *, kinds: Mapping[str, Sequence[str]]) -> str:
    """The text without the names of leave, which are full of words that dates are made of."""
    return _without(text, _named(text, kinds))


def _is_absent(text: str, today: date) -> bool:
    """Only with a day: “不来了” alone may be about anything."""
    if not _ABSENT.search(text) or _ELSEWHERE_ABSENT.search(text):
        return False
    return bool(phrases.read(text, today=today).spans)


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    kind: str | None
    text: str


def _named(text: str, kinds: Mapping[str, Sequence[str]]) -> list[_Name]:
    owner = dict.fromkeys(_ELSEWHERE) | {name: code for code, names in kinds.items() for name in names if name}
    matches = _any_of((*owner, *_NO_LEAVE)).finditer(text)
    found = [_Name(*one.span(), owner[one[0]], one[0]) for one in matches if one[0] in owner]
    plain = [name for name in found if name.text.endswith(_PLAIN)]
    return plain or found


@lru_cache(maxsize=16)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """The longest name that fits wins."""
    return re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))


def _without(text: str, named: Sequence[_Name]) -> str:
    """The text with every leave word replaced by marks of the same length."""
    for name in named:
        text = text[: name.start] + phrases.TAKEN * (name.end - name.start) + text[name.end :]
    for found in _GENERIC.finditer(fold(text)):
        text = text[: found.start()] + phrases.TAKEN * len(found[0]) + text[found.end() :]
    return text


def _ask(named: Sequence[_Name], reading: Reading) -> LeaveAsk:
    kind, kind_doubts = _kind(named)
    doubts = (*kind_doubts, *reading.doubts)
    unsettled = any(doubt.code in _UNSETTLED for doubt in doubts)
    span = None if unsettled or not reading.spans else reading.spans[0]
    return LeaveAsk(
        kind=kind, span=span, reason=reading.rest, missing=_missing(kind, span), doubts=doubts,
        duration_days=reading.duration_days, length=reading.length, since=_since(reading),
    )  # fmt: skip


def _since(reading: Reading) -> Span | None:
    codes = {doubt.code for doubt in reading.doubts}
    if len(reading.spans) != 1 or not codes & _LAST_UNSAID or codes & (_UNSETTLED - _LAST_UNSAID):
        return None
    (span,) = reading.spans
    return span if span.start == span.end and span.from_time is None else None


def _kind(named: Sequence[_Name]) -> tuple[str | None, tuple[Doubt, ...]]:
    known = {name.kind: name for name in reversed(named) if name.kind}
    if len(known) > 1:
        second = sorted(known.values(), key=lambda name: name.start)[1]
        return None, (Doubt(TWO_KINDS, second.text),)
    if known:
        return next(iter(known)), ()
    return None, tuple(Doubt(UNKNOWN_KIND, name.text) for name in named[:1])


def _missing(kind: str | None, span: Span | None) -> tuple[str, ...]:
    missing = {
        "kind": kind is None,
        "dates": span is None,
        "half": span is not None and span.half_missing,
        "time": span is not None and _times_missing(span),
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)


def _times_missing(span: Span) -> bool:
    """Hours of when, or from when to when."""
    if span.from_time is None:
        return span.duration_minutes is not None
    return span.to_time is None and span.start == span.end and span.duration_days is None
