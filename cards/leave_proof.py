"""Certificates that personnel have to see: reminders, and the word with which personnel say that they did."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from cards import words
from cards.leave_more import proof_name

_SEEN: Final = re.compile(
    r"(?:证明|材料)?已[收核]验?\s*(?:证明|材料)?\s*(\d{1,9})\s*号?|(\d{1,9})\s*号?的?证明已[收核]验?到?"
)
_UNSEEN: Final = re.compile(
    r"(?:撤回|撤销|取消)\s*(?:证明)?已[收核]验?\s*(?:证明)?\s*(\d{1,9})\s*号?"
    r"|证明(?:还没有?|没有?|未)[收核]验?到?\s*(\d{1,9})\s*号?|(\d{1,9})\s*号?的?证明(?:还没有?|没有?|未)[收核]验?到?"
    r"|证明(?:登记|记|点|弄|收)错了?\s*(\d{1,9})\s*号?|(\d{1,9})\s*号?的?证明(?:登记|记|点|弄|收)错了"
)


def seen(text: str) -> int:
    """The number of the leave whose certificate was seen; 0 for other words."""
    found = _SEEN.fullmatch(text.strip())
    return int(found[1] or found[2]) if found and "证明" in text else 0


def unseen(text: str) -> int:
    """The number of the leave whose certificate was not seen after all; 0 for other words."""
    found = _UNSEEN.fullmatch(text.strip())
    return int(next(one for one in found.groups() if one)) if found and "证明" in text else 0


def owed(title: str, kind: str, due: date, *, today: date) -> str:
    day = words.short(due, today)
    when = f"期限是{day}，已经过了，请尽快" if today > due else f"请在{day}前"
    return f"{title}要{proof_name(kind)}，{when}把原件交人事核验，不要发在对话里。"


def missing(name: str, title: str, number: int, kind: str, due: date) -> str:
    return (
        f"{name}的{title}（{number}号）还没有交{proof_name(kind)}，期限{words.short(due, due)}。"
        f"核验后请回复“证明已收 {number}”。"
    )


def done(name: str, title: str, number: int) -> str:
    return f"已登记：{name}的{title}，证明已核验。弄错了回复“证明没收 {number}”。"


def undone(name: str, title: str, due: date, *, today: date) -> str:
    return f"已改回：{name}的{title}，证明还没有核验，期限{words.short(due, today)}，到时照常提醒。"
