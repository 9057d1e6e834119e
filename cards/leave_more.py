"""What else a card says of a leave: late, by the clock, agreed to by word of mouth, who is away too, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words
from cards.leave_return import on_leave
from cards.model import Field

LATE: Final = "（补办）"
LEDGER_LATE: Final = "补办"
"""The note of an entry that was recorded after the day it counts from."""
_GONE: Final = "（已全部退回）"
_SHORT: Final = "（已销假）"
_PROOFS: Mapping[str, str] = {
    "medical_certificate": "医疗证明",
    "marriage_certificate": "结婚证",
    "birth_certificate": "出生证明",
    "work_injury_decision": "工伤认定书",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayView:
    """Somebody who is away at the same time; both halves included."""

    name: str
    start: date
    start_half: str
    end: date
    end_half: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """What a leader is said to have agreed to by word of mouth; `confirmed` once they decided on the card."""

    name: str
    on: date
    how: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedView:
    """How a leave ended, early or not; `minutes` came back of `was`."""

    outcome: str
    on: date
    minutes: int
    was: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedView:
    """What a leave was before it was changed; `number` is the item that changed it."""

    span: tuple[date, str, date, str]
    minutes: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """A certificate that has to be shown to personnel: `due` until when, `seen` when they had it."""

    kind: str
    due: date | None = None
    seen: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortageView:
    """Fewer present than there have to be on a day; `group` is a department, or posts of one."""

    group: str
    day: date
    present: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreView:
    """`late_on` is the day on which a leave that had begun was asked for; `clock` is "14:00", "16:00"."""

    late_on: date | None = None
    clock: tuple[str, str] | None = None
    handover: str = ""
    stands_in_for: tuple[str, ...] = ()
    consent: ConsentView | None = None
    meanwhile: tuple[AwayView, ...] = ()
    shortages: tuple[ShortageView, ...] = ()
    proof: ProofView | None = None
    returned: ReturnedView | None = None
    changed: ChangedView | None = None
    replaces: ChangedView | None = None
    """The request that waits and is withdrawn when this one is submitted."""


def mark(more: MoreView, minutes: int) -> str:
    """Behind the name of a leave, wherever it is named."""
    late = LATE if more.late_on else ""
    if more.returned is None or not more.returned.minutes:
        return late
    return late + (_SHORT if minutes else _GONE)


def lines(more: MoreView, *, today: date) -> tuple[Field, ...]:
    return tuple(_lines(more, today))


def _lines(more: MoreView, today: date) -> Iterator[Field]:
    if more.late_on is not None:
        yield Field("补办", f"{words.day(more.late_on, base=today)}提出，当时休假已经开始")
    if more.consent is not None:
        yield Field("口头同意", consent(more.consent, base=today))
    if more.handover:
        yield Field("工作交接", more.handover)
    if more.stands_in_for:
        yield Field("注意", f"这段时间是{'、'.join(more.stands_in_for)}的工作交接人")
    if more.meanwhile:
        yield Field("同期休假", meanwhile(more.meanwhile, base=today))
    for one in more.shortages[:2]:
        yield Field("在岗提醒", shortage(one, base=today))
    if more.proof is not None:
        yield Field("证明", proof(more.proof, base=today))
    if more.changed is not None:
        was = words.span(*more.changed.span, base=today)
        yield Field("变更", f"原{was}，{words.days(more.changed.minutes)}（{more.changed.number}号变更）")
    if more.replaces is not None:
        was = words.span(*more.replaces.span, base=today)
        yield Field("变更", f"代替{more.replaces.number}号（{was}），提交后原申请自动撤回")
    if more.returned is not None:
        end = more.returned
        yield Field("销假", on_leave(end.outcome, minutes=end.minutes, was=end.was, on=end.on))


def consent(view: ConsentView, *, base: date) -> str:
    """`李四5月6日（周三）电话同意，待本人确认`."""
    said = f"{view.name}{words.day(view.on, base=base)}{view.how or '口头'}同意"
    return f"{said}，{'本人已确认' if view.confirmed else '待本人确认'}"


def meanwhile(away: Sequence[AwayView], *, base: date) -> str:
    """`李四 5月6日至7日、王五 5月8日下午`; many are counted."""
    shown = "、".join(f"{one.name} {_short(one, base)}" for one in away[:4])
    return shown if len(away) <= 4 else f"{shown}等{len(away)}人次"


def shortage(view: ShortageView, *, base: date) -> str:
    return f"{view.group}{words.day(view.day, base=base)}只剩{view.present}人在岗，至少要{view.needed}人"


def proof_name(kind: str) -> str:
    return _PROOFS.get(kind, "证明材料")


def proof(view: ProofView, *, base: date) -> str:
    title = proof_name(view.kind)
    if view.seen is not None:
        return f"{title}，人事{words.short(view.seen, base)}已核验"
    due = f"，{words.short(view.due, base)}前补交" if view.due else ""
    return f"{title}{due}，原件交人事，不要发在对话里"


def toil(minutes: int, until: date) -> str:
    """What overtime is worth, on its own form."""
    if not minutes:
        return "时间太短，不折算补休"
    return f"{words.days(minutes)}，{until.year}年{until.month}月{until.day}日前有效"


def _short(one: AwayView, base: date) -> str:
    first = words.short(one.start, base)
    if one.start == one.end:
        half = {"am": "上午", "pm": "下午"}[one.start_half] if one.start_half == one.end_half else ""
        return first + half
    last = f"{one.end.day}日" if one.end.month == one.start.month else words.short(one.end, one.start)
    return f"{first}{'下午' if one.start_half == 'pm' else ''}至{last}{'上午' if one.end_half == 'am' else ''}"
