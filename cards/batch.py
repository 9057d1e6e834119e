"""Many items agreed to at once: one card that shows them, what is left out of it and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cards.model import Button, Card, Field, Style, Tone

_WORDS: Final = re.compile(r"(?:全部|一键|批量)同意[\s,，。]*((?:[除了外号、,，\s]|\d)*)")
_FLAGS: Final[Mapping[str, str]] = {
    "long": "时间较长",
    "repeated": "同一人有多件",
    "over_balance": "超出余额",
    "not_a_decision": "不是审批步骤",
    "excluded": "您已排除",
}
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`flags` are the codes of what speaks for a look of its own; empty: it goes with the others."""

    number: int
    title: str
    flags: tuple[str, ...] = ()


def asked(text: str) -> frozenset[int] | None:
    """`全部同意`, `全部同意 除了3号、5号`: the numbers that are left out; None for other words."""
    match = _WORDS.fullmatch(text.strip())
    return frozenset(int(one) for one in re.findall(r"\d{1,9}", match[1])) if match else None


def card(lines: Sequence[Line], *, payload: str) -> Card:
    """The items that one tap agrees to; below them those that need a look of their own."""
    going = [line for line in lines if not line.flags]
    apart = [line for line in lines if line.flags]
    fields = [Field(f"{line.number}号", line.title) for line in going[:_SHOWN]]
    left = "\n".join(f"{line.number}号 {line.title}：{'、'.join(_FLAGS[one] for one in line.flags)}" for line in apart)
    button = Button(f"同意这{len(going)}件", payload, Style.PRIMARY)
    return Card(
        kind="approval.batch",
        source="批量审批",
        title=f"{len(going)}件可以一起同意" if going else "没有可以一起同意的事项",
        subtitle=f"另有{len(apart)}件请单独审批" if apart else "",
        fields=tuple(fields),
        quote=left,
        note=f"还有{len(going) - _SHOWN}件未列出，一并同意" if len(going) > _SHOWN else "",
        buttons=(button,) if going else (),
        state="" if going else "请逐件审批",
        tone=Tone.WAITING,
    )


def done(count: int, skipped: Sequence[int]) -> str:
    """`skipped` are numbers of items that somebody changed since the card was sent."""
    left = f"，{'、'.join(f'{one}号' for one in skipped)}有变动，没有办理" if skipped else ""
    return f"已同意{count}件{left}。"


def over() -> str:
    return "这份批量清单已经过时，请重新发送“全部同意”。"
