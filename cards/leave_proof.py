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


def seen(text: str) -> int:
    """The number of the leave whose certificate was seen; 0 for other words."""
    found = _SEEN.fullmatch(text.strip())
    return int(found[1] or found[2]) if found and "证明" in text else 0


def owed(title: str, kind: str, due: date, *, today: date) -> str:
    day = words.short(due, today)
    when = f"期限是{day}，已经过了，请尽快" if today > due else f"请在{day}前"
    return f"{title}要{proof_name(kind)}，{when}把原件交人事核验，不要发在对话里。"


def missing(name: str, title: str, number: int, kind: str, due: date) -> str:
    return (
        f"{name}的{title}（{number}号）还没有交{proof_name(kind)}，期限{words.short(due, due)}。"
        f"核验后请回复“证明已收 {number}”。"
    )


def done(name: str, title: str) -> str:
    return f"已登记：{name}的{title}，证明已核验。"
