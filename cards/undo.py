"""What is said about a decision that can be undone for some seconds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from cards import approval as approval_cards
from cards import words
from cards.approval import ItemView

_WORDS: Final = re.compile(r"(?:撤销|撤消|撤销同意|撤销审批)[\s,，]*((?:[号第、,，\s]|\d)*)")


def asked(text: str) -> tuple[int, ...] | None:
    """`撤销`, `撤销 3`, `撤销 3、5号`: the numbers; None for other words."""
    match = _WORDS.fullmatch(text.strip())
    return tuple(dict.fromkeys(int(one) for one in re.findall(r"\d{1,9}", match[1]))) if match else None


def can_undo(view: ItemView, *, verb: str, until: datetime) -> str:
    """The answer to a decision in words that can be undone until then."""
    done = f"{view.number}号（{view.applicant}的{view.title}）已{approval_cards.verb_word(verb)}"
    return f"{done}，{words.second(until)}生效；之前回复“撤销 {view.number}”可以撤销。"


def undone(view: ItemView) -> str:
    return f"已撤销，{view.number}号（{view.applicant}的{view.title}）仍在您的待办里。"


def undone_many(numbers: tuple[int, ...], *, too_late: tuple[int, ...]) -> str:
    """After “撤销” for several: which wait again, which had come into effect."""
    done = f"已撤销{'、'.join(f'{one}号' for one in numbers)}，仍在您的待办里。" if numbers else ""
    late = f"{'、'.join(f'{one}号' for one in too_late)}已经生效或不能撤销。" if too_late else ""
    return done + late or nothing()


def nothing() -> str:
    return "没有可以撤销的审批：已经生效，或没有办理过。已生效而下一步还没办的，可以回复“拿回 编号”。"


def overtaken(view: ItemView, *, verb: str) -> str:
    """To whom decided, when the item was closed by something else before the decision counted."""
    what, did = f"{view.number}号（{view.applicant}的{view.title}）", approval_cards.verb_word(verb)
    return f"您的“{did}”没有生效：在那之前{what}已经有了新的进展（{approval_cards.state_word(view.state)}）。"


def not_settled(view: ItemView, *, verb: str, why: str) -> str:
    what = f"{view.number}号（{view.applicant}的{view.title}）"
    return f"{what}的“{approval_cards.verb_word(verb)}”没有生效：{why}事项仍在您的待办里。"
