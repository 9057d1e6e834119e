"""What personnel wait for: leaves that nobody has reported back from, certificates that nobody has shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cards import words
from cards.leave_more import proof_name

RETURN, PROOF = "return", "proof"

_WHO: Final = (
    r"(?:帮我)?(?:看看|查一?下|看一?下|统计一?下)?(?:现在|目前)?(?:还有|都有|有)?"
    r"(?:谁|哪些人|哪几个人|哪些同事|多少人|几个人)的?"
)
_NOT: Final = r"(?:还)?(?:没有?|未|不)"
_RETURN: Final = re.compile(
    rf"{_WHO}(?:假|休假)?{_NOT}(?:来)?销(?:过)?假?了?|{_WHO}(?:逾期|超期|到期)(?:未归|没回来|{_NOT}销假)"
    r"|(?:逾期)?(?:未|没有?)销假(?:的|名单|情况|人员)*"
)
_PROOF: Final = re.compile(
    rf"{_WHO}(?:假条|病假条?|休假)?(?:的)?(?:证明|材料)(?:都)?{_NOT}(?:上?交|补|核验|收)(?:上?来|过)?"
    rf"|{_WHO}{_NOT}(?:上?交|补)(?:过|上?来)?(?:病假|请假|休假)?(?:证明|材料)"
    r"|(?:未|没有?|欠)交?(?:的)?证明(?:的|名单|情况|人员)*"
)
_LONGEST: Final = 30
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Owed:
    """`name` is what the leave is called with its number; `until` the last day of the leave, or of the time in which
    the certificate has to be shown; `kind` the certificate's, "" for a return."""

    person: str
    name: str
    until: date | None
    kind: str = ""


def asks(text: str) -> str:
    """`谁没销假` as RETURN, `谁的证明没交` as PROOF, "" for other words."""
    plain = text.strip().rstrip("?？。呢啊了 ")
    if len(plain) > _LONGEST:
        return ""
    return RETURN if _RETURN.fullmatch(plain) else PROOF if _PROOF.fullmatch(plain) else ""


def listed(asked: str, rows: Sequence[Owed], *, today: date) -> str:
    if not rows:
        return "没有休完还没有销假的。" if asked == RETURN else "没有该交还没有交的证明。"
    line = _returning if asked == RETURN else _proving
    lines = [f"· {line(one, today)}" for one in rows[:_SHOWN]]
    more = [f"还有{len(rows) - _SHOWN}件，办完上面的再查一次。"] if len(rows) > _SHOWN else []
    head = "休完还没有销假" if asked == RETURN else "还没有交证明"
    hint = (
        "已经返岗的，请本人回复“销假”；没有返岗的，请按规定处理。"
        if asked == RETURN
        else "原件核验后请回复“证明已收 编号”。"
    )
    return "\n".join([f"{head}的有{len(rows)}件：", *lines, *more, hint])


def numbered(title: str, number: int) -> str:
    return f"{title}（{number}号）"


def not_allowed() -> str:
    return "没有销假、没有交证明的名单只提供给人事。自己的发“到哪了”看。"


def _returning(one: Owed, today: date) -> str:
    return f"{one.person}：{one.name}"


def _proving(one: Owed, today: date) -> str:
    until = ""
    if one.until is not None:
        until = f"，期限{words.short(one.until, today)}{'（已过）' if one.until < today else ''}"
    return f"{one.person}：{one.name}，{proof_name(one.kind)}{until}"
